#include "lib/media/audio_receiver.hpp"

#include <algorithm>
#include <span>

namespace connectsphere::media {
namespace {

constexpr std::uint8_t kQuiet = 45;    // -dBov: the pauses of speech
constexpr float kFadeStep = 1.0F / 3;  // per frame of concealment: 60 ms to silence
constexpr float kInaudible = 0.01F;
constexpr std::size_t kFadeInSamples = kFrame / 4;  // 5 ms

}  // namespace

bool AudioReceiver::pull(Time tick, AudioFrame& out) {
    const Playout playout = jitter_.pop(tick, level_ >= kQuiet);
    if (decode(playout, out)) {
        fade_in(out);
    } else if (gain_ > 0) {
        decoder_.conceal(out);
        fade_out(out);
    } else {
        out.fill(0);
        level_ = kSilenceLevel;
        return false;
    }
    level_ = level_dbov(out);
    return true;
}

void AudioReceiver::skip(Time tick) {
    (void)jitter_.pop(tick, level_ >= kQuiet);
    gain_ = 0;
    level_ = kSilenceLevel;
}

bool AudioReceiver::decode(const Playout& playout, AudioFrame& out) {
    if (playout.packet.empty()) return false;
    const bool decoded = playout.kind == Playout::Kind::fec
                             ? decoder_.decode_fec(playout.packet, out).has_value()
                             : decoder_.decode(playout.packet, out).has_value();
    if (!decoded) ++undecodable_;
    if (playout.extra.empty()) return decoded;
    if (!decoder_.decode(playout.extra, extra_)) {
        ++undecodable_;
        return decoded;
    }
    if (decoded) {
        crossfade_merge(out, extra_, out);
    } else {
        out = extra_;
    }
    return true;
}

void AudioReceiver::fade_in(AudioFrame& out) {
    if (gain_ < 1) ramp(std::span(out).first(kFadeInSamples), gain_, 1);
    gain_ = 1;
}

void AudioReceiver::fade_out(AudioFrame& out) {
    const float to = gain_ - kFadeStep < kInaudible ? 0 : gain_ - kFadeStep;
    ramp(out, gain_, to);
    gain_ = to;
}

}  // namespace connectsphere::media
