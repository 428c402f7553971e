// A participant of a load. Member joins over TLS and keeps its session alive as a client does; MediaEnd is
// its end of a UDP plane, with a port of its own, and reports once a second. Neither decodes anything: the
// load must be cheap beside the server that it measures.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/client/media_link.hpp"
#include "lib/client/session.hpp"
#include "lib/net/loop.hpp"
#include "lib/net/tls.hpp"
#include "lib/net/udp.hpp"

namespace connectsphere::bench {

class MediaEnd {
  public:
    MediaEnd(net::Loop& loop, DatagramBatch& batch);  // the batch is shared by all ends, empty between turns

    void install(const proto::MediaKeys& keys, const Address& server, Ssrc own);
    bool is_ready() const { return link_.is_ready(); }
    Ssrc ssrc() const { return own_; }
    client::MediaLink& link() { return link_; }
    const Address& address() const { return address_; }  // on loopback

    void flush();  // sends what the link put into the batch
    std::span<Datagram> receive();

    // Takes what came as soon as it comes. Without, it waits in the socket until receive().
    void watch(std::function<void(std::span<Datagram>)> on_datagrams);

  private:
    net::Loop& loop_;
    DatagramBatch& batch_;
    client::MediaLink link_;
    net::UdpSocket socket_;
    Address address_;
    Ssrc own_;
    net::Watch watch_;
    net::Timer report_;
};

class Member {
  public:
    struct Options {
        Address server;
        std::string room = "bench";
        std::string name = "member";
        std::optional<proto::Plane> plane{};  // which media it takes part in; none: control only
        std::vector<proto::Stream> streams{};
        bool returns =
            false;  // when its connection breaks it comes back, as clients do; else the load gives up
    };
    Member(net::Loop& loop, const net::TlsContext& tls, DatagramBatch& batch, Options options);

    // In the room, with the keys of its plane, and everything published.
    bool is_ready() const;
    MediaEnd& media() { return *media_; }
    Ssrc video_ssrc() const { return video_ssrc_; }  // of its first published stream

    template <class Action>
    void act(Action action) {
        client::Session::Output out;
        action(session_, out);
        carry_out(out);
    }
    std::function<void(const client::Event&)> on_event;

  private:
    void connect(net::Loop& loop, const net::TlsContext& tls);
    void on_bytes(Bytes bytes);
    void on_break(const Error& error);
    void carry_out(client::Session::Output& out);
    void on_own_event(const client::Event& event);

    Options options_;
    client::Session session_;
    wire::FrameParser parser_;
    net::Timer session_timer_;
    net::Timer reconnect_timer_;
    net::TlsConnection connection_;
    std::unique_ptr<MediaEnd> media_;
    Ssrc video_ssrc_;
};

// "member 0", "member 1" … of one room, alike but for the number after their name.
std::vector<Member::Options> alike(const Member::Options& each, std::size_t count);

// Everybody joins one room, kAtOnce at a time; returns when all are ready.
constexpr std::size_t kAtOnce = 32;  // a server takes 64 connections of one address that have not joined
std::vector<std::unique_ptr<Member>> join_all(net::Loop& loop, const net::TlsContext& tls,
                                              DatagramBatch& batch,
                                              const std::vector<Member::Options>& options);

}  // namespace connectsphere::bench
