#include "services/common/media_plane.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace connectsphere;

namespace {

constexpr Time kStart{};
constexpr SessionId kAnn{1};
constexpr SessionId kBob{2};
constexpr Ssrc kAnnSsrc{0x1001};
constexpr Ssrc kBobSsrc{0x1002};

Route route(std::uint16_t port) {
    Route r;
    r.peer = *parse_address("127.0.0.1", port);
    return r;
}

proto::ToService grant(SessionId id, std::uint32_t epoch, char seed = 'k') {
    proto::ToService message;
    message.set_request_id(9);
    auto& keys = *message.mutable_grant_keys();
    keys.set_session_id(id.value);
    keys.set_epoch(epoch);
    keys.set_profile(proto::AEAD_AES_128_GCM);
    const char fill = static_cast<char>(seed + static_cast<char>(epoch + id.value));
    for (auto* key : {keys.mutable_from_client(), keys.mutable_to_client()}) {
        key->set_key(std::string(16, fill));
        key->set_salt(std::string(12, fill));
    }
    return message;
}

proto::ToService revoke(SessionId id) {
    proto::ToService message;
    message.mutable_revoke_keys()->set_session_id(id.value);
    return message;
}

wire::SrtpSender sender_for(const proto::ToService& granted) {
    wire::SrtpKey key;
    const auto& master = granted.grant_keys().from_client();
    std::copy(master.key().begin(), master.key().end(), key.key.begin());
    std::copy(master.salt().begin(), master.salt().end(), key.salt.begin());
    return wire::SrtpSender(key);
}

proto::Participant member(SessionId id, Ssrc audio) {
    proto::Participant participant;
    participant.set_session_id(id.value);
    participant.set_audio_ssrc(audio.value);
    participant.set_video_rtcp_ssrc(audio.value + 0x100);
    return participant;
}

// A plane with its mirror and one client's way to speak to it.
struct Plane {
    explicit Plane(proto::Plane plane = proto::PLANE_AUDIO) : sessions(plane) {}

    void room(const std::vector<proto::Participant>& members, Time now = kStart) {
        proto::StateMessage message;
        message.set_instance_id(1);
        message.set_version(++version);
        message.mutable_room()->set_room_id(1);
        for (const auto& m : members) *message.mutable_room()->add_participants() = m;
        sessions.on_rooms(mirror, mirror.apply(message), now);
    }
    std::string accept(Buffer bytes, std::uint16_t port = 5000) {
        Datagram datagram{.route = route(port), .payload = bytes, .received_at = kStart};
        const auto accepted = sessions.accept(datagram);
        if (!accepted) return accepted.error().what;
        return accepted->rtp ? "rtp" : "rtcp";
    }

    MediaSessions sessions;
    RoomMirror mirror;
    Outbox out;
    std::uint64_t version = 0;
};

Buffer rtp(wire::SrtpSender& sender, Ssrc ssrc, std::uint16_t seq) {
    Buffer bytes(100);
    wire::RtpHeader header;
    header.payload_type = wire::kPayloadTypeOpus;
    header.seq = seq;
    header.ssrc = ssrc;
    const std::size_t plain = wire::write_rtp_header(bytes, header) + 3;
    bytes.resize(plain + wire::kSrtpMaxOverhead);
    bytes.resize(*sender.protect_rtp(Bytes(bytes).first(plain), bytes));
    return bytes;
}

Buffer rtcp(wire::SrtpSender& sender, Ssrc ssrc) {
    Buffer bytes(8 + wire::kSrtcpMaxOverhead);
    Writer w(bytes);
    w.u8(0x80);  // an empty receiver report
    w.u8(201);
    w.u16(1);
    w.u32(ssrc.value);
    bytes.resize(*sender.protect_rtcp(w.written(), bytes));
    return bytes;
}

}  // namespace

TEST_CASE("media need the key and the membership, in any order") {
    const auto keys = grant(kAnn, 1);
    auto sender = sender_for(keys);
    Plane plane;
    SECTION("key first") {
        plane.sessions.on_ctl(keys, kStart, plane.out);
        CHECK(plane.accept(rtp(sender, kAnnSsrc, 1)) == "unknown-ssrc");
        plane.room({member(kAnn, kAnnSsrc)});
    }
    SECTION("membership first") {
        plane.room({member(kAnn, kAnnSsrc)});
        CHECK(plane.accept(rtp(sender, kAnnSsrc, 1)) == "no-key");
        plane.sessions.on_ctl(keys, kStart, plane.out);
    }
    CHECK(plane.accept(rtp(sender, kAnnSsrc, 2)) == "rtp");
    CHECK(plane.accept(rtcp(sender, kAnnSsrc)) == "rtcp");
    CHECK(plane.sessions.find(kAnn)->reachable());
}

