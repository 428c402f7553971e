#include "services/common/framed_server.hpp"

#include "lib/net/clock.hpp"
#include "services/common/entropy.hpp"
#include "services/common/log.hpp"

namespace connectsphere {

namespace {

constexpr int kAcceptsPerTurn = 32;          // then the connections that are there have their turn
constexpr std::size_t kTlsAhead = 64 << 10;  // bytes of small frames given to TLS ahead of the socket
constexpr std::size_t kSpareBlocks = 64;     // of all connections; idle ones have none
constexpr Duration kGoodbye = 5s;            // to read what is queued after close()
constexpr std::chrono::seconds kIdleProbe{10}, kUnacknowledged{20};

Address ip_of(Address address) {
    address.port = 0;
    return address;
}

}  // namespace

// Connection ids differ between two lives of the process: its peers may still speak of the old ones.
FramedServer::FramedServer(net::Loop& loop, int listener, net::TlsContext identity, const Limits& limits,
                           Handlers handlers)
    : loop_(loop),
      acceptor_(listener),
      identity_(std::move(identity)),
      limits_(limits),
      handlers_(std::move(handlers)),
      next_id_(random_id() << 32 | 1),
      blocks_(kSpareBlocks),
      reaper_(loop.deferred([this] { reap(); })) {
    set_listener(listener);
}

void FramedServer::set_listener(int listener) {
    watch_.reset();
    acceptor_ = net::Acceptor(listener);
    watch_ = loop_.watch(listener, EPOLLIN, [this](std::uint32_t) { accept(); });
}

void FramedServer::accept() {
    for (int i = 0; i < kAcceptsPerTurn; ++i) {
        auto accepted = acceptor_.accept();
        if (accepted) {
            admit(std::move(*accepted));
            continue;
        }
        if (accepted.error().code == Errc::would_block) return;
        log::count("accept-failed", {{"why", accepted.error()}});
    }
}

void FramedServer::admit(net::Accepted accepted) {
    auto& strangers = strangers_[ip_of(accepted.peer)];
    if (connections_.size() >= limits_.connections || strangers >= limits_.strangers_per_address) {
        ++counters_.refused;
        log::count("connection-refused",
                   {{"peer", accepted.peer},
                    {"why", connections_.size() >= limits_.connections ? "server full" : "address full"}});
        if (strangers == 0) strangers_.erase(ip_of(accepted.peer));
        return;
    }
    ++strangers;
    ++counters_.accepted;
    net::detect_dead_peer(accepted.fd.get(), kIdleProbe, kUnacknowledged);
    auto owned = std::make_unique<Connection>(limits_.stranger_frame_bytes, blocks_);
    auto& connection = *owned;
    connection.id = ConnectionId{next_id_++};
    connection.peer = accepted.peer;
    connections_.emplace(connection.id, std::move(owned));
    connection.deadline =
        loop_.at(net::now() + limits_.handshake, [this, &connection] { on_deadline(connection); });
    connection.tls = net::TlsConnection(
        loop_, identity_, std::move(accepted.fd), accepted.peer,
        {.on_open = [this, &connection] { on_open(connection); },
         .on_bytes = [this, &connection](Bytes bytes) { on_bytes(connection, bytes.size()); },
         .on_close =
             [this, &connection](const Error& error) {
                 if (fault_class(error.code) == FaultClass::peer)
                     return cut(connection, "bad-tls", counters_.malformed, error.what);
                 cut(connection);
             },
         .on_drained = [this, &connection] { pump(connection); },
         .space = [&connection] { return connection.parser.space(); }});
}

void FramedServer::on_open(Connection& connection) {
    connection.is_open = true;
    handlers_.on_open(connection.id, connection.peer);
}

void FramedServer::on_bytes(Connection& connection, std::size_t count) {
    counters_.bytes_in += count;
    if (connection.is_dead || connection.is_closing) return;
    connection.parser.filled(count);
    while (!connection.is_dead && !connection.is_closing && give_frame(connection)) {
    }
}

bool FramedServer::give_frame(Connection& connection) {
    const auto frame = connection.parser.next();
    if (!frame) {
        cut(connection, "bad-frame", counters_.malformed, frame.error().what);
        return false;
    }
    if (!*frame) return false;
    connection.deadline.cancel();
    ++counters_.frames_in;
    handlers_.on_frame(connection.id, **frame);
    return true;
}

void FramedServer::on_deadline(Connection& connection) {
    if (connection.is_closing) return cut(connection);  // it did not take the goodbye
    cut(connection, "no-first-frame", counters_.timed_out,
        connection.is_open ? "TLS is up, no frame came" : "no TLS handshake");
}

void FramedServer::send(ConnectionId to, const std::shared_ptr<const Buffer>& frame) {
    auto* connection = find(to);
    if (!connection || connection->is_closing || frame->empty()) return;
    if (connection->waiting + connection->tls.buffered() + frame->size() > limits_.output_bytes)
        return cut(*connection, "slow-client", counters_.too_slow, "its output buffer is full");
    ++counters_.frames_out;
    counters_.bytes_out += frame->size();
    connection->output.push_back(frame);
    connection->waiting += frame->size();
    pump(*connection);
}

// TLS gets what it need not copy, and a few small frames; the rest stays shared.
void FramedServer::pump(Connection& connection) {
    if (connection.is_dead) return;
    while (!connection.output.empty() && connection.tls.buffered() < kTlsAhead) {
        const Bytes frame(*connection.output.front());
        const auto taken = connection.tls.offer(frame.subspan(connection.front_sent));
        if (!taken) return;  // broken: on_close is on its way
        connection.waiting -= *taken;
        connection.front_sent += *taken;
        if (connection.front_sent < frame.size()) return;  // on_drained goes on
        connection.output.pop_front();
        connection.front_sent = 0;
    }
    if (connection.is_closing && connection.output.empty()) connection.tls.close();
}

void FramedServer::close(ConnectionId id) {
    auto* connection = find(id);
    if (!connection || connection->is_closing) return;
    connection->is_closing = true;
    connection->deadline.set(net::now() + kGoodbye);
    pump(*connection);
}

void FramedServer::drop(ConnectionId id) {
    if (auto* connection = find(id)) cut(*connection);
}

void FramedServer::trust(ConnectionId id) {
    auto* connection = find(id);
    if (!connection || connection->is_trusted) return;
    forget_stranger(*connection);
    connection->is_trusted = true;
    connection->parser.set_limit(limits_.frame_bytes);
}

void FramedServer::cut(Connection& connection, std::string_view fault, std::uint64_t& counter,
                       std::string_view why) {
    if (connection.is_dead) return;
    ++counter;
    log::count(fault, {{"peer", connection.peer}, {"why", why}});
    cut(connection);
}

// Its frames may be on the stack: the reaper takes it at the end of the loop's turn.
void FramedServer::cut(Connection& connection) {
    if (connection.is_dead) return;
    connection.is_dead = true;
    connection.deadline.reset();
    connection.tls.reset();
    connection.output.clear();
    dead_.push_back(connection.id);
    reaper_.request();
}

void FramedServer::reap() {
    std::vector<ConnectionId> dead;
    dead.swap(dead_);
    for (const auto id : dead) {
        const auto place = connections_.find(id);
        const auto connection = std::move(place->second);
        connections_.erase(place);
        if (!connection->is_trusted) forget_stranger(*connection);
        if (connection->is_open) handlers_.on_close(id);
    }
}

void FramedServer::forget_stranger(const Connection& connection) {
    const auto strangers = strangers_.find(ip_of(connection.peer));
    if (--strangers->second == 0) strangers_.erase(strangers);
}

FramedServer::Connection* FramedServer::find(ConnectionId id) {
    const auto place = connections_.find(id);
    return place == connections_.end() || place->second->is_dead ? nullptr : place->second.get();
}

}  // namespace connectsphere
