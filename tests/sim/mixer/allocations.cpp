#include "tests/sim/mixer/allocations.hpp"

#include <cstdlib>
#include <new>

namespace {

std::uint64_t allocated = 0;  // the program has one thread

}  // namespace

void* operator new(std::size_t size) {
    ++allocated;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace connectsphere::test {

void Allocations::start() { count_ -= allocated; }
void Allocations::stop() { count_ += allocated; }

}  // namespace connectsphere::test
