#include "services/common/framed_server.hpp"

#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "lib/net/socket.hpp"
#include "tests/unit/service/support.hpp"

using namespace connectsphere;
using test::run_for;
using test::run_until;

namespace {

const net::CertificateAndKey& identity() {
    static const auto made =
        net::make_self_signed({.names = {"test"}, .addresses = {}, .validity = {}}).value();
    return made;
}

std::shared_ptr<const Buffer> frame_of(std::string_view text) {
    auto frame = std::make_shared<Buffer>();
    wire::append_frame(*frame, as_bytes(text));
    return frame;
}

// A server on a free port of the loopback interface that writes down what its handlers hear.
struct Server {
    explicit Server(FramedServer::Limits limits = {})
        : listener(net::listen_tcp(*parse_address("127.0.0.1", 0)).value()),
          address(*net::local_address(listener.get())),
          server(loop, listener.get(), net::TlsContext::server(identity()).value(), limits,
                 {.on_open = [this](ConnectionId id, const Address&) { opened.push_back(id); },
                  .on_frame =
                      [this](ConnectionId id, wire::FrameView frame) {
                          frames.emplace_back(as_text(frame.message));
                          if (on_frame) on_frame(id);
                      },
                  .on_close = [this](ConnectionId id) { closed.push_back(id); }}) {}

    net::Loop loop;
    net::Fd listener;
    Address address;
    std::vector<ConnectionId> opened, closed;
    std::vector<std::string> frames;
    std::function<void(ConnectionId)> on_frame;
    FramedServer server;
};

struct Client {
    explicit Client(Server& server)
        : tls(server.loop, context, net::connect_tcp(server.address).value(), server.address,
              {.on_open = [this] { is_open = true; },
               .on_bytes = [this](Bytes bytes) { received.append(as_text(bytes)); },
               .on_close = [this](const Error&) { is_closed = true; }},
              8 << 20) {}

    void send(const std::shared_ptr<const Buffer>& frame) { REQUIRE(tls.send(*frame)); }

    net::TlsContext context = net::TlsContext::client().value();
    bool is_open = false, is_closed = false;
    std::string received;
    net::TlsConnection tls;
};

}  // namespace

TEST_CASE("frames come in whole, and one buffer goes to many") {
    Server s;
    Client a(s), b(s);
    a.send(frame_of("hello"));
    b.send(frame_of("good day"));
    REQUIRE(run_until(s.loop, [&] { return s.frames.size() == 2; }));
    const auto shared = frame_of("to all");
    for (const auto id : s.opened) s.server.send(id, shared);
    const auto expected = std::string(as_text(*shared));
    CHECK(run_until(s.loop, [&] { return a.received == expected && b.received == expected; }));
    CHECK(shared.use_count() == 1);
    CHECK(s.server.counters().frames_in == 2);
    CHECK(s.server.counters().frames_out == 2);
}

