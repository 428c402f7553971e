// The load of a shared screen: somebody draws on an X11 display as people do, and viewers see it, ours or
// those of a VNC server that is this display.
//
//   load_desktop --display :7 --server 127.0.0.1:9000 --viewers 10 --work video --rate 30 --seconds 5
//   load_desktop --display :7 --vnc 5907 --viewers 1 --work typing --rate 10 --seconds 5
//
// The delay counts from just before something is drawn to the first whole update after it, at the first
// viewer; ours decodes what it gets, the others only read.
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "lib/net/clock.hpp"
#include "lib/net/tls.hpp"
#include "tests/bench/load/painter.hpp"
#include "tests/bench/load/program.hpp"
#include "tests/bench/load/rfb_viewer.hpp"
#include "tests/bench/load/screen_watcher.hpp"

namespace {

using namespace connectsphere;
using namespace connectsphere::bench;

constexpr Duration kSettle = 2s;  // for the whole picture to reach everybody, and to become exact
constexpr Duration kTail = 500ms;

// What was drawn when, and seen when; VNC's viewers have threads of their own.
class Watch {
  public:
    void drawn(Time at) {
        const std::lock_guard lock(mutex_);
        if (counts_) ++draws_;
        if (!waiting_since_) waiting_since_ = at;
    }
    void seen(bool is_first_viewer, std::size_t bytes) {
        const auto now = net::now();
        const std::lock_guard lock(mutex_);
        if (!counts_) return;
        bytes_ += bytes;
        ++updates_;
        if (!is_first_viewer || !waiting_since_) return;
        delays_.push_back(now - *waiting_since_);
        waiting_since_.reset();
    }
    void begin() {
        const std::lock_guard lock(mutex_);
        counts_ = true;
        waiting_since_.reset();
    }
    void end(std::size_t viewers) {
        const std::lock_guard lock(mutex_);
        counts_ = false;
        const auto ms = [](Duration d) { return std::chrono::duration<double, std::milli>(d).count(); };
        const auto each = [viewers](std::size_t all) {
            return static_cast<double>(all) / static_cast<double>(viewers);
        };
        say("end", {{"draws", static_cast<double>(draws_)},
                    {"updates", each(updates_)},
                    {"bytes", each(bytes_)},
                    {"delay_p50", ms(quantile(delays_, 0.5))},
                    {"delay_p99", ms(quantile(delays_, 0.99))}});
    }

  private:
    std::mutex mutex_;
    bool counts_ = false;
    std::optional<Time> waiting_since_;  // drawn, and not seen yet
    std::vector<Duration> delays_;
    std::size_t draws_ = 0;
    std::size_t updates_ = 0;
    std::size_t bytes_ = 0;
};

// Everybody who watches. Either kind is there.
struct Viewers {
    DatagramBatch batch;
    std::optional<net::TlsContext> tls;
    std::vector<std::unique_ptr<Member>> members;
    std::vector<std::unique_ptr<ScreenWatcher>> ours;
    std::vector<std::unique_ptr<RfbViewer>> vnc;

    void join(net::Loop& loop, const Address& server, std::size_t count, Watch& watch) {
        auto made = net::TlsContext::client();
        if (!made) give_up(made.error().what);
        tls.emplace(std::move(*made));
        std::vector<Member::Options> options;
        for (std::size_t i = 0; i < count; ++i) {
            options.push_back({.server = server,
                               .name = std::string("viewer ") += std::to_string(i),
                               .plane = std::nullopt,
                               .streams = {}});
        }
        members = join_all(loop, *tls, batch, options);
        for (std::size_t i = 0; i < count; ++i) {
            ours.push_back(std::make_unique<ScreenWatcher>(
                loop, *members[i], server, i == 0,
                [&watch, i](std::size_t bytes) { watch.seen(i == 0, bytes); }));
        }
    }
    void connect(std::uint16_t port, std::size_t count, Watch& watch) {
        for (std::size_t i = 0; i < count; ++i) {
            vnc.push_back(std::make_unique<RfbViewer>(
                port, [&watch, i](std::size_t bytes) { watch.seen(i == 0, bytes); }));
        }
    }
};

void work(const Arguments& arguments) {
    Watch watch;
    net::Loop loop;
    Painter painter(arguments.text("display"));
    Viewers viewers;
    const auto count = arguments.number("viewers", 1);
    if (const auto port = arguments.number("vnc", 0); port != 0) {
        viewers.connect(static_cast<std::uint16_t>(port), count, watch);
    } else {
        viewers.join(loop, arguments.server(), count, watch);
    }
    const bool types = arguments.text("work", "typing") == "typing";
    const Duration period = Duration(1s) / arguments.number("rate", 10);
    auto due = net::now();
    net::Timer timer = loop.at(due, [&] {
        watch.drawn(net::now());
        types ? painter.type_glyph() : painter.show_picture();
        timer.set(due += period);
    });
    run_for(loop, kSettle);
    watch.begin();
    say("begin");
    run_for(loop, arguments.duration("seconds", 5));
    watch.end(count);
    run_for(loop, kTail);
}

}  // namespace

int main(int argc, char** argv) { return run_program(argc, argv, work); }
