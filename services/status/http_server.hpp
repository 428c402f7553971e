// HttpServer: the HTTP end of status. Its own few threads speak HTTP; each answer is asked from the loop's
// thread through Loop::post and waited for at most kPatience, so that nothing is shared between threads, and
// /healthz says more than that a socket is open: it needs a turn of the loop.
//
// GET and HEAD only. Bound to loopback, it answers only to requests whose Host is an IP address or localhost:
// a name in somebody's DNS that points here (DNS rebinding) must not let a web page read who is in a room.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/address.hpp"
#include "lib/base/result.hpp"

namespace connectsphere::net {
class Loop;
}

namespace connectsphere::status {

struct HttpAnswer {
    int code = 200;
    std::string type = "application/json";
    std::string body;
};

class HttpServer {
  public:
    static constexpr std::chrono::milliseconds kPatience{1000};

    using Routes =
        std::map<std::string, std::function<HttpAnswer()>>;  // by path; called on the loop's thread

    // Binds at once. Fails with `system`, and names the address, where it can not.
    static Result<std::unique_ptr<HttpServer>> listen(net::Loop& loop, const Address& address, Routes routes);
    ~HttpServer();  // the loop must still exist, and what the routes use too

    const Address& address() const;  // with the port that was chosen

  private:
    struct Impl;
    explicit HttpServer(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

// Is `host` (of the Host header, with or without a port) an IP address or localhost? An absent one (HTTP/1.0)
// counts: browsers send it.
bool is_local_host(std::string_view host);

}  // namespace connectsphere::status
