// cs-test-udp-proxy: makes the way between real clients and a real UDP port as bad as a test wants it.
// Loopback only. Every client has a socket of its own towards the server, so that several clients stay
// several; each has two links (tests/support/link.hpp), one a direction.
//
//     cs-test-udp-proxy --listen 0 --target 10000 --loss 0.05 --delay 10ms --jitter 5ms --for 30s
//
// Clients that learn a port from the server look for it on the address by which they know the server. With
// --address 127.0.0.2 and the target's own port the proxy is where such a client looks.
//
// The first line of output names the port, {"listening":40123}; the last one, after --for or SIGTERM, counts.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <map>
#include <memory>
#include <queue>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "lib/base/bytes.hpp"
#include "lib/base/time.hpp"
#include "tests/support/link.hpp"

namespace connectsphere::test {
namespace {

// Enough for any test here; a stranger's 257th port and what a queue can not hold are dropped and counted.
constexpr std::size_t kMaxClients = 256;
constexpr std::size_t kMaxWaiting = 1 << 16;
constexpr int kReadsAtOnce = 64;  // from one socket, before the others have their turn

struct Options {
    std::string address = "127.0.0.1";
    std::uint16_t listen = 0;
    std::uint16_t target = 0;
    LinkQuality quality;
    std::uint64_t seed = 1;
    Duration run_for = 60s;
};

Time now() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return Time{} + std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

const sockaddr* generic(const sockaddr_in& address) { return reinterpret_cast<const sockaddr*>(&address); }

void check(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
}

class Socket {
  public:
    Socket() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
        check(fd_, "socket");
        // Bursts of frames wait here while others are served.
        const int bytes = 4 << 20;
        (void)::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() { ::close(fd_); }
    int fd() const { return fd_; }

