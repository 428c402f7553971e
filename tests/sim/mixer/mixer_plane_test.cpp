// Which packets count, and what the mixer costs when nothing happens.
#include <catch2/catch.hpp>
#include <variant>

#include "tests/sim/mixer/conference.hpp"
#include "tests/support/allocations.hpp"

using namespace connectsphere;
using namespace connectsphere::test;

namespace {

bool hears(Conference& room, Client& client, double hertz) {
    client.heard.clear();
    room.run(600ms);
    return amplitude_at(std::span(client.heard).last(20 * media::kFrame), hertz) > 1'000;
}

}  // namespace

TEST_CASE("keys and membership come in any order") {
    Conference room(2);
    room[0].speech = tone(500);
    SECTION("keys first") {
        room.grant(room[0]);
        room.grant(room[1]);
        room.run(200ms);
        CHECK(room.metric("audio_dropped_total", "unknown-ssrc") == 10);
        room.publish();
    }
    SECTION("membership first") {
        room.publish();
        std::mt19937 rng{5};
        room[0].new_keys(rng);  // the client has them, the mixer has not
        room.run(200ms);
        CHECK(room.metric("audio_dropped_total", "no-key") == 10);
        room.grant(room[0]);
        room.grant(room[1]);
    }
    room.ring();
    CHECK(hears(room, room[1], 500));
}

