#include "lib/client/screen_worker.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>

#include "lib/client/background.hpp"
#include "lib/net/clock.hpp"
#include "lib/net/fd.hpp"
#include "lib/net/loop.hpp"

namespace connectsphere::client {

namespace {

constexpr std::size_t kMaxDamage = 64;  // rectangles that wait for a look; more count as everything
constexpr double kBusyShare = 0.7;      // of a processor, at most

}  // namespace

// What the loop's thread asks for.
struct ScreenWorker::Orders {
    bool stopping = false;
    bool active = false;
    bool wants_backing = false;
    int wanted = 0;  // looks
    std::uint64_t life = 0;
};

struct ScreenWorker::Shared {
    std::mutex mutex;
    Orders orders;
    net::Fd bell{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};  // wakes the worker
    OnLook on_look;  // the loop's thread only; empty once the worker has gone

    template <class Change>
    void tell(Change change) {
        {
            const std::lock_guard lock(mutex);
            change(orders);
        }
        const std::uint64_t one = 1;
        (void)!::write(bell.get(), &one, sizeof one);
    }
    Orders take() {
        const std::lock_guard lock(mutex);
        auto taken = orders;
        orders.wants_backing = false;
        return taken;
    }
    void looked() {
        const std::lock_guard lock(mutex);
        --orders.wanted;
    }
};

// How often to look: no oftener than asked for, and no more than a share of a processor.
class ScreenWorker::Pace {
  public:
    explicit Pace(double rate)
        : shortest_(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / rate))) {}

    Time due() const { return due_; }
    bool is_due() {
        begun_ = net::now();
        return begun_ >= due_;
    }
    void looked() {
        const auto cost = std::chrono::duration_cast<Duration>((net::now() - begun_) / kBusyShare);
        due_ = begun_ + std::max(shortest_, cost);
    }

  private:
    Duration shortest_;
    Time begun_{}, due_{};
};

// The worker's own part: everything here belongs to its thread.
class ScreenWorker::Looker {
  public:
    Looker(ScreenSource& source, const ScreenWorker::Options& options)
        : source_(source), encoder_(options.encoder) {}

    void restart() {
        encoder_.restart();
        damage_.clear();
        is_all_ = true;
        says_cursor_ = true;
    }
    // Takes what the source has and, where it may, says what has changed since the last time it said so.
    bool look(ScreenLook& look, bool may_encode) {
        if ((is_ready_ || event_fd() < 0) && !capture(look)) return false;
        if (!may_encode) return false;
        return (has_damage() && encode(look)) || refine(look);
    }
    bool back(ScreenLook& look) { return take(encoder_.back(), look); }

    int event_fd() const { return source_.event_fd(); }
    bool is_ready() const { return is_ready_; }
    void set_ready() { is_ready_ = true; }
    bool has_news(bool may_encode) const {
        return is_ready_ || event_fd() < 0 || (may_encode && has_damage());
    }
    Time refine_at() const { return encoder_.deadline(); }

  private:
    bool has_damage() const { return is_all_ || !damage_.empty(); }
    bool capture(ScreenLook& look);
    bool encode(ScreenLook& look);
    bool refine(ScreenLook& look);
    bool take(const media::ScreenFrame& frame, ScreenLook& look) const {
        if (frame.is_empty()) return false;
        look.frame = frame;
        look.captured_at = captured_at_;
        return true;
    }

    ScreenSource& source_;
    media::ScreenEncoder encoder_;
    std::vector<media::PixelRect> damage_;  // at most kMaxDamage
    bool is_all_ = true;                    // everything may have changed
    bool is_ready_ = true;                  // the source may have something
    bool says_cursor_ = true;
    Time captured_at_{};
};

bool ScreenWorker::Looker::capture(ScreenLook& look) {
    const auto at = net::now();
    is_ready_ = false;
    const auto change = source_.capture();
    if (!change || change->ended) {
        look.ended = true;
        if (!change) look.fault = change.error().what;
        return false;
    }
    // The oldest change that waits says how old the picture is.
    if (!change->damage.empty() && !has_damage()) captured_at_ = at;
    for (const auto& rect : change->damage) damage_.push_back({rect.x, rect.y, rect.width, rect.height});
    if (damage_.size() > kMaxDamage) is_all_ = true;
    if (is_all_) damage_.clear();
    if (change->cursor_moved || std::exchange(says_cursor_, false)) {
        look.has_cursor = true;
        look.cursor = source_.cursor();
    }
    return true;
}

