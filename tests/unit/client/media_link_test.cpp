// A client's end of a UDP plane, against the other end of the same keys.
#include "lib/client/media_link.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "lib/wire/rtcp.hpp"
#include "tests/support/entropy.hpp"

namespace connectsphere::client {
namespace {

constexpr Time kStart{1h};
constexpr Ssrc kOwn{0xA11CE};
const Address kServer = *parse_address("192.0.2.1", 0);

proto::MediaKeys keys(std::uint32_t epoch = 1, proto::SrtpProfile profile = proto::AEAD_AES_128_GCM) {
    proto::MediaKeys out;
    out.set_plane(proto::PLANE_AUDIO);
    out.set_epoch(epoch);
    out.set_profile(profile);
    out.set_port(11000);
    const std::size_t salt = profile == proto::AES_CM_128_HMAC_SHA1_80 ? 14 : 12;
    const auto number = static_cast<char>('0' + epoch);
    out.mutable_to_server()->set_key(std::string(15, 's') + number);
    out.mutable_to_server()->set_salt(std::string(salt, 'S'));
    out.mutable_to_client()->set_key(std::string(15, 'c') + number);
    out.mutable_to_client()->set_salt(std::string(salt, 'C'));
    return out;
}

// The same keys as the other end holds them.
proto::MediaKeys mirrored(proto::MediaKeys keys) {
    keys.mutable_to_server()->Swap(keys.mutable_to_client());
    return keys;
}

// Two links with mirrored keys: what one sends the other opens.
struct Pair {
    MediaLink near{test::seeded_entropy(1)}, far{test::seeded_entropy(2)};
    DatagramBatch batch{64 << 10};
    Buffer bytes;

    explicit Pair(const proto::MediaKeys& with = keys()) {
        REQUIRE(near.install(with, kServer, kOwn, kStart));
        REQUIRE(far.install(mirrored(with), kServer, kOwn, kStart));
    }
    bool send(std::string_view payload, Ssrc ssrc = kOwn) {
        batch.clear();
        return near.send_rtp({.payload_type = wire::kPayloadTypeOpus, .timestamp = 960, .ssrc = ssrc},
                             as_bytes(payload), batch);
    }
    // What the far end makes of the newest datagram; its views are of `bytes`.
    std::optional<MediaLink::Packet> receive() {
        const auto newest = batch.bytes(batch.size() - 1);
        bytes.assign(newest.begin(), newest.end());
        return open(bytes);
    }
    std::optional<MediaLink::Packet> open(Buffer& packet) {
        Datagram datagram{.route = {}, .payload = packet, .received_at = kStart + 3ms};
        return far.receive(datagram);
    }
};

TEST_CASE("a link without keys sends and opens nothing") {
    MediaLink link(test::seeded_entropy(1));
    DatagramBatch batch(64 << 10);
    Buffer bytes(100, 0x80);
    Datagram datagram{.route = {}, .payload = bytes, .received_at = kStart};
    CHECK_FALSE(link.is_ready());
    CHECK_FALSE(link.send_rtp({.ssrc = kOwn}, as_bytes("voice"), batch));
    CHECK_FALSE(link.receive(datagram));
    link.on_time(kStart + 1h, batch);
    CHECK(batch.empty());
    CHECK(link.deadline() == kNever);
}

TEST_CASE("W3: what a link sends is encrypted and opened by the other end of its keys only") {
    for (const auto profile : {proto::AEAD_AES_128_GCM, proto::AES_CM_128_HMAC_SHA1_80}) {
        Pair pair(keys(1, profile));
        REQUIRE(pair.send("twenty milliseconds of voice"));
        REQUIRE(pair.batch.size() == 1);
        CHECK(as_text(pair.batch.bytes(0)).find("voice") == std::string_view::npos);
        CHECK(pair.batch.entry(0).route.peer.port == 11000);
        CHECK(pair.batch.entry(0).route.peer.ip == kServer.ip);

        Pair stranger(keys(2, profile));
        Buffer copy(pair.batch.bytes(0).begin(), pair.batch.bytes(0).end());
        CHECK_FALSE(stranger.open(copy));
        CHECK(stranger.far.counters().rejected == 1);

        const auto packet = pair.receive();
        REQUIRE(packet);
        CHECK(as_text(packet->rtp.payload) == "twenty milliseconds of voice");
        CHECK(packet->rtp.header.ssrc == kOwn);
        CHECK(packet->rtp.header.timestamp == 960);
        CHECK(packet->arrival == kStart + 3ms);
        CHECK(pair.near.counters().sent == 1);
        CHECK(pair.far.counters().received == 1);
    }
}

TEST_CASE("W3: forged and replayed packets are counted and dropped") {
    Pair pair;
    REQUIRE(pair.send("voice"));
    Buffer forged(pair.batch.bytes(0).begin(), pair.batch.bytes(0).end());
    Buffer replayed = forged;
    forged.back() ^= 1;
    CHECK_FALSE(pair.open(forged));
    CHECK(pair.receive());
    CHECK_FALSE(pair.open(replayed));
    for (std::size_t size = 0; size < 40; ++size) {
        Buffer noise(size, 0x80);
        CHECK_FALSE(pair.open(noise));
    }
    CHECK(pair.far.counters().received == 1);
    CHECK(pair.far.counters().rejected >= 2);
}

TEST_CASE("W13: each SSRC counts on from a random number below 2^15") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Pair pair;
        pair.near = MediaLink([&](MutableBytes out) {
            test::seeded_entropy(seed * 77)(out);
            for (auto& byte : out) byte |= 0x80;  // the highest bit must not count
        });
        REQUIRE(pair.near.install(keys(), kServer, kOwn, kStart));
        REQUIRE(pair.send("voice"));
        const auto first = pair.receive()->rtp.header.seq;
        CHECK(first < 0x8000);
        REQUIRE(pair.send("picture", {7}));
        CHECK(pair.receive()->rtp.header.seq < 0x8000);
        REQUIRE(pair.send("voice"));
        CHECK(pair.receive()->rtp.header.seq == first + 1);
    }
}

