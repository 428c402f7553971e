// Worker: the second thread of a process whose calls may block (a disk, a slow hash). A job runs there, one
// after another in the order given; what follows from it runs on the loop. It is behind
// EngineContext::offload, so that engines know no thread, and simulations run the jobs when they like.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "lib/net/loop.hpp"

namespace connectsphere {

class Worker {
  public:
    using Job = std::function<void()>;

    explicit Worker(net::Loop& loop) : loop_(loop) {}
    // Finishes the jobs that were given: what was accepted is on disk. Their `done` is not called any more.
    ~Worker();

    // `done` is called on the loop. The queue has no limit of its own: engines bound what they have under
    // way.
    void submit(Job job, Job done);

  private:
    struct Task {
        Job job;
        Job done;
    };
    void run();

    net::Loop& loop_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Task> tasks_;
    bool stopping_ = false;
    std::thread thread_;  // started with the first job
};

}  // namespace connectsphere
