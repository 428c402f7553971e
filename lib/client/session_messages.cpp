// Session: what the server says, and the picture of the room that this makes.
#include "lib/client/session.hpp"

#include <algorithm>

namespace connectsphere::client {

void Session::frame(wire::FrameView frame, Time now, Output& out) {
    if (state_ == State::over) return;
    heard_at_ = now;
    proto::ServerMessage message;
    if (!message.ParseFromArray(frame.message.data(), static_cast<int>(frame.message.size()))) {
        return finish(
            {.why = Ended::Why::unreachable, .error = {}, .text = "this is no ConnectSphere server"}, out);
    }
    handle(message, now, out);
}

void Session::handle(const proto::ServerMessage& message, Time now, Output& out) {
    const auto request = message.request_id();
    switch (message.arm_case()) {
        case proto::ServerMessage::kError:
            on_error(request, message.error(), now, out);
            break;
        case proto::ServerMessage::kWelcome:
            on_welcome(message.welcome(), now, out);
            break;
        case proto::ServerMessage::kPong:
            round_trip_ =
                now.time_since_epoch() - Duration(static_cast<Duration::rep>(message.pong().client_time()));
            break;
        case proto::ServerMessage::kJoined:
            on_joined(message.joined(), now, out);
            break;
        case proto::ServerMessage::kChatMessage:
            note_chat(message.chat_message());
            out.events.push_back(message.chat_message());
            break;
        case proto::ServerMessage::kChatEdited:
            out.events.push_back(message.chat_edited());
            break;
        case proto::ServerMessage::kChatDeleted:
            std::erase(own_messages_, MessageId{message.chat_deleted().message_id()});
            out.events.push_back(message.chat_deleted());
            break;
        case proto::ServerMessage::kHistory:
            for (const auto& chat : message.history().messages()) note_chat(chat);
            out.events.push_back(message.history());
            break;
        case proto::ServerMessage::kRoomList:
            out.events.push_back(message.room_list());
            break;
        case proto::ServerMessage::kChatAccepted:
            chats_.erase(message.chat_accepted().client_message_id());
            out.events.push_back(message.chat_accepted());
            break;
        case proto::ServerMessage::kReaction:
            out.events.push_back(message.reaction());
            break;
        case proto::ServerMessage::kParticipantJoined:
            put(message.participant_joined().participant());
            out.events.push_back(message.participant_joined());
            break;
        case proto::ServerMessage::kParticipantUpdated:
            put(message.participant_updated().participant());
            out.events.push_back(message.participant_updated());
            break;
        case proto::ServerMessage::kParticipantLeft: {
            auto& participants = *room_.mutable_participants();
            const auto id = message.participant_left().session_id();
            participants.erase(std::remove_if(participants.begin(), participants.end(),
                                              [&](const auto& p) { return p.session_id() == id; }),
                               participants.end());
            out.events.push_back(message.participant_left());
            break;
        }
        case proto::ServerMessage::kMediaKeys:
            held_epochs_[message.media_keys().plane()] = message.media_keys().epoch();
            out.events.push_back(message.media_keys());
            break;
        case proto::ServerMessage::kWantedEncodings:
            out.events.push_back(message.wanted_encodings());
            break;
        case proto::ServerMessage::kPublished:
            out.events.push_back(message.published());
            break;
        case proto::ServerMessage::kRoom:
            room_ = message.room();
            out.events.push_back(message.room());
            break;
        case proto::ServerMessage::kSpeakers:
            out.events.push_back(message.speakers());
            break;
        case proto::ServerMessage::kMuted:
            out.events.push_back(message.muted());
            break;
        case proto::ServerMessage::kTicket:
            out.events.push_back(message.ticket());
            break;
        case proto::ServerMessage::kFileAnnounced:
            out.events.push_back(message.file_announced());
            break;
        case proto::ServerMessage::kFileRemoved:
            out.events.push_back(message.file_removed());
            break;
        case proto::ServerMessage::kPresenterChanged:
            if (presenter_ == message.presenter_changed().session_id()) break;  // said again
            presenter_ = message.presenter_changed().session_id();
            out.events.push_back(message.presenter_changed());
            break;
        case proto::ServerMessage::kPresentingRequested:
            out.events.push_back(message.presenting_requested());
            break;
        case proto::ServerMessage::kDone:
            if (requests_[request] == "leave") {
                finish({.why = Ended::Why::left, .error = {}, .text = {}}, out);
            } else {
                out.events.push_back(Done{requests_[request]});
            }
            break;
        case proto::ServerMessage::kDismissed:
            finish({.why = Ended::Why::dismissed, .error = {}, .text = message.dismissed().text()}, out);
            break;
        default:
            break;  // newer than we are
    }
    requests_.erase(request);
    chat_of_.erase(request);
}

void Session::on_welcome(const proto::Welcome& welcome, Time, Output& out) {
    if (welcome.keepalive_seconds() > 0) keepalive_ = std::chrono::seconds(welcome.keepalive_seconds());
    if (!id_) out.events.push_back(welcome);
    if (!options_.visit) return join(out);
    state_ = State::visiting;
    answer_by_ = kNever;
}

void Session::on_joined(const proto::Joined& joined, Time now, Output& out) {
    const bool is_new = !joined.resumed();
    const bool is_first = !id_;  // of this life of the client; an earlier one may have left us its place
    state_ = State::joined;
    id_ = {joined.session_id()};
    room_ = joined.room();
    options_.resume_token = joined.resume_token();
    resume_for_ = std::chrono::seconds(joined.resume_seconds());
    answer_by_ = rejoin_at_ = kNever;
    ping_at_ = now;
    if (is_new) held_epochs_.clear();
    if (is_new) presenter_ = 0;  // the broker tells
    out.events.push_back(joined);
    const bool is_inherited = is_first && joined.resumed();
    if (is_inherited || (is_new && !options_.streams.empty())) publish(out);
    for (const auto& [id, chat] : chats_) send_chat(chat, out);
}

// The audio stream, which everybody has, and those of this client; not what an earlier life published.
void Session::publish(Output& out) {
    proto::ClientMessage message;
    auto& streams = *message.mutable_publish()->mutable_streams();
    if (const auto* us = self()) {
        for (const auto& stream : us->streams()) {
            if (stream.kind() == proto::AUDIO) *streams.Add() = stream;
        }
    }
    for (const auto& stream : options_.streams) *streams.Add() = stream;
    send(message, "publish", out);
}

void Session::note_chat(const proto::ChatMessage& chat) {
    last_message_ = std::max(last_message_, chat.message_id());
    const MessageId id{chat.message_id()};
    if (!id_ || chat.from_session_id() != id_.value) return;
    if (!own_messages_.empty() && id <= own_messages_.back()) return;
    own_messages_.push_back(id);
    if (own_messages_.size() > kOwnMessages) own_messages_.erase(own_messages_.begin());
}

void Session::on_error(std::uint64_t request, const proto::Error& error, Time now, Output& out) {
    const auto what = requests_.contains(request) ? requests_[request] : std::string();
    if (what == "join" && state_ == State::joined) return;     // asked twice, and the first was answered late
    if (what == "join" && error.code() == proto::BAD_TOKEN) {  // our place is gone: come back as new
        options_.resume_token.clear();
        return join(out);
    }
    if (what == "join" && error.code() == proto::UNAVAILABLE) {  // until answer_by_
        rejoin_at_ = now + kRejoinGap;
        return;
    }
    if (what == "hello" || what == "join") {
        return finish({.why = Ended::Why::refused, .error = error, .text = error.text()}, out);
    }
    if (const auto chat = chat_of_.find(request); chat != chat_of_.end()) {
        const bool later = error.code() == proto::RATE_LIMITED || error.code() == proto::UNAVAILABLE;
        if (later) {
            retry_chats_[chat->second] =
                now + std::chrono::milliseconds(std::max(error.retry_after_ms(), 50U));
            return;
        }
        chats_.erase(chat->second);
    }
    out.events.push_back(RequestFailed{.what = what, .error = error});
}

// ---- the room

void Session::put(const proto::Participant& participant) {
    for (auto& present : *room_.mutable_participants()) {
        if (present.session_id() == participant.session_id()) {
            present = participant;
            return;
        }
    }
    *room_.add_participants() = participant;
}

const proto::Participant* Session::participant(SessionId id) const {
    for (const auto& participant : room_.participants()) {
        if (participant.session_id() == id.value) return &participant;
    }
    return nullptr;
}

const proto::Participant* Session::participant_by_name(std::string_view name) const {
    for (const auto& participant : room_.participants()) {
        if (participant.name() == name) return &participant;
    }
    return nullptr;
}

}  // namespace connectsphere::client
