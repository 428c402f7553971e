#include "services/common/worker.hpp"

#include <catch2/catch.hpp>
#include <optional>
#include <vector>

#include "tests/support/loop.hpp"

using namespace connectsphere;

TEST_CASE("what follows from a job runs on the loop, in the order of the jobs") {
    net::Loop loop;
    Worker worker(loop);
    std::vector<int> done;
    const auto main_thread = std::this_thread::get_id();
    std::thread::id job_thread;
    for (int i = 0; i < 3; ++i) {
        worker.submit([&] { job_thread = std::this_thread::get_id(); },
                      [&, i] {
                          CHECK(std::this_thread::get_id() == main_thread);
                          done.push_back(i);
                      });
    }
    REQUIRE(test::run_until(loop, [&] { return done.size() == 3; }));
    CHECK(done == std::vector{0, 1, 2});
    CHECK(job_thread != main_thread);
}

TEST_CASE("a worker that goes finishes the jobs that it took") {
    net::Loop loop;
    int finished = 0;
    {
        Worker worker(loop);
        for (int i = 0; i < 5; ++i) worker.submit([&] { ++finished; }, [] {});
    }
    CHECK(finished == 5);
}
