#include "services/common/worker.hpp"

#include <utility>

namespace connectsphere {

Worker::~Worker() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void Worker::submit(Job job, Job done) {
    {
        const std::lock_guard lock(mutex_);
        tasks_.push_back({.job = std::move(job), .done = std::move(done)});
    }
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    wake_.notify_one();
}

void Worker::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
        if (tasks_.empty()) return;
        auto task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        task.job();
        loop_.post(std::move(task.done));
        lock.lock();
    }
}

}  // namespace connectsphere
