#include "lib/net/udp.hpp"

#include <sys/socket.h>

#include <catch2/catch.hpp>

#include "lib/net/clock.hpp"
#include "lib/net/socket.hpp"
#include "tests/support/loop.hpp"

using namespace connectsphere;
using namespace connectsphere::net;
using connectsphere::test::run_until;

namespace {

UdpSocket open_at(std::string_view host) {
    auto fd = bind_udp(*parse_address(host, 0));
    REQUIRE(fd);
    return UdpSocket(std::move(*fd));
}

Address at(std::string_view host, const UdpSocket& socket) {
    return *parse_address(host, local_address(socket.fd())->port);
}

struct Got {
    Route route;
    std::string text;
    Time received_at;
};

// Everything that arrives until `count` datagrams are there.
std::vector<Got> collect(UdpSocket& socket, std::size_t count) {
    Loop loop;
    std::vector<Got> got;
    const Watch readable = loop.watch(socket.fd(), EPOLLIN, [&](auto) {
        for (const auto& datagram : socket.receive(now()))
            got.push_back({datagram.route, std::string(as_text(datagram.payload)), datagram.received_at});
    });
    run_until(loop, [&] { return got.size() >= count; });
    return got;
}

void add(DatagramBatch& batch, const Route& route, std::string_view text) {
    const auto room = batch.claim(text.size());
    std::copy(text.begin(), text.end(), room.begin());
    batch.commit(route, text.size());
}

}  // namespace

TEST_CASE("a datagram is answered from the address it was sent to") {
    const auto [host, client_host] = GENERATE(table<std::string, std::string>({
        {"127.0.0.1", "127.0.0.1"},
        {"127.0.0.2", "127.0.0.1"},
        {"[::1]", "[::1]"},
    }));
    auto server = open_at("[::]");
    auto client = open_at(client_host);
    client.send({.peer = at(host, server), .local = {}}, as_bytes("hello"));

    const auto question = collect(server, 1);
    REQUIRE(question.size() == 1);
    CHECK(question[0].text == "hello");
    CHECK(question[0].route.peer == at(client_host, client));
    CHECK(question[0].route.local.ip == at(host, server).ip);

    server.send(question[0].route, as_bytes("answer"));
    const auto answer = collect(client, 1);
    REQUIRE(answer.size() == 1);
    CHECK(answer[0].text == "answer");
    CHECK(answer[0].route.peer == at(host, server));
}

TEST_CASE("a burst to one receiver leaves in one call and arrives whole") {
    auto server = open_at("127.0.0.1");
    auto client = open_at("127.0.0.1");
    DatagramBatch batch;
    for (int i = 0; i < 20; ++i) {
        const auto size = i < 19 ? 1200U : 700U;
        add(batch, {.peer = at("127.0.0.1", server), .local = {}},
            std::string(size, static_cast<char>('a' + i)));
    }
    client.send(batch);
    const auto got = collect(server, 20);
    REQUIRE(got.size() == 20);
    for (std::size_t i = 0; i < 20; ++i) {
        CHECK(got[i].text == std::string(i < 19 ? 1200 : 700, static_cast<char>('a' + i)));
        CHECK(got[i].route.peer == at("127.0.0.1", client));
    }
    CHECK(client.counters().sent_datagrams == 20);
    CHECK(client.counters().sent_bytes == 19 * 1200 + 700);
    CHECK(client.counters().send_calls == 1);
    CHECK(server.counters().received_datagrams == 20);
}

TEST_CASE("a batch of many routes and sizes arrives in order at each receiver") {
    auto first = open_at("127.0.0.1");
    auto second = open_at("[::1]");
    auto sender = open_at("[::]");
    const Route to_first{.peer = at("127.0.0.1", first), .local = *parse_address("127.0.0.9", 0)};
    const Route to_second{.peer = at("[::1]", second), .local = {}};
    DatagramBatch batch;
    std::vector<std::string> expected;
    for (std::size_t i = 0; i < 200; ++i) {
        const std::string text(1 + (i * 7) % 400, static_cast<char>('a' + i % 26));
        add(batch, i % 3 == 0 ? to_first : to_second, text);
        if (i % 3 == 0) expected.push_back(text);
    }
    sender.send(batch);
    const auto got = collect(first, expected.size());
    REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
        CHECK(got[i].text == expected[i]);
        CHECK(got[i].route.peer == at("127.0.0.9", sender));
    }
    CHECK(collect(second, 200 - expected.size()).size() == 200 - expected.size());
}

