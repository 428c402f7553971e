// Counts calls of operator new in this program, between start and stop.
#pragma once

#include <cstdint>

namespace connectsphere::test {

class Allocations {
  public:
    void start();
    void stop();
    std::uint64_t count() const { return count_; }

  private:
    std::uint64_t count_ = 0;
};

}  // namespace connectsphere::test
