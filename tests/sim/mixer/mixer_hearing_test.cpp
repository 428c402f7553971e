// Who hears whom.
#include <catch2/catch.hpp>
#include <string>

#include "lib/media/audio_match.hpp"
#include "lib/media/wav.hpp"
#include "tests/sim/mixer/conference.hpp"

using namespace connectsphere;
using namespace connectsphere::test;

namespace {

constexpr double kTones[] = {400, 700, 1100, 1600, 2300};
constexpr double kAudible = 1'000;  // of tones of amplitude 6,000
constexpr double kInaudible = 60;

void gather(Conference& room, std::size_t clients) {
    room.publish();
    for (std::size_t i = 0; i < clients; ++i) room.grant(room[i]);
    room.ring();
}

// What a client heard lately, in which the streams have settled.
std::span<const std::int16_t> last(const Client& client, Duration time) {
    const auto samples = static_cast<std::size_t>(time / media::kFrameDuration) * media::kFrame;
    return std::span(client.heard).last(samples);
}

}  // namespace

TEST_CASE("everybody hears the others and never itself") {
    Conference room(4);
    gather(room, 4);
    for (std::size_t i = 0; i < 4; ++i) room[i].speech = tone(kTones[i]);
    room.run(2s);
    for (std::size_t ear = 0; ear < 4; ++ear) {
        for (std::size_t voice = 0; voice < 4; ++voice) {
            CAPTURE(ear, voice);
            const double amplitude = amplitude_at(last(room[ear], 1s), kTones[voice]);
            if (ear == voice) {
                CHECK(amplitude < kInaudible);
            } else {
                CHECK(amplitude > kAudible);
            }
        }
    }
}

TEST_CASE("who starts and stops talking never hears itself in between") {
    Conference room(3);
    gather(room, 3);
    room[1].speech = tone(kTones[1]);
    room[0].speech = [inner = tone(kTones[0])](std::size_t n) -> std::optional<media::AudioFrame> {
        if (n / 40 % 2 == 0) return std::nullopt;  // 800 ms of silence, 800 ms of tone
        return inner(n);
    };
    room.run(4s);
    CHECK(amplitude_at(room[0].heard, kTones[0]) < kInaudible);
    CHECK(amplitude_at(last(room[0], 1s), kTones[1]) > kAudible);
    CHECK(amplitude_at(room[2].heard, kTones[0]) > kAudible);
}

TEST_CASE("listeners share one encode") {
    Conference room(20);
    gather(room, 20);
    for (std::size_t i = 0; i < 3; ++i) room[i].speech = tone(kTones[i]);
    room.run(2s);
    const double shared = room.metric("audio_encodes_total", "shared");
    const double own = room.metric("audio_encodes_total", "private");
    const double ticks = room.metric("audio_ticks_total");
    CHECK(shared <= ticks);
    CHECK(shared >= ticks - 2);
    CHECK(own <= 3 * ticks);
    CHECK(room[5].payloads == room[19].payloads);
    CHECK(room[5].payloads != room[0].payloads);
    CHECK(room.metric("audio_decodes_total") <= 3 * ticks);
}

