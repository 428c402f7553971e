// What the audio mixer's engine costs, alone: SRTP, jitter buffers, Opus and mixing, without the kernel. The
// time is the CPU time inside the engine; the counter is milliseconds of it per participant-second.
#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>

#include "lib/media/wav.hpp"
#include "tests/sim/mixer/conference.hpp"

using namespace connectsphere;

namespace {

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

test::Speech looped(const std::vector<std::int16_t>& voice, std::size_t start) {
    const std::size_t frames = voice.size() / media::kFrame;
    return [&voice, frames, start](std::size_t n) {
        media::AudioFrame frame;
        const auto* from = voice.data() + (n + start) % frames * media::kFrame;
        std::copy_n(from, media::kFrame, frame.begin());
        return std::optional(frame);
    };
}

// Arguments: participants, how many of them talk, how many of those are mixed at most.
void mix(benchmark::State& state) {
    const auto members = static_cast<std::size_t>(state.range(0));
    const auto voice = *media::load_wav(CS_TEST_DATA "/voice_reader1.wav");
    test::Conference room(members, static_cast<std::uint32_t>(state.range(2)));
    room.publish();
    for (std::size_t i = 0; i < members; ++i) room.grant(room[i]);
    room.ring();
    room.records = false;
    for (std::size_t i = 0; i < static_cast<std::size_t>(state.range(1)); ++i) {
        room[i].speech = looped(voice, 37 * i);
    }
    room.run(1s);
    double spent = 0;
    room.on_engine_call = [&](bool inside) { spent += inside ? -cpu_seconds() : cpu_seconds(); };
    double all = 0, rounds = 0;
    for (auto _ : state) {
        spent = 0;
        room.run(1s);
        state.SetIterationTime(spent);
        all += spent;
        ++rounds;
    }
    state.counters["ms_per_participant_second"] = 1'000 * all / rounds / static_cast<double>(members);
}

}  // namespace

BENCHMARK(mix)
    ->ArgNames({"participants", "talking", "mixed"})
    ->Args({50, 3, 6})
    ->Args({100, 3, 6})
    ->Args({50, 50, 6})
    ->Args({50, 50, 50})  // an encode for everyone, for comparison
    ->Iterations(5)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

BENCHMARK_MAIN();
