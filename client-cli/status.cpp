#include "client-cli/status.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "client-cli/connect.hpp"
#include "client-cli/report.hpp"
#include "lib/net/clock.hpp"
#include "lib/net/tcp.hpp"

namespace connectsphere::cli {

namespace {

constexpr std::size_t kMaxResponse = 64 << 20;
constexpr std::string_view kRequest =
    "GET /status HTTP/1.0\r\nHost: localhost\r\nAccept: application/json\r\nConnection: close\r\n\r\n";

// HTTP/1.0 and "close": the answer ends with the connection.
Result<std::string> fetch(std::uint16_t port, Time deadline) {
    const auto address = parse_address("127.0.0.1", port);
    auto fd = net::connect_tcp(*address);
    if (!fd) return Error{Errc::unavailable, fd.error().what};
    const auto wait = [&](short events) {
        pollfd poll_one{.fd = fd->get(), .events = events, .revents = 0};
        const auto left = std::max(Duration::zero(), deadline - net::now());
        return ::poll(&poll_one, 1, static_cast<int>(milliseconds(left)) + 1) > 0;
    };
    const Error late{Errc::timed_out, "the status page does not answer"};
    if (!wait(POLLOUT)) return late;
    if (const auto open = net::connect_result(fd->get(), *address); !open) {
        return Error{Errc::unavailable, "no status page on port " + std::to_string(port) +
                                            " of this machine; does the server run here?"};
    }
    if (::send(fd->get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(kRequest.size())) {
        return Error{Errc::unavailable, "the status page closed the connection"};
    }
    std::string response;
    char bytes[16384];
    while (response.size() < kMaxResponse) {
        if (!wait(POLLIN)) return late;
        const auto count = ::recv(fd->get(), bytes, sizeof bytes, 0);
        if (count == 0) break;
        if (count > 0) response.append(bytes, static_cast<std::size_t>(count));
        if (count < 0 && errno != EAGAIN && errno != EINTR) {
            return Error{Errc::unavailable, "the status page broke off"};
        }
    }
    return http_body(response);
}

}  // namespace

Result<std::string> http_body(std::string_view response) {
    const auto blank = response.find("\r\n\r\n");
    if (!response.starts_with("HTTP/1.") || blank == std::string_view::npos) {
        return Error{Errc::malformed, "what answers there is no status page"};
    }
    auto head = response.substr(0, blank + 2);
    const auto body = response.substr(blank + 4);
    const auto line = head.substr(0, head.find("\r\n"));
    const auto code = line.size() >= 12 ? line.substr(9, 3) : std::string_view();
    if (code != "200") return Error{Errc::refused, "the status page says: " + std::string(line)};
    while (!head.empty()) {
        const auto end = head.find("\r\n");
        std::string field(head.substr(0, end));
        head.remove_prefix(end + 2);
        std::transform(field.begin(), field.end(), field.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        constexpr std::string_view kLength = "content-length:";
        if (!field.starts_with(kLength)) continue;
        const auto digits = std::min(field.find_first_not_of(" \t", kLength.size()), field.size());
        std::size_t length = 0;
        std::from_chars(field.data() + digits, field.data() + field.size(), length);
        if (body.size() < length) return Error{Errc::truncated, "the status page broke off"};
        return std::string(body.substr(0, length));
    }
    return std::string(body);
}

int status(const StatusOptions& options) {
    const auto reporter = options.json ? make_json_reporter() : make_text_reporter({.bare = true});
    const auto body = fetch(options.port, net::now() + options.timeout);
    const auto text = !body || options.json ? body : status_text(*body);
    if (!text) {
        reporter->error("status", text.error().what);
        return exit_code(text.error());
    }
    std::fwrite(text->data(), 1, text->size(), stdout);
    return kOk;
}

}  // namespace connectsphere::cli
