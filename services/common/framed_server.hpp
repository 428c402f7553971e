// The TCP side of a plane: TLS connections that carry frames (lib/wire/frame). It accepts on a borrowed
// listener, numbers the connections and guards them, so that an engine sees only whole frames:
//
// - a connection must finish its handshake and send a first frame in time, or it is cut;
// - a stranger (not trusted yet) is one of few of its address, and may send small frames only;
// - what waits for a slow reader is bounded, and beyond that the reader is cut: nobody else waits for it;
// - bytes that are no frame end their connection, and are counted.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/base/id.hpp"
#include "lib/net/tcp.hpp"
#include "lib/net/tls.hpp"
#include "lib/wire/frame.hpp"

namespace connectsphere {

class FramedServer {
  public:
    // None of these is called from within send(), close() or trust().
    struct Handlers {
        std::function<void(ConnectionId, const Address&)> on_open;    // TLS is up
        std::function<void(ConnectionId, wire::FrameView)> on_frame;  // the view lives during the call
        std::function<void(ConnectionId)> on_close;                   // once for each on_open
    };

    struct Limits {
        std::size_t connections = 2000;
        std::size_t strangers_per_address = 64;
        Duration handshake = 10s;            // until TLS is up and the first frame is here
        std::size_t output_bytes = 1 << 20;  // waiting for one connection
        std::size_t frame_bytes = 16 << 10;  // of a trusted connection
        std::size_t stranger_frame_bytes = 16 << 10;
    };

    struct Counters {
        std::uint64_t accepted = 0;
        std::uint64_t refused = 0;    // too many connections, or too many strangers of one address
        std::uint64_t timed_out = 0;  // no first frame in time
        std::uint64_t malformed = 0;  // bytes that are no TLS or no frame
        std::uint64_t too_slow = 0;   // more waited for them than the limit
        std::uint64_t frames_in = 0;
        std::uint64_t frames_out = 0;
        std::uint64_t bytes_in = 0;
        std::uint64_t bytes_out = 0;
    };

    FramedServer(net::Loop& loop, int listener, net::TlsContext identity, const Limits& limits,
                 Handlers handlers);

    void set_listener(int listener);  // the connections that there are stay
    void set_identity(net::TlsContext identity) { identity_ = std::move(identity); }  // of new connections

    // Queues a frame; the bytes are shared with other connections until they are sent. A connection that is
    // gone swallows it.
    void send(ConnectionId to, const std::shared_ptr<const Buffer>& frame);
    void close(ConnectionId id);  // after what is queued
    void drop(ConnectionId id);   // at once
    void trust(ConnectionId id);  // it has shown who it is

    std::size_t size() const { return connections_.size(); }
    const Counters& counters() const { return counters_; }

  private:
    struct Connection {
        Connection(std::size_t frame_limit, BufferPool& pool) : parser(frame_limit, &pool) {}

        ConnectionId id;
        Address peer;
        wire::FrameParser parser;
        std::deque<std::shared_ptr<const Buffer>> output;  // shared until the last connection has sent it
        std::size_t front_sent = 0;                        // bytes of the first one that TLS has taken
        std::size_t waiting = 0;                           // bytes of `output` that TLS has not taken
        bool is_open = false;                              // on_open was called
        bool is_trusted = false;
        bool is_closing = false;  // after what is queued
        bool is_dead = false;     // waits for the reaper
        net::TlsConnection tls;
        net::Timer deadline;
    };

    void accept();
    void admit(net::Accepted accepted);
    void on_open(Connection& connection);
    void on_bytes(Connection& connection, std::size_t count);
    bool give_frame(Connection& connection);
    void on_deadline(Connection& connection);
    void pump(Connection& connection);
    void cut(Connection& connection);
    void cut(Connection& connection, std::string_view fault, std::uint64_t& counter, std::string_view why);
    void reap();
    void forget_stranger(const Connection& connection);
    Connection* find(ConnectionId id);

    net::Loop& loop_;
    net::Acceptor acceptor_;
    net::TlsContext identity_;
    Limits limits_;
    Handlers handlers_;
    Counters counters_;
    std::uint64_t next_id_;
    BufferPool blocks_;  // that frames are received in
    std::unordered_map<ConnectionId, std::unique_ptr<Connection>> connections_;
    std::unordered_map<Address, std::size_t> strangers_;  // by IP: connections that are not trusted
    std::vector<ConnectionId> dead_;
    net::Deferred reaper_;
    net::Watch watch_;
};

}  // namespace connectsphere
