#include "services/audio-mixer/voice.hpp"

namespace connectsphere::mixer {

void Voice::push(const wire::RtpView& packet, Time arrival) {
    const auto& header = packet.header;
    has_levels_ = header.audio_level.has_value();
    if (has_levels_) loudness_.hear(header.audio_level->level);
    receiver_.push({.seq = seq_.unwrap(header.seq),
                    .timestamp = timestamp_.unwrap(header.timestamp),
                    .payload = packet.payload,
                    .arrival = arrival});
}

void Voice::play(Time tick, bool heard, Counters& counters) {
    const bool fades_out = heard_ && !heard && is_pending();
    heard_ = heard;
    sounds_ = false;
    if (!heard && !fades_out) return receiver_.skip(tick);

    sounds_ = receiver_.pull(tick, frame_);
    if (!sounds_) return;
    ++counters.decodes;
    if (!has_levels_) loudness_.hear(receiver_.level());
    if (receiver_.level() >= kInaudible) sounds_ = false;
    if (fades_out) media::ramp(frame_, 1, 0);
}

void Voice::add_to(Counters& counters) const {
    const auto& stats = receiver_.jitter().stats();
    counters.concealed += stats.concealed;
    counters.fec_recovered += stats.fec_recovered;
    counters.lost += stats.lost;
    counters.undecodable += receiver_.undecodable();
}

}  // namespace connectsphere::mixer
