#include "lib/media/jitter_buffer.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace connectsphere::media {
namespace {

constexpr auto kFrameTicks = static_cast<std::int64_t>(kFrame);  // of the RTP clock
constexpr int kMaxConcealed = 3;             // frames in a row; the fade to silence is over then
constexpr Duration kRestartJump = 1s;        // transit times do not change by so much: the sender's clock did
constexpr std::int64_t kMaxDropout = 3'000;  // packets, RFC 3550 appendix A.1

// When two frames are played as one: how far beyond a whole frame the delay must exceed its target, and how
// many ticks must lie between two such places. In quiet places neither is heard.
struct SplicePolicy {
    Duration slack;
    int spacing;
};
constexpr SplicePolicy kWhenQuiet{5ms, 2};
constexpr SplicePolicy kWhenLoud{15ms, 6};
constexpr Duration kInsertSlack = 3ms;

// Whole frames between two timestamps, to the nearest: not every sender keeps to the grid.
std::int64_t frames_between(std::int64_t from, std::int64_t to) {
    const std::int64_t distance = to - from;
    return distance <= 0 ? 0 : (distance + kFrameTicks / 2) / kFrameTicks;
}

}  // namespace

JitterBuffer::JitterBuffer(const DelayLimits& limits) : control_(limits), slots_(kCapacity) {
    std::iota(order_.begin(), order_.end(), std::uint8_t{0});
}

void JitterBuffer::push(const AudioPacket& packet) {
    ++stats_.received;
    if (packet.payload.size() > kMaxOpusPacket) {
        ++stats_.oversized;
        return;
    }
    if (seen_ != 0 && is_restart(packet)) restart();
    if (is_duplicate(packet.seq)) {
        ++stats_.duplicate;
        return;
    }
    control_.on_packet(packet.timestamp, packet.arrival);
    if (has_played_ && packet.seq <= last_seq_) {
        ++stats_.late;
        return;
    }
    insert(packet);
}

bool JitterBuffer::is_restart(const AudioPacket& packet) const {
    return std::abs(packet.seq - highest_seq_) > kMaxDropout ||
           std::chrono::abs(packet.arrival - control_.ideal_arrival(packet.timestamp)) > kRestartJump;
}

void JitterBuffer::restart() {
    ++stats_.restarts;
    control_.restart();
    count_ = 0;
    seen_ = 0;
    has_played_ = false;
    talking_ = false;
    held_ = 0;
}

// Remembers the last 64 sequence numbers. One from before them can only be too late; as the buffer is shorter
// than that, calling it a duplicate costs nothing.
bool JitterBuffer::is_duplicate(std::int64_t seq) {
    const std::int64_t ahead = seen_ == 0 ? 64 : seq - highest_seq_;
    if (ahead > 0) {
        seen_ = (ahead < 64 ? seen_ << ahead : 0) | 1;
        highest_seq_ = seq;
        return false;
    }
    if (ahead <= -64) return true;
    const std::uint64_t bit = std::uint64_t{1} << -ahead;
    if ((seen_ & bit) != 0) return true;
    seen_ |= bit;
    ++stats_.reordered;
    return false;
}

void JitterBuffer::insert(const AudioPacket& packet) {
    if (count_ == kCapacity) {
        ++stats_.overflow;
        if (packet.seq < slot(0).seq) return;  // it is the oldest itself
        has_played_ = true;
        last_seq_ = slot(0).seq;
        next_timestamp_ = slot(0).timestamp + kFrameTicks;
        held_ = 0;
        (void)take_front();
    }
    std::size_t place = count_;
    while (place > 0 && slot(place - 1).seq > packet.seq) --place;
    const auto begin = order_.begin() + static_cast<std::ptrdiff_t>(place);
    const auto fresh = order_.begin() + static_cast<std::ptrdiff_t>(count_);
    std::rotate(begin, fresh, fresh + 1);
    ++count_;
    Slot& slot = slots_[order_[place]];
    slot.seq = packet.seq;
    slot.timestamp = packet.timestamp;
    slot.size = packet.payload.size();
    std::copy(packet.payload.begin(), packet.payload.end(), slot.payload.begin());
}

// The slot goes to the end of the free ones, so that the view holds for a while.
Bytes JitterBuffer::take_front() {
    const Slot& front = slot(0);
    std::rotate(order_.begin(), order_.begin() + 1, order_.end());
    --count_;
    return Bytes(front.payload).first(front.size);
}

