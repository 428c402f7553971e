#include "lib/net/loop.hpp"

#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <span>
#include <system_error>

#include "lib/net/clock.hpp"

namespace connectsphere::net {

namespace {

constexpr std::size_t kEventsPerWait = 64;  // the kernel rotates its ready list: the rest comes next time

[[noreturn]] void fail(const char* call) { throw std::system_error(errno, std::generic_category(), call); }

int checked(int result, const char* call) {
    if (result < 0) fail(call);
    return result;
}

void control(int epoll, int operation, int fd, std::uint32_t events, void* entry) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = entry;
    checked(epoll_ctl(epoll, operation, fd, &event), "epoll_ctl");
}

// Sleeps at most so long. Older kernels (before 5.11) only know milliseconds: there a timer is that much
// late.
int wait_for_events(int epoll, std::span<epoll_event> events, Duration wait) {
    using std::chrono::milliseconds, std::chrono::seconds;
    const auto count = static_cast<int>(events.size());
    const auto whole = std::chrono::floor<seconds>(wait);
    const timespec time{.tv_sec = whole.count(), .tv_nsec = (wait - whole).count()};
    const int ready = epoll_pwait2(epoll, events.data(), count, &time, nullptr);
    if (ready >= 0 || errno != ENOSYS) return ready;
    return epoll_wait(epoll, events.data(), count,
                      static_cast<int>(std::chrono::ceil<milliseconds>(wait).count()));
}

}  // namespace