  private:
    int fd_;
};

struct Client {
    Client(const Options& options, const sockaddr_in& where, std::uint64_t number)
        : address(where),
          up(options.quality, options.seed * 1'000 + 2 * number),
          down(options.quality, options.seed * 1'000 + 2 * number + 1) {
        const auto target = loopback(options.target);
        check(::connect(upstream.fd(), generic(target), sizeof target), "connect");
    }

    sockaddr_in address;
    Socket upstream;
    Link up, down;
};

class UdpProxy {
  public:
    explicit UdpProxy(const Options& options) : options_(options) {
        auto address = loopback(options.listen);
        check(::inet_pton(AF_INET, options.address.c_str(), &address.sin_addr) == 1 ? 0 : -1, "address");
        if (ntohl(address.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
            throw std::invalid_argument(options.address + " is no loopback address");
        check(::bind(front_.fd(), generic(address), sizeof address), "bind");
    }

    void run(const sigset_t& signals_while_waiting) {
        std::printf("{\"listening\":%u}\n", static_cast<unsigned>(port()));
        std::fflush(stdout);
        const Time end = now() + options_.run_for;
        while (now() < end) {
            send_due();
            if (!wait(end, signals_while_waiting)) break;
            for (int i = 0; i < kReadsAtOnce && read_front(); ++i) {
            }
            for (auto& [from, client] : clients_)
                for (int i = 0; i < kReadsAtOnce && read_upstream(*client); ++i) {
                }
        }
        print_counts();
    }

  private:
    struct Waiting {
        Time when;
        std::uint64_t order;
        bool is_up;
        Client* client;  // clients are never removed
        Buffer bytes;
        bool operator>(const Waiting& other) const {
            return std::pair(when, order) > std::pair(other.when, other.order);
        }
    };

    std::uint16_t port() const {
        sockaddr_in address{};
        socklen_t size = sizeof address;
        check(::getsockname(front_.fd(), reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
        return ntohs(address.sin_port);
    }

    // False when a signal asks to stop.
    bool wait(Time end, const sigset_t& signals) {
        std::vector<pollfd> polled{{front_.fd(), POLLIN, 0}};
        for (const auto& [from, client] : clients_) polled.push_back({client->upstream.fd(), POLLIN, 0});
        const Time next = waiting_.empty() ? end : std::min(end, waiting_.top().when);
        const auto left = std::max(Duration{}, next - now());
        const timespec timeout{.tv_sec = left / 1s, .tv_nsec = (left % 1s).count()};
        return ::ppoll(polled.data(), polled.size(), &timeout, &signals) >= 0 || errno != EINTR;
    }

    bool read_front() {
        sockaddr_in from{};
        socklen_t size = sizeof from;
        const auto count = ::recvfrom(front_.fd(), buffer_.data(), buffer_.size(), 0,
                                      reinterpret_cast<sockaddr*>(&from), &size);
        if (count < 0) return false;
        const std::uint16_t key = from.sin_port;  // all of 127.0.0.1, so that the port tells them apart
        auto found = clients_.find(key);
        if (found == clients_.end()) {
            if (clients_.size() == kMaxClients) return ++dropped_, true;
            found = clients_.emplace(key, std::make_unique<Client>(options_, from, clients_.size())).first;
        }
        queue(*found->second, true, static_cast<std::size_t>(count));
        return true;
    }

    bool read_upstream(Client& client) {
        const auto count = ::recv(client.upstream.fd(), buffer_.data(), buffer_.size(), 0);
        if (count < 0) return false;
        queue(client, false, static_cast<std::size_t>(count));
        return true;
    }

    void queue(Client& client, bool is_up, std::size_t count) {
        const auto arrivals = (is_up ? client.up : client.down).carry(count, now());
        for (std::size_t i = 0; i < arrivals.count; ++i) {
            if (waiting_.size() == kMaxWaiting) {
                ++dropped_;
                continue;
            }
            waiting_.push({.when = arrivals.at[i],
                           .order = order_++,
                           .is_up = is_up,
                           .client = &client,
                           .bytes = {buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(count)}});
        }
    }

    // A send that fails is a loss like any other: nobody listens there, or its buffer is full.
    void send_due() {
        const Time time = now();
        for (; !waiting_.empty() && waiting_.top().when <= time; waiting_.pop()) {
            const auto& [when, order, is_up, client, bytes] = waiting_.top();
            const auto sent = is_up ? ::send(client->upstream.fd(), bytes.data(), bytes.size(), 0)
                                    : ::sendto(front_.fd(), bytes.data(), bytes.size(), 0,
                                               generic(client->address), sizeof client->address);
            if (sent < 0) ++failed_;
        }
    }

    void print_counts() const {
        LinkCounts up, down;
        const auto add = [](LinkCounts& sum, const LinkCounts& each) {
            sum.offered += each.offered;
            sum.lost += each.lost;
            sum.overflowed += each.overflowed;
            sum.duplicated += each.duplicated;
            sum.reordered += each.reordered;
        };
        for (const auto& [from, client] : clients_) {
            add(up, client->up.counts());
            add(down, client->down.counts());
        }
        const auto print = [](const char* name, const LinkCounts& counts) {
            std::printf(
                "\"%s\":{\"offered\":%ju,\"lost\":%ju,\"overflowed\":%ju,\"duplicated\":%ju,\"reordered\":%"
                "ju},",
                name, counts.offered, counts.lost, counts.overflowed, counts.duplicated, counts.reordered);
        };
        std::printf("{\"clients\":%zu,", clients_.size());
        print("up", up);
        print("down", down);
        std::printf("\"dropped\":%ju,\"failed\":%ju,\"waiting\":%zu}\n", dropped_, failed_, waiting_.size());
    }

    Options options_;
    Socket front_;
    std::map<std::uint16_t, std::unique_ptr<Client>> clients_;
    std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> waiting_;
    Buffer buffer_ = Buffer(65'536);
    std::uint64_t order_ = 0;
    std::uint64_t dropped_ = 0;  // for want of a place
    std::uint64_t failed_ = 0;   // the kernel did not take it
};

// SIGTERM and SIGINT are let in only while waiting, so that none is missed.
sigset_t stop_on_signals() {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigset_t stop, before;
    sigemptyset(&stop);
    for (const int number : {SIGTERM, SIGINT}) {
        sigaction(number, &action, nullptr);
        sigaddset(&stop, number);
    }
    sigprocmask(SIG_BLOCK, &stop, &before);
    return before;
}

void add_duration(CLI::App& app, const std::string& name, Duration& target, const std::string& help) {
    app.add_option_function<std::int64_t>(
           name,
           [&target](const std::int64_t& microseconds) { target = std::chrono::microseconds(microseconds); },
           help)
        ->transform(CLI::AsNumberWithUnit(
            std::map<std::string, std::int64_t>{{"us", 1}, {"ms", 1000}, {"s", 1'000'000}},
            CLI::AsNumberWithUnit::UNIT_REQUIRED))
        ->type_name("DURATION");
}

}  // namespace
}  // namespace connectsphere::test

int main(int argc, char** argv) {
    using namespace connectsphere::test;
    Options options;
    LinkQuality& quality = options.quality;
    CLI::App app("Passes UDP datagrams on, badly. Loopback only.");
    app.add_option("--address", options.address, "to listen on, in 127.0.0.0/8; default 127.0.0.1");
    app.add_option("--listen", options.listen, "port to listen on; 0 picks a free one");
    app.add_option("--target", options.target, "port on 127.0.0.1")->required();
    app.add_option("--loss", quality.loss, "share that is lost, each way")->check(CLI::Range(0.0, 1.0));
    app.add_option("--duplicate", quality.duplicate, "share that comes twice")->check(CLI::Range(0.0, 1.0));
    app.add_option("--reorder", quality.reorder, "share that is held back 5 ms")->check(CLI::Range(0.0, 1.0));
    app.add_option("--rate", quality.bits_per_second, "bit/s each way and client; 0: no limit");
    app.add_option("--seed", options.seed, "of the random decisions");
    add_duration(app, "--delay", quality.delay, "one way");
    add_duration(app, "--jitter", quality.jitter, "added to the delay, uniform from zero");
    add_duration(app, "--for", options.run_for, "then end; default 60s");
    CLI11_PARSE(app, argc, argv);
    try {
        const auto signals_while_waiting = stop_on_signals();
        UdpProxy(options).run(signals_while_waiting);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "cs-test-udp-proxy: %s\n", error.what());
        return 1;
    }
    return 0;
}
