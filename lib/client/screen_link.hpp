// ScreenLink: one connection to the screen plane. It needs somebody who asks for tickets on the control plane
// (want_ticket) and hands them over (ticket); it connects, shows the ticket, cuts what comes into messages,
// and comes back after any break: the same server, a restarted one, a network that was gone.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "lib/base/address.hpp"
#include "lib/net/loop.hpp"
#include "lib/net/tls.hpp"
#include "lib/wire/frame.hpp"
#include "proto/client.pb.h"

namespace connectsphere::client {

class ScreenLink {
  public:
    struct Options {
        Address server;  // the port comes with the ticket
        std::function<Result<void>(const std::string& fingerprint)> verify;
    };
    // None is called from within a function of the link. The link may not be destroyed in them.
    struct Handlers {
        std::function<void()> want_ticket;
        std::function<void(const proto::ScreenEntered&)> on_entered;
        // `size`: of the whole frame, as ScreenReceived counts.
        std::function<void(const proto::ServerMessage&, Bytes data, std::size_t size)> on_message;
        std::function<void()> on_lost = nullptr;              // it is made again
        std::function<void()> on_batch = nullptr;             // after the messages that came in together
        std::function<void(const proto::Error&)> on_refused;  // no way in, for good
    };

    ScreenLink(net::Loop& loop, Options options, Handlers handlers);

    void open();
    void close();  // after what was sent
    bool wants_ticket() const { return wants_ticket_; }
    void ticket(const proto::Ticket& ticket);
    void ticket_refused(const proto::Error& error);

    bool is_entered() const { return is_entered_; }
    // Nothing is sent while it is not entered, or when the server does not read.
    bool send(const proto::ClientMessage& message, Bytes data = {});
    std::size_t buffered() const { return connection_ ? connection_->buffered() : 0; }

  private:
    void want_connection();
    void connect(const proto::Ticket& ticket);
    void lose();
    void on_bytes(Bytes bytes);
    void on_frame(wire::FrameView frame);
    void hang_up();

    net::Loop& loop_;
    Options options_;
    Handlers handlers_;
    std::optional<net::TlsContext> tls_;
    std::optional<net::TlsConnection> connection_;
    wire::FrameParser parser_;
    net::Deferred hang_up_;
    net::Timer retry_;
    Duration back_off_ = kFirstRetry;
    bool is_open_ = false;
    bool wants_ticket_ = false;
    bool is_entered_ = false;
    bool is_broken_ = false;  // hang_up_ was asked for
    Buffer ticket_;
    Buffer frame_;  // made again and again

    // A broker that was killed is back within a second, and so are we.
    static constexpr Duration kFirstRetry = 50ms, kMaxRetry = 500ms, kTicketTimeout = 1s;
};

}  // namespace connectsphere::client
