#include "lib/client/session.hpp"

#include <algorithm>

namespace connectsphere::client {

namespace {

constexpr std::uint32_t kProtocolVersion = 1;

std::uint64_t nanoseconds(Time time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); }

}  // namespace

Session::Session(Options options)
    : options_(std::move(options)), last_client_message_(options_.first_client_message_id) {}

// ---- the connection

void Session::connected(Time now, Output& out) {
    state_ = State::greeting;
    reconnect_at_ = kNever;
    heard_at_ = now;
    answer_by_ = now + kAnswerTimeout;
    proto::ClientMessage message;
    message.mutable_hello()->set_protocol_version(kProtocolVersion);
    message.mutable_hello()->set_software(options_.software);
    send(message, "hello", out);
}

void Session::join(Output& out) {
    state_ = State::joining;
    proto::ClientMessage message;
    auto& join = *message.mutable_join();
    join.set_room(options_.room);
    join.set_name(options_.name);
    join.set_password(options_.password);
    join.set_srtp_profile(options_.srtp_profile);
    join.set_resume_token(options_.resume_token);
    join.set_last_message_id(last_message_);
    if (options_.history) join.set_history(*options_.history);
    if (!options_.resume_token.empty()) {
        for (const auto& [plane, epoch] : held_epochs_) {
            auto& held = *join.add_held_epochs();
            held.set_plane(plane);
            held.set_epoch(epoch);
        }
    }
    send(message, "join", out);
}

void Session::disconnected(const Error& error, Time now, Output& out) {
    if (state_ == State::over) return;
    if (leaving_) return finish({.why = Ended::Why::left, .error = {}, .text = {}}, out);
    const bool was_in_room = static_cast<bool>(id_);
    requests_.clear();
    chat_of_.clear();
    retry_chats_.clear();
    ping_at_ = answer_by_ = rejoin_at_ = kNever;
    if (!was_in_room) return finish({.why = Ended::Why::unreachable, .error = {}, .text = error.what}, out);
    if (state_ == State::joined) {
        give_up_at_ = now + resume_for_;
        retry_ = kFirstRetry;
    }
    state_ = State::waiting;
    if (now >= give_up_at_)
        return finish({.why = Ended::Why::unreachable, .error = {}, .text = error.what}, out);
    reconnect_at_ = now + retry_;
    retry_ = std::min(2 * retry_, kMaxRetry);
    out.events.push_back(Disconnected{.error = error, .retry_at = reconnect_at_});
}

void Session::distrust(const Error& error, Output& out) {
    finish({.why = Ended::Why::distrusted, .error = {}, .text = error.what}, out);
}

void Session::on_time(Time now, Output& out) {
    for (auto it = retry_chats_.begin(); it != retry_chats_.end();) {
        const auto chat = chats_.find(it->first);
        if (it->second > now) {
            ++it;
            continue;
        }
        it = retry_chats_.erase(it);
        if (chat != chats_.end() && state_ == State::joined) send_chat(chat->second, out);
    }
    const bool silent = state_ == State::joined && now - heard_at_ > 3 * keepalive_;
    if (now >= answer_by_ || silent) {
        answer_by_ = kNever;
        heard_at_ = now;
        out.disconnect = true;
        return;
    }
    if (now >= rejoin_at_) {
        rejoin_at_ = kNever;
        join(out);
    }
    if (now >= ping_at_) {
        ping_at_ = now + keepalive_;
        proto::ClientMessage message;
        message.mutable_ping()->set_client_time(nanoseconds(now));
        send(message, "ping", out);
    }
}

Time Session::deadline() const {
    Time earliest = std::min({ping_at_, answer_by_, rejoin_at_});
    for (const auto& [id, at] : retry_chats_) earliest = std::min(earliest, at);
    if (state_ == State::joined) earliest = std::min(earliest, heard_at_ + 3 * keepalive_ + 1ms);
    return earliest;
}

std::uint64_t Session::send(proto::ClientMessage& message, const char* what, Output& out) {
    message.set_request_id(++last_request_);
    requests_.emplace(last_request_, what);
    wire::append_frame(out.bytes, as_bytes(message.SerializeAsString()));
    return last_request_;
}

void Session::finish(Ended ended, Output& out) {
    state_ = State::over;
    ping_at_ = answer_by_ = rejoin_at_ = reconnect_at_ = kNever;
    out.events.push_back(std::move(ended));
    out.disconnect = true;
}

// ---- what comes in

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
                Duration(static_cast<Duration::rep>(nanoseconds(now) - message.pong().client_time()));
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

// ---- what a participant does