TEST_CASE("W11: only the loudest are decoded") {
    Conference room(6, 2);
    gather(room, 6);
    for (std::size_t i = 0; i < 4; ++i) room[i].speech = tone(kTones[i], i < 2 ? 6'000 : 600);
    room.run(2s);
    CHECK(amplitude_at(last(room[5], 1s), kTones[0]) > kAudible);
    CHECK(amplitude_at(last(room[5], 1s), kTones[1]) > kAudible);
    CHECK(amplitude_at(last(room[5], 1s), kTones[2]) < kInaudible);
    CHECK(room.metric("audio_decodes_total") <= 2 * room.metric("audio_ticks_total"));
    CHECK(room.speakers() == std::vector{SessionId{1}, SessionId{2}});
}

TEST_CASE("muting silences at once") {
    Conference room(2);
    gather(room, 2);
    room[0].speech = tone(kTones[0]);
    room.run(1s);
    room[0].muted = true;
    room.publish();
    room[1].payloads.clear();
    room[1].heard.clear();
    room.run(1s);
    // What is sent from now on is the silence of a stream that ends.
    CHECK(room[1].payloads.size() <= 3);
    CHECK(amplitude_at(last(room[1], 500ms), kTones[0]) < 1);
    CHECK(room.metric("audio_dropped_total", "muted") == 50);

    room[0].muted = false;
    room.publish();
    room.run(1s);
    CHECK(amplitude_at(last(room[1], 500ms), kTones[0]) > kAudible);
}

TEST_CASE("a pause is a jump of the timestamp, and its end has the marker") {
    Conference room(2);
    gather(room, 2);
    room[0].speech = [inner = tone(kTones[0])](std::size_t n) -> std::optional<media::AudioFrame> {
        if (n >= 50 && n < 100) return std::nullopt;
        return inner(n);
    };
    room.run(3s);
    const auto& headers = room[1].headers;
    REQUIRE(headers.size() > 60);
    int markers = 0;
    for (std::size_t i = 0; i < headers.size(); ++i) {
        if (i > 0) {
            CHECK(static_cast<std::uint16_t>(headers[i].seq - headers[i - 1].seq) == 1);
            const std::uint32_t jump = headers[i].timestamp - headers[i - 1].timestamp;
            CHECK((jump == media::kFrame) == !headers[i].marker);
        }
        markers += headers[i].marker ? 1 : 0;
    }
    CHECK(markers == 2);
    CHECK(headers.size() < 120);
    CHECK(headers[0].seq < 0x8000);
}

TEST_CASE("changing between the shared and the private stream makes no click") {
    // Client 0 hears the tone of client 1 without a break, and says a few words itself. Alone with the tone
    // it takes its stream back with it after 400 ms; with a third in the room it rejoins after 600 ms.
    const std::size_t members = GENERATE(as<std::size_t>{}, 2, 3);
    const auto listen = [members](Speech words) {
        auto room = std::make_unique<Conference>(members);
        gather(*room, members);
        (*room)[1].speech = tone(300);
        (*room)[0].speech = std::move(words);
        room->run(4s);
        return room;
    };
    const auto quiet = listen(silence());
    const auto talking = listen([](std::size_t n) -> std::optional<media::AudioFrame> {
        if (n % 80 < 60) return std::nullopt;
        return tone(900)(n);
    });
    // 300 Hz at 6,000 moves by 236 from sample to sample; a click would move by thousands.
    const auto before = last((*quiet)[0], 3s);
    const auto after = last((*talking)[0], 3s);
    CHECK(largest_step(before) < 400);
    CHECK(largest_step(after) < 400);
    CHECK(amplitude_at(after, 300) > 0.95 * amplitude_at(before, 300));
    CHECK(talking->metric("audio_encodes_total", "private") > 60);
    CHECK(talking->metric("audio_encodes_total", "private") < 200);
}

TEST_CASE("W8: of three real voices everybody hears the other two") {
    const char* files[] = {"/voice_jfk.wav", "/voice_reader1.wav", "/voice_reader2.wav"};
    std::vector<std::vector<std::int16_t>> voices;
    for (const char* file : files) voices.push_back(*media::load_wav(std::string(CS_TEST_DATA) + file));
    Conference room(4);
    gather(room, 4);
    for (std::size_t i = 0; i < 3; ++i) room[i].speech = recording(voices[i]);
    SECTION("on a clean network") {}
    SECTION("with 5 % loss each way") {
        for (std::size_t i = 0; i < 4; ++i) room[i].loss = 0.05;
    }
    room.run(9s);
    for (std::size_t ear = 0; ear < 4; ++ear) {
        for (std::size_t voice = 0; voice < 3; ++voice) {
            CAPTURE(ear, voice);
            const auto match = media::match_voice(room[ear].heard, voices[voice]);
            CHECK((match.score > media::kVoicePresent) == (ear != voice));
        }
    }
    CHECK((room.metric("audio_lost_packets_total") > 10) == (room[0].loss > 0));
}

TEST_CASE("W11: who speaks is announced on change, at most 5 times a second") {
    Conference room(4);
    gather(room, 4);
    room[0].speech = tone(kTones[0], 1'000);
    room.run(1s);
    CHECK(room.speakers() == std::vector{SessionId{1}});
    CHECK(room.announcements() == 1);

    // Somebody much louder takes the first place; packets of silence make nobody a speaker.
    room[1].speech = tone(kTones[1], 10'000);
    room[2].speech = tone(kTones[2], 1);
    room.run(1s);
    CHECK(room.speakers() == std::vector{SessionId{2}, SessionId{1}});

    // Words with gaps do not flicker, however fast they change.
    room[0].speech = silence();
    room[1].speech = [](std::size_t n) { return n % 10 < 3 ? tone(kTones[1])(n) : silence()(n); };
    room.run(1s);
    CHECK(room.speakers() == std::vector{SessionId{2}});
    const int before = room.announcements();
    room[3].speech = [](std::size_t n) { return n % 60 < 10 ? tone(kTones[3])(n) : silence()(n); };
    room.run(4s);
    CHECK(room.announcements() > before);
    CHECK(room.announcements() - before <= 20);

    for (std::size_t i = 0; i < 4; ++i) room[i].speech = silence();
    room.run(1s);
    CHECK(room.speakers().empty());
    CHECK(room.engine().deadline() == kNever);
}

TEST_CASE("who comes in while others speak knows at once who does, and nobody is told twice") {
    Conference room(3);
    room[2].present = false;
    gather(room, 2);
    room[1].speech = tone(kTones[1]);
    room.run(1s);
    CHECK(room.announcements() == 1);
    room[2].present = true;
    SECTION("in the room first") {
        room.publish();
        room.grant(room[2]);
    }
    SECTION("with its keys first") {
        room.grant(room[2]);
        room.publish();
    }
    CHECK(room.announcements() == 2);
    CHECK(room.speakers() == std::vector{SessionId{2}});
    CHECK(room.told() == std::vector{SessionId{3}});
}

TEST_CASE("who spoke is published, the newest first, and forgotten when it leaves") {
    Conference room(4);
    gather(room, 4);
    for (const std::size_t who : {0U, 2U, 1U}) {
        room[who].speech = tone(kTones[who]);
        room.run(1s);
        room[who].speech = silence();
        room.run(1s);
    }
    CHECK(room.speakers().empty());
    CHECK(room.published() == std::vector{SessionId{2}, SessionId{3}, SessionId{1}});
    room[2].present = false;
    room.publish();
    room.subscribe();
    CHECK(room.published() == std::vector{SessionId{2}, SessionId{1}});
}

TEST_CASE("over a bad network everybody hears the others for 20 s, and never itself") {
    const LinkQuality bad{.loss = 0.05, .duplicate = 0.02, .reorder = 0.05, .delay = 10ms, .jitter = 40ms};
    Conference room(3);
    gather(room, 3);
    for (std::size_t i = 0; i < 3; ++i) {
        room[i].up_link.emplace(bad, 2 * i);
        room[i].down_link.emplace(bad, 2 * i + 1);
        room[i].speech = tone(kTones[i]);
    }
    room.run(20s);
    for (std::size_t ear = 0; ear < 3; ++ear) {
        for (std::size_t voice = 0; voice < 3; ++voice) {
            CAPTURE(ear, voice);
            const double amplitude = amplitude_at(last(room[ear], 1s), kTones[voice]);
            CHECK((ear == voice ? amplitude < 2 * kInaudible : amplitude > kAudible));
        }
        const auto& stats = room[ear].ear.jitter().stats();
        CHECK(room[ear].undecipherable > 5);  // the second of two copies
        CHECK(stats.lost > 10);
        CHECK(room[ear].ear.jitter().delay() < 150ms);
    }
    CHECK(room.metric("audio_lost_packets_total") > 100);
    CHECK(room.metric("audio_dropped_total", "replayed") > 10);
}
