// PlaneLink: one connection to a bulk plane, the screen's or the files'. It needs somebody who asks for
// tickets on the control plane (want_ticket) and hands them over (ticket); it connects, shows the ticket,
// cuts what comes into messages, and comes back after any break: the same server, a restarted one, a network
// that was gone.
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

class PlaneLink {
  public:
    struct Options {
        Address server;  // the port comes with the ticket
        std::function<Result<void>(const std::string& fingerprint)> verify;
    };
    // The link may not be destroyed in them. on_refused and want_ticket may be called from within open() and
    // ticket_refused(), the others only by the loop.
    struct Handlers {
        std::function<void()> want_ticket;
        std::function<void(const proto::ServerMessage&)> on_entered;  // ScreenEntered, FilesEntered
        // Before it is taken apart.
        std::function<void(Bytes message)> on_arrival = nullptr;
        // `size`: of the whole frame, as ScreenReceived counts.
        std::function<void(const proto::ServerMessage&, Bytes data, std::size_t size)> on_message;
        std::function<void()> on_lost = nullptr;              // it is made again
        std::function<void()> on_batch = nullptr;             // after the messages that came in together
        std::function<void()> on_drained = nullptr;           // the kernel has taken all that was sent
        std::function<void(const proto::Error&)> on_refused;  // no way in, for good
    };

    PlaneLink(net::Loop& loop, proto::Plane plane, Options options, Handlers handlers);

    void open();
    void close();    // after what was sent
    void hang_up();  // the server breaks the rules: this connection ends, and is made again
    bool wants_ticket() const { return wants_ticket_; }
    void ticket(const proto::Ticket& ticket);  // of whichever plane: it takes its own
    void ticket_refused(const proto::Error& error);

    bool is_entered() const { return is_entered_; }
    // Nothing is sent while it is not entered, or when the server does not read.
    bool send(const proto::ClientMessage& message, Bytes data = {});
    bool send_frame(Bytes frame);  // laid out by the caller (wire::lay_out_frame)
    // What was sent leaves before what this turn of the loop has still to do.
    void flush() {
        if (connection_) connection_->flush();
    }
    std::size_t buffered() const { return connection_ ? connection_->buffered() : 0; }

  private:
    void want_connection();
    void connect(const proto::Ticket& ticket);
    void enter();
    void lose();
    void on_bytes(std::size_t count);
    void on_frame(wire::FrameView frame);

    net::Loop& loop_;
    proto::Plane plane_;
    Options options_;
    Handlers handlers_;
    std::optional<net::TlsContext> tls_;
    std::optional<net::TlsConnection> connection_;
    wire::FrameParser parser_;
    net::Deferred hang_up_;
    net::Deferred batch_;  // on_batch
    net::Timer retry_;
    Duration back_off_ = kFirstRetry;
    bool is_open_ = false;
    bool wants_ticket_ = false;
    bool is_entered_ = false;
    bool is_broken_ = false;  // hang_up_ was asked for
    Buffer ticket_;
    Buffer frame_;  // made again and again

    // A service that was killed is back within a second, and so are we.
    static constexpr Duration kFirstRetry = 50ms, kMaxRetry = 500ms, kTicketTimeout = 1s;
};

// Whether the same request may succeed in a moment.
bool means_later(const proto::Error& error);

}  // namespace connectsphere::client
