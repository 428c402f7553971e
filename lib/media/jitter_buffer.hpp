// The jitter buffer of one Opus stream: packets go in as they come, and every 20 ms one decision comes out
// that makes a steady sound of them. The mixer and the clients use the same.
//
// It plays by RTP timestamp. The sequence number only tells whether what is missing was lost: a timestamp gap
// without a sequence gap is DTX, hence silence and no concealment. How long it holds packets back follows the
// network (DelayControl). It changes where it is heard least: at the start of a talk spurt, in quiet places,
// where a frame had to be concealed anyway; only when nothing else helps, by playing two frames as one.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "lib/base/bytes.hpp"
#include "lib/base/time.hpp"
#include "lib/media/delay_control.hpp"
#include "lib/media/opus.hpp"

namespace connectsphere::media {

struct AudioPacket {
    std::int64_t seq;        // unwrapped
    std::int64_t timestamp;  // unwrapped, 48 kHz
    Bytes payload;
    Time arrival;
};

// What to play in this tick. The views hold until the next push or pop.
struct Playout {
    enum class Kind {
        silence,  // nobody talks, or what is there is held back still
        frame,    // decode `packet`; if there is an `extra`, decode that too and merge both into one frame
        fec,      // the frame is lost: recover it from `packet`, which comes after it
        conceal,  // the frame is lost or late: guess it
    };
    Kind kind = Kind::silence;
    Bytes packet;
    Bytes extra;
};

struct JitterStats {
    std::uint64_t received = 0;       // all that were pushed
    std::uint64_t reordered = 0;      // came after one with a higher sequence number
    std::uint64_t duplicate = 0;      // dropped
    std::uint64_t late = 0;           // dropped: its turn was over (it counts as lost too)
    std::uint64_t oversized = 0;      // dropped: larger than any Opus packet
    std::uint64_t overflow = 0;       // dropped: the oldest, when the buffer was full
    std::uint64_t lost = 0;           // packets that were not there when their turn came
    std::uint64_t fec_recovered = 0;  // frames
    std::uint64_t concealed = 0;      // frames
    std::uint64_t inserted = 0;       // frames of concealment that lengthened the delay
    std::uint64_t skipped = 0;        // frames merged or dropped to shorten it
    std::uint64_t restarts = 0;       // of the sender
};

class JitterBuffer {
  public:
    // One second. A full buffer drops its oldest packet and counts it in `overflow`.
    static constexpr std::size_t kCapacity = 50;

    explicit JitterBuffer(const DelayLimits& limits = {});

    void push(const AudioPacket& packet);
    // Once per 20 ms with the time for which the tick was scheduled. `quiet`: the frame before was, so that
    // changing the delay here is not heard.
    Playout pop(Time tick, bool quiet);

    bool is_talking() const { return talking_; }
    std::size_t size() const { return count_; }  // packets waiting
    Duration delay() const { return delay_; }    // how long the last frame was held back, by plan
    const DelayControl& control() const { return control_; }
    const JitterStats& stats() const { return stats_; }

  private:
    struct Slot {
        std::int64_t seq;
        std::int64_t timestamp;
        std::size_t size;
        std::array<std::uint8_t, kMaxOpusPacket> payload;
    };

    bool is_restart(const AudioPacket& packet) const;
    void restart();
    bool is_duplicate(std::int64_t seq);
    void insert(const AudioPacket& packet);
    const Slot& slot(std::size_t i) const { return slots_[order_[i]]; }
    Bytes take_front();

    bool start_talk_spurt(Time tick);
    Playout underrun(bool quiet);
    bool is_lost_ahead(std::int64_t gap) const { return gap > 0 && gap <= missing(); }
    Playout bridge_loss(std::int64_t gap);
    Playout play(Time tick, bool quiet);
    Playout conceal();
    Bytes skip(Time tick, bool quiet);
    bool shorter_than_wanted(Time tick, Duration slack) const;
    std::int64_t missing() const { return slot(0).seq - last_seq_ - 1; }
    void conclude_missing();

    DelayControl control_;
    JitterStats stats_;

    std::vector<Slot> slots_;                      // kCapacity
    std::array<std::uint8_t, kCapacity> order_{};  // every index of slots_: first those in use, by seq
    std::size_t count_ = 0;                        // in use

    std::int64_t highest_seq_ = 0;  // received
    std::uint64_t seen_ = 0;        // bit i: highest_seq_ - i was received; 0: nothing yet
    bool has_played_ = false;       // last_seq_ and next_timestamp_ mean something
    bool talking_ = false;          // inside a talk spurt
    std::int64_t last_seq_ = 0;     // played or given up
    std::int64_t next_timestamp_ = 0;
    std::int64_t held_ = 0;  // frames concealed while nothing was there, not yet known lost or late
    int concealed_in_a_row_ = 0;
    int since_splice_ = 0;  // ticks since the delay was last changed inside a talk spurt
    Duration delay_{};
};

}  // namespace connectsphere::media
