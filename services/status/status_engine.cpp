#include "services/status/status_engine.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "services/common/service_name.hpp"

namespace connectsphere::status {
namespace {

// All that the server needs to be ready. Status itself is not among them: who hears the answer knows.
constexpr std::array kNeeded{proto::GATEWAY,     proto::SIGNALING,     proto::VIDEO_RELAY,
                             proto::AUDIO_MIXER, proto::SCREEN_BROKER, proto::FILE_STORE};

std::string_view plane_of(proto::Service service) {
    switch (service) {
        case proto::VIDEO_RELAY:
            return "video";
        case proto::AUDIO_MIXER:
            return "audio";
        case proto::SCREEN_BROKER:
            return "screen";
        case proto::FILE_STORE:
            return "files";
        default:
            return {};
    }
}

RoomView view_of(const proto::Room& room, const FiguresBySession& figures) {
    RoomView view{.room = &room};
    for (const auto& participant : room.participants()) {
        const auto it = figures.find(SessionId{participant.session_id()});
        view.participants.push_back(
            {&participant, it == figures.end() ? std::vector<FiguresView>{} : it->second});
    }
    std::sort(view.participants.begin(), view.participants.end(), [](const auto& a, const auto& b) {
        return std::tuple(a.participant->joined_at(), a.participant->session_id()) <
               std::tuple(b.participant->joined_at(), b.participant->session_id());
    });
    return view;
}

std::string whole_seconds(Duration duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
}

}  // namespace

std::string_view name(ServiceState state) {
    switch (state) {
        case ServiceState::starting:
            return "starting";
        case ServiceState::ready:
            return "ready";
        case ServiceState::degraded:
            return "degraded";
        case ServiceState::silent:
            return "silent";
    }
    return "unknown";
}

void StatusEngine::on_beat(const proto::Beat& beat, Time now) {
    if (!proto::Service_IsValid(beat.service()) || beat.service() == proto::SERVICE_UNSPECIFIED) return;
    const auto [it, is_new] = lives_.try_emplace(beat.service());
    Life& life = it->second;
    if (!is_new && beat.instance_id() == life.previous_instance) return;

    history_.count(is_new ? nullptr : &life.beat, beat);
    if (!is_new && beat.instance_id() != life.beat.instance_id()) {
        life.previous_instance = life.beat.instance_id();
        life.was_ready = false;
        ++life.restarts;
    }
    life.beat = beat;
    life.heard_at = now;
    life.was_ready |= beat.ready();
}

void StatusEngine::on_state(const proto::StateMessage& message, Time, Outbox&) { mirror_.apply(message); }

void StatusEngine::on_time(Time now, Outbox&) {
    if (started_at_ == kNever) {
        started_at_ = last_sample_ = next_sample_ = now;
    } else {
        for (const auto& [session, measured] : figures(now))
            for (const auto& view : measured) history_.judge(*view.figures);
        history_.sample(static_cast<std::uint32_t>(mirror_.session_count()), now - last_sample_);
        last_sample_ = now;
    }
    // After a long sleep of the machine there is nothing to catch up with.
    do next_sample_ += History::kStep;
    while (next_sample_ <= now);
}

ServiceView StatusEngine::view(proto::Service service, Time now) const {
    ServiceView view{.service = service};
    const auto it = lives_.find(service);
    if (it == lives_.end()) {
        const bool may_start = started_at_ == kNever || now - started_at_ < kSilence;
        view.state = may_start ? ServiceState::starting : ServiceState::silent;
        view.reason = "not heard yet";
        return view;
    }
    const Life& life = it->second;
    view.beat = &life.beat;
    view.restarts = life.restarts;
    if (now - life.heard_at >= kSilence) {
        view.state = ServiceState::silent;
        view.reason = "no beat for " + whole_seconds(now - life.heard_at);
        return view;
    }
    view.is_ready = life.beat.ready();
    view.reason = life.beat.reason();
    if (!view.is_ready) {
        view.state = life.was_ready ? ServiceState::degraded : ServiceState::starting;
        if (view.reason.empty()) view.reason = "not ready";
    } else {
        view.state = view.reason.empty() ? ServiceState::ready : ServiceState::degraded;
    }
    const WallTime started{std::chrono::milliseconds(static_cast<std::int64_t>(life.beat.started_at()))};
    view.uptime = std::max(Duration{}, Duration(context_.to_wall(now) - started));
    return view;
}

FiguresBySession StatusEngine::figures(Time now) const {
    FiguresBySession figures;
    for (const auto& [service, life] : lives_) {
        // What a service measured before it fell silent says nothing of now.
        if (plane_of(service).empty() || now - life.heard_at >= kSilence) continue;
        for (const auto& measured : life.beat.sessions())
            figures[SessionId{measured.session_id()}].push_back({plane_of(service), &measured});
    }
    return figures;
}

Picture StatusEngine::picture(Time now) const {
    Picture picture;
    picture.server_name = context_.config.server_name;
    picture.time = context_.to_wall(now);
    picture.limits = &context_.config.limits;
    picture.history = &history_;
    for (const auto service : kNeeded) picture.services.push_back(view(service, now));
    picture.is_ready = true;
    for (const auto& service : picture.services) {
        if (service.is_ready) continue;
        picture.is_ready = false;
        picture.reasons.push_back(service_name(service.service) + ": " + service.reason);
    }
    if (lives_.contains(proto::STATUS)) picture.services.push_back(view(proto::STATUS, now));

    const FiguresBySession measured = figures(now);
    for (const auto& [id, room] : mirror_.rooms()) picture.rooms.push_back(view_of(room, measured));
    std::sort(picture.rooms.begin(), picture.rooms.end(),
              [](const auto& a, const auto& b) { return a.room->name() < b.room->name(); });
    return picture;
}

}  // namespace connectsphere::status
