#include "services/status/http_server.hpp"

#include <httplib.h>
#include <netdb.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <future>
#include <mutex>
#include <thread>

#include "lib/net/loop.hpp"

namespace connectsphere::status {
namespace {

constexpr std::size_t kWorkers = 8;

// httplib's pool, with an end to its queue: when kMostWaiting connections wait for a worker, the accepting
// thread waits too, and further ones wait in the kernel's backlog, which is bounded.
class BoundedPool final : public httplib::TaskQueue {
  public:
    void enqueue(std::function<void()> job) override {
        {
            std::unique_lock lock(mutex_);
            room_.wait(lock, [this] { return waiting_ < kMostWaiting; });
            ++waiting_;
        }
        pool_.enqueue([this, job = std::move(job)] {
            {
                const std::lock_guard lock(mutex_);
                --waiting_;
            }
            room_.notify_one();
            job();
        });
    }
    void shutdown() override { pool_.shutdown(); }

  private:
    static constexpr std::size_t kMostWaiting = 32;

    std::mutex mutex_;
    std::condition_variable room_;
    std::size_t waiting_ = 0;
    httplib::ThreadPool pool_{kWorkers};
};

std::string problem(std::string_view text) { return "{\"error\":\"" + std::string(text) + "\"}\n"; }

// Asks the loop's thread. The promise is shared: a loop that answers too late answers nobody, and one that
// ends without answering breaks it.
HttpAnswer ask(net::Loop& loop, const std::function<HttpAnswer()>& route) {
    const HttpAnswer too_slow{.code = 503, .body = problem("the status service does not answer in time")};
    auto promise = std::make_shared<std::promise<HttpAnswer>>();
    auto answer = promise->get_future();
    // `route` belongs to the server, and the server stops its threads before it goes; a late answer must not
    // touch it, so it travels by value.
    loop.post([promise = std::move(promise), route] { promise->set_value(route()); });
    if (answer.wait_for(HttpServer::kPatience) != std::future_status::ready) return too_slow;
    try {
        return answer.get();
    } catch (const std::future_error&) {
        return too_slow;
    }
}

void write(httplib::Response& response, const HttpAnswer& answer) {
    response.status = answer.code;
    response.set_content(answer.body, answer.type);
}

}  // namespace

struct HttpServer::Impl {
    httplib::Server http;
    Address address;
    std::thread thread;
    std::atomic<bool> has_ended = false;

    void limit();
    void guard(bool is_loopback);
};

// One request a connection, and little patience: an idle browser or a slow peer must not hold a worker.
void HttpServer::Impl::limit() {
    http.new_task_queue = [] { return new BoundedPool; };  // httplib owns and deletes it
    http.set_keep_alive_max_count(1);
    http.set_keep_alive_timeout(2);
    http.set_read_timeout(2);
    http.set_write_timeout(5);
    http.set_payload_max_length(1024);
    // httplib's default is SO_REUSEPORT, with which a second server binds the same port and takes half of the
    // requests. SO_REUSEADDR only lets a restarted one in.
    http.set_socket_options([](socket_t socket) {
        const int yes = 1;
        ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    http.set_default_headers({{"Cache-Control", "no-store"},
                              {"X-Content-Type-Options", "nosniff"},
                              {"Referrer-Policy", "no-referrer"},
                              {"Content-Security-Policy",
                               "default-src 'none'; connect-src 'self'; img-src data:; "
                               "style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
                               "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}});
}

void HttpServer::Impl::guard(bool is_loopback) {
    using Handled = httplib::Server::HandlerResponse;
    http.set_pre_routing_handler([is_loopback](const httplib::Request& request, httplib::Response& response) {
        if (request.method != "GET" && request.method != "HEAD") {
            response.set_header("Allow", "GET, HEAD");
            write(response, {.code = 405, .body = problem("only GET is answered here")});
            return Handled::Handled;
        }
        if (is_loopback && !is_local_host(request.get_header_value("Host"))) {
            write(response, {.code = 403, .body = problem("use an IP address or localhost as the host")});
            return Handled::Handled;
        }
        // httplib would serve any number of overlapping ranges, each a copy of the answer.
        if (!request.ranges.empty()) {
            write(response, {.code = 416, .body = problem("ranges are not served")});
            return Handled::Handled;
        }
        return Handled::Unhandled;
    });
    http.set_error_handler([](const httplib::Request&, httplib::Response& response) {
        if (!response.body.empty()) return;
        const bool unknown = response.status == 404;
        response.set_content(problem(unknown ? "no such page" : "bad request"), "application/json");
    });
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<HttpServer>> HttpServer::listen(net::Loop& loop, const Address& address,
                                                       Routes routes) {
    auto impl = std::make_unique<Impl>();
    impl->address = address;
    impl->limit();
    impl->guard(address.is_loopback());
    for (auto& [path, route] : routes)
        impl->http.Get(path, [&loop, route = std::move(route)](const auto&, httplib::Response& response) {
            write(response, ask(loop, route));
        });

    errno = 0;
    const std::string host = address.ip_text();
    const int port = address.port != 0
                         ? (impl->http.bind_to_port(host, address.port, AI_NUMERICHOST) ? address.port : -1)
                         : impl->http.bind_to_any_port(host, AI_NUMERICHOST);
    if (port < 0)
        return Error{Errc::system, "can not listen on " + address.text() + " (listen.status_port): " +
                                       (errno == 0 ? "no such address" : std::strerror(errno))};
    impl->address.port = static_cast<std::uint16_t>(port);
    impl->thread = std::thread([self = impl.get()] {
        self->http.listen_after_bind();
        self->has_ended = true;
    });
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::~HttpServer() {
    // stop() before the thread has begun to listen would be lost.
    while (!impl_->http.is_running() && !impl_->has_ended) std::this_thread::yield();
    impl_->http.stop();
    impl_->thread.join();
}

const Address& HttpServer::address() const { return impl_->address; }

bool is_local_host(std::string_view host) {
    if (host.empty()) return true;  // HTTP/1.0 without a Host: no browser
    if (host == "localhost" || host.starts_with("localhost:")) return true;
    return parse_address(host, 80).has_value();
}

}  // namespace connectsphere::status
