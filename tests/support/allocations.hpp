// Counts what a piece of code takes from the heap, for the rule that the media path takes nothing in steady
// state. Linking this file replaces the global operator new.
//
//     const AllocationCount count;
//     engine.on_datagrams(…);
//     CHECK(count.taken() == 0);
#pragma once

#include <cstdint>

namespace connectsphere::testing {

std::uint64_t allocations_of_this_thread();

class AllocationCount {
  public:
    std::uint64_t taken() const { return allocations_of_this_thread() - start_; }

  private:
    std::uint64_t start_ = allocations_of_this_thread();
};

}  // namespace connectsphere::testing
