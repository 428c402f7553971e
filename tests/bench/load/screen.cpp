// The load of the screen plane: a generated screen that is shared by a process of its own, as `share` does
// it, and viewers. The first viewer draws and says how old the pixels are; the others only take what comes,
// for the load must be cheap beside the server.
//
//   load_screen --server 127.0.0.1:9000 --what typing --viewers 10 --seconds 10
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include "lib/client/screen_generator.hpp"
#include "lib/client/screen_presenter.hpp"
#include "lib/client/screen_viewer.hpp"
#include "lib/net/clock.hpp"
#include "tests/bench/load/member.hpp"
#include "tests/bench/load/program.hpp"

namespace connectsphere::bench {
namespace {

constexpr std::uint64_t kAcknowledgeBytes = 8 << 10;  // as lib/client/screen_viewer
constexpr Duration kWarmUp = 2s;                      // until the first picture is exact everywhere

client::PlaneLink::Options link_options(const Address& server) {
    return {.server = server, .verify = [](const std::string&) { return Result<void>(); }};
}

void ask_for_ticket(Member& member) {
    member.act([](auto& session, auto& out) { session.open_screen(out); });
}

// Gives what the control plane says of tickets to the link.
void connect(Member& member, client::PlaneLink& link) {
    member.on_event = [&link](const client::Event& event) {
        if (const auto* ticket = std::get_if<proto::Ticket>(&event)) link.ticket(*ticket);
        if (const auto* failed = std::get_if<client::RequestFailed>(&event))
            link.ticket_refused(failed->error);
    };
}

Member::Options named(const Address& server, std::string name) {
    return {.server = server, .name = std::move(name), .plane = std::nullopt, .streams = {}};
}

int present(const Arguments& arguments) {
    net::Loop loop;
    DatagramBatch batch(1 << 16);
    const auto tls = net::TlsContext::client();
    const auto plan = client::parse_screen_plan(arguments.text("what", "typing"));
    auto source = client::make_screen(*plan);
    if (!source) give_up(source.error().what);
    auto members = join_all(loop, *tls, batch, {named(arguments.server(), "presenter")});
    client::ScreenPresenter presenter(
        loop, std::move(*source), {.link = link_options(arguments.server()), .worker = {}},
        {.want_ticket = [&] { ask_for_ticket(*members[0]); },
         .on_started = [] {},
         .on_ended = [](const auto& ended) { give_up("sharing ended: " + ended.text); }});
    connect(*members[0], presenter.link());
    presenter.start();
    loop.run();
    return 0;
}

// Takes what comes and draws nothing.
class Sink {
  public:
    Sink(net::Loop& loop, Member& member, const Address& server)
        : link_(loop, proto::PLANE_SCREEN, link_options(server),
                {.want_ticket = [&member] { ask_for_ticket(member); },
                 .on_entered =
                     [this](const auto&) {
                         proto::ClientMessage message;
                         message.mutable_watch_screen();
                         link_.send(message);
                     },
                 .on_message =
                     [this](const proto::ServerMessage&, Bytes, std::size_t size) {
                         received_ += size;
                         ++frames;
                     },
                 .on_batch =
                     [this] {
                         if (received_ - acknowledged_ >= kAcknowledgeBytes) return acknowledge();
                         if (!timer_.is_armed()) timer_.set(net::now() + 20ms);
                     },
                 .on_refused = [](const proto::Error& error) { give_up(error.text()); }}),
          timer_(loop.timer([this] { acknowledge(); })) {
        connect(member, link_);
        link_.open();
    }
    std::uint64_t frames = 0;

  private:
    void acknowledge() {
        timer_.cancel();
        proto::ClientMessage message;
        message.mutable_screen_received()->set_bytes(received_);
        link_.send(message);
        acknowledged_ = received_;
    }

