#include "services/screen-broker/broker_engine.hpp"

#include <algorithm>

#include "services/common/answers.hpp"
#include "services/common/metrics.hpp"

namespace connectsphere::screen_broker {

namespace {

constexpr std::size_t kMaxWindow = 512 << 10;  // bytes on the way to a viewer
constexpr std::size_t kMaxNewcomers = 10'000;  // beyond, they are told once

}  // namespace

BrokerEngine::BrokerEngine(const EngineContext& context)
    : context_(context),
      door_(proto::PLANE_SCREEN, context.entropy, [this](const auto& guest, proto::ServerMessage& reply) {
          greet(guest.room, *reply.mutable_screen_entered());
      }) {}

// ---- who comes in

void BrokerEngine::on_ctl(const proto::ToService& message, Time now, Outbox& out) {
    door_.on_ctl(message, now, out);
}

void BrokerEngine::on_state(const proto::StateMessage& message, Time now, Outbox& out) {
    if (settle_at_ == kNever && !is_settled_) settle_at_ = now + kSettle;
    const auto change = door_.on_state(message, out);
    for (const auto session : change.left) {
        const auto held = std::find_if(rooms_.begin(), rooms_.end(),
                                       [&](const auto& room) { return room.second.presenter == session; });
        if (held == rooms_.end()) continue;
        free_place(held->first, held->second, now, out);
        forget_if_empty(RoomId(held->first));
    }
    const auto tell_session = [&](SessionId session) {
        const auto room_id = door_.mirror().room_of(session);
        if (!room_id) return;
        const auto place = rooms_.find(*room_id);
        if (place != rooms_.end() && place->second.presenter) tell(session, place->second, out);
    };
    for (const auto session : change.joined) {
        tell_session(session);
        if (newcomers_.size() < kMaxNewcomers) newcomers_.emplace_back(now + kRepeat, session);
    }
    for (const auto session : change.updated) tell_session(session);  // perhaps it has come back
}

// ---- the screen plane

void BrokerEngine::greet(RoomId id, proto::ScreenEntered& entered) {
    entered.set_part_bytes(kPart);
    entered.set_ahead_bytes(kAhead);
    entered.set_alive_seconds(
        static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(kAlive).count()));
    entered.set_presenter_session_id(room(id).presenter.value);
}

void BrokerEngine::on_frame(ConnectionId id, wire::FrameView frame, Time now, Outbox& out) {
    proto::ClientMessage message;
    const auto guest = door_.on_frame(id, frame.message, message, now, out);
    if (!guest) return;
    dispatch({id, guest->session, guest->room, room(guest->room), message.request_id(), now, out}, message,
             frame.data);
}

void BrokerEngine::dispatch(const Caller& caller, const proto::ClientMessage& message, Bytes data) {
    if (caller.room.line == caller.id) caller.room.heard_at = caller.now;
    switch (message.arm_case()) {
        case proto::ClientMessage::kScreenUpdate:
            return update(caller, message.screen_update(), data);
        case proto::ClientMessage::kScreenCursor:
            return cursor(caller, message.screen_cursor(), data);
        case proto::ClientMessage::kScreenReceived:
            return received(caller, message.screen_received());
        case proto::ClientMessage::kPresenterAlive:
            return;
        case proto::ClientMessage::kWatchScreen:
            caller.room.screen.add_viewer(caller.id, caller.now, caller.out);
            return tell_need(caller.room, caller.now, caller.out);
        case proto::ClientMessage::kStartPresenting:
            return start(caller, message.start_presenting());
        case proto::ClientMessage::kGrantPresenting:
            return grant(caller, message.grant_presenting());
        case proto::ClientMessage::kStopPresenting:
            return stop(caller);
        default:
            return refuse(caller, proto::BAD_REQUEST, "The screen plane does not handle this request.");
    }
}

void BrokerEngine::on_close(ConnectionId id, Time now, Outbox& out) {
    const auto known = door_.guests().find(id);
    if (known == door_.guests().end()) return;
    const auto room_id = known->second.room;
    door_.on_close(id);
    auto& left = room(room_id);
    const bool was_viewer = left.screen.has_viewer(id);
    left.screen.remove_viewer(id);
    forget_waiting(left, id);
    if (left.line == id) left.line = {};  // its session keeps the place for kSilence
    if (was_viewer) tell_need(left, now, out);
    forget_if_empty(room_id);
}

void BrokerEngine::update(const Caller& caller, const proto::ScreenUpdate& update, Bytes data) {
    if (caller.room.line != caller.id) {  // it has lost its place, and does not know yet
        ++counters_.stray;
        return;
    }
    ++counters_.updates;
    if (data.size() > kPart) return break_off(caller, Error{Errc::oversized, "update"});
    if (const auto taken = caller.room.screen.update(update, data, caller.now, caller.out); !taken)
        return break_off(caller, taken.error());
    std::size_t bytes = 0;
    for (const auto& [id, room] : rooms_) bytes += room.screen.bytes();
    if (bytes > kMaxBytes) {
        take_place(caller.room, proto::NO_SPACE, {}, caller.out);
        return free_place(caller.room_id, caller.room, caller.now, caller.out);
    }
    tell_need(caller.room, caller.now, caller.out);
}

void BrokerEngine::cursor(const Caller& caller, const proto::ScreenCursor& cursor, Bytes image) {
    if (caller.room.line != caller.id) {
        ++counters_.stray;
        return;
    }
    if (const auto taken = caller.room.screen.cursor(cursor, image, caller.now, caller.out); !taken)
        break_off(caller, taken.error());
}

