// Journal: group commit. What is written while a batch is on its way to the disk goes with the next one, so
// that one fsync serves many messages, and an answer that must not be lost is given only when what it stands
// for is durable.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "services/common/engine.hpp"
#include "services/signaling/store.hpp"

namespace connectsphere::signaling {

class Journal {
  public:
    using Then = std::function<void(const Result<void>&, Time, Outbox&)>;

    // Without a store nothing is kept and everything succeeds; without an offload the disk is waited for.
    Journal(std::shared_ptr<Store> store, Offload offload)
        : store_(std::move(store)), offload_(std::move(offload)) {}

    // Goes with the next batch.
    void write(Write write) { waiting_.writes.push_back(std::move(write)); }
    // Called when all that was written so far is durable, or failed.
    void then(Then then) { waiting_.then.push_back(std::move(then)); }
    // Starts the next batch if none is on its way. Call it after writing.
    void commit(Time now, Outbox& out);

    // Reads, after what was written before.
    template <class T>
    void read(std::function<Result<T>(Store&)> query, std::function<void(Result<T>, Time, Outbox&)> done,
              Time now, Outbox& out);

    // Writes that wait for their batch. At kMaxWaiting new messages are refused: the disk does not keep up.
    std::size_t waiting() const { return waiting_.writes.size(); }
    static constexpr std::size_t kMaxWaiting = 10'000;

  private:
    struct Batch {
        std::vector<Write> writes;
        std::vector<Then> then;
    };
    void run(std::function<void()> job, std::function<void(Time, Outbox&)> done, Time now, Outbox& out);

    std::shared_ptr<Store> store_;  // shared with jobs that are still on the worker when the engine goes
    Offload offload_;
    Batch waiting_;
    bool committing_ = false;
};

template <class T>
void Journal::read(std::function<Result<T>(Store&)> query, std::function<void(Result<T>, Time, Outbox&)> done,
                   Time now, Outbox& out) {
    if (!store_) return done(Error{Errc::not_found, "nothing is kept"}, now, out);
    commit(now, out);
    auto result = std::make_shared<Result<T>>(Error{Errc::unavailable, "not read"});
    run([store = store_, query = std::move(query), result] { *result = query(*store); },
        [result, done = std::move(done)](Time later, Outbox& later_out) {
            done(std::move(*result), later, later_out);
        },
        now, out);
}

}  // namespace connectsphere::signaling
