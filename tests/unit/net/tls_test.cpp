#include "lib/net/tls.hpp"

#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <optional>

#include "lib/net/socket.hpp"
#include "lib/net/tcp.hpp"
#include "tests/support/loop.hpp"

using namespace connectsphere;
using namespace connectsphere::net;
using connectsphere::test::run_until;

namespace {

const CertificateAndKey& identity() {
    static const CertificateAndKey made = *make_self_signed({.names = {"localhost"}, .addresses = {}});
    return made;
}

// One end of a connection and what its owner saw.
struct End {
    TlsConnection connection;
    bool opened = false;
    bool drained = false;
    std::string received;
    std::optional<Error> closed;

    TlsConnection::Handlers handlers() {
        return {.on_open = [this] { opened = true; },
                .on_bytes = [this](Bytes bytes) { received += as_text(bytes); },
                .on_close = [this](const Error& error) { closed = error; },
                .on_drained = [this] { drained = true; }};
    }
};

struct Server {
    explicit Server(Loop& l) : loop(l) {
        watch = loop.watch(listener.get(), EPOLLIN, [this](auto) {
            auto accepted = acceptor.accept();
            if (!accepted) return;
            end.closed.reset();
            end.connection =
                TlsConnection(loop, context, std::move(accepted->fd), accepted->peer, end.handlers());
        });
    }
    Address address() const { return *local_address(listener.get()); }

    Loop& loop;
    Fd listener = *listen_tcp(*parse_address("127.0.0.1", 0));
    Acceptor acceptor{listener.get()};
    TlsContext context = *TlsContext::server(identity());
    Watch watch;
    End end;
};

void connect(Loop& loop, End& client, const Address& address, std::size_t limit = 4 << 20) {
    static const TlsContext context = *TlsContext::client();
    client.connection =
        TlsConnection(loop, context, *connect_tcp(address), address, client.handlers(), limit);
}

// A TCP connection without TLS that says `text`.
struct Plain {
    Plain(Loop& loop, const Address& address, std::string_view text) : fd(*connect_tcp(address)) {
        watch = loop.watch(fd.get(), EPOLLOUT, [this, text = std::string(text)](auto) {
            if (::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL) > 0) watch.set(0);
        });
    }
    Fd fd;
    Watch watch;
};

std::string pattern(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 + i / 251);
    return text;
}

}  // namespace

TEST_CASE("a mebibyte goes there and back over TLS, and both ends know the fingerprint") {
    Loop loop;
    Server server(loop);
    End client;
    connect(loop, client, server.address());
    const auto text = pattern(1 << 20);
    REQUIRE(client.connection.send(as_bytes(text)));  // before the handshake: it waits
    REQUIRE(run_until(loop, [&] { return server.end.received.size() == text.size(); }));
    CHECK(client.connection.peer_fingerprint() == *fingerprint(identity().certificate_pem));
    CHECK(server.end.received == text);
    REQUIRE(server.end.connection.send(as_bytes(server.end.received)));
    REQUIRE(run_until(loop, [&] { return client.received.size() == text.size() && server.end.drained; }));
    CHECK(client.received == text);
    CHECK(client.drained);
    CHECK(client.connection.buffered() == 0);
}

TEST_CASE("small and large pieces arrive in the order in which they were sent") {
    Loop loop;
    Server server(loop);
    End client;
    connect(loop, client, server.address());
    REQUIRE(run_until(loop, [&] { return client.opened && server.end.opened; }));
    const auto text = pattern(3 << 20);
    std::size_t sent = 0;
    for (const std::size_t size : {10U, 20'000U, 1U, 16'384U, 100'000U, 7U, 700'000U, 30U}) {
        REQUIRE(client.connection.send(as_bytes(text).subspan(sent, size)));
        sent += size;
    }
    client.drained = false;
    REQUIRE(client.connection.send(as_bytes(text).subspan(sent)));  // more than the kernel takes at once
    CHECK(run_until(loop, [&] { return server.end.received.size() == text.size() && client.drained; }));
    CHECK(server.end.received == text);
}