bool ScreenWorker::Looker::encode(ScreenLook& look) {
    const auto pixels = source_.pixels();
    if (!pixels.data || !media::TileGrid::is_valid(pixels.width, pixels.height)) return false;
    if (captured_at_ == Time{} || is_all_) captured_at_ = net::now();
    const media::ScreenView view{.data = reinterpret_cast<const std::uint8_t*>(pixels.data),
                                 .width = pixels.width,
                                 .height = pixels.height,
                                 .stride = pixels.stride};
    if (is_all_) damage_.assign(1, {0, 0, pixels.width, pixels.height});
    const auto& frame = encoder_.update(view, damage_, net::now());
    damage_.clear();
    is_all_ = false;
    return take(frame, look);
}

bool ScreenWorker::Looker::refine(ScreenLook& look) {
    const auto now = net::now();
    if (encoder_.deadline() > now) return false;
    captured_at_ = now;
    return take(encoder_.refine(now), look);
}

ScreenWorker::ScreenWorker(net::Loop& loop, std::unique_ptr<ScreenSource> source, const Options& options,
                           OnLook on_look)
    : shared_(std::make_shared<Shared>()), source_(std::move(source)) {
    shared_->on_look = std::move(on_look);
    thread_ = std::thread(
        [&loop, source = source_.get(), options, shared = shared_] { run(loop, *source, options, shared); });
}

ScreenWorker::~ScreenWorker() {
    shared_->tell([](Orders& orders) { orders.stopping = true; });
    thread_.join();
    shared_->on_look = nullptr;
}

void ScreenWorker::begin(std::uint64_t life) {
    shared_->tell([&](Orders& orders) {
        orders = Orders();
        orders.life = life;
    });
}

void ScreenWorker::rest() {
    shared_->tell([](Orders& orders) { orders.active = false; });
}

void ScreenWorker::want_look() {
    shared_->tell([](Orders& orders) {
        orders.active = true;
        ++orders.wanted;
    });
}

void ScreenWorker::go_on() {
    {
        const std::lock_guard lock(shared_->mutex);
        if (shared_->orders.active) return;
    }
    shared_->tell([](Orders& orders) { orders.active = true; });
}

void ScreenWorker::want_backing() {
    shared_->tell([](Orders& orders) { orders.wants_backing = true; });
}

void ScreenWorker::run(net::Loop& loop, ScreenSource& source, const Options& options,
                       const std::shared_ptr<Shared>& shared) {
    step_back();
    Looker looker(source, options);
    Pace pace(options.frame_rate);
    std::uint64_t life = 0;
    for (;;) {
        const auto orders = shared->take();
        if (orders.stopping) return;
        if (std::exchange(life, orders.life) != orders.life) looker.restart();

        ScreenLook look;
        look.life = life;
        bool has_look = false;
        if (orders.wants_backing) {
            look.is_backing = has_look = looker.back(look);
        } else if (orders.active && pace.is_due()) {
            has_look = looker.look(look, orders.wanted > 0);
            pace.looked();
            if (has_look) shared->looked();
        }
        const bool ended = look.ended;
        if (has_look || look.has_cursor || ended) {
            loop.post([shared, look = std::move(look)]() mutable {
                if (shared->on_look) shared->on_look(std::move(look));
            });
        }
        if (ended) return;
        if (!has_look) wait(*shared, looker, pace, orders);
    }
}

// Until there are orders, the source has something, or what waits for its time is due.
void ScreenWorker::wait(const Shared& shared, Looker& looker, const Pace& pace, const Orders& orders) {
    Time wake = kNever;
    if (orders.active && looker.has_news(orders.wanted > 0)) wake = pace.due();
    if (orders.active && orders.wanted > 0) wake = std::min(wake, std::max(looker.refine_at(), pace.due()));
    const bool watches = orders.active && looker.event_fd() >= 0 && !looker.is_ready();
    pollfd fds[2] = {{shared.bell.get(), POLLIN, 0}, {looker.event_fd(), POLLIN, 0}};
    const auto left = std::max(wake == kNever ? Duration{} : wake - net::now(), Duration{});
    const timespec timeout{static_cast<time_t>(left / 1s), static_cast<long>((left % 1s).count())};
    (void)ppoll(fds, watches ? 2 : 1, wake == kNever ? nullptr : &timeout, nullptr);
    if (watches && fds[1].revents != 0) looker.set_ready();
    std::uint64_t rings = 0;
    (void)!::read(shared.bell.get(), &rings, sizeof rings);
}

}  // namespace connectsphere::client
