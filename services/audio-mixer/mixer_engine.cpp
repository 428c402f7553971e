#include "services/audio-mixer/mixer_engine.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "proto/client.pb.h"
#include "services/audio-mixer/figures.hpp"

namespace connectsphere::mixer {
namespace {

constexpr std::size_t kMaxCompound = 256;  // bytes, of a report that we write

media::OpusConfig opus_config(const Config::Audio& audio) {
    return {.bitrate = static_cast<int>(audio.bitrate),
            .complexity = static_cast<int>(audio.complexity),
            .is_mix = true};
}

template <class Number>
Number random(const Entropy& entropy) {
    std::array<std::uint8_t, sizeof(Number)> bytes{};
    entropy(bytes);
    Number number = 0;
    for (const std::uint8_t byte : bytes) number = static_cast<Number>(number << 8 | byte);
    return number;
}

}  // namespace

AudioMixerEngine::AudioMixerEngine(const EngineContext& context)
    : entropy_(context.entropy),
      to_wall_(context.to_wall),
      shared_{.max_talkers = context.config.audio.max_talkers,
              .streams = MixStreamPool(opus_config(context.config.audio)),
              .counters = {}},
      timestamp_base_(random<std::uint32_t>(entropy_)) {}

void AudioMixerEngine::on_ctl(const proto::ToService& message, Time now, Outbox& out) {
    const auto changed = sessions_.on_ctl(message, now, out);
    if (!changed) return;
    const auto found = places_.find(*changed);
    if (found == places_.end()) return;
    restart(found->second);
    if (message.has_grant_keys()) tell_speakers(*found->second.mixer, {&*changed, 1}, out);
}

void AudioMixerEngine::on_state(const proto::StateMessage& message, Time now, Outbox& out) {
    const auto change = mirror_.apply(message);
    // Members point to their sessions: who left goes out of its room before its session is forgotten.
    for (const SessionId id : change.left) leave(id);
    sessions_.on_rooms(mirror_, change, now);
    for (const SessionId id : change.joined) {
        place(id);
        // Else with its keys: before them it may not have heard that it is in the room.
        const auto found = places_.find(id);
        if (found != places_.end() && found->second.member->media->has_keys())
            tell_speakers(*found->second.mixer, {&id, 1}, out);
    }
    for (const SessionId id : change.updated) place(id);
}

void AudioMixerEngine::place(SessionId id) {
    const auto* participant = mirror_.participant(id);
    const auto room = mirror_.room_of(id);
    MediaSession* session = sessions_.find(id);
    if (!participant || !room || !session) return;
    auto found = places_.find(id);
    if (found != places_.end() && found->second.room != *room) {
        leave(id);
        found = places_.end();
    }
    if (found == places_.end()) {
        RoomMixer& mixer = rooms_.try_emplace(*room, shared_).first->second;
        found = places_.emplace(id, Place{*room, &mixer, &mixer.add(id, *session)}).first;
        active_.reserve(rooms_.size());
        restart(found->second);
    }
    Member& member = *found->second.member;
    found->second.mixer->mute(member,
                              participant->microphone_muted() || participant->role() == proto::LISTENER);
    member.voice_ssrc = {participant->audio_ssrc()};
    member.sender.set_ssrc({participant->mix_ssrc()});
}

void AudioMixerEngine::leave(SessionId id) {
    const auto found = places_.find(id);
    if (found == places_.end()) return;
    const auto [room, mixer, member] = found->second;
    places_.erase(found);
    mixer->remove(id);
    if (!mixer->empty()) return;
    std::erase(active_, mixer);
    rooms_.erase(room);
    if (active_.empty()) schedule_.stop();
}

void AudioMixerEngine::restart(const Place& place) {
    place.mixer->restart(*place.member, random<std::uint16_t>(entropy_));
}

void AudioMixerEngine::on_datagrams(std::span<Datagram> datagrams, Time now, Outbox& out) {
    for (Datagram& datagram : datagrams) {
        const auto accepted = sessions_.accept(datagram);
        if (!accepted) continue;
        const auto found = places_.find(accepted->session->id);
        if (found == places_.end()) continue;
        if (accepted->rtp) {
            on_rtp(*accepted->rtp, found->second, datagram.received_at, now);
        } else {
            on_rtcp(accepted->packet, found->second, datagram.received_at, out);
        }
    }
}

void AudioMixerEngine::on_rtp(const wire::RtpView& packet, const Place& place, Time arrival, Time now) {
    if (packet.header.payload_type != wire::kPayloadTypeOpus) return sessions_.count(MediaDrop::wrong_kind);
    ++shared_.counters.packets_in;
    place.member->feedback.on_rtp(packet.header, arrival);
    if (!place.mixer->push(*place.member, packet, arrival)) return;
    active_.push_back(place.mixer);
    schedule_.start(now);
}

void AudioMixerEngine::on_rtcp(Bytes compound, const Place& place, Time arrival, Outbox& out) {
    ++shared_.counters.rtcp_in;
    Member& member = *place.member;
    if (!member.feedback.on_rtcp(compound, member.sender.ssrc(), arrival, to_wall_(arrival))) {
        ++shared_.counters.bad_rtcp;
        return;
    }
    if (!member.feedback.is_due(arrival) || !member.media->reachable() || !member.sender.ssrc()) return;
    const MutableBytes space = out.datagrams.claim(kMaxCompound);
    if (space.empty()) {
        ++shared_.counters.unsent;
        return;
    }
    Writer w(space);
    member.feedback.write(w, member.sender, member.voice_ssrc, timestamp(arrival), arrival,
                          to_wall_(arrival));
    const auto size = member.media->to_client->protect_rtcp(w.written(), space);
    if (!w.ok() || !size) return;
    out.datagrams.commit(*member.media->route, *size);
    ++shared_.counters.rtcp_out;
}

void AudioMixerEngine::on_time(Time now, Outbox& out) {
    while (const auto tick = schedule_.take_due(now)) {
        std::erase_if(active_, [&](RoomMixer* room) {
            const bool has_more = room->tick(*tick, timestamp(*tick), out.datagrams);
            if (room->take_speakers_changed()) announce_speakers(*room, out);
            return !has_more;
        });
        if (active_.empty()) schedule_.stop();
    }
}

// To everybody in the room, by way of the gateway, and to the other services.
void AudioMixerEngine::announce_speakers(const RoomMixer& room, Outbox& out) {
    if (room.members().empty()) return;
    std::vector<SessionId> everybody;
    for (const auto& member : room.members()) everybody.push_back(member->id);
    deliver_speakers(room, everybody, out);
    publish_speech(places_.at(room.members().front()->id).room, room, out);
}

// Who comes in while somebody speaks need not wait for the next change. Silence is what it expects anyway.
void AudioMixerEngine::tell_speakers(const RoomMixer& room, std::span<const SessionId> whom, Outbox& out) {
    if (!room.speakers().empty()) deliver_speakers(room, whom, out);
}

void AudioMixerEngine::deliver_speakers(const RoomMixer& room, std::span<const SessionId> whom, Outbox& out) {
    proto::ServerMessage message;
    auto& ids = *message.mutable_speakers()->mutable_session_ids();
    for (const SessionId id : room.speakers()) ids.Add(id.value);
    auto& deliver = *out.to_gateway.emplace_back().mutable_deliver();
    for (const SessionId id : whom) deliver.add_session_ids(id.value);
    deliver.set_server_message(message.SerializeAsString());
}

// On change only: it comes so often that who missed one needs no repetition.
void AudioMixerEngine::on_subscriber(Time, Outbox& out) {
    for (const auto& [id, mixer] : rooms_)
        if (!mixer.recent_speakers().empty()) publish_speech(id, mixer, out);
}

void AudioMixerEngine::publish_speech(RoomId room, const RoomMixer& mixer, Outbox& out) {
    auto& message = out.state.emplace_back();
    message.set_version(++published_);
    auto& speech = *message.mutable_speech();
    speech.set_room_id(room.value);
    for (const SessionId id : mixer.recent_speakers()) speech.add_session_ids(id.value);
}

// One media clock for all rooms: it goes on while nothing is sent, as RFC 7587 wants it for DTX.
std::uint32_t AudioMixerEngine::timestamp(Time at) const {
    const std::int64_t samples = at.time_since_epoch() / 1ms * (media::kSampleRate / 1000);
    return timestamp_base_ + static_cast<std::uint32_t>(samples);
}

void AudioMixerEngine::fill_beat(proto::Beat& beat) const {
    Counters counters = shared_.counters;
    for (const auto& [session, place] : places_) {
        if (place.member->voice) place.member->voice->add_to(counters);
        add_session_figures(beat, *place.member);
    }
    add_figures(beat, {.rooms = rooms_.size(),
                       .participants = places_.size(),
                       .active_rooms = active_.size(),
                       .counters = counters,
                       .sessions = sessions_,
                       .schedule = schedule_});
}

}  // namespace connectsphere::mixer
