// Beats and rooms for the tests of status, written as short as they are read.
#pragma once

#include <string>

#include "services/status/status_engine.hpp"

namespace connectsphere::status {

constexpr Time kStart{1h};
constexpr WallTime kStartWall{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31} + 9h + 30min + 250ms};

inline EngineContext context() {
    EngineContext context;
    context.config.server_name = "Lab";
    context.to_wall = [](Time t) {
        return kStartWall + std::chrono::duration_cast<std::chrono::microseconds>(t - kStart);
    };
    return context;
}

inline proto::Beat beat(proto::Service service, bool ready = true, std::string reason = {},
                        std::uint64_t instance = 1) {
    proto::Beat beat;
    beat.set_service(service);
    beat.set_instance_id(instance);
    beat.set_pid(100 + static_cast<std::uint32_t>(service));
    beat.set_version("0.1.0");
    beat.set_started_at(static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>((kStartWall - 90s).time_since_epoch())
            .count()));
    beat.set_ready(ready);
    beat.set_reason(std::move(reason));
    return beat;
}

inline void all_beat(StatusEngine& engine, Time now) {
    for (int service = proto::GATEWAY; service <= proto::FILE_STORE; ++service)
        engine.on_beat(beat(static_cast<proto::Service>(service)), now);
}

inline proto::Participant participant(std::uint64_t session, std::string name, std::uint64_t joined_at) {
    proto::Participant out;
    out.set_session_id(session);
    out.set_name(std::move(name));
    out.set_role(proto::PARTICIPANT);
    out.set_connected(true);
    out.set_joined_at(joined_at);
    return out;
}

// Signaling's index and one snapshot for each room.
inline void publish(StatusEngine& engine, const std::vector<proto::Room>& rooms, Time now) {
    Outbox out;
    proto::StateMessage index;
    index.set_instance_id(7);
    index.set_version(1);
    index.mutable_index();
    for (const auto& room : rooms) index.mutable_index()->add_room_ids(room.room_id());
    engine.on_state(index, now, out);
    for (const auto& room : rooms) {
        proto::StateMessage message;
        message.set_instance_id(7);
        message.set_version(1);
        *message.mutable_room() = room;
        engine.on_state(message, now, out);
    }
}

inline proto::Room room(std::uint64_t id, std::string name, std::vector<proto::Participant> participants) {
    proto::Room out;
    out.set_room_id(id);
    out.set_name(std::move(name));
    for (auto& one : participants) *out.add_participants() = std::move(one);
    return out;
}

inline void add_counter(proto::Beat& beat, std::string name, double value) {
    auto& metric = *beat.add_metrics();
    metric.set_name(std::move(name));
    metric.set_type(proto::COUNTER);
    metric.set_value(value);
}

inline void add_figures(proto::Beat& beat, std::uint64_t session, std::uint64_t received, double loss_ratio) {
    auto& figures = *beat.add_sessions();
    figures.set_session_id(session);
    figures.set_packets_received(received);
    figures.set_packets_sent(2 * received);
    figures.set_jitter_seconds(0.004);
    figures.set_round_trip_seconds(0.012);
    figures.set_loss_ratio(loss_ratio);
}

}  // namespace connectsphere::status
