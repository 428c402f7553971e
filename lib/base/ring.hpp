// Ring: a bounded first-in first-out queue in one allocation. push on a full ring says so and changes
// nothing: the owner decides what is dropped, and counts it.
#pragma once

#include <cassert>
#include <cstddef>
#include <utility>
#include <vector>

namespace connectsphere {

template <class T>
class Ring {
  public:
    explicit Ring(std::size_t capacity) : slots_(capacity) { assert(capacity > 0); }

    [[nodiscard]] bool push(T value) {
        if (full()) return false;
        slots_[index(size_)] = std::move(value);
        ++size_;
        return true;
    }
    T pop() {
        assert(!empty());
        T value = std::move(slots_[first_]);
        first_ = (first_ + 1) % slots_.size();
        --size_;
        return value;
    }
    T& front() { return (*this)[0]; }
    T& operator[](std::size_t i) {
        assert(i < size_);
        return slots_[index(i)];
    }
    const T& operator[](std::size_t i) const {
        assert(i < size_);
        return slots_[index(i)];
    }

    std::size_t size() const { return size_; }
    std::size_t capacity() const { return slots_.size(); }
    bool empty() const { return size_ == 0; }
    bool full() const { return size_ == slots_.size(); }
    void clear() {
        while (!empty()) pop();
    }

  private:
    std::size_t index(std::size_t i) const { return (first_ + i) % slots_.size(); }

    std::vector<T> slots_;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
};

}  // namespace connectsphere
