#include "lib/client/plane_link.hpp"

#include <algorithm>
#include <utility>

#include "lib/net/clock.hpp"
#include "lib/net/tcp.hpp"

namespace connectsphere::client {

namespace {

constexpr std::size_t kMaxFrame = 1 << 20;   // as the server sends it: tiles, a chunk, a page of a list
constexpr std::size_t kSendLimit = 2 << 20;  // bytes that wait to be sent
constexpr std::chrono::seconds kIdleProbe{5}, kUnacknowledged{10};

}  // namespace

bool means_later(const proto::Error& error) {
    return error.code() == proto::UNAVAILABLE || error.code() == proto::RATE_LIMITED;
}

PlaneLink::PlaneLink(net::Loop& loop, proto::Plane plane, Options options, Handlers handlers)
    : loop_(loop),
      plane_(plane),
      options_(std::move(options)),
      handlers_(std::move(handlers)),
      parser_(kMaxFrame),
      hang_up_(loop.deferred([this] { lose(); })),
      batch_(loop.deferred([this] {
          if (is_entered_ && !is_broken_) handlers_.on_batch();
      })),
      retry_(loop.timer([this] { want_connection(); })) {}

void PlaneLink::open() {
    if (std::exchange(is_open_, true)) return;
    want_connection();
}

void PlaneLink::close() {
    is_open_ = is_entered_ = wants_ticket_ = false;
    retry_.cancel();
    if (connection_) connection_->close();
}

void PlaneLink::want_connection() {
    if (!is_open_ || connection_) return;
    wants_ticket_ = true;
    retry_.set(net::now() + kTicketTimeout);  // the answer may never come: ask again
    handlers_.want_ticket();
}

void PlaneLink::ticket(const proto::Ticket& ticket) {
    if (!wants_ticket_ || ticket.plane() != plane_) return;
    wants_ticket_ = false;
    connect(ticket);
}

void PlaneLink::ticket_refused(const proto::Error& error) {
    if (!wants_ticket_) return;
    if (means_later(error))
        return retry_.set(net::now() +
                          std::chrono::milliseconds(std::clamp(error.retry_after_ms(), 50U, 500U)));
    close();
    handlers_.on_refused(error);
}

void PlaneLink::connect(const proto::Ticket& ticket) {
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
    const auto on_drained = [this] {
        if (is_entered_ && handlers_.on_drained) handlers_.on_drained();
    };
    connection_.emplace(
        loop_, *tls_, std::move(*fd), server,
        net::TlsConnection::Handlers{.on_open = [this] { enter(); },
                                     .on_bytes = [this](Bytes bytes) { on_bytes(bytes.size()); },
                                     .on_close = [this](const Error&) { lose(); },
                                     .on_drained = on_drained,
                                     .space = [this] { return parser_.space(); }},
        kSendLimit);
}

void PlaneLink::enter() {
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
    if (plane_ == proto::PLANE_FILES)
        message.mutable_enter_files()->set_ticket(ticket_.data(), ticket_.size());
    else
        message.mutable_enter_screen()->set_ticket(ticket_.data(), ticket_.size());
    frame_.clear();
    wire::append_frame(frame_, as_bytes(message.SerializeAsString()));
    (void)connection_->send(frame_);
}

void PlaneLink::hang_up() {
    is_broken_ = true;
    hang_up_.request();
}

void PlaneLink::lose() {
    connection_.reset();
    const bool was_entered = std::exchange(is_entered_, false);
    if (was_entered && handlers_.on_lost) handlers_.on_lost();
    if (!is_open_) return;
    back_off_ = was_entered ? kFirstRetry : std::min(2 * back_off_, kMaxRetry);
    retry_.set(net::now() + back_off_);
}

void PlaneLink::on_bytes(std::size_t count) {
    parser_.filled(count);
    while (!is_broken_ && is_open_) {
        const auto frame = parser_.next();
        if (!frame) hang_up();
        if (is_broken_ || !*frame) break;
        on_frame(**frame);
    }
    if (handlers_.on_batch) batch_.request();
}

void PlaneLink::on_frame(wire::FrameView frame) {
    if (is_entered_ && handlers_.on_arrival) handlers_.on_arrival(frame.message);
    google::protobuf::Arena arena;  // a list of files is thousands of messages
    auto& message = *google::protobuf::Arena::CreateMessage<proto::ServerMessage>(&arena);
    if (!message.ParseFromArray(frame.message.data(), static_cast<int>(frame.message.size())))
        return hang_up();
    if (message.has_screen_entered() || message.has_files_entered()) {
        is_entered_ = true;
        return handlers_.on_entered(message);
    }
    if (!is_entered_) return hang_up();  // the ticket was refused: too old, or the service has started anew
    handlers_.on_message(message, frame.data,
                         wire::kFrameHeaderSize + frame.message.size() + frame.data.size());
}

bool PlaneLink::send(const proto::ClientMessage& message, Bytes data) {
    frame_.clear();
    wire::append_frame(frame_, as_bytes(message.SerializeAsString()), data);
    return send_frame(frame_);
}

bool PlaneLink::send_frame(Bytes frame) {
    if (!is_entered_ || is_broken_) return false;
    if (connection_->send(frame)) return true;
    hang_up();
    return false;
}

}  // namespace connectsphere::client