TEST_CASE("a link reports at once, soon again, then every second, under its own SSRC") {
    Pair pair;
    CHECK(pair.near.deadline() == kStart);
    Time expected = kStart;
    Duration gap = MediaLink::kFirstReportGap;
    for (int i = 0; i < 8; ++i) {
        const Time now = pair.near.deadline();
        CHECK(now == expected);
        expected += gap;
        gap = std::min<Duration>(2 * gap, MediaLink::kReportPeriod);
        pair.batch.clear();
        pair.near.on_time(now - 1ns, pair.batch);
        CHECK(pair.batch.empty());
        pair.near.on_time(now, pair.batch);
        REQUIRE(pair.batch.size() == 1);
        pair.near.on_time(now, pair.batch);
        CHECK(pair.batch.size() == 1);
    }
    wire::SrtpKey key;
    const auto with = keys();
    std::copy(with.to_server().key().begin(), with.to_server().key().end(), key.key.begin());
    std::copy(with.to_server().salt().begin(), with.to_server().salt().end(), key.salt.begin());
    wire::SrtpReceiver server(key);
    Buffer report(pair.batch.bytes(0).begin(), pair.batch.bytes(0).end());
    const auto size = server.unprotect_rtcp(report);
    REQUIRE(size);
    auto compound = wire::parse_rtcp(Bytes(report).first(*size));
    REQUIRE(compound);
    const auto packet = compound->next();
    REQUIRE(packet);
    const auto* receiver_report = std::get_if<wire::ReceiverReport>(&*packet);
    REQUIRE(receiver_report != nullptr);
    CHECK(receiver_report->sender == kOwn);

    CHECK_FALSE(pair.receive());  // a report is no packet for the user, and no fault
    CHECK(pair.far.counters().rejected == 0);
}

TEST_CASE("a new epoch replaces the old one whole") {
    Pair pair;
    REQUIRE(pair.send("old"));
    Buffer old(pair.batch.bytes(0).begin(), pair.batch.bytes(0).end());
    REQUIRE(pair.near.install(keys(2), kServer, kOwn, kStart + 10s));
    REQUIRE(pair.far.install(mirrored(keys(2)), kServer, kOwn, kStart + 10s));
    CHECK(pair.near.epoch() == EpochId{2});
    CHECK(pair.near.counters().epochs == 2);
    CHECK(pair.near.deadline() == kStart + 10s);  // the server must learn our address again
    CHECK_FALSE(pair.open(old));
    REQUIRE(pair.send("new"));
    const auto packet = pair.receive();
    REQUIRE(packet);
    CHECK(as_text(packet->rtp.payload) == "new");
    CHECK(packet->rtp.header.seq < 0x8000);
}

TEST_CASE("keys of the wrong size are refused and the old ones stay") {
    Pair pair;
    auto short_key = keys(2);
    short_key.mutable_to_server()->set_key("short");
    CHECK_FALSE(pair.near.install(short_key, kServer, kOwn, kStart));
    auto long_salt = keys(2);
    long_salt.mutable_to_client()->set_salt(std::string(14, 'C'));
    CHECK_FALSE(pair.near.install(long_salt, kServer, kOwn, kStart));
    CHECK(pair.near.epoch() == EpochId{1});
    REQUIRE(pair.send("voice"));
    CHECK(pair.receive());
}

TEST_CASE("the largest payload fits a datagram, a larger one is not sent") {
    Pair pair;
    REQUIRE(pair.send(std::string(MediaLink::kMaxPayload, 'x')));
    CHECK(pair.batch.bytes(0).size() <= kMaxDatagramSent);
    CHECK(pair.receive());
    CHECK_FALSE(pair.send(std::string(kMaxDatagramSent, 'x')));
    CHECK(pair.batch.empty());
}

TEST_CASE("a batch without room loses the packet, not the link") {
    Pair pair;
    DatagramBatch full(10);
    CHECK_FALSE(pair.near.send_rtp({.ssrc = kOwn}, as_bytes("voice"), full));
    pair.near.on_time(kStart, full);
    CHECK(full.dropped() == 2);
    REQUIRE(pair.send("voice"));
    CHECK(pair.receive());
}

}  // namespace
}  // namespace connectsphere::client
