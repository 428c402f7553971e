// A file plane for one client at a time: TLS and frames on loopback, and a test that says what it answers.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/net/socket.hpp"
#include "lib/net/tcp.hpp"
#include "lib/net/tls.hpp"
#include "lib/wire/frame.hpp"
#include "proto/client.pb.h"

namespace connectsphere::client {

class Plane {
  public:
    using OnRequest = std::function<void(const proto::ClientMessage&, Bytes data)>;

    Plane(net::Loop& loop, OnRequest on_request) : loop_(loop), on_request_(std::move(on_request)) {
        watch_ = loop.watch(listener_.get(), EPOLLIN, [this](auto) { accept(); });
    }

    proto::Ticket ticket() const {
        proto::Ticket ticket;
        ticket.set_plane(proto::PLANE_FILES);
        ticket.set_port(net::local_address(listener_.get())->port);
        ticket.set_ticket("ticket");
        return ticket;
    }
    void send(const proto::ServerMessage& message, Bytes data = {}) {
        Buffer frame;
        wire::append_frame(frame, as_bytes(message.SerializeAsString()), data);
        (void)connection_->send(frame);
    }
    void refuse(std::uint64_t request, proto::ErrorCode code, unsigned retry_after_ms = 0) {
        proto::ServerMessage message;
        message.set_request_id(request);
        message.mutable_error()->set_code(code);
        message.mutable_error()->set_text("no");
        message.mutable_error()->set_retry_after_ms(retry_after_ms);
        send(message);
    }
    void hang_up() { connection_.reset(); }

    int connections = 0;
    proto::FilesEntered limits = [] {
        proto::FilesEntered entered;
        entered.set_chunk_bytes(128 << 10);
        entered.set_window_bytes(512 << 10);
        return entered;
    }();

  private:
    void accept() {
        auto accepted = acceptor_.accept();
        if (!accepted) return;
        ++connections;
        parser_ = wire::FrameParser(1 << 20);
        connection_.emplace(loop_, context_, std::move(accepted->fd), accepted->peer,
                            net::TlsConnection::Handlers{.on_open = [] {},
                                                         .on_bytes = [this](Bytes bytes) { on_bytes(bytes); },
                                                         .on_close = [this](const Error&) { hang_up(); }},
                            4 << 20);
    }
    void on_bytes(Bytes bytes) {
        (void)parser_.append(bytes).has_value();
        while (connection_) {
            const auto frame = parser_.next();
            if (!frame || !*frame) return;
            proto::ClientMessage message;
            message.ParseFromArray((*frame)->message.data(), static_cast<int>((*frame)->message.size()));
            if (!message.has_enter_files()) {
                on_request_(message, (*frame)->data);
                continue;
            }
            proto::ServerMessage entered;
            entered.set_request_id(message.request_id());
            *entered.mutable_files_entered() = limits;
            send(entered);
        }
    }

    net::Loop& loop_;
    OnRequest on_request_;
    net::Fd listener_ = *net::listen_tcp(*parse_address("127.0.0.1", 0));
    net::Acceptor acceptor_{listener_.get()};
    net::TlsContext context_ =
        *net::TlsContext::server(*net::make_self_signed({.names = {"localhost"}, .addresses = {}}));
    net::Watch watch_;
    wire::FrameParser parser_{1 << 20};
    std::optional<net::TlsConnection> connection_;
};

}  // namespace connectsphere::client