TEST_CASE("losing either stops media") {
    const auto keys = grant(kAnn, 1);
    auto sender = sender_for(keys);
    Plane plane;
    plane.sessions.on_ctl(keys, kStart, plane.out);
    plane.room({member(kAnn, kAnnSsrc)});
    CHECK(plane.accept(rtp(sender, kAnnSsrc, 1)) == "rtp");
    SECTION("the key") {
        plane.sessions.on_ctl(revoke(kAnn), kStart, plane.out);
        CHECK(plane.accept(rtp(sender, kAnnSsrc, 2)) == "no-key");
    }
    SECTION("the membership") {
        plane.room({});
        CHECK(plane.accept(rtp(sender, kAnnSsrc, 2)) == "not-a-member");
    }
    CHECK_FALSE(plane.sessions.find(kAnn)->reachable());
}

TEST_CASE("every drop has its reason") {
    const auto keys = grant(kAnn, 1);
    auto sender = sender_for(keys);
    auto stranger = sender_for(grant(kAnn, 1, 'x'));
    Plane plane(proto::PLANE_VIDEO);
    plane.sessions.on_ctl(keys, kStart, plane.out);
    auto ann = member(kAnn, kAnnSsrc);
    auto& stream = *ann.add_streams();
    stream.set_kind(proto::VIDEO);
    stream.add_encodings()->set_ssrc(0x2001);
    plane.room({ann});

    const Buffer good = rtp(sender, {0x2001}, 1);
    struct Row {
        const char* expected;
        Buffer bytes;
    };
    const Row rows[] = {
        {"rtp", good},
        {"replayed", good},
        {"malformed", Buffer(3)},
        {"malformed", Buffer(1501, 0x80)},
        {"malformed", Buffer(good.begin(), good.begin() + 20)},
        {"unknown-ssrc", rtp(sender, {0x9999}, 1)},
        {"forged", rtp(stranger, {0x2001}, 2)},
        {"wrong-kind", rtp(sender, {0x1101}, 1)},
        {"rtcp", rtcp(sender, {0x1101})},
        {"rtcp", rtcp(sender, {0x2001})},
    };
    for (const auto& row : rows) CHECK(plane.accept(row.bytes) == row.expected);
    CHECK(plane.sessions.drops(MediaDrop::malformed) == 3);
    CHECK(plane.sessions.drops(MediaDrop::forged) == 1);
}

TEST_CASE("the newest packet that verifies says where a session is") {
    const auto keys = grant(kAnn, 1);
    auto sender = sender_for(keys);
    auto stranger = sender_for(grant(kAnn, 1, 'x'));
    Plane plane;
    plane.sessions.on_ctl(keys, kStart, plane.out);
    plane.room({member(kAnn, kAnnSsrc)});
    const MediaSession& ann = *plane.sessions.find(kAnn);
    CHECK_FALSE(ann.route);

    const Buffer overtaken = rtp(sender, kAnnSsrc, 1);
    CHECK(plane.accept(rtp(sender, kAnnSsrc, 2), 5000) == "rtp");
    CHECK(ann.route->peer.port == 5000);
    CHECK(plane.accept(rtp(sender, kAnnSsrc, 3), 6000) == "rtp");
    CHECK(ann.route->peer.port == 6000);
    CHECK(plane.accept(overtaken, 5000) == "rtp");
    CHECK(ann.route->peer.port == 6000);
    CHECK(plane.accept(rtp(stranger, kAnnSsrc, 4), 7000) == "forged");
    CHECK(ann.route->peer.port == 6000);
    CHECK(plane.accept(rtcp(sender, kAnnSsrc), 8000) == "rtcp");
    CHECK(ann.route->peer.port == 8000);
}

TEST_CASE("a session's key does not open another session's SSRC") {
    Plane plane;
    const auto bobs = grant(kBob, 1);
    plane.sessions.on_ctl(grant(kAnn, 1), kStart, plane.out);
    plane.sessions.on_ctl(bobs, kStart, plane.out);
    plane.room({member(kAnn, kAnnSsrc), member(kBob, kBobSsrc)});
    auto bob = sender_for(bobs);
    CHECK(plane.accept(rtp(bob, kAnnSsrc, 1)) == "forged");
    CHECK(plane.accept(rtp(bob, kBobSsrc, 1)) == "rtp");
}

TEST_CASE("a repeated grant is answered and changes nothing") {
    const auto keys = grant(kAnn, 1);
    auto sender = sender_for(keys);
    Plane plane;
    plane.room({member(kAnn, kAnnSsrc)});
    CHECK(plane.sessions.on_ctl(keys, kStart, plane.out) == kAnn);
    const Buffer packet = rtp(sender, kAnnSsrc, 1);
    CHECK(plane.accept(packet) == "rtp");
    CHECK_FALSE(plane.sessions.on_ctl(keys, kStart, plane.out));
    CHECK(plane.accept(packet) == "replayed");
    REQUIRE(plane.out.to_gateway.size() == 2);
    CHECK(plane.out.to_gateway[1].request_id() == 9);
    CHECK(plane.out.to_gateway[1].has_done());
}

