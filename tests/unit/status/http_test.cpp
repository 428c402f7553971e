// The HTTP end against a real loop, on loopback.
#include <httplib.h>

#include <catch2/catch.hpp>
#include <thread>

#include "lib/net/loop.hpp"
#include "services/status/http_server.hpp"

namespace connectsphere::status {
namespace {

// A loop that runs in a thread of its own while requests are made.
class Serving {
  public:
    explicit Serving(Address address) {
        auto made = HttpServer::listen(loop_, address,
                                       {{"/", [] { return HttpAnswer{.body = "{\"hello\":1}"}; }},
                                        {"/no", [] { return HttpAnswer{.code = 503, .body = "{}"}; }}});
        REQUIRE(made);
        server_ = std::move(*made);
        thread_ = std::thread([this] { loop_.run(); });
    }
    ~Serving() {
        loop_.post([this] {
            server_.reset();
            loop_.stop();
        });
        thread_.join();
    }

    const Address& address() const { return server_->address(); }
    httplib::Client client() const { return httplib::Client("127.0.0.1", address().port); }

  private:
    net::Loop loop_;
    std::unique_ptr<HttpServer> server_;
    std::thread thread_;
};

Address loopback(std::uint16_t port) { return parse_address("127.0.0.1", port).value(); }

TEST_CASE("routes answer, unknown paths and other methods are refused in JSON") {
    const Serving serving(loopback(0));
    auto client = serving.client();
    REQUIRE(serving.address().port != 0);
    struct Row {
        const char* method;
        const char* path;
        int status;
        std::string body;
    };
    const Row rows[] = {
        {"GET", "/", 200, "{\"hello\":1}"},
        {"HEAD", "/", 200, ""},
        {"GET", "/no", 503, "{}"},
        {"GET", "/unknown", 404, "{\"error\":\"no such page\"}\n"},
        {"POST", "/", 405, "{\"error\":\"only GET is answered here\"}\n"},
        {"DELETE", "/unknown", 405, "{\"error\":\"only GET is answered here\"}\n"},
        {"OPTIONS", "/", 405, "{\"error\":\"only GET is answered here\"}\n"},
    };
    for (const auto& row : rows) {
        INFO(row.method << " " << row.path);
        httplib::Request request;
        request.method = row.method;
        request.path = row.path;
        const auto response = client.send(request);
        REQUIRE(response);
        CHECK(response->status == row.status);
        CHECK(response->body == row.body);
        CHECK(response->get_header_value("Content-Type") == "application/json");
        CHECK(response->get_header_value("Cache-Control") == "no-store");
    }
}

TEST_CASE("on loopback a foreign host name is refused") {
    const Serving serving(loopback(0));
    auto client = serving.client();
    const auto response = client.Get("/", {{"Host", "evil.example"}});
    REQUIRE(response);
    CHECK(response->status == 403);
}

TEST_CASE("ranges are refused: many of them would multiply the answer") {
    const Serving serving(loopback(0));
    auto client = serving.client();
    const auto response = client.Get("/", {{"Range", "bytes=0-,0-,0-,0-"}});
    REQUIRE(response);
    CHECK(response->status == 416);
}

TEST_CASE("a host is local when it is an address or localhost") {
    for (const char* host : {"", "localhost", "localhost:9080", "127.0.0.1", "127.0.0.1:9080", "[::1]:9080"})
        CHECK(is_local_host(host));
    for (const char* host :
         {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example:9080", "lab:9080"})
        CHECK_FALSE(is_local_host(host));
}

TEST_CASE("a port in use is named") {
    const Serving serving(loopback(0));
    net::Loop loop;
    const auto second = HttpServer::listen(loop, serving.address(), {});
    REQUIRE_FALSE(second);
    CHECK_THAT(second.error().what, Catch::Contains(serving.address().text()));
    CHECK_THAT(second.error().what, Catch::Contains("Address already in use"));
}

TEST_CASE("a loop that does not turn is told as such") {
    net::Loop loop;  // never runs
    const auto server = HttpServer::listen(loop, loopback(0), {{"/", [] { return HttpAnswer{}; }}});
    REQUIRE(server);
    httplib::Client client("127.0.0.1", (*server)->address().port);
    const auto response = client.Get("/");
    REQUIRE(response);
    CHECK(response->status == 503);
}

}  // namespace
}  // namespace connectsphere::status