TEST_CASE("a close comes after what is queued") {
    Server s;
    Client client(s);
    const auto big = frame_of(std::string(300'000, 'x'));
    s.on_frame = [&](ConnectionId id) {
        s.server.send(id, big);
        s.server.close(id);
        s.server.send(id, frame_of("too late"));
    };
    client.send(frame_of("hello"));
    CHECK(run_until(s.loop, [&] { return client.is_closed && s.closed.size() == 1; }));
    CHECK(client.received == as_text(*big));
    CHECK(s.server.size() == 0);
}

TEST_CASE("bytes that are no frame end their connection only") {
    Server s;
    Client bad(s), good(s);
    good.send(frame_of("hello"));
    const Buffer garbage{0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0};
    REQUIRE(bad.tls.send(garbage));
    CHECK(run_until(s.loop, [&] { return bad.is_closed && s.closed.size() == 1 && s.frames.size() == 1; }));
    CHECK(s.server.counters().malformed == 1);
    CHECK_FALSE(good.is_closed);
}

TEST_CASE("only the trusted may send large frames") {
    Server s({.frame_bytes = 1 << 20, .stranger_frame_bytes = 1000});
    const auto large = frame_of(std::string(50'000, 'x'));
    Client stranger(s);
    stranger.send(large);
    CHECK(run_until(s.loop, [&] { return stranger.is_closed; }));

    Client known(s);
    s.on_frame = [&](ConnectionId id) { s.server.trust(id); };
    known.send(frame_of("ticket"));
    REQUIRE(run_until(s.loop, [&] { return s.frames.size() == 1; }));
    known.send(large);
    CHECK(run_until(s.loop, [&] { return s.frames.size() == 2; }));
}

TEST_CASE("bytes that are no TLS are counted and closed") {
    Server s;
    const auto socket = net::connect_tcp(s.address).value();
    const std::string_view http = "GET / HTTP/1.1\r\n\r\n";
    REQUIRE(run_until(s.loop, [&] {
        return ::send(socket.get(), http.data(), http.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(http.size());
    }));
    CHECK(run_until(s.loop, [&] { return s.server.counters().malformed == 1 && s.server.size() == 0; }));
    CHECK(s.opened.empty());
    CHECK(s.closed.empty());
}

TEST_CASE("who does not speak in time is cut") {
    Server s({.handshake = 300ms});
    const auto mute = net::connect_tcp(s.address).value();  // never starts TLS
    Client idle(s);                                         // never sends a frame
    Client busy(s);
    busy.send(frame_of("hello"));
    CHECK(run_until(s.loop, [&] { return s.server.counters().timed_out == 2; }));
    run_for(s.loop, 50ms);
    CHECK(s.server.size() == 1);
    CHECK(idle.is_closed);
    CHECK_FALSE(busy.is_closed);
}

TEST_CASE("a reader that is too slow is cut, and the others get everything") {
    Server s({.output_bytes = 256 << 10});
    Client slow(s), fast(s);
    slow.send(frame_of("hello"));
    fast.send(frame_of("hello"));
    REQUIRE(run_until(s.loop, [&] { return s.frames.size() == 2; }));
    slow.tls.pause();
    const auto chunk = frame_of(std::string(60'000, 'x'));
    std::size_t sent = 0;
    const auto all_sent = run_until(s.loop, [&] {
        if (fast.received.size() == sent * chunk->size() && s.server.counters().too_slow == 0) {
            for (const auto id : s.opened) s.server.send(id, chunk);
            ++sent;
        }
        return s.server.counters().too_slow == 1;
    });
    CHECK(all_sent);
    CHECK(run_until(s.loop, [&] { return s.closed.size() == 1; }));
    CHECK(run_until(s.loop, [&] { return fast.received.size() == sent * chunk->size(); }));
    CHECK_FALSE(fast.is_closed);
}

TEST_CASE("strangers of one address are few, until they are trusted") {
    Server s({.strangers_per_address = 2});
    Client a(s), b(s);
    REQUIRE(run_until(s.loop, [&] { return s.opened.size() == 2; }));
    {
        Client c(s);
        CHECK(run_until(s.loop, [&] { return c.is_closed; }));
        CHECK(s.server.counters().refused == 1);
    }
    s.server.trust(s.opened[0]);
    s.server.trust(s.opened[0]);  // once is enough
    Client d(s);
    CHECK(run_until(s.loop, [&] { return s.opened.size() == 3; }));
    Client e(s);
    CHECK(run_until(s.loop, [&] { return e.is_closed; }));
}

TEST_CASE("a full server refuses") {
    Server s({.connections = 1});
    Client a(s);
    REQUIRE(run_until(s.loop, [&] { return s.opened.size() == 1; }));
    Client b(s);
    CHECK(run_until(s.loop, [&] { return b.is_closed; }));
    CHECK(s.server.counters().refused == 1);
    CHECK_FALSE(a.is_closed);
}

TEST_CASE("a client that goes is reported once") {
    Server s;
    {
        Client client(s);
        REQUIRE(run_until(s.loop, [&] { return s.opened.size() == 1; }));
    }
    CHECK(run_until(s.loop, [&] { return s.closed == s.opened; }));
    run_for(s.loop, 20ms);
    CHECK(s.closed.size() == 1);
}