TEST_CASE("a new epoch replaces the older one whole") {
    const auto first = grant(kAnn, 1);
    const auto second = grant(kAnn, 2);
    auto old_sender = sender_for(first);
    auto new_sender = sender_for(second);
    Plane plane;
    plane.room({member(kAnn, kAnnSsrc)});
    plane.sessions.on_ctl(first, kStart, plane.out);
    CHECK(plane.accept(rtp(old_sender, kAnnSsrc, 30'000)) == "rtp");
    CHECK(plane.sessions.on_ctl(second, kStart, plane.out) == kAnn);
    CHECK(plane.accept(rtp(old_sender, kAnnSsrc, 30'001)) == "forged");
    CHECK(plane.accept(rtp(new_sender, kAnnSsrc, 5), 6000) == "rtp");
    CHECK(plane.sessions.find(kAnn)->route->peer.port == 6000);

    proto::ServiceHello hello;
    plane.sessions.fill_hello(hello);
    REQUIRE(hello.held_epochs_size() == 1);
    CHECK(hello.held_epochs(0).epoch() == 2);
    CHECK(hello.held_epochs(0).session_id() == kAnn.value);
    CHECK(hello.held_epochs(0).plane() == proto::PLANE_AUDIO);
}

TEST_CASE("keys of a wrong size are refused and not answered") {
    auto keys = grant(kAnn, 1);
    keys.mutable_grant_keys()->mutable_from_client()->set_salt("short");
    Plane plane;
    CHECK_FALSE(plane.sessions.on_ctl(keys, kStart, plane.out));
    CHECK(plane.out.to_gateway.empty());
    CHECK(plane.sessions.refused_grants() == 1);
    CHECK(plane.sessions.size() == 0);
}

TEST_CASE("keys of a session that is in no room are forgotten after a minute") {
    Plane plane;
    plane.sessions.on_ctl(grant(kAnn, 1), kStart, plane.out);  // never comes
    plane.sessions.on_ctl(grant(kBob, 1), kStart, plane.out);  // comes, and leaves
    plane.room({member(kBob, kBobSsrc)}, kStart + 10s);
    plane.room({}, kStart + 20s);
    plane.room({}, kStart + 59s);
    CHECK(plane.sessions.size() == 2);
    plane.room({}, kStart + 60s);
    CHECK_FALSE(plane.sessions.find(kAnn));
    CHECK(plane.sessions.find(kBob));
    plane.room({}, kStart + 80s);
    CHECK(plane.sessions.size() == 0);
}

TEST_CASE("a declared address is on the control connection's own IP, and packets do not move it") {
    const auto keys = grant(kAnn, 1);
    auto sender = sender_for(keys);
    Plane plane;
    const auto ask = [&](std::uint32_t port, proto::ClientMessage::ArmCase arm) {
        proto::ClientMessage message;
        message.set_request_id(5);
        (arm == proto::ClientMessage::kReceiveAudioAt ? message.mutable_receive_audio_at()
                                                      : message.mutable_receive_video_at())
            ->set_port(port);
        proto::ToService request;
        request.set_request_id(9);
        request.mutable_client_request()->set_session_id(kAnn.value);
        request.mutable_client_request()->set_peer_ip("192.0.2.7");
        request.mutable_client_request()->set_client_message(message.SerializeAsString());
        plane.out.clear();
        plane.sessions.on_ctl(request, kStart, plane.out);
        proto::ServerMessage reply;
        reply.ParseFromString(plane.out.to_gateway.at(0).answer().server_message());
        CHECK(plane.out.to_gateway.at(0).request_id() == 9);
        CHECK(reply.request_id() == 5);
        return reply.error().code();
    };
    using enum proto::ClientMessage::ArmCase;
    CHECK(ask(5'004, kReceiveAudioAt) == proto::UNAVAILABLE);
    plane.sessions.on_ctl(keys, kStart, plane.out);
    plane.room({member(kAnn, kAnnSsrc)});
    CHECK(ask(80, kReceiveAudioAt) == proto::BAD_REQUEST);
    CHECK(ask(65'536, kReceiveAudioAt) == proto::BAD_REQUEST);
    CHECK(ask(5'004, kReceiveVideoAt) == proto::BAD_REQUEST);
    CHECK_FALSE(plane.sessions.find(kAnn)->reachable());

    CHECK(ask(5'004, kReceiveAudioAt) == proto::ERROR_CODE_UNSPECIFIED);
    CHECK(plane.accept(rtp(sender, kAnnSsrc, 1), 6'000) == "rtp");
    CHECK(plane.sessions.find(kAnn)->route->peer.text() == "192.0.2.7:5004");
    CHECK(ask(0, kReceiveAudioAt) == proto::ERROR_CODE_UNSPECIFIED);
    CHECK(plane.accept(rtp(sender, kAnnSsrc, 2), 6'000) == "rtp");
    CHECK(plane.sessions.find(kAnn)->route->peer.port == 6'000);
}
