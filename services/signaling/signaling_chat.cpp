// Chat: public and private messages, kept before they are acknowledged, changed and searched.
#include <algorithm>

#include "services/signaling/signaling_engine.hpp"
#include "services/signaling/text.hpp"

namespace connectsphere::signaling {

namespace {

constexpr std::uint32_t kTrimEvery = 64;  // messages of a room
constexpr std::uint32_t kDefaultHistory = 50;

}  // namespace

void SignalingEngine::handle(const Request& request, const proto::SendChat& chat, Outbox& out) {
    auto& sender = *request.session;
    const auto repeated = std::find_if(
        sender.accepted.begin(), sender.accepted.end(),
        [&](const auto& accepted) { return accepted.client_message_id() == chat.client_message_id(); });
    if (repeated != sender.accepted.end()) {
        proto::ServerMessage reply;
        *reply.mutable_chat_accepted() = *repeated;
        return answer(request, std::move(reply), out);
    }
    if (chat.client_message_id() == 0) {
        return refuse(request, proto::BAD_REQUEST, "client_message_id must not be 0", out);
    }
    if (const auto fault = fault_in_chat(chat.text(), context_.config.limits.chat_bytes)) {
        return refuse(request, proto::BAD_REQUEST, *fault, out);
    }
    if (journal_.waiting() >= Journal::kMaxWaiting) {
        return refuse(request, proto::UNAVAILABLE, "the server's disk does not keep up; try again", out);
    }
    const auto& room = *directory_.room(sender.room);
    const auto* receiver = directory_.session({chat.to_session_id()});
    if (chat.to_session_id() != 0 && (!receiver || receiver->room != room.id)) {
        return refuse(request, proto::NOT_FOUND, "nobody of that session is in this room", out);
    }
    last_message_ = {last_message_.value + 1};
    proto::ChatMessage message;
    message.set_message_id(last_message_.value);
    message.set_from_session_id(sender.id.value);
    message.set_from_name(sender.participant.name());
    message.set_to_session_id(chat.to_session_id());
    if (receiver) message.set_to_name(receiver->participant.name());
    message.set_text(chat.text());
    message.set_sent_at(unix_ms(request.now));

    proto::ChatAccepted accepted;
    accepted.set_message_id(message.message_id());
    accepted.set_client_message_id(chat.client_message_id());
    accepted.set_sent_at(message.sent_at());
    accepted.set_receiver_away(receiver && !receiver->connection);
    sender.accepted.push_back(accepted);
    if (sender.accepted.size() > Session::kRemembered) sender.accepted.pop_front();
    keep(sender);
    send_when_kept(request, room.name, message, out);
}

// Nobody sees a message that a crash could still take back.
void SignalingEngine::send_when_kept(const Request& request, const std::string& room,
                                     const proto::ChatMessage& message, Outbox& out) {
    const auto& chat = context_.config.chat;
    if (chat.history_messages > 0) {
        journal_.write(PutMessage{.room = room, .message = message});
        if (++untrimmed_[room] >= kTrimEvery) {
            untrimmed_[room] = 0;
            const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(chat.history).count();
            journal_.write(TrimRoom{.room = room,
                                    .keep = chat.history_messages,
                                    .not_before = message.sent_at() - static_cast<std::uint64_t>(age)});
        }
    }
    journal_.then([this, request, message, room_id = request.session->room](const Result<void>& kept, Time,
                                                                            Outbox& later) {
        auto* sender = directory_.session({message.from_session_id()});
        if (!kept) {
            if (sender) {
                std::erase_if(sender->accepted,
                              [&](const auto& a) { return a.message_id() == message.message_id(); });
            }
            return refuse_unkept(request, kept.error(), later);
        }
        ++chats_;
        proto::ServerMessage event;
        *event.mutable_chat_message() = message;
        if (const auto* home = directory_.room(room_id)) deliver(readers(*home, message), event, later);
        if (!sender) return;
        const auto accepted =
            std::find_if(sender->accepted.begin(), sender->accepted.end(),
                         [&](const auto& a) { return a.message_id() == message.message_id(); });
        proto::ServerMessage reply;
        if (accepted != sender->accepted.end()) *reply.mutable_chat_accepted() = *accepted;
        answer(request, std::move(reply), later);
    });
    journal_.commit(request.now, out);
}

void SignalingEngine::refuse_unkept(const Request& request, const Error& error, Outbox& out) {
    ++unkept_;
    if (error.code == Errc::full) {
        return refuse(request, proto::STORAGE_FULL, "the server's disk is full; your message was not kept",
                      out);
    }
    refuse(request, proto::UNAVAILABLE, "the server could not keep it (" + error.what + "); try again", out);
}

// Everybody in the room for a public message, its two ends for a private one.
std::vector<SessionId> SignalingEngine::readers(const Room& room, const proto::ChatMessage& message) {
    auto members = connected_members(room);
    if (message.to_session_id() != 0) {
        std::erase_if(members, [&](SessionId id) {
            return id.value != message.to_session_id() && id.value != message.from_session_id();
        });
    }
    return members;
}

// ---- changing

void SignalingEngine::change_own_message(const Request& request, std::uint64_t message_id, Outbox& out,
                                         std::function<void(proto::ChatMessage, Time, Outbox&)> change) {
    journal_.read<proto::ChatMessage>(
        [message_id](Store& store) { return store.message(message_id); },
        [this, request, change = std::move(change), own = request.session->id](
            Result<proto::ChatMessage> message, Time now, Outbox& later) {
            if (!message || message->from_session_id() != own.value || !directory_.session(own)) {
                return refuse(request, proto::NOT_FOUND, "there is no such message of yours", later);
            }
            change(std::move(*message), now, later);
        },
        request.now, out);
}

void SignalingEngine::handle(const Request& request, const proto::EditChat& edit, Outbox& out) {
    if (const auto fault = fault_in_chat(edit.text(), context_.config.limits.chat_bytes)) {
        return refuse(request, proto::BAD_REQUEST, *fault, out);
    }
    const auto room_id = request.session->room;
    const auto change = [this, request, room_id, text = edit.text()](proto::ChatMessage message, Time now,
                                                                     Outbox& later) {
        message.set_text(text);
        message.set_edited_at(unix_ms(now));
        const auto* room = directory_.room(room_id);
        journal_.write(PutMessage{.room = room->name, .message = message});
        journal_.then([this, request, room_id, message](const Result<void>& kept, Time, Outbox& much_later) {
            if (!kept) return refuse_unkept(request, kept.error(), much_later);
            proto::ServerMessage event, reply;
            *event.mutable_chat_edited()->mutable_message() = message;
            if (const auto* home = directory_.room(room_id))
                deliver(readers(*home, message), event, much_later);
            reply.mutable_done();
            answer(request, std::move(reply), much_later);
        });
        journal_.commit(now, later);
    };
    change_own_message(request, edit.message_id(), out, change);
}

void SignalingEngine::handle(const Request& request, const proto::DeleteChat& drop, Outbox& out) {
    const auto room_id = request.session->room;
    const auto change = [this, request, room_id](const proto::ChatMessage& message, Time now, Outbox& later) {
        journal_.write(DropMessage{message.message_id()});
        journal_.then([this, request, room_id, message](const Result<void>& kept, Time, Outbox& much_later) {
            if (!kept) return refuse_unkept(request, kept.error(), much_later);
            proto::ServerMessage event, reply;
            event.mutable_chat_deleted()->set_message_id(message.message_id());
            if (const auto* home = directory_.room(room_id))
                deliver(readers(*home, message), event, much_later);
            reply.mutable_done();
            answer(request, std::move(reply), much_later);
        });
        journal_.commit(now, later);
    };
    change_own_message(request, drop.message_id(), out, change);
}

// ---- reading

void SignalingEngine::handle(const Request& request, const proto::GetHistory& get, Outbox& out) {
    const auto age =
        std::chrono::duration_cast<std::chrono::milliseconds>(context_.config.chat.history).count();
    const auto oldest = unix_ms(request.now) - static_cast<std::uint64_t>(age);
    HistoryQuery query{.room = canonical_name(get.room()),
                       .viewer = 0,
                       .since = std::max(get.since(), oldest),
                       .after_message = get.after_message_id(),
                       .search = get.search().substr(0, context_.config.limits.chat_bytes),
                       .limit = get.limit() == 0 ? kDefaultHistory : std::min(get.limit(), kMaxHistory)};
    const auto tell = [this, request](HistoryQuery asked, Time now, Outbox& later) {
        journal_.read<proto::History>(
            [asked](Store& store) { return store.history(asked); },
            [this, request](Result<proto::History> history, Time, Outbox& much_later) {
                proto::ServerMessage reply;
                *reply.mutable_history() = history.value_or(proto::History());
                answer(request, std::move(reply), much_later);
            },
            now, later);
    };
    if (request.session) {
        const auto& own = directory_.room(request.session->room)->name;
        if (!query.room.empty() && query.room != own) {
            return refuse(request, proto::FORBIDDEN, "you are in another room; ask there", out);
        }
        query.room = own;
        query.viewer = request.session->id.value;
        return tell(std::move(query), request.now, out);
    }
    if (query.room.empty()) return refuse(request, proto::BAD_REQUEST, "name the room", out);
    authorize(request, query.room, get.password(), out,
              [tell, query](Time now, Outbox& later) { tell(query, now, later); });
}

}  // namespace connectsphere::signaling