struct Loop::WatchEntry : LoopEntry {
    void detach(Loop& loop) override { epoll_ctl(loop.epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

    int fd = -1;
    std::function<void(std::uint32_t)> on_ready;
};

// A timer brings its node of the schedule along, so that setting it again does not allocate.
struct Loop::TimerEntry : LoopEntry {
    void detach(Loop& loop) override { cancel(loop); }
    bool armed() const { return node.empty(); }
    void cancel(Loop& loop) {
        if (armed()) node = loop.schedule_.extract(place);
    }
    void set(Loop& loop, Time when) {
        cancel(loop);
        if (when == kNever) return;
        node.key() = when;
        place = loop.schedule_.insert(std::move(node));
    }

    Callback on_due;
    Schedule::iterator place;
    Schedule::node_type node;  // while not armed
};

struct Loop::HookEntry : LoopEntry {
    void detach(Loop& loop) override { std::replace(loop.hooks_.begin(), loop.hooks_.end(), this, kNone); }

    static constexpr HookEntry* kNone = nullptr;
    std::function<bool()> hook;
};

struct Loop::DeferredEntry : LoopEntry {
    void detach(Loop& loop) override { std::erase(loop.deferred_, this); }

    Callback work;
    bool requested = false;
};

LoopHandle& LoopHandle::operator=(LoopHandle&& other) noexcept {
    if (this == &other) return *this;
    reset();
    loop_ = other.loop_;
    entry_ = std::move(other.entry_);
    return *this;
}

void LoopHandle::reset() {
    if (entry_) loop_->retire(std::move(entry_));
}

void Watch::set(std::uint32_t events) {
    auto& entry = static_cast<Loop::WatchEntry&>(*entry_);
    control(loop_->epoll_.get(), EPOLL_CTL_MOD, entry.fd, events, &entry);
}

void Timer::set(Time when) { static_cast<Loop::TimerEntry&>(*entry_).set(*loop_, when); }

void Timer::cancel() {
    if (entry_) static_cast<Loop::TimerEntry&>(*entry_).cancel(*loop_);
}

bool Timer::is_armed() const { return entry_ && static_cast<const Loop::TimerEntry&>(*entry_).armed(); }

void Deferred::request() {
    auto& entry = static_cast<Loop::DeferredEntry&>(*entry_);
    if (std::exchange(entry.requested, true)) return;
    loop_->deferred_.push_back(&entry);
}

// The bell is edge-triggered, so that it need not be read: each write to an eventfd is an edge.
Loop::Loop()
    : epoll_(checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      bell_(checked(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")) {
    control(epoll_.get(), EPOLL_CTL_ADD, bell_.get(), EPOLLIN | EPOLLET, nullptr);
}

Loop::~Loop() {
    posted_.clear();
    bury();
}

Watch Loop::watch(int fd, std::uint32_t events, std::function<void(std::uint32_t)> on_ready) {
    auto entry = std::make_unique<WatchEntry>();
    entry->fd = fd;
    entry->on_ready = std::move(on_ready);
    control(epoll_.get(), EPOLL_CTL_ADD, fd, events, entry.get());
    return {*this, std::move(entry)};
}

Timer Loop::at(Time when, Callback on_due) {
    auto entry = std::make_unique<TimerEntry>();
    entry->on_due = std::move(on_due);
    entry->place = schedule_.emplace(kNever, entry.get());
    entry->set(*this, when);
    return {*this, std::move(entry)};
}

Hook Loop::before_sleep(std::function<bool()> hook) {
    auto entry = std::make_unique<HookEntry>();
    entry->hook = std::move(hook);
    hooks_.push_back(entry.get());
    return {*this, std::move(entry)};
}

Deferred Loop::deferred(Callback work) {
    auto entry = std::make_unique<DeferredEntry>();
    entry->work = std::move(work);
    return {*this, std::move(entry)};
}

void Loop::post(Callback work) {
    const std::scoped_lock lock(posted_mutex_);
    posted_.push_back(std::move(work));
    if (posted_.size() > 1) return;  // the bell rang for the first one
    [[maybe_unused]] const auto written = eventfd_write(bell_.get(), 1);
}

void Loop::run() {
    while (!stopping_) run_once(24h);
    stopping_ = false;
}

void Loop::stop() { stopping_ = true; }

void Loop::run_once(Duration max_wait) {
    assert(!dispatching_ && "the loop does not nest");
    dispatching_ = true;
    const bool sleepless = prepare_to_sleep() || stopping_;
    std::array<epoll_event, kEventsPerWait> events;
    const int ready = wait_for_events(epoll_.get(), events, sleepless ? Duration{} : until_timer(max_wait));
    run_timers();
    run_posted();
    for (int i = 0; i < ready; ++i) {
        const auto& event = events[static_cast<std::size_t>(i)];
        auto* entry = static_cast<WatchEntry*>(event.data.ptr);
        if (entry && entry->attached) entry->on_ready(event.events);
    }
    dispatching_ = false;
    bury();
}

// Deferred work may touch what a hook guards (a call on a ZeroMQ socket eats its edge), so the hooks come
// last; what they defer runs first in the next iteration, before which there is no sleep.
bool Loop::prepare_to_sleep() {
    run_deferred();
    const bool more = run_hooks();
    return more || !deferred_.empty();
}

bool Loop::run_hooks() {
    bool more = false;
    // NOLINTNEXTLINE(modernize-loop-convert): by index, for a hook may add another
    for (std::size_t i = 0; i < hooks_.size(); ++i) {
        if (hooks_[i] && hooks_[i]->hook()) more = true;
    }
    std::erase(hooks_, nullptr);
    return more;
}

void Loop::run_deferred() {
    deferred_running_.swap(deferred_);
    for (auto* entry : deferred_running_) {
        if (!entry->attached) continue;
        entry->requested = false;
        entry->work();
    }
    deferred_running_.clear();
}

// A timer may set itself to a time that is already past (a tick that catches up), so the number of calls is
// bounded by the number of timers: descriptors get their turn in between.
void Loop::run_timers() {
    if (schedule_.empty()) return;
    const Time time = now();
    for (auto budget = schedule_.size(); budget > 0 && !schedule_.empty(); --budget) {
        const auto first = schedule_.begin();
        if (first->first > time) return;
        TimerEntry& entry = *first->second;
        entry.cancel(*this);
        entry.on_due();
    }
}

void Loop::run_posted() {
    std::vector<Callback> work;
    {
        const std::scoped_lock lock(posted_mutex_);
        work.swap(posted_);
    }
    for (auto& callback : work) callback();
}

Duration Loop::until_timer(Duration max_wait) const {
    if (schedule_.empty() || schedule_.begin()->first == kNever) return max_wait;
    return std::clamp<Duration>(schedule_.begin()->first - now(), 0ns, max_wait);
}

void Loop::retire(std::unique_ptr<LoopEntry> entry) {
    entry->attached = false;
    entry->detach(*this);
    retired_.push_back(std::move(entry));
    if (!dispatching_) bury();
}

// A callback that is destroyed may own further handles: they are retired while we look.
void Loop::bury() {
    while (!retired_.empty()) {
        std::vector<std::unique_ptr<LoopEntry>> gone;
        gone.swap(retired_);
        const bool nested = std::exchange(dispatching_, true);
        gone.clear();
        dispatching_ = nested;
    }
}

}  // namespace connectsphere::net