void Session::chat(std::string text, SessionId to, Output& out) {
    const auto id = ++last_client_message_;
    auto& chat = chats_[id];
    chat.set_text(std::move(text));
    chat.set_to_session_id(to.value);
    chat.set_client_message_id(id);
    if (state_ == State::joined) send_chat(chat, out);  // else when it is
}

void Session::send_chat(const proto::SendChat& chat, Output& out) {
    proto::ClientMessage message;
    *message.mutable_send_chat() = chat;
    chat_of_[send(message, "chat", out)] = chat.client_message_id();
}

void Session::react(std::string emoji, Output& out) {
    proto::ClientMessage message;
    message.mutable_react()->set_emoji(std::move(emoji));
    send(message, "reaction", out);
}

void Session::raise_hand(bool raised, Output& out) {
    proto::ClientMessage message;
    message.mutable_raise_hand()->set_raised(raised);
    send(message, "hand", out);
}

void Session::set_media_state(bool microphone_muted, bool camera_off, Output& out) {
    proto::ClientMessage message;
    message.mutable_set_media_state()->set_microphone_muted(microphone_muted);
    message.mutable_set_media_state()->set_camera_off(camera_off);
    send(message, "mute", out);
}

void Session::lower_hand(SessionId whose, Output& out) {
    proto::ClientMessage message;
    message.mutable_raise_hand()->set_session_id(whose.value);
    send(message, "hand", out);
}

void Session::mute(SessionId whom, bool microphone, bool camera, Output& out) {
    proto::ClientMessage message;
    message.mutable_mute()->set_session_id(whom.value);
    message.mutable_mute()->set_microphone(microphone);
    message.mutable_mute()->set_camera(camera);
    send(message, "mute", out);
}

void Session::remove(SessionId whom, std::string reason, Output& out) {
    proto::ClientMessage message;
    message.mutable_remove()->set_session_id(whom.value);
    message.mutable_remove()->set_reason(std::move(reason));
    send(message, "remove", out);
}

void Session::set_role(SessionId whose, proto::Role role, Output& out) {
    proto::ClientMessage message;
    message.mutable_set_role()->set_session_id(whose.value);
    message.mutable_set_role()->set_role(role);
    send(message, "role", out);
}

void Session::edit_chat(MessageId message_id, std::string text, Output& out) {
    proto::ClientMessage message;
    message.mutable_edit_chat()->set_message_id(message_id.value);
    message.mutable_edit_chat()->set_text(std::move(text));
    send(message, "edit", out);
}

void Session::delete_chat(MessageId message_id, Output& out) {
    proto::ClientMessage message;
    message.mutable_delete_chat()->set_message_id(message_id.value);
    send(message, "delete", out);
}

void Session::get_history(proto::GetHistory query, Output& out) {
    proto::ClientMessage message;
    *message.mutable_get_history() = std::move(query);
    send(message, "history", out);
}

void Session::list_rooms(std::string password, Output& out) {
    proto::ClientMessage message;
    message.mutable_list_rooms()->set_password(std::move(password));
    send(message, "rooms", out);
}

void Session::set_room_password(std::string password, Output& out) {
    proto::ClientMessage message;
    message.mutable_set_room_password()->set_password(std::move(password));
    send(message, "password", out);
}

void Session::get_room(Output& out) {
    proto::ClientMessage message;
    message.mutable_get_room()->set_room(options_.room);
    message.mutable_get_room()->set_password(options_.password);
    send(message, "who", out);
}

void Session::subscribe(const proto::Subscribe& wishes, Output& out) {
    proto::ClientMessage message;
    *message.mutable_subscribe() = wishes;
    send(message, "subscribe", out);
}

void Session::receive_audio_at(std::uint16_t port, Output& out) {
    proto::ClientMessage message;
    message.mutable_receive_audio_at()->set_port(port);
    send(message, "receive-at", out);
}

void Session::receive_video_at(std::uint16_t port, Output& out) {
    proto::ClientMessage message;
    message.mutable_receive_video_at()->set_port(port);
    send(message, "receive-at", out);
}

void Session::open_files(Output& out) {
    proto::ClientMessage message;
    message.mutable_open_files();
    send(message, "files", out);
}

void Session::open_screen(Output& out) {
    proto::ClientMessage message;
    message.mutable_open_screen();
    send(message, "screen", out);
}

void Session::leave(Output& out) {
    if (state_ != State::joined) return finish({.why = Ended::Why::left, .error = {}, .text = {}}, out);
    proto::ClientMessage message;
    message.mutable_leave();
    leaving_ = true;
    send(message, "leave", out);
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
