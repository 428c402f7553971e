// What the tests of this room share: a run directory of their own, and a loop that runs until something
// happened.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "lib/net/clock.hpp"
#include "lib/net/loop.hpp"

namespace connectsphere::test {

class TemporaryDir {
  public:
    TemporaryDir() {
        std::string name = "/tmp/connectsphere-test-XXXXXX";
        if (mkdtemp(name.data()) == nullptr) std::abort();
        path_ = name;
    }
    ~TemporaryDir() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDir(const TemporaryDir&) = delete;
    TemporaryDir& operator=(const TemporaryDir&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

// Runs the loop until `done`, at most `patience`; says whether it was done.
template <class Predicate>
bool run_until(net::Loop& loop, Predicate done, Duration patience = 10s) {
    const Time end = net::now() + patience;
    while (!done()) {
        if (net::now() >= end) return false;
        loop.run_once(20ms);
    }
    return true;
}

// Runs the loop for a while: for what must not happen.
inline void run_for(net::Loop& loop, Duration duration) {
    const Time end = net::now() + duration;
    while (net::now() < end) loop.run_once(end - net::now());
}

}  // namespace connectsphere::test
