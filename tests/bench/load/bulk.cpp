// What files are compared with: the same bytes over the same TLS, to or from a bare server in memory (the
// floor), or over HTTP/1.1 to or from a web server (GET, PUT).
//
//   load_bulk --way down --mebibytes 1024                                      the floor
//   load_bulk --way up --mebibytes 1024 --http 127.0.0.1:8443 --pid 4711       a web server: /file
#include <algorithm>
#include <optional>

#include "lib/net/clock.hpp"
#include "lib/net/tcp.hpp"
#include "lib/net/tls.hpp"
#include "tests/bench/load/tls_floor.hpp"

namespace {

using namespace connectsphere;
using namespace connectsphere::bench;

constexpr std::size_t kBulk = 256 << 10;  // bytes given to TLS at once
constexpr Duration kLinger = 500ms;       // the driver reads the floor's CPU time after "end"

// One transfer on one connection.
class Transfer {
  public:
    Transfer(net::Loop& loop, const net::TlsContext& tls, const Address& server) {
        auto fd = net::connect_tcp(server);
        if (!fd) give_up(fd.error().what);
        connection_ = net::TlsConnection(loop, tls, std::move(*fd), server,
                                         {.on_open = [this] { is_open = true; },
                                          .on_bytes = [this](Bytes bytes) { on_bytes(bytes); },
                                          .on_close =
                                              [this](const Error& error) {
                                                  if (!is_done()) give_up(error.what);
                                              },
                                          .on_drained = [this] { push(); }});
    }

    // Sends `head`, then `up` bytes; then `down` bytes are to come, behind the head of an answer where
    // `is_http`.
    void begin(Bytes head, std::uint64_t up, std::uint64_t down, bool is_http) {
        has_head_ = !is_http;
        up_ = up;
        down_ = down;
        (void)connection_.send(head);
        push();
    }
    bool is_open = false;
    bool is_done() const { return has_head_ && up_ == 0 && down_ == 0; }

  private:
    void push() {
        while (up_ > 0 && connection_.buffered() == 0) {
            const auto part = Bytes(block_).first(std::min<std::uint64_t>(up_, kBulk));
            if (!connection_.send(part)) return;
            up_ -= part.size();
        }
    }
    void on_bytes(Bytes bytes) {
        if (!has_head_) {
            head_ += as_text(bytes);
            const auto end = head_.find("\r\n\r\n");
            if (end == std::string::npos) return;
            if (head_.find(" 20") != 8) give_up(head_.substr(0, head_.find('\r')));
            has_head_ = true;
            bytes = bytes.last(head_.size() - end - 4);
        }
        down_ -= std::min<std::uint64_t>(down_, bytes.size());
    }

    net::TlsConnection connection_;
    Buffer block_ = Buffer(kBulk);
    std::string head_;
    bool has_head_ = false;
    std::uint64_t up_ = 0, down_ = 0;
};

std::string http_head(bool is_upload, std::uint64_t size) {
    std::string head = is_upload ? "PUT /new" : "GET /file";
    head += " HTTP/1.1\r\nHost: localhost\r\n";
    if (is_upload) head += "Content-Length: " + std::to_string(size) + "\r\n";
    return head + "\r\n";
}

void work(const Arguments& arguments) {
    const bool is_upload = arguments.text("way", "down") == "up";
    const bool is_http = !arguments.text("http").empty();
    const auto size = std::uint64_t{arguments.number("mebibytes", 1024)} << 20;
    std::optional<TlsFloor> floor;
    if (!is_http) floor.emplace(is_upload ? TlsFloor::To::sink : TlsFloor::To::source);
    const auto server = is_http ? *parse_address(arguments.text("http"), 0) : floor->address();
    const auto pid = is_http ? static_cast<int>(arguments.number("pid", 0)) : floor->pid();

    net::Loop loop;
    const auto tls = net::TlsContext::client();
    Transfer transfer(loop, *tls, server);
    wait_until(loop, "no connection", [&] { return transfer.is_open; });
    Buffer count(8);
    Writer(count).u64(size);
    const auto http = http_head(is_upload, size);
    say("begin", {{"pid", pid}});
    const auto begun = net::now();
    transfer.begin(is_http ? as_bytes(http) : Bytes(count), is_upload ? size : 0,
                   is_upload ? (is_http ? 0 : 1) : size, is_http);
    while (!transfer.is_done()) loop.run_once(20ms);
    const auto time = seconds(net::now() - begun);
    say("end", {{"bytes", static_cast<double>(size)},
                {"seconds", time},
                {"rate", static_cast<double>(size) / time / 1e6}});
    run_for(loop, kLinger);
}

}  // namespace

int main(int argc, char** argv) { return run_program(argc, argv, work); }
