#include "client-cli/status.hpp"

#include <catch2/catch.hpp>

namespace connectsphere::cli {
namespace {

const std::string kHead = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

TEST_CASE("the body of a response is found") {
    CHECK(*http_body(kHead + "\r\n{}") == "{}");
    CHECK(*http_body(kHead + "Content-Length: 2\r\n\r\n{}") == "{}");
    CHECK(*http_body(kHead + "content-length:2\r\n\r\n{}more") == "{}");
    CHECK(http_body(kHead + "\r\n")->empty());
}

TEST_CASE("what is no good response is an error") {
    const std::string whole = kHead + "Content-Length: 2\r\n\r\n{}";
    for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(http_body(whole.substr(0, size)));
    CHECK(http_body("HTTP/1.1 503 Service Unavailable\r\n\r\n{}").error().code == Errc::refused);
    CHECK(http_body("SSH-2.0-x\r\n\r\n").error().code == Errc::malformed);
    CHECK_FALSE(http_body("HTTP/1.1\r\n\r\n"));
}

TEST_CASE("the status page is told in a few lines") {
    const auto text = status_text(R"({"v":1,"server":"Lab","ready":false,"reasons":["gateway: not heard"],
        "services":[{"name":"gateway","state":"ready","restarts":1,"uptime_seconds":3700,"reason":""},
                    {"name":"signaling","state":"silent","restarts":0,"reason":"not heard"}],
        "rooms":[{"name":"lobby","participants":[{"name":"Ann","connected":true},
                                                 {"name":"Ben","connected":false}]}]})");
    REQUIRE(text);
    CHECK(*text ==
          "Lab: not ready\n"
          "  gateway: not heard\n"
          "services\n"
          "  gateway        ready     up 1h 1m     restarts 1\n"
          "  signaling      silent    up 0m 0s     restarts 0  not heard\n"
          "rooms\n"
          "  lobby (2): Ann, Ben (away)\n");
}

TEST_CASE("a page that is newer or broken is not fatal") {
    CHECK(*status_text("{}") == ": not ready\nservices\nnobody is in a room\n");
    CHECK(status_text(R"({"services":[1,{"name":2}],"rooms":{},"reasons":[null]})"));
    for (const char* wrong : {"", "[]", "{", "null"}) CHECK_FALSE(status_text(wrong));
}

}  // namespace
}  // namespace connectsphere::cli
