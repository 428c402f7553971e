// Allocation: which layer of each stream one receiver gets, so that all fit into what it can take. Pure.
//
// Every stream has a ladder of rungs, best first: an encoding whole, then with fewer of its frames, then the
// next smaller encoding in the same way. What does not fit goes down in this order, the least important
// stream first: fewer frames of all, then smaller pictures, then no picture. Sound is not ours to touch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lib/base/id.hpp"

namespace connectsphere::relay {

constexpr int kMaxLevel = 2;  // all frames; 1: half of them; 0: a quarter

struct Rung {
    Ssrc encoding;
    int level = kMaxLevel;
    double bits_per_second = 0;
};

struct Ladder {
    std::vector<Rung> rungs;  // best first; each costs less than the one before
    std::size_t chosen = 0;   // the result: rungs.size() for no picture
};

// `ladders` in the order of importance.
void allocate(std::span<Ladder> ladders, double bits_per_second);

}  // namespace connectsphere::relay
