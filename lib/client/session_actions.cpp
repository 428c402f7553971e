// Session: what a participant does, each a request whose answer comes as an event.
#include "lib/client/session.hpp"

namespace connectsphere::client {

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

}  // namespace connectsphere::client