TEST_CASE("close delivers what was sent before it, and both ends learn of it") {
    Loop loop;
    Server server(loop);
    End client;
    connect(loop, client, server.address());
    REQUIRE(run_until(loop, [&] { return client.opened && server.end.opened; }));
    const auto text = pattern(300'000);
    REQUIRE(server.end.connection.send(as_bytes(text)));
    REQUIRE(client.connection.send(as_bytes("crossing")));
    server.end.connection.close();
    CHECK(server.end.connection.send(as_bytes("late")).error().code == Errc::closed);
    REQUIRE(run_until(loop, [&] { return client.closed && server.end.closed; }));
    CHECK(client.received == text);
    CHECK(client.closed->text() == "closed: by the peer");
    CHECK(server.end.closed->text() == "closed: as asked");
    CHECK_FALSE(client.connection.is_open());
}

TEST_CASE("what is not TLS is refused with a clear error, and the server lives") {
    const auto [said, error] = GENERATE(table<std::string, std::string>({
        {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "malformed: plain HTTP where TLS is spoken"},
        {"SSH-2.0-OpenSSH_9.2\r\n", "malformed: not TLS"},
        {std::string(500, '\xFF'), "malformed: not TLS"},
        {std::string(500, '\0'), "malformed: not TLS"},
    }));
    Loop loop;
    Server server(loop);
    const Plain plain(loop, server.address(), said);
    REQUIRE(run_until(loop, [&] { return server.end.closed.has_value(); }));
    CHECK(server.end.closed->text() == error);

    End client;
    connect(loop, client, server.address());
    CHECK(run_until(loop, [&] { return client.opened; }));
}

TEST_CASE("a client of a server without TLS is told so") {
    Loop loop;
    const Fd listener = *listen_tcp(*parse_address("127.0.0.1", 0));
    Acceptor acceptor(listener.get());
    Fd accepted;
    const Watch watch = loop.watch(listener.get(), EPOLLIN, [&](auto) {
        accepted = std::move(acceptor.accept()->fd);
        ::send(accepted.get(), "220 mail ready\r\n", 16, MSG_NOSIGNAL);
    });
    End client;
    connect(loop, client, *local_address(listener.get()));
    REQUIRE(run_until(loop, [&] { return client.closed.has_value(); }));
    CHECK(client.closed->text() == "malformed: the server does not speak TLS on this port");
    CHECK_FALSE(client.opened);
}

TEST_CASE("a client of nobody is told that nobody listens") {
    Loop loop;
    Address address;
    { address = *local_address(listen_tcp(*parse_address("127.0.0.1", 0))->get()); }
    End client;
    connect(loop, client, address);
    REQUIRE(run_until(loop, [&] { return client.closed.has_value(); }));
    CHECK(client.closed->code == Errc::unavailable);
}

TEST_CASE("a peer that says nothing is left to its owner, who may end it") {
    Loop loop;
    Server server(loop);
    const Plain silent(loop, server.address(), "");
    REQUIRE(run_until(loop, [&] { return static_cast<bool>(server.end.connection); }));
    const Timer deadline = loop.at(now() + 5ms, [&] { server.end.connection = TlsConnection(); });
    REQUIRE(run_until(loop, [&] { return !server.end.connection; }));
    CHECK_FALSE(server.end.opened);
    CHECK_FALSE(server.end.closed);
}

TEST_CASE("a peer that vanishes within the handshake is reported") {
    Loop loop;
    Server server(loop);
    {
        const Plain hasty(loop, server.address(), "\x16\x03\x01");
        REQUIRE(run_until(loop, [&] { return static_cast<bool>(server.end.connection); }));
    }
    REQUIRE(run_until(loop, [&] { return server.end.closed.has_value(); }));
    CHECK(server.end.closed->code == Errc::closed);
}

TEST_CASE("a peer that never reads fills the output buffer, and no more") {
    Loop loop;
    Server server(loop);
    End client;
    connect(loop, client, server.address());
    REQUIRE(run_until(loop, [&] { return client.opened && server.end.opened; }));
    client.connection.pause();
    const auto chunk = pattern(64 * 1024);
    std::size_t accepted = 0;
    std::optional<Error> refused;
    while (!refused && accepted < 200 << 20) {
        const auto sent = server.end.connection.send(as_bytes(chunk));
        if (sent)
            accepted += chunk.size();
        else if (server.end.connection.buffered() > 0) {
            const auto before = server.end.connection.buffered();
            loop.run_once(5ms);
            if (server.end.connection.buffered() == before) refused = sent.error();
        }
    }
    REQUIRE(refused);
    CHECK(refused->code == Errc::full);
    CHECK(server.end.connection.buffered() <= TlsConnection::kDefaultLimit);
    CHECK(server.end.connection.is_open());

    client.connection.resume();
    REQUIRE(run_until(loop, [&] { return client.received.size() == accepted; }));
    CHECK(server.end.connection.buffered() == 0);
}

TEST_CASE("a paused reader sees nothing until it resumes") {
    Loop loop;
    Server server(loop);
    End client;
    connect(loop, client, server.address());
    REQUIRE(run_until(loop, [&] { return client.opened && server.end.opened; }));
    client.connection.pause();
    REQUIRE(server.end.connection.send(as_bytes("wait")));
    REQUIRE(run_until(loop, [&] { return server.end.drained; }));
    loop.run_once(1ms);
    CHECK(client.received.empty());
    client.connection.resume();
    CHECK(run_until(loop, [&] { return client.received == "wait"; }));
}

TEST_CASE("a paused reader with little space gets the rest of what was decrypted when it resumes") {
    Loop loop;
    Server server(loop);
    std::array<std::uint8_t, 7> space{};
    std::string received;
    TlsConnection client;
    const TlsContext context = *TlsContext::client();
    const auto take_and_pause = [&](Bytes bytes) {
        CHECK(bytes.data() == space.data());
        received += as_text(bytes);
        client.pause();
    };
    client = TlsConnection(loop, context, *connect_tcp(server.address()), server.address(),
                           {.on_open = [] {},
                            .on_bytes = take_and_pause,
                            .on_close = [](const Error&) {},
                            .space = [&] { return MutableBytes(space); }});
    REQUIRE(run_until(loop, [&] { return client.is_open() && server.end.opened; }));
    const auto text = pattern(100);
    REQUIRE(server.end.connection.send(as_bytes(text)));
    for (std::size_t got = 7; got < text.size(); got += 7) {
        REQUIRE(run_until(loop, [&] { return received.size() == got; }));
        loop.run_once(1ms);
        CHECK(received.size() == got);
        client.resume();
    }
    CHECK(run_until(loop, [&] { return received == text; }));
}

TEST_CASE("an offer takes what the kernel takes, and goes on when that is drained") {
    Loop loop;
    Server server(loop);
    End client;
    connect(loop, client, server.address());
    CHECK(*client.connection.offer(as_bytes("too early")) == 0);
    REQUIRE(run_until(loop, [&] { return client.opened && server.end.opened; }));
    const auto text = pattern((30 << 20) + 5);  // more than the kernel takes at once
    std::size_t sent = 0;
    int rounds = 0;
    const auto offer = [&] {
        while (sent < text.size()) {
            const auto taken = client.connection.offer(as_bytes(text).subspan(sent));
            REQUIRE(taken);
            sent += *taken;
            CHECK(client.connection.buffered() <= 32U << 10);
            if (*taken == 0) break;
        }
        ++rounds;
    };
    offer();
    CHECK(sent < text.size());
    REQUIRE(run_until(loop, [&] {
        if (std::exchange(client.drained, false)) offer();
        return server.end.received.size() == text.size();
    }));
    CHECK(server.end.received == text);
    CHECK(rounds > 1);
    client.connection.close();
    CHECK(client.connection.offer(as_bytes("late")).error().code == Errc::closed);
}

TEST_CASE("what is flushed leaves before the loop's turn is over") {
    Loop loop;
    Server server(loop);
    End client;
    connect(loop, client, server.address());
    client.connection.flush();  // nothing yet to flush, nobody to take it
    REQUIRE(run_until(loop, [&] { return client.opened && server.end.opened; }));
    REQUIRE(client.connection.send(as_bytes("now")));
    CHECK(client.connection.buffered() == 3);
    client.connection.flush();
    CHECK(client.connection.buffered() == 0);
    CHECK(run_until(loop, [&] { return server.end.received == "now" && client.drained; }));
}

TEST_CASE("records that fill no packet leave at the end of the loop's turn") {
    Loop loop;
    Server server(loop);
    End client;
    connect(loop, client, server.address());
    REQUIRE(run_until(loop, [&] { return client.opened && server.end.opened; }));
    const auto text = pattern(16 << 10);
    for (int i = 0; i < 3; ++i) {
        server.end.received.clear();
        CHECK(*client.connection.offer(as_bytes(text)) == text.size());
        CHECK(run_until(loop, [&] { return server.end.received == text; }));
    }
}

TEST_CASE("a connection may be destroyed within each of its callbacks") {
    const auto where = GENERATE(as<std::string>{}, "open", "bytes", "close", "drained");
    Loop loop;
    Server server(loop);
    TlsConnection client;
    int calls = 0;
    const auto end_at = [&](std::string_view here) {
        return [&, here = std::string(here), guard = std::string(64, 'g')] {
            if (here != where) return;
            client = TlsConnection();
            calls += guard.size() == 64 ? 1 : 100;  // what the callback owns is still there
        };
    };
    const TlsContext context = *TlsContext::client();
    client = TlsConnection(loop, context, *connect_tcp(server.address()), server.address(),
                           {.on_open = end_at("open"),
                            .on_bytes = [end = end_at("bytes")](Bytes) { end(); },
                            .on_close = [end = end_at("close")](const Error&) { end(); },
                            .on_drained = end_at("drained")});
    REQUIRE(client.send(as_bytes("hello")));
    REQUIRE(run_until(loop, [&] { return server.end.opened || calls > 0; }));
    (void)server.end.connection.send(as_bytes("answer"));
    server.end.connection.close();
    REQUIRE(run_until(loop, [&] { return calls > 0; }));
    CHECK(calls == 1);
    CHECK(run_until(loop, [&] { return server.end.closed.has_value(); }));
}

TEST_CASE("a certificate may be replaced while connections live") {
    Loop loop;
    Server server(loop);
    End client;
    connect(loop, client, server.address());
    REQUIRE(run_until(loop, [&] { return client.opened && server.end.opened; }));
    const auto renewed = *make_self_signed({.names = {"localhost"}, .addresses = {}});
    server.context = *TlsContext::server(renewed);
    REQUIRE(client.connection.send(as_bytes("still here")));
    CHECK(run_until(loop, [&] { return server.end.received == "still here"; }));
    End next;
    connect(loop, next, server.address());
    REQUIRE(run_until(loop, [&] { return next.opened; }));
    CHECK(next.connection.peer_fingerprint() == *fingerprint(renewed.certificate_pem));
}