Playout JitterBuffer::pop(Time tick, bool quiet) {
    ++since_splice_;
    if (!talking_ && !start_talk_spurt(tick)) return {};
    if (count_ == 0) return underrun(quiet);
    std::int64_t gap = frames_between(next_timestamp_, slot(0).timestamp);
    if (held_ > 0 && is_lost_ahead(gap)) {
        // What was concealed while we waited stood for the lost frames; unless without it we would be earlier
        // than we want to be.
        const Time without = tick - held_ * kFrameDuration;
        const std::int64_t stood_for = shorter_than_wanted(without, Duration{}) ? 0 : std::min(held_, gap);
        next_timestamp_ += stood_for * kFrameTicks;
        stats_.inserted += static_cast<std::uint64_t>(held_ - stood_for);
        gap -= stood_for;
        held_ = 0;
    }
    if (is_lost_ahead(gap)) return bridge_loss(gap);
    if (gap > missing()) {  // DTX
        talking_ = false;
        if (!start_talk_spurt(tick)) return {};
    }
    return play(tick, quiet);
}

// Here the delay may be chosen freely: nobody hears how long a pause is.
bool JitterBuffer::start_talk_spurt(Time tick) {
    if (count_ == 0) return false;
    if (tick < control_.ideal_arrival(slot(0).timestamp) + control_.target()) return false;
    if (!has_played_) last_seq_ = slot(0).seq - 1;
    has_played_ = true;
    talking_ = true;
    held_ = 0;
    next_timestamp_ = slot(0).timestamp;
    return true;
}

// Nothing is there: late, lost, or the talk spurt is over. Time stands still until a packet tells which.
Playout JitterBuffer::underrun(bool quiet) {
    if (quiet || held_ >= kMaxConcealed) {
        talking_ = false;
        return {};
    }
    ++held_;
    return conceal();
}

Playout JitterBuffer::bridge_loss(std::int64_t gap) {
    next_timestamp_ += kFrameTicks;
    const Slot& next = slot(0);
    const Bytes payload = Bytes(next.payload).first(next.size);
    if (gap > 1 || !has_fec(payload)) return conceal();
    conclude_missing();
    concealed_in_a_row_ = 0;
    ++stats_.fec_recovered;
    return {Playout::Kind::fec, payload, {}};
}

Playout JitterBuffer::play(Time tick, bool quiet) {
    conclude_missing();
    stats_.inserted += static_cast<std::uint64_t>(held_);
    held_ = 0;
    next_timestamp_ = slot(0).timestamp;
    if (quiet && since_splice_ >= kWhenQuiet.spacing && shorter_than_wanted(tick, kInsertSlack)) {
        since_splice_ = 0;
        ++stats_.inserted;
        return conceal();
    }
    delay_ = tick - control_.ideal_arrival(next_timestamp_);
    concealed_in_a_row_ = 0;
    control_.on_outcome(false);
    last_seq_ = slot(0).seq;
    next_timestamp_ += kFrameTicks;
    const Bytes packet = take_front();
    if (is_dtx(packet)) {
        talking_ = false;
        return {};
    }
    return {Playout::Kind::frame, packet, skip(tick, quiet)};
}

// The guess fades: after a few in a row it is silence (AudioReceiver).
Playout JitterBuffer::conceal() {
    if (++concealed_in_a_row_ > kMaxConcealed) return {};
    ++stats_.concealed;
    return {Playout::Kind::conceal, {}, {}};
}

// Shortens the delay if it is too long: the frame to merge with the one that is played, if any. One frame is
// skipped at a time, or all at once if the delay is beyond its limit: after a stall of the network.
Bytes JitterBuffer::skip(Time tick, bool quiet) {
    const SplicePolicy policy = quiet ? kWhenQuiet : kWhenLoud;
    const Duration excess = delay_ - control_.target();
    if (since_splice_ < policy.spacing || excess < kFrameDuration + policy.slack) return {};
    auto frames = delay_ > control_.limits().max + kFrameDuration ? excess / kFrameDuration : 1;
    Bytes extra;
    for (; frames > 0 && count_ > 0; --frames) {
        const Slot& next = slot(0);
        const Bytes payload = Bytes(next.payload).first(next.size);
        if (missing() != 0 || next.timestamp != next_timestamp_ || is_dtx(payload)) break;
        last_seq_ = next.seq;
        next_timestamp_ += kFrameTicks;
        extra = take_front();
        ++stats_.skipped;
        since_splice_ = 0;
    }
    delay_ = tick - control_.ideal_arrival(next_timestamp_ - kFrameTicks);
    return extra;
}

bool JitterBuffer::shorter_than_wanted(Time tick, Duration slack) const {
    return tick - control_.ideal_arrival(next_timestamp_) + slack < control_.target();
}

void JitterBuffer::conclude_missing() {
    const std::int64_t lost = std::max<std::int64_t>(missing(), 0);
    for (std::int64_t i = 0; i < lost; ++i) control_.on_outcome(true);
    stats_.lost += static_cast<std::uint64_t>(lost);
    last_seq_ = slot(0).seq - 1;
}

}  // namespace connectsphere::media
