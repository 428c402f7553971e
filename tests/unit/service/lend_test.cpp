#include "services/common/lend.hpp"

#include <catch2/catch.hpp>
#include <memory>

#include "lib/net/socket.hpp"
#include "lib/net/udp.hpp"
#include "tests/unit/service/support.hpp"

using namespace connectsphere;
using test::run_for;
using test::run_until;

namespace {

const net::CertificateAndKey kIdentity{.certificate_pem = "certificate", .key_pem = "key"};

struct Setup {
    Setup() {
        config.run_dir = dir.path();
        for (auto* address : {&config.listen.control, &config.listen.screen, &config.listen.files,
                              &config.listen.video, &config.listen.audio})
            *address = *parse_address("127.0.0.1", 0);
    }
    std::unique_ptr<Lender> lender() { return std::make_unique<Lender>(loop, config, kIdentity); }
    std::unique_ptr<SocketBorrower> borrower(proto::Service service) {
        return std::make_unique<SocketBorrower>(
            loop, dir.path(), service, InstanceId{1},
            [this](const SocketBorrower::Lent& got) { lent.push_back(got); });
    }
    // From now on the ports that were bound are the configured ones.
    void keep_ports(const BoundPorts& ports) {
        config.listen.video.port = ports.video;
        config.listen.screen.port = ports.screen;
    }

    test::TemporaryDir dir;
    net::Loop loop;
    Config config;
    std::vector<SocketBorrower::Lent> lent;
};

std::uint16_t port_of(int socket) { return net::local_address(socket)->port; }

}  // namespace

TEST_CASE("a service borrows the socket of its plane") {
    Setup s;
    const auto borrower = s.borrower(proto::VIDEO_RELAY);  // first: it waits for the gateway
    run_for(s.loop, 60ms);
    CHECK_FALSE(borrower->has_socket());
    const auto lender = s.lender();
    REQUIRE(run_until(s.loop, [&] { return s.lent.size() == 1; }));
    CHECK(s.lent[0].is_new);
    CHECK(s.lent[0].port == lender->ports().video);
    CHECK(port_of(s.lent[0].socket) == lender->ports().video);
    CHECK_FALSE(s.lent[0].identity);
}

TEST_CASE("a TCP plane gets the certificate and its key with the socket, and new ones") {
    Setup s;
    const auto lender = s.lender();
    const auto borrower = s.borrower(proto::SCREEN_BROKER);
    REQUIRE(run_until(s.loop, [&] { return s.lent.size() == 1; }));
    REQUIRE(s.lent[0].identity);
    CHECK(s.lent[0].identity->key_pem == "key");
    lender->set_identity({.certificate_pem = "other", .key_pem = "new"});
    REQUIRE(run_until(s.loop, [&] { return s.lent.size() == 2; }));
    CHECK_FALSE(s.lent[1].is_new);
    CHECK(s.lent[1].identity->key_pem == "new");
}

TEST_CASE("the port stays bound while its service restarts") {
    Setup s;
    const auto lender = s.lender();
    auto borrower = s.borrower(proto::VIDEO_RELAY);
    REQUIRE(run_until(s.loop, [&] { return s.lent.size() == 1; }));
    borrower.reset();
    CHECK(net::bind_udp(*parse_address("127.0.0.1", lender->ports().video)).error().code == Errc::exists);
    borrower = s.borrower(proto::VIDEO_RELAY);
    REQUIRE(run_until(s.loop, [&] { return s.lent.size() == 2; }));
    CHECK(s.lent[1].is_new);
    CHECK(s.lent[1].port == lender->ports().video);
}

TEST_CASE("a restarted gateway gets its sockets back from the services that hold them") {
    Setup s;
    auto lender = s.lender();
    const auto ports = lender->ports();
    const auto video = s.borrower(proto::VIDEO_RELAY);
    const auto screen = s.borrower(proto::SCREEN_BROKER);
    REQUIRE(run_until(s.loop, [&] { return s.lent.size() == 2; }));
    s.keep_ports(ports);
    lender.reset();
    run_for(s.loop, 120ms);
    CHECK(video->has_socket());
    lender = s.lender();
    CHECK(lender->ports().video == ports.video);
    CHECK(lender->ports().screen == ports.screen);
    REQUIRE(run_until(s.loop, [&] { return s.lent.size() == 4; }));
    CHECK_FALSE(s.lent[2].is_new);
    CHECK_FALSE(s.lent[3].is_new);
}

TEST_CASE("a port that a stranger holds is named") {
    Setup s;
    const auto stranger = net::bind_udp(s.config.listen.video);
    REQUIRE(stranger);
    s.config.listen.video.port = port_of(stranger->get());
    const auto port = std::to_string(s.config.listen.video.port);
    CHECK_THROWS_WITH(s.lender(), Catch::Contains("UDP port " + port) && Catch::Contains("ss -lpun"));
}

TEST_CASE("a gateway on other ports gives a service another socket") {
    Setup s;
    auto lender = s.lender();
    const auto borrower = s.borrower(proto::AUDIO_MIXER);
    REQUIRE(run_until(s.loop, [&] { return s.lent.size() == 1; }));
    lender.reset();
    lender = s.lender();  // port 0: another free one
    REQUIRE(run_until(s.loop, [&] { return s.lent.size() == 2; }));
    CHECK(s.lent[1].is_new);
    CHECK(port_of(s.lent[1].socket) == lender->ports().audio);
}

TEST_CASE("only plane services are lent to") {
    Setup s;
    const auto lender = s.lender();
    const auto service = GENERATE(proto::SIGNALING, proto::GATEWAY, proto::SERVICE_UNSPECIFIED);
    const auto borrower = s.borrower(service);
    run_for(s.loop, 30ms);
    CHECK(s.lent.empty());
}