void BrokerEngine::received(const Caller& caller, const proto::ScreenReceived& received) {
    if (!caller.room.screen.has_viewer(caller.id)) return;
    if (!caller.room.screen.received(caller.id, received.bytes(), caller.now, caller.out))
        return break_off(caller, Error{Errc::malformed, "more received than was sent"});
    tell_need(caller.room, caller.now, caller.out);
}

// A client that breaks the rules: it is told which, and goes. What it showed stays until its place is free.
void BrokerEngine::break_off(const Caller& caller, const Error& error) {
    ++counters_.malformed;
    caller.out.frames.push_back(
        frame_to(caller.id, error_message(caller.request, proto::BAD_REQUEST, error.text())));
    caller.out.closes.push_back(caller.id);
    if (caller.room.line == caller.id) free_place(caller.room_id, caller.room, caller.now, caller.out);
}

void BrokerEngine::tell_need(Room& room, Time now, Outbox& out) {
    if (!room.line) return;
    const auto need = room.screen.need(now);
    if (!need) return;
    proto::ServerMessage message;
    *message.mutable_present_need() = *need;
    out.frames.push_back(frame_to(room.line, message));
}

BrokerEngine::Room& BrokerEngine::room(RoomId id) {
    // What waits in a connection's output is the shell's to bound: we stay well below.
    const std::size_t output = context_.config.limits.output_buffer_bytes;
    return rooms_.try_emplace(id, std::min(kMaxWindow, output / 2)).first->second;
}

void BrokerEngine::forget_if_empty(RoomId id) {
    const auto place = rooms_.find(id);
    if (place == rooms_.end() || place->second.presenter || place->second.screen.viewers() > 0) return;
    for (const auto& [line, guest] : door_.guests()) {
        if (guest.room == id) return;
    }
    rooms_.erase(place);
}

// ---- time

Time BrokerEngine::deadline() const {
    Time earliest = settle_at_;
    if (!newcomers_.empty()) earliest = std::min(earliest, newcomers_.front().first);
    for (const auto& [id, room] : rooms_) {
        if (!room.presenter) continue;
        earliest =
            std::min({earliest, room.heard_at + kSilence, room.line ? room.screen.deadline() : kNever});
    }
    return earliest;
}

void BrokerEngine::on_time(Time now, Outbox& out) {
    for (; !newcomers_.empty() && newcomers_.front().first <= now; newcomers_.pop_front()) {
        const auto session = newcomers_.front().second;
        const auto room_id = door_.mirror().room_of(session);
        const auto place = room_id ? rooms_.find(*room_id) : rooms_.end();
        if (place != rooms_.end() && place->second.presenter) tell(session, place->second, out);
    }
    if (settle_at_ <= now) {  // who presented in an earlier life of this process, and did not come back
        settle_at_ = kNever;
        is_settled_ = true;
        for (const auto& [id, members] : door_.mirror().rooms()) {
            const auto place = rooms_.find(id);
            if (place == rooms_.end() || !place->second.presenter) announce(id, Room(0), {}, out);
        }
    }
    std::vector<RoomId> silent;
    for (auto& [id, room] : rooms_) {
        if (!room.presenter) continue;
        if (now - room.heard_at >= kSilence) {
            silent.push_back(id);
        } else if (room.line && room.screen.deadline() <= now) {
            tell_need(room, now, out);
        }
    }
    for (const auto id : silent) {
        auto& room = rooms_.at(id);
        ++counters_.silent;
        take_place(room, proto::SILENT, {}, out);
        free_place(id, room, now, out);
        forget_if_empty(id);
    }
}

void BrokerEngine::fill_beat(proto::Beat& beat) const {
    const auto gauge = [&](const char* name, const char* help, auto value) {
        add_gauge(beat, name, help, static_cast<double>(value));
    };
    const auto counter = [&](const char* name, const char* help, std::uint64_t value) {
        add_counter(beat, name, help, static_cast<double>(value));
    };
    std::size_t presenters = 0, viewers = 0, bytes = 0;
    std::uint64_t deltas = 0, made = 0;
    for (const auto& [id, room] : rooms_) {
        presenters += static_cast<bool>(room.presenter);
        viewers += room.screen.viewers();
        bytes += room.screen.bytes();
        deltas += room.screen.deltas();
        made += room.screen.deltas_made();
    }
    gauge("known_sessions", "Sessions that the service knows of", door_.mirror().session_count());
    gauge("screen_presenters", "Rooms in which somebody presents", presenters);
    gauge("screen_viewers", "Connections that watch", viewers);
    gauge("screen_held_bytes", "Encoded tiles of all screens", bytes);
    counter("screen_updates_total", "Updates from presenters", counters_.updates);
    gauge("screen_deltas", "Updates to viewers, of the rooms that there are", deltas);
    gauge("screen_deltas_made", "Those of them that were not shared with another viewer", made);
    counter("screen_malformed_total", "Messages that broke a rule, and ended their connection",
            counters_.malformed);
    counter("screen_stray_updates_total", "Updates from who does not present (any more)", counters_.stray);
    counter("screen_silent_presenters_total", "Places that were freed because nothing came",
            counters_.silent);
    counter("refused_requests_total", "Requests that were refused", counters_.refused + door_.refused());
}

}  // namespace connectsphere::screen_broker