TEST_CASE("a train is cut at 64 datagrams and 65,000 bytes") {
    auto server = open_at("127.0.0.1");
    auto client = open_at("127.0.0.1");
    DatagramBatch batch;
    for (int i = 0; i < 150; ++i)
        add(batch, {.peer = at("127.0.0.1", server), .local = {}}, std::string(1200, 'x'));
    client.send(batch);
    CHECK(collect(server, 150).size() == 150);
    CHECK(client.counters().send_failed == 0);
}

TEST_CASE("an oversized datagram is dropped and counted") {
    auto server = open_at("127.0.0.1");
    auto client = open_at("127.0.0.1");
    const Route route{.peer = at("127.0.0.1", server), .local = {}};
    client.send(route, as_bytes(std::string(1501, 'x')));
    client.send(route, as_bytes(std::string(1500, 'y')));
    const auto got = collect(server, 1);
    REQUIRE(got.size() == 1);
    CHECK(got[0].text.size() == 1500);
    CHECK(server.counters().oversized == 1);
}

TEST_CASE("a second bind of a UDP port fails and names the port") {
    const auto first = open_at("[::]");
    const auto address = *local_address(first.fd());
    const auto second = bind_udp(address);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::exists);
    CHECK(second.error().what.find("UDP port " + std::to_string(address.port)) != std::string::npos);
}

TEST_CASE("an address of another machine can not be bound, and the text says so") {
    const auto bound = bind_udp(*parse_address("192.0.2.1", 0));
    REQUIRE_FALSE(bound);
    CHECK(bound.error().what.find("192.0.2.1 is not an address of this machine") != std::string::npos);
}

TEST_CASE("one refused datagram does not stop the others") {
    auto server = open_at("127.0.0.1");
    auto client = open_at("[::]");
    const auto peer = at("127.0.0.1", server);
    DatagramBatch batch;
    add(batch, {.peer = peer, .local = {}}, "before");
    add(batch, {.peer = peer, .local = *parse_address("192.0.2.7", 0)}, "not our address");
    add(batch, {.peer = peer, .local = *parse_address("192.0.2.7", 0)}, "not our address");
    add(batch, {.peer = peer, .local = {}}, "after");
    client.send(batch);
    const auto got = collect(server, 2);
    REQUIRE(got.size() == 2);
    CHECK(got[1].text == "after");
    CHECK(client.counters().send_failed == 2);
    CHECK(client.counters().sent_datagrams == 2);
}

TEST_CASE("a borrowed socket is drained of stale datagrams and stays open for its owner") {
    const Fd fd = *bind_udp(*parse_address("127.0.0.1", 0));
    auto client = open_at("127.0.0.1");
    const Route route{.peer = *local_address(fd.get()), .local = {}};
    for (int i = 0; i < 3; ++i) client.send(route, as_bytes("stale"));
    {
        UdpSocket borrower(fd.get());
        borrower.drain();
        CHECK(borrower.counters().discarded == 3);
        CHECK(borrower.receive(now()).empty());
    }
    client.send(route, as_bytes("fresh"));
    UdpSocket next(fd.get());
    CHECK(collect(next, 1).size() == 1);
}

TEST_CASE("a datagram is dated by its arrival, not by the reading") {
    auto server = open_at("127.0.0.1");
    auto client = open_at("127.0.0.1");
    client.send({.peer = at("127.0.0.1", server), .local = {}}, as_bytes("early"));
    const Time sent = now();
    Loop loop;
    bool later = false;
    const Timer wait = loop.at(sent + 10ms, [&] { later = true; });
    REQUIRE(run_until(loop, [&] { return later; }));
    const auto got = collect(server, 1);
    REQUIRE(got.size() == 1);
    CHECK(got[0].received_at < sent + 5ms);
}
