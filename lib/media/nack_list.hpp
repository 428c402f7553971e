// NackList: which packets of one stream are missing, and when to ask for them (RFC 4585 section 6.2.1). A
// lost request costs one round trip, a duplicate costs bandwidth where it is scarce: each is asked for once
// per round trip, until it comes, is given up, or is too old to help.
//
// It learns from what comes: how long an answer takes, and, where packets overtake each other, how long to
// wait before one counts as lost.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "lib/base/time.hpp"

namespace connectsphere::media {

class NackList {
  public:
    static constexpr std::size_t kMaxMissing = 128;  // with more, what follows can not be saved by asking
    static constexpr int kMaxAsked = 8;              // times
    static constexpr Duration kMaxAge = 500ms;       // later, nobody waits for it
    static constexpr Duration kMinGap = 10ms;        // between two requests, however near the sender is
    static constexpr Duration kMaxGap = 100ms;       // and however far: a round trip may be measured wrongly
    static constexpr Duration kLeastWait = 2ms;      // before the first request
    static constexpr Duration kMaxWait = 20ms;

    // `seq` is unwrapped. False: so much is missing at once that all was given up (ask for a key frame).
    bool on_packet(std::int64_t seq, Time now);

    // The numbers to ask for now, in rising order; valid until the next call. `round_trip` is a guess, until
    // answers have shown it.
    std::span<const std::uint16_t> due(Time now, Duration round_trip);

    // When `due` has something to say again; kNever: nothing is missing.
    Time deadline() const { return deadline_; }
    std::size_t missing() const { return count_; }
    std::uint64_t given_up() const { return given_up_; }               // packets
    std::int64_t newest_given_up() const { return newest_given_up_; }  // of those that `due` gave up
    void restart();

  private:
    struct Missing {
        std::int64_t seq;
        Time noticed_at;
        Time ask_at;
        Time asked_at;  // the newest time
        int asked;
    };
    void remove(std::size_t i);
    void learn(const Missing& came, Time now);
    Duration gap(Duration round_trip) const;

    std::optional<std::int64_t> newest_;
    std::array<Missing, kMaxMissing> missing_{};  // by rising number
    std::size_t count_ = 0;
    std::array<std::uint16_t, kMaxMissing> due_{};
    Time deadline_ = kNever;
    Duration wait_ = kLeastWait;
    std::optional<Duration> answer_;  // smoothed
    std::uint64_t given_up_ = 0;
    std::int64_t newest_given_up_ = 0;
};

}  // namespace connectsphere::media
