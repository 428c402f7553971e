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

}  // namespace connectsphere::client
