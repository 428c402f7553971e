// What works beside a call: capturing and coding pictures, decoding and writing them, looking at a screen.
// The loop's thread carries the sound, and a busy machine must leave that its time first.
#pragma once

namespace connectsphere::client {

// Puts the thread that calls behind the others, for good; nice(2) is each thread's own on Linux.
void step_back();

}  // namespace connectsphere::client
