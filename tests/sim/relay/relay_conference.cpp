#include "tests/sim/relay/relay_conference.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

namespace connectsphere::test {
namespace {

std::string bytes_of(std::size_t count, std::uint32_t seed) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(seed * 31 + i * 7);
    return bytes;
}

}  // namespace

Conference::Conference(std::uint64_t seed)
    : network(seed), relay_address(*parse_address("192.168.1.1:10000", 0)) {
    network.set_default_link({.delay = 1ms});
    restart_relay();
}

Participant& Conference::join(RoomId room) {
    const auto number = std::to_string(participants.size() + 10);
    return join_at(*parse_address("192.168.1." + number + ":40000", 0), room);
}

Participant& Conference::join_at(const Address& address, RoomId room) {
    const std::uint64_t id = participants.size() + 1;
    auto& participant = *participants.emplace_back(std::make_unique<Participant>(*this, id, address));
    rooms_[id] = room;
    publish_state();
    grant(participant);
    return participant;
}

void Conference::leave(const Participant& participant) {
    rooms_.erase(participant.id().value);
    publish_state();
}

void Conference::publish_state() {
    std::map<std::uint64_t, proto::Room> rooms;
    for (const auto& each : participants) {
        const auto place = rooms_.find(each->id().value);
        rooms[1].set_room_id(1);
        if (place == rooms_.end()) continue;
        proto::Room& room = rooms[place->second.value];
        room.set_room_id(place->second.value);
        auto& participant = *room.add_participants();
        participant.set_session_id(each->id().value);
        participant.set_camera_off(each->camera_off);
        participant.set_video_rtcp_ssrc(each->rtcp_ssrc().value);
        if (!each->publishes) continue;
        auto& stream = *participant.add_streams();
        stream.set_stream_id(1);
        stream.set_kind(proto::VIDEO);
        const auto add = [&](proto::Codec codec, Ssrc ssrc, std::uint32_t divisor) {
            auto& encoding = *stream.add_encodings();
            encoding.set_codec(codec);
            encoding.set_ssrc(ssrc.value);
            encoding.set_width(kWidth / divisor);
            encoding.set_height(kHeight / divisor);
            encoding.set_frame_rate(15);
        };
        add(each->vp8 ? proto::VP8 : proto::JPEG, each->camera_ssrc(), 1);
        if (each->vp8) add(proto::VP8, each->small_ssrc(), 2);
    }
    for (const auto& [id, room] : rooms) {
        proto::StateMessage message;
        message.set_instance_id(99);
        message.set_version(++versions_);
        *message.mutable_room() = room;
        relay->state(message);
    }
}

void Conference::grant(Participant& participant, proto::SrtpProfile profile) {
    proto::ToService message;
    message.set_request_id(1);
    auto& keys = *message.mutable_grant_keys();
    keys.set_session_id(participant.id().value);
    keys.set_epoch(++epochs_);
    keys.set_profile(profile);
    const std::size_t salt = profile == proto::AEAD_AES_128_GCM ? 12 : 14;
    keys.mutable_from_client()->set_key(bytes_of(16, 4 * epochs_));
    keys.mutable_from_client()->set_salt(bytes_of(salt, 4 * epochs_ + 1));
    keys.mutable_to_client()->set_key(bytes_of(16, 4 * epochs_ + 2));
    keys.mutable_to_client()->set_salt(bytes_of(salt, 4 * epochs_ + 3));
    relay->ctl(message);
    participant.set_keys(keys);
}

int Conference::renew_keys() {
    int renewed = 0;
    for (const auto& message : take_to_gateway()) {
        if (!message.has_renew_keys()) continue;
        const auto id = message.renew_keys().session_id();
        grant(*participants.at(id - 1));
        ++renewed;
    }
    return renewed;
}

void Conference::restart_relay() {
    relay.reset();  // first: the address must be free
    const EngineContext context{};
    relay = std::make_unique<VirtualService>(network,
                                             hooks_of(std::make_shared<relay::VideoRelayEngine>(context)),
                                             VirtualServiceOptions{.udp = relay_address});
}

void Conference::everybody_reports() {
    for (const auto& participant : participants) participant->send_receiver_report();
    network.run_for(10ms);
}

void Conference::run_cameras(int frames) {
    for (int i = 0; i < frames; ++i) {
        for (const auto& participant : participants) {
            if (participant->repairs && i % 4 == 0) participant->send_own_report();
            if (!participant->repairs && i % 15 == 0) participant->send_receiver_report();
            if (participant->publishes && !participant->camera_off && !participant->vp8)
                participant->send_frame();
            if (participant->publishes && i % 15 == 0) participant->send_sender_reports();
        }
        run_for(kFrameTime);
    }
    run_for(100ms);
}

void Conference::say_who_spoke(std::vector<SessionId> speakers, RoomId room) {
    proto::StateMessage message;
    message.set_instance_id(77);
    message.set_version(++versions_);
    message.mutable_speech()->set_room_id(room.value);
    for (const SessionId id : speakers) message.mutable_speech()->add_session_ids(id.value);
    relay->state(message);
}

void Conference::subscribe(const Participant& participant, const proto::Subscribe& wishes) {
    proto::ClientMessage asked;
    *asked.mutable_subscribe() = wishes;
    ask(participant, asked);
}

void Conference::ask(const Participant& participant, proto::ClientMessage asked) {
    asked.set_request_id(7);
    proto::ToService message;
    message.set_request_id(1);
    message.mutable_client_request()->set_session_id(participant.id().value);
    message.mutable_client_request()->set_peer_ip("192.0.2.7");
    message.mutable_client_request()->set_client_message(asked.SerializeAsString());
    relay->ctl(message);
}

void Conference::run_for(Duration duration) {
    constexpr Duration kTurn = 5ms;  // how finely the participants look at their clocks
    for (Time end = network.now() + duration; network.now() < end;) {
        network.run_for(std::min<Duration>(kTurn, end - network.now()));
        for (const auto& participant : participants) participant->send_requests();
    }
}

double Conference::metric_of(std::string_view name, std::string_view label) const {
    const auto value = metric(relay->beat(), name, label);
    REQUIRE(value);
    return *value;
}

proto::SessionFigures Conference::figures_of(const Participant& participant) const {
    const auto beat = relay->beat();
    for (const auto& figures : beat.sessions())
        if (figures.session_id() == participant.id().value) return figures;
    FAIL("no figures of this session");
    return {};
}

}  // namespace connectsphere::test
