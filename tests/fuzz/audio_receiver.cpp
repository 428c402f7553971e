// A sender that is authenticated and mad: whatever it sends, the receiver stays within its bounds.
//
//     { u8 op: 0-3 pull a frame, else push  s8 seq step  s16 timestamp step, in 20 samples
//       s8 arrival step, in 10 ms  u8 size  payload[size] }*
#include <algorithm>

#include "lib/media/audio_receiver.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace connectsphere;
    using namespace connectsphere::media;
    AudioReceiver receiver;
    AudioFrame out;
    Time now(1h);
    Time arrival = now;
    std::int64_t seq = 70'000;
    std::int64_t timestamp = 1LL << 32;
    Reader r({data, size});
    while (r.left() > 0) {
        if (r.u8() < 4) {
            const bool sound = receiver.pull(now, out);
            if (!sound && (out[0] != 0 || receiver.level() != kSilenceLevel)) __builtin_trap();
            now += kFrameDuration;
            continue;
        }
        seq += static_cast<std::int8_t>(r.u8());
        timestamp += 20 * static_cast<std::int16_t>(r.u16());
        arrival += static_cast<std::int8_t>(r.u8()) * 10ms;
        const std::size_t length = r.u8();
        receiver.push({seq, timestamp, r.bytes(std::min(length, r.left())), arrival});
        if (receiver.jitter().size() > JitterBuffer::kCapacity) __builtin_trap();
    }
    return 0;
}
