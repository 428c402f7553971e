#include "lib/client/screen_link.hpp"

#include <algorithm>
#include <utility>

#include "lib/net/clock.hpp"
#include "lib/net/tcp.hpp"

namespace connectsphere::client {

namespace {

constexpr std::size_t kMaxFrame = 256 << 10;  // as the server sends it
constexpr std::size_t kSendLimit = 2 << 20;   // bytes that wait to be sent
constexpr std::chrono::seconds kIdleProbe{5}, kUnacknowledged{10};

bool means_later(proto::ErrorCode code) { return code == proto::UNAVAILABLE || code == proto::RATE_LIMITED; }

}  // namespace

ScreenLink::ScreenLink(net::Loop& loop, Options options, Handlers handlers)
    : loop_(loop),
      options_(std::move(options)),
      handlers_(std::move(handlers)),
      parser_(kMaxFrame),
      hang_up_(loop.deferred([this] { lose(); })),
      retry_(loop.timer([this] { want_connection(); })) {}

void ScreenLink::open() {
    if (std::exchange(is_open_, true)) return;
    want_connection();
}

void ScreenLink::close() {
    is_open_ = is_entered_ = wants_ticket_ = false;
    retry_.cancel();
    if (connection_) connection_->close();
}

void ScreenLink::want_connection() {
    if (!is_open_ || connection_) return;
    wants_ticket_ = true;
    retry_.set(net::now() + kTicketTimeout);  // the answer may never come: ask again
    handlers_.want_ticket();
}

void ScreenLink::ticket(const proto::Ticket& ticket) {
    if (!wants_ticket_) return;
    wants_ticket_ = false;
    connect(ticket);
}

void ScreenLink::ticket_refused(const proto::Error& error) {
    if (!wants_ticket_) return;
    if (means_later(error.code()))
        return retry_.set(net::now() +
                          std::chrono::milliseconds(std::clamp(error.retry_after_ms(), 50U, 500U)));
    close();
    handlers_.on_refused(error);
}

void ScreenLink::connect(const proto::Ticket& ticket) {
    if (!tls_) {
        auto context = net::TlsContext::client();
        if (!context) return lose();
        tls_ = std::move(*context);
    }
    auto server = options_.server;
    server.port = static_cast<std::uint16_t>(ticket.port());
    ticket_.assign(ticket.ticket().begin(), ticket.ticket().end());
    auto fd = net::connect_tcp(server);
    if (!fd) return lose();
    net::detect_dead_peer(fd->get(), kIdleProbe, kUnacknowledged);
    retry_.cancel();
    parser_ = wire::FrameParser(kMaxFrame);
    is_broken_ = false;
    const auto on_open = [this] {
        if (const auto trusted = options_.verify(connection_->peer_fingerprint()); !trusted) {
            proto::Error error;
            error.set_code(proto::FORBIDDEN);
            error.set_text(trusted.error().what);
            is_open_ = false;
            hang_up();
            return handlers_.on_refused(error);
        }
        proto::ClientMessage message;
        message.set_request_id(1);
        message.mutable_enter_screen()->set_ticket(ticket_.data(), ticket_.size());
        frame_.clear();
        wire::append_frame(frame_, as_bytes(message.SerializeAsString()));
        (void)connection_->send(frame_);
    };
    connection_.emplace(loop_, *tls_, std::move(*fd), server,
                        net::TlsConnection::Handlers{.on_open = on_open,
                                                     .on_bytes = [this](Bytes bytes) { on_bytes(bytes); },
                                                     .on_close = [this](const Error&) { lose(); }},
                        kSendLimit);
}

void ScreenLink::hang_up() {
    is_broken_ = true;
    hang_up_.request();
}

void ScreenLink::lose() {
    connection_.reset();
    const bool was_entered = std::exchange(is_entered_, false);
    if (was_entered && handlers_.on_lost) handlers_.on_lost();
    if (!is_open_) return;
    back_off_ = was_entered ? kFirstRetry : std::min(2 * back_off_, kMaxRetry);
    retry_.set(net::now() + back_off_);
}

void ScreenLink::on_bytes(Bytes bytes) {
    const auto fits = parser_.append(bytes);
    while (!is_broken_ && is_open_) {
        const auto frame = parser_.next();
        if (!fits || !frame) hang_up();
        if (is_broken_ || !*frame) break;
        on_frame(**frame);
    }
    if (is_entered_ && !is_broken_ && handlers_.on_batch) handlers_.on_batch();
}

void ScreenLink::on_frame(wire::FrameView frame) {
    proto::ServerMessage message;
    if (!message.ParseFromArray(frame.message.data(), static_cast<int>(frame.message.size())))
        return hang_up();
    if (message.has_screen_entered()) {
        is_entered_ = true;
        return handlers_.on_entered(message.screen_entered());
    }
    if (!is_entered_) return hang_up();  // the ticket was refused: too old, or the service has started anew
    handlers_.on_message(message, frame.data,
                         wire::kFrameHeaderSize + frame.message.size() + frame.data.size());
}

bool ScreenLink::send(const proto::ClientMessage& message, Bytes data) {
    if (!is_entered_ || is_broken_) return false;
    frame_.clear();
    wire::append_frame(frame_, as_bytes(message.SerializeAsString()), data);
    if (connection_->send(frame_)) return true;
    hang_up();
    return false;
}

}  // namespace connectsphere::client
