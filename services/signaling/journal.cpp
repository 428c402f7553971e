#include "services/signaling/journal.hpp"

#include <utility>

namespace connectsphere::signaling {

void Journal::commit(Time now, Outbox& out) {
    if (committing_ || (waiting_.writes.empty() && waiting_.then.empty())) return;
    committing_ = true;
    auto batch = std::make_shared<Batch>(std::exchange(waiting_, {}));
    auto result = std::make_shared<Result<void>>();
    run(
        [store = store_, batch, result] {
            if (store && !batch->writes.empty()) *result = store->commit(batch->writes);
        },
        [this, batch, result](Time later, Outbox& later_out) {
            committing_ = false;
            for (const auto& then : batch->then) then(*result, later, later_out);
            commit(later, later_out);
        },
        now, out);
}

void Journal::run(std::function<void()> job, std::function<void(Time, Outbox&)> done, Time now, Outbox& out) {
    if (store_ && offload_) return offload_(std::move(job), std::move(done));
    job();
    done(now, out);
}

}  // namespace connectsphere::signaling
