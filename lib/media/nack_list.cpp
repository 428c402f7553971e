#include "lib/media/nack_list.hpp"

#include <algorithm>

namespace connectsphere::media {

bool NackList::on_packet(std::int64_t seq, Time now) {
    if (!newest_) newest_ = seq - 1;
    if (seq <= *newest_) {
        for (std::size_t i = 0; i < count_; ++i) {
            if (missing_[i].seq == seq) {
                learn(missing_[i], now);
                remove(i);
                break;
            }
        }
        return true;
    }
    const auto lost = static_cast<std::size_t>(seq - *newest_ - 1);
    newest_ = seq;
    if (lost > kMaxMissing - count_) {
        given_up_ += lost + count_;
        count_ = 0;
        deadline_ = kNever;
        return false;
    }
    for (std::int64_t number = seq - static_cast<std::int64_t>(lost); number < seq; ++number)
        missing_[count_++] = {
            .seq = number, .noticed_at = now, .ask_at = now + wait_, .asked_at = {}, .asked = 0};
    if (lost > 0) deadline_ = std::min(deadline_, now + wait_);
    return true;
}

void NackList::learn(const Missing& came, Time now) {
    if (came.asked == 0) {  // it was only overtaken: one that is later still should find us waiting
        wait_ = std::clamp(2 * (now - came.noticed_at), wait_, kMaxWait);
    } else if (came.asked ==
               1) {  // of what was asked for twice nobody knows which was answered (Karn's rule)
        const Duration sample = now - came.asked_at;
        answer_ = answer_ ? *answer_ + (sample - *answer_) / 4 : sample;
        wait_ = std::max(wait_ - wait_ / 16, kLeastWait);
    }
}

Duration NackList::gap(Duration round_trip) const {
    return std::clamp(answer_ ? *answer_ + *answer_ / 4 : round_trip, kMinGap, kMaxGap);
}

std::span<const std::uint16_t> NackList::due(Time now, Duration round_trip) {
    if (now < deadline_) return {};
    std::size_t asked = 0;
    deadline_ = kNever;
    for (std::size_t i = 0; i < count_;) {
        Missing& missing = missing_[i];
        if (missing.asked == kMaxAsked || now - missing.noticed_at > kMaxAge) {
            ++given_up_;
            newest_given_up_ = missing.seq;
            remove(i);
            continue;
        }
        if (missing.ask_at <= now) {
            due_[asked++] = static_cast<std::uint16_t>(missing.seq);
            ++missing.asked;
            missing.asked_at = now;
            missing.ask_at = now + gap(round_trip);
        }
        deadline_ = std::min(deadline_, missing.ask_at);
        ++i;
    }
    return std::span(due_).first(asked);
}

void NackList::remove(std::size_t i) {
    std::copy(missing_.begin() + static_cast<std::ptrdiff_t>(i) + 1,
              missing_.begin() + static_cast<std::ptrdiff_t>(count_),
              missing_.begin() + static_cast<std::ptrdiff_t>(i));
    if (--count_ == 0) deadline_ = kNever;
}

void NackList::restart() {
    newest_.reset();
    count_ = 0;
    deadline_ = kNever;
    wait_ = kLeastWait;
}

}  // namespace connectsphere::media
