// The event loop of a process: one epoll, and everything that may wake it. It sleeps until something happens
// and never polls; idle, it does not wake at all.
//
//     Loop loop;
//     Watch readable = loop.watch(fd, EPOLLIN, [&](std::uint32_t) { … });
//     Timer tick = loop.at(now() + 20ms, [&] { … tick.set(due += 20ms); });
//     loop.run();
//
// What you register lives as long as the handle that you get: keep it beside what its callback uses. Handles
// may be destroyed at any moment, also from within their own callback; after that the callback is not called
// again. The loop must outlive its handles. Everything here belongs to the loop's thread, except post().
//
// One iteration: deferred work, then the hooks, then sleep; then due timers in the order of their times,
// posted functions, and each ready descriptor once. Nobody is served twice before everybody was served once.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "lib/base/time.hpp"
#include "lib/net/fd.hpp"

namespace connectsphere::net {

class Loop;

// What the loop keeps of one registration.
struct LoopEntry {
    virtual ~LoopEntry() = default;
    virtual void detach(Loop& loop) = 0;

    bool attached = true;
};

// The owner of one registration: movable, and ends it when destroyed.
class LoopHandle {
  public:
    LoopHandle() = default;
    LoopHandle(LoopHandle&& other) noexcept = default;
    LoopHandle& operator=(LoopHandle&& other) noexcept;
    ~LoopHandle() { reset(); }

    void reset();
    explicit operator bool() const { return entry_ != nullptr; }

  protected:
    LoopHandle(Loop& loop, std::unique_ptr<LoopEntry> entry) : loop_(&loop), entry_(std::move(entry)) {}

    Loop* loop_ = nullptr;
    std::unique_ptr<LoopEntry> entry_;
};

// A descriptor that is watched for `events` (EPOLLIN, EPOLLOUT; level-triggered unless EPOLLET is given).
// Destroy the watch before the descriptor is closed.
class Watch : public LoopHandle {
  public:
    Watch() = default;
    void set(std::uint32_t events);  // 0: only errors and hang-ups

  private:
    friend class Loop;
    using LoopHandle::LoopHandle;
};

// A function that is called once at an absolute time, never early. Periodic work sets the next time from the
// previous one, `previous + period`, so that it does not drift.
class Timer : public LoopHandle {
  public:
    Timer() = default;
    void set(Time when);  // replaces the time that was set; kNever is cancel()
    void cancel();
    bool is_armed() const;

  private:
    friend class Loop;
    using LoopHandle::LoopHandle;
};

// A function that is called before each sleep; it returns whether more is waiting than it could do in its
// turn, and then the loop looks at its descriptors without sleeping and comes back.
class Hook : public LoopHandle {
  private:
    friend class Loop;
    using LoopHandle::LoopHandle;
};

// A function that is called once at the end of the iteration in which it was asked for, however often that
// was: writes made one by one leave together.
class Deferred : public LoopHandle {
  public:
    Deferred() = default;
    void request();

  private:
    friend class Loop;
    using LoopHandle::LoopHandle;
};

class Loop {
  public:
    using Callback = std::function<void()>;

    Loop();  // throws std::system_error when the kernel has no descriptor left
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // `on_ready` gets the epoll events. Throws std::system_error for a descriptor that is already watched or
    // that can not be (a regular file): both are our bugs.
    Watch watch(int fd, std::uint32_t events, std::function<void(std::uint32_t)> on_ready);
    Timer at(Time when, Callback on_due);
    Timer timer(Callback on_due) { return at(kNever, std::move(on_due)); }  // to be set later
    Hook before_sleep(std::function<bool()> hook);
    Deferred deferred(Callback work);

    // The one thread-safe door: `work` runs on the loop's thread, in the order of posting. The queue has no
    // limit of its own: a worker thread posts one answer per job that it was given, so whoever gives out the
    // jobs bounds it. Work that is still waiting when the loop goes is destroyed, not called.
    void post(Callback work);

    void run();   // until stop()
    void stop();  // from the loop's thread; others post it
    void run_once(Duration max_wait);

  private:
    friend class LoopHandle;
    friend class Watch;
    friend class Timer;
    friend class Deferred;
    struct WatchEntry;
    struct TimerEntry;
    struct HookEntry;
    struct DeferredEntry;
    using Schedule = std::multimap<Time, TimerEntry*>;  // equal times keep the order of setting

    bool prepare_to_sleep();
    bool run_hooks();
    void run_deferred();
    void run_timers();
    void run_posted();
    Duration until_timer(Duration max_wait) const;
    void retire(std::unique_ptr<LoopEntry> entry);
    void bury();

    Fd epoll_;
    Fd bell_;  // eventfd, rung by post()
    Schedule schedule_;
    std::vector<HookEntry*> hooks_;
    std::vector<DeferredEntry*> deferred_, deferred_running_;
    std::vector<std::unique_ptr<LoopEntry>> retired_;  // kept until no callback can be running in them
    bool stopping_ = false;
    bool dispatching_ = false;

    std::mutex posted_mutex_;
    std::vector<Callback> posted_;
};

}  // namespace connectsphere::net