TEST_CASE("packets of strangers reach nobody") {
    Conference room(3);
    room[2].present = false;
    room.publish();
    for (std::size_t i = 0; i < 3; ++i) room.grant(room[i]);
    room.ring();
    const auto frame = *tone(500)(0);

    Buffer foreign = room.voice_packet(room[2], frame);
    room.deliver(room[2], foreign);
    CHECK(room.metric("audio_dropped_total", "unknown-ssrc") == 2);  // its report before, too

    Buffer forged = room.voice_packet(room[0], frame);
    forged.back() ^= 1;
    room.deliver(room[2], forged);
    CHECK(room.metric("audio_dropped_total", "forged") == 1);

    const Buffer good = room.voice_packet(room[0], frame);
    room.deliver(room[0], good);
    room.deliver(room[0], good);
    CHECK(room.metric("audio_dropped_total", "replayed") == 1);

    room.deliver(room[0], Buffer(3));
    room.deliver(room[0], Buffer(1'501, 0x80));
    CHECK(room.metric("audio_dropped_total", "malformed") == 2);
    CHECK(room.metric("audio_packets_total", "in") == 1);
    room.run(1s);
    CHECK(room[2].heard == std::vector<std::int16_t>(room[2].heard.size()));
}

TEST_CASE("after a restart new keys bring the sound back") {
    Conference room(2);
    room.publish();
    room.grant(room[0]);
    room.grant(room[1]);
    room.ring();
    room[0].speech = tone(500);
    CHECK(hears(room, room[1], 500));

    room.restart_engine();
    room.run(200ms);
    CHECK(room.metric("audio_packets_total", "in") == 0);
    room.publish();
    room.grant(room[0]);
    room.grant(room[1]);
    room.ring();
    CHECK(hears(room, room[1], 500));
    CHECK(room[1].undecipherable == 0);

    proto::ServiceHello hello;
    room.engine().fill_hello(hello);
    CHECK(hello.held_epochs_size() == 2);
    CHECK(hello.held_epochs(0).epoch() == 2);
}

TEST_CASE("new keys bring the sound back after more than 65,536 packets, too") {
    Conference room(2);
    room.publish();
    room.grant(room[0]);
    room.grant(room[1]);
    room.ring();
    room[0].speech = tone(500);
    for (int jump = 0; jump < 5; ++jump) {  // over the wrap twice: the SRTP roll-over counter is 2
        CHECK(hears(room, room[1], 500));
        room[0].seq = static_cast<std::uint16_t>(room[0].seq + 30'000);
    }
    CHECK(hears(room, room[1], 500));
    CHECK(room.metric("audio_dropped_total", "forged") == 0);

    room.restart_engine();
    room.publish();
    room.grant(room[0]);
    room.grant(room[1]);
    room.ring();
    CHECK(hears(room, room[1], 500));
    CHECK(room.metric("audio_dropped_total", "forged") == 0);
    CHECK(room[1].undecipherable == 0);
}

TEST_CASE("a client that moves is followed") {
    Conference room(2);
    room.publish();
    room.grant(room[0]);
    room.grant(room[1]);
    room.ring();
    room[0].speech = tone(500);
    std::swap(room[0].route, room[1].route);  // and so are the places where they are
    room.ring();
    room[1].heard.clear();
    room.run(100ms);
    CHECK(room[0].undecipherable > 0);  // the harness delivers by address: what is for 1 comes to 0
}

TEST_CASE("silence and loneliness have no deadline") {
    Conference room(2);
    CHECK(room.engine().deadline() == kNever);
    room[1].present = false;
    room.publish();
    room.grant(room[0]);
    room.grant(room[1]);
    room.ring();
    CHECK(room.engine().deadline() == kNever);

    room[0].speech = tone(500);
    room.run(500ms);
    CHECK(room.engine().deadline() == kNever);  // alone
    CHECK(room.metric("audio_ticks_total") == 0);

    room[1].present = true;
    room.publish();
    room.ring();
    room.run(500ms);
    CHECK(room.engine().deadline() != kNever);

    room[0].speech = silence();
    room.run(1s);
    CHECK(room.engine().deadline() == kNever);

    room[0].speech = tone(500);
    room.run(500ms);
    room[0].present = false;
    room[1].present = false;
    room.publish();
    CHECK(room.engine().deadline() == kNever);
}

TEST_CASE("reports are answered, at most once a second") {
    Conference room(2);
    room.publish();
    room.grant(room[0]);
    room.grant(room[1]);
    room[0].speech = tone(500);
    for (int second = 0; second < 11; ++second) {
        room.ring();
        room.run(500ms);
        room.ring();
        room.run(500ms);
    }
    CHECK(room[0].rtcp.size() == 11);
    auto compound = wire::parse_rtcp(room[0].rtcp.back());
    REQUIRE(compound);
    const auto first = compound->next();
    REQUIRE(first);
    const auto* report = std::get_if<wire::SenderReport>(&*first);
    REQUIRE(report);
    CHECK(report->sender == room[0].mix_ssrc);
    REQUIRE(report->blocks.size() == 1);
    CHECK(report->blocks[0].ssrc == room[0].audio_ssrc);
    CHECK(report->blocks[0].lost == 0);
    CHECK((report->blocks[0].highest_seq & 0xFFFF) == static_cast<std::uint16_t>(room[0].seq - 51));
}

TEST_CASE("in steady state nothing is allocated") {
    Conference room(8);
    room.publish();
    for (std::size_t i = 0; i < 8; ++i) room.grant(room[i]);
    room.ring();
    room.records = false;
    for (std::size_t i = 0; i < 3; ++i) {
        // They talk and pause, so that streams are taken and given back.
        room[i].speech = [i, inner = tone(400 + 300 * static_cast<double>(i))](
                             std::size_t n) -> std::optional<media::AudioFrame> {
            if (n % (50 + 10 * i) < 25) return std::nullopt;
            return inner(n);
        };
    }
    room.run(5s);
    // Telling people who speaks is control, not media: up to 5 times a second it may.
    std::uint64_t taken = 0;
    room.on_engine_call = [&, before = std::uint64_t{}](bool inside) mutable {
        if (inside) before = allocations_of_this_thread();
        if (!inside && !room.has_announcement()) taken += allocations_of_this_thread() - before;
    };
    room.run(5s);
    CHECK(taken == 0);
    CHECK(room.metric("audio_encodes_total", "private") > 500);
}
