// What hosts and moderators may do to others: mute them, lower their hands, remove them, give them roles.
#include <algorithm>

#include "services/common/frames.hpp"
#include "services/signaling/signaling_engine.hpp"
#include "services/signaling/text.hpp"

namespace connectsphere::signaling {

namespace {

constexpr std::size_t kMaxReason = 200;  // bytes

bool moderates(const Session& session) {
    const auto role = session.participant.role();
    return role == proto::HOST || role == proto::MODERATOR;
}

}  // namespace

// Nobody is found in another room, and only who moderates may do anything to others.
Session* SignalingEngine::moderated(const Request& request, std::uint64_t session_id, Outbox& out) {
    auto* other = directory_.session({session_id});
    if (!moderates(*request.session)) {
        refuse(request, proto::FORBIDDEN, "only the host and moderators may do that", out);
    } else if (!other || other->room != request.session->room) {
        refuse(request, proto::NOT_FOUND, "there is no such person in this room", out);
    } else {
        return other;
    }
    return nullptr;
}

void SignalingEngine::handle(const Request& request, const proto::Mute& mute, Outbox& out) {
    auto* other = moderated(request, mute.session_id(), out);
    if (!other) return;
    auto& participant = other->participant;
    proto::ServerMessage event;
    auto& muted = *event.mutable_muted();
    muted.set_by_session_id(request.session->id.value);
    muted.set_by_name(request.session->participant.name());
    muted.set_microphone(mute.microphone() && !participant.microphone_muted());
    muted.set_camera(mute.camera() && !participant.camera_off());
    if (muted.microphone() || muted.camera()) {
        participant.set_microphone_muted(participant.microphone_muted() || mute.microphone());
        participant.set_camera_off(participant.camera_off() || mute.camera());
        if (other->connection) deliver({other->id}, event, out);
        tell_updated(*other, request.now, out);
    }
    answer_done(request, out);
}

void SignalingEngine::lower_hand(const Request& request, std::uint64_t session_id, Outbox& out) {
    auto* other = moderated(request, session_id, out);
    if (!other) return;
    if (other->participant.hand_raised_at() != 0) {
        other->participant.set_hand_raised_at(0);
        tell_updated(*other, request.now, out);
    }
    answer_done(request, out);
}

void SignalingEngine::handle(const Request& request, const proto::Remove& remove, Outbox& out) {
    auto* other = moderated(request, remove.session_id(), out);
    if (!other) return;
    if (other->participant.role() == proto::HOST) {
        return refuse(request, proto::FORBIDDEN, "nobody may remove the host", out);
    }
    if (!remove.reason().empty()) {
        if (const auto fault = fault_in_line("the reason", remove.reason(), kMaxReason)) {
            return refuse(request, proto::BAD_REQUEST, *fault, out);
        }
    }
    if (other->connection) {
        proto::ServerMessage event;
        auto& dismissed = *event.mutable_dismissed();
        dismissed.set_reason(proto::KICKED);
        auto& text = *dismissed.mutable_text();
        text = request.session->participant.name();
        text += " removed you from the room";
        if (!remove.reason().empty()) text.append(": ").append(remove.reason());
        deliver({other->id}, event, out);
    }
    end(*other, proto::KICKED, request.now, out);
    answer_done(request, out);
}

void SignalingEngine::handle(const Request& request, const proto::SetRole& set, Outbox& out) {
    auto& own = request.session->participant;
    if (own.role() != proto::HOST) {
        return refuse(request, proto::FORBIDDEN, "only the host may give roles", out);
    }
    auto* other = moderated(request, set.session_id(), out);
    if (!other) return;
    const auto role = set.role();
    if (role != proto::HOST && role != proto::MODERATOR && role != proto::PARTICIPANT &&
        role != proto::LISTENER) {
        return refuse(request, proto::BAD_REQUEST, "there is no such role", out);
    }
    if (other == request.session) {
        return refuse(request, proto::BAD_REQUEST, "a room has a host: make somebody else the host", out);
    }
    if (role == proto::HOST) {
        own.set_role(proto::MODERATOR);
        tell_updated(*request.session, request.now, out);
    }
    other->participant.set_role(role);
    tell_updated(*other, request.now, out);
    answer_done(request, out);
}

// A room keeps a host: when the last one has gone, a moderator, else who has been there longest.
void SignalingEngine::choose_host(const Room& room, Time now, Outbox& out) {
    Session* heir = nullptr;
    for (const auto id : room.members) {
        auto* member = directory_.session(id);
        const auto role = member->participant.role();
        if (role == proto::HOST) return;
        const bool is_first_moderator =
            role == proto::MODERATOR && (!heir || heir->participant.role() != proto::MODERATOR);
        if (!heir || is_first_moderator) heir = member;
    }
    if (!heir) return;
    heir->participant.set_role(proto::HOST);
    tell_updated(*heir, now, out);
}

}  // namespace connectsphere::signaling
