// The audio plane's engine: every participant sends its voice, and gets one stream with everybody else's.
// Packets are judged by MediaSessions, rooms are mixed by RoomMixer, and TickSchedule says when.
#pragma once

#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

#include "services/audio-mixer/room_mixer.hpp"
#include "services/audio-mixer/tick_schedule.hpp"
#include "services/common/engine.hpp"
#include "services/common/media_plane.hpp"
#include "services/common/rooms.hpp"

namespace connectsphere::mixer {

class AudioMixerEngine {
  public:
    explicit AudioMixerEngine(const EngineContext& context);

    void on_ctl(const proto::ToService& message, Time now, Outbox& out);
    void fill_hello(proto::ServiceHello& hello) const { sessions_.fill_hello(hello); }
    void on_state(const proto::StateMessage& message, Time now, Outbox& out);
    void on_subscriber(Time now, Outbox& out);
    void on_datagrams(std::span<Datagram> datagrams, Time now, Outbox& out);
    void on_time(Time now, Outbox& out);
    Time deadline() const { return schedule_.deadline(); }
    void fill_beat(proto::Beat& beat) const;

  private:
    struct Place {
        RoomId room;
        RoomMixer* mixer;  // of rooms_, whose nodes do not move
        Member* member;    // of the mixer
    };

    void place(SessionId id);
    void leave(SessionId id);
    void restart(const Place& place);
    void on_rtp(const wire::RtpView& packet, const Place& place, Time arrival, Time now);
    void on_rtcp(Bytes compound, const Place& place, Time arrival, Outbox& out);
    void announce_speakers(const RoomMixer& room, Outbox& out);
    void tell_speakers(const RoomMixer& room, std::span<const SessionId> whom, Outbox& out);
    static void deliver_speakers(const RoomMixer& room, std::span<const SessionId> whom, Outbox& out);
    void publish_speech(RoomId room, const RoomMixer& mixer, Outbox& out);
    std::uint32_t timestamp(Time at) const;

    Entropy entropy_;
    std::function<WallTime(Time)> to_wall_;
    RoomMirror mirror_;
    MediaSessions sessions_{proto::PLANE_AUDIO};
    RoomMixer::Shared shared_;
    std::unordered_map<RoomId, RoomMixer> rooms_;
    std::unordered_map<SessionId, Place> places_;
    std::vector<RoomMixer*> active_;  // rooms that have something to mix
    TickSchedule schedule_;
    std::uint64_t published_ = 0;
    std::uint32_t timestamp_base_ = 0;
};

}  // namespace connectsphere::mixer