    client::PlaneLink link_;
    net::Timer timer_;
    std::uint64_t received_ = 0, acknowledged_ = 0;
};

// Processor time of all threads of a process, in seconds.
double cpu_of(int pid) {
    double sum = 0;
    std::string folder = "/proc/";
    folder += std::to_string(pid);
    folder += "/task";
    for (const auto& thread : std::filesystem::directory_iterator(folder)) {
        std::ifstream file(thread.path() / "schedstat");
        double nanoseconds = 0;
        file >> nanoseconds;
        sum += nanoseconds / 1e9;
    }
    return sum;
}

struct Eye {
    Eye(net::Loop& loop, Member& member, const Address& server)
        : viewer(loop, {.link = link_options(server)},
                 {.want_ticket = [&member] { ask_for_ticket(member); },
                  .on_update = [this](const auto& seen) { on_update(seen); },
                  .on_refused = [](const proto::Error& error) { give_up(error.text()); }}) {
        connect(member, viewer.link());
        viewer.start();
    }
    void on_update(const client::ScreenViewer::Seen& seen) {
        is_whole = seen.whole;
        if (!counts || !seen.whole) return;
        const auto now =
            std::chrono::duration_cast<std::chrono::microseconds>(net::now().time_since_epoch()).count();
        delays.push_back(std::chrono::microseconds(now - static_cast<std::int64_t>(seen.captured_at)));
    }

    bool counts = false;
    bool is_whole = false;
    std::vector<Duration> delays;
    client::ScreenViewer viewer;
};

void work(const Arguments& arguments) {
    const Child presenter([&] { return present(arguments); });
    net::Loop loop;
    DatagramBatch batch(1 << 16);
    const auto tls = net::TlsContext::client();
    const auto server = arguments.server();
    std::vector<Member::Options> options;
    const auto viewers = arguments.number("viewers", 1);
    for (std::size_t i = 0; i <= viewers; ++i)
        options.push_back(named(server, "viewer " + std::to_string(i)));
    auto members = join_all(loop, *tls, batch, options);
    Eye eye(loop, *members[0], server);
    wait_until(loop, "no picture came", [&] { return eye.is_whole; });
    std::vector<std::unique_ptr<Sink>> sinks;
    for (std::size_t i = 1; i < viewers; ++i) {
        sinks.push_back(std::make_unique<Sink>(loop, *members[i], server));
        // A server takes 64 strangers of one address.
        if (i % kAtOnce == 0)
            wait_until(loop, "a viewer saw nothing", [&] { return sinks.back()->frames > 0; });
    }
    run_for(loop, kWarmUp);

    say("begin");
    eye.counts = true;
    const auto begun = net::now();
    const auto bytes = eye.viewer.counters().bytes;
    const double cpu = cpu_of(presenter.pid());
    run_for(loop, arguments.duration("seconds", 5));
    const double time = seconds(net::now() - begun);
    const double presenter_cpu = cpu_of(presenter.pid()) - cpu;
    const double rate = static_cast<double>(eye.viewer.counters().bytes - bytes) * 8 / 1000 / time;
    const auto delays = std::exchange(eye.delays, {});
    eye.counts = false;

    // One who comes late: from asking for the ticket to the whole picture.
    const auto asked = net::now();
    Eye late(loop, *members[viewers], server);
    wait_until(loop, "the late viewer saw nothing", [&] { return late.is_whole; });
    const auto late_after = net::now() - asked;

    const auto ms = [](Duration duration) { return 1000 * seconds(duration); };
    say("end", {{"seconds", time},
                {"updates", static_cast<double>(delays.size())},
                {"delay_p50", ms(quantile(delays, 0.5))},
                {"delay_p99", ms(quantile(delays, 0.99))},
                {"kbit_per_second", rate},
                {"presenter_cpu", presenter_cpu},
                {"late_ms", ms(late_after)},
                {"late_bytes", static_cast<double>(late.viewer.counters().bytes)}});
}

}  // namespace
}  // namespace connectsphere::bench

int main(int argc, char** argv) {
    return connectsphere::bench::run_program(argc, argv, connectsphere::bench::work);
}
