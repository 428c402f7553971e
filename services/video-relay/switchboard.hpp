// Switchboard: who is in which room, which encodings they send, and who gets which of them. It follows the
// room mirror and holds what must survive from packet to packet: per encoding its Source, per receiver and
// encoding its Forwarding. It knows nothing of keys and addresses.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "lib/base/id.hpp"
#include "lib/media/nack_list.hpp"
#include "lib/media/packet_history.hpp"
#include "lib/media/rate_estimate.hpp"
#include "lib/media/video_reception.hpp"
#include "lib/wire/srtp.hpp"
#include "services/common/rooms.hpp"
#include "services/video-relay/allocation.hpp"
#include "services/video-relay/forwarding.hpp"
#include "services/video-relay/layer_rates.hpp"
#include "services/video-relay/open_layers.hpp"

namespace connectsphere::relay {

// Something that a participant shows: one picture in one or more encodings.
struct VideoStream {
    SessionId owner;
    std::uint32_t stream_id = 0;
    Ssrc first_encoding;  // the one that its sender named first
};

struct Member;
struct View;

// Who gets an encoding, or is about to, with all that each of its packets needs: found once, not per packet.
struct Leg {
    Member* receiver;
    View* view;
    Forwarding* forwarding;
};

// What became of an encoding's packets, since it was published.
struct StreamCounters {
    std::uint64_t forwarded = 0;   // over all receivers, as are the next two
    std::uint64_t thinned = 0;     // left out for receivers that can not take more
    std::uint64_t broken = 0;      // of frames that could not arrive whole any more
    std::uint64_t asked = 0;       // from its sender, again
    std::uint64_t repeated = 0;    // for receivers that asked
    std::uint64_t key_frames = 0;  // that its sender was asked for
};

// An encoding that may arrive.
struct Source {
    VideoStream stream;
    RoomId room;
    Ssrc ssrc;
    std::uint8_t payload_type = 0;
    std::uint32_t width = 0, height = 0, frame_rate = 0;  // as published; 0: not said
    bool camera_off = false;
    std::uint64_t generation = 0;  // changes when its counters begin anew
    media::VideoReception reception{kVideoClockRate};
    media::NackList missing;       // on its way to us
    media::PacketHistory history;  // as they came, plain
    Time key_frame_asked_at{};
    bool is_awaited = false;  // somebody waits for a key frame of it
    LayerRates rates;
    std::vector<Leg> legs;    // see Switchboard::legs_of
    std::uint32_t frame = 0;  // counts them by their timestamps, for thinning
    std::optional<std::uint32_t> frame_timestamp;
    std::int64_t newest_seq = 0;                // of the frame that was counted last, or after it
    std::optional<std::uint32_t> broken_frame;  // timestamp: a part of it was given up, the rest is useless
    StreamCounters counters;

    void count_frame(std::uint32_t timestamp, std::int64_t seq) {
        const bool is_newest = seq > newest_seq;
        newest_seq = std::max(newest_seq, seq);
        if (timestamp == frame_timestamp) return;
        // What was overtaken belongs to a frame that was counted. A clock that was set back is still a clock.
        const bool goes_on = !frame_timestamp || static_cast<std::int32_t>(timestamp - *frame_timestamp) > 0;
        if (!goes_on && !is_newest) return;
        frame_timestamp = timestamp;
        ++frame;
    }
};

// Which of the newest frames go to a receiver: chosen once for each, at its first packet, so that none goes
// halfway; packets of two frames may come mixed.
class FrameChoices {
  public:
    std::optional<bool> find(std::uint32_t timestamp) const {
        for (const Choice& choice : choices_)
            if (choice.is_set && choice.timestamp == timestamp) return choice.sends;
        return std::nullopt;
    }
    void set(std::uint32_t timestamp, bool sends) {
        choices_[next_++ % choices_.size()] = {.timestamp = timestamp, .is_set = true, .sends = sends};
    }
    void clear() { choices_ = {}; }

  private:
    struct Choice {
        std::uint32_t timestamp = 0;
        bool is_set = false, sends = false;
    };
    std::array<Choice, 8> choices_{};
    std::size_t next_ = 0;
};

// The newest sender reports that a receiver was sent of a stream. Their NTP time (the middle 32 bits) comes
// back in its reports, and says how long the way there and back is (RFC 3550 section 6.4.1). Several, because
// where a queue stands the answer is late.
class SentReports {
  public:
    void note(std::uint32_t ntp_middle, Time at) {
        reports_[next_++ % reports_.size()] = {.ntp_middle = ntp_middle, .at = at};
    }
    std::optional<Time> find(std::uint32_t ntp_middle) const {
        for (const Report& report : reports_)
            if (ntp_middle != 0 && report.ntp_middle == ntp_middle) return report.at;
        return std::nullopt;
    }

  private:
    struct Report {
        std::uint32_t ntp_middle = 0;
        Time at{};
    };
    std::array<Report, 8> reports_{};
    std::size_t next_ = 0;
};

// How often a receiver's wish for a key frame counts: the first at once, who goes on asking ever more seldom.
// A key frame is large, and everybody pays for it.
class KeyFrameWish {
  public:
    static constexpr Duration kLeastGap = 300ms;
    static constexpr Duration kMostGap = 1s;

    bool counts(Time now) {
        if (asked_at_ && now - *asked_at_ < gap_) return false;
        const bool goes_on = asked_at_ && now - *asked_at_ < 2 * gap_;
        gap_ = goes_on ? std::min(2 * gap_, kMostGap) : kLeastGap;
        asked_at_ = now;
        return true;
    }

  private:
    std::optional<Time> asked_at_;
    Duration gap_ = kLeastGap;
};

// What one receiver gets of one stream.
struct View {
    Ssrc target;                                // the encoding that it should get; zero: none
    Ssrc current;                               // that it gets until the target comes to a frame to begin at
    int level = kMaxLevel;                      // of its frames, see allocation.hpp
    OpenLayers layers;                          // VP8: of the current encoding
    std::optional<std::uint32_t> broken_frame;  // timestamp: a part is lost on our side, the rest is useless
    FrameChoices frames;                        // of the current encoding

    // What the receiver said of it in its newest report, as it counts (RFC 3550 section 6.4.1).
    struct Reported {
        std::uint32_t highest_seq = 0;
        std::int32_t lost = 0;
    };
    std::optional<Reported> reported;
    SentReports sent_reports;
    KeyFrameWish key_frame_wish;
    Time risen_at{};  // when it was last given a larger encoding
};

// What a receiver asked for; by default everybody's pictures, as JPEG where that is sent.
struct Wishes {
    struct Tile {
        SessionId owner;
        std::uint32_t stream_id = 0;  // 0: any
        std::uint32_t height = 0;     // pixels; 0: the tile is hidden
    };
    std::vector<std::uint8_t> payload_types;  // that it can decode; empty: it has not said
    std::size_t max_streams = kMaxStreams;
    std::vector<Tile> tiles;  // the most important first

    static constexpr std::size_t kMaxStreams = 128;  // at a time: clients hold no more
    static constexpr std::size_t kMaxTiles = 256;
};

// What a receiver says of its way, the worst of the streams that it named in its newest report.
struct DownlinkFigures {
    double loss_ratio = 0;  // since its last report, 0 to 1
    double jitter_seconds = 0;
    double round_trip_seconds = 0;  // 0: not known
};

// A Forwarding takes a place of the receiver's key, at both ends, until the key is renewed. When few are left
// a new epoch is asked for; beyond the last place nothing new is shown until it comes.
constexpr std::size_t kMaxForwardings = wire::kMaxSrtpSources - 16;  // the rest is for RTCP
constexpr std::size_t kFewPlacesLeft = kMaxForwardings - 64;
static_assert(kFewPlacesLeft > Wishes::kMaxStreams, "what is shown must fit into a new key");

constexpr double kRepeatsPerPacket = 0.25;  // forwarded: repetitions must not fill a narrow link
constexpr double kMaxRepeatsAtOnce = 200;

// Packets of the batch at hand that came one behind the other, of one source, on their way to one receiver.
struct Run {
    std::size_t first, count;
    View* view;
    Forwarding* forwarding;
};

struct Member {
    SessionId id;
    RoomId room;  // zero: it has left, and its keys may still be held
    std::vector<Ssrc> sources;
    // Of everything it ever got under its key, at most kMaxForwardings.
    std::unordered_map<Ssrc, Forwarding> forwardings;
    Time renew_at{};  // when a new key may be asked for (again)
    Time heard_at{};  // when the newest packet of it that counts came
    std::uint64_t packets_sent = 0;
    std::uint64_t bytes_sent = 0;
    DownlinkFigures downlink;
    double repeats = kMaxRepeatsAtOnce;  // packets that may be sent again to it, now

    Wishes wishes;
    std::unordered_map<Ssrc, View> views;  // by the encoding that the sender named first
    bool must_choose = true;               // something that its views depend on has changed
    bool is_limited = false;               // it did not get everything at the last choice
    media::RateEstimate estimate;
    std::vector<Ssrc> wanted;  // of its encodings, as it was told
    bool was_told = false;
    std::vector<Run> runs;  // empty between batches

    View* view(const VideoStream& stream) {
        const auto found = views.find(stream.first_encoding);
        return found == views.end() ? nullptr : &found->second;
    }
};

// Nothing for what is no video codec. `codec`: of proto::Codec, as a repeated field holds it.
std::optional<std::uint8_t> payload_type_of(int codec);

class Switchboard {
  public:
    explicit Switchboard(std::size_t history_packets = 0) : history_packets_(history_packets) {}

    void apply(const RoomMirror& mirror, const RoomMirror::Change& change);

    // A session has new keys: what it sends begins anew, and so does what it gets.
    void restart(SessionId id);

    // Forgets who has left and of whom `is_gone(id)` holds.
    template <class Predicate>
    void forget(Predicate is_gone) {
        std::erase_if(members_, [&](const auto& item) { return !item.second.room && is_gone(item.first); });
    }

    Source* source(Ssrc ssrc);  // nullptr: nobody has published it
    // The encoding of a stream that had this generation; nullptr: it is gone, or has begun anew.
    Source* source_of_generation(Ssrc first_encoding, std::uint64_t generation);
    Member* member(SessionId id);  // nullptr: it is in no room, and holds no keys
    Member& expect(SessionId id);  // one with keys: the news of its room may still be on the way
    std::span<Member* const> members(RoomId room) const;

    // Valid until something changes: who is there, what is published, or a view (then say disconnect).
    std::span<const Leg> legs_of(Source& source);
    void disconnect(RoomId room);

    const std::unordered_map<Ssrc, Source>& sources() const { return sources_; }
    std::unordered_map<Ssrc, Source>& sources() { return sources_; }
    const std::unordered_map<SessionId, Member>& all_members() const { return members_; }
    std::unordered_map<SessionId, Member>& all_members() { return members_; }
    void choose_again(RoomId room);  // everybody in it

    // Who speaks in a room, and who spoke before: the newest first.
    void set_speakers(RoomId room, std::vector<SessionId> speakers);
    std::span<const SessionId> speakers(RoomId room) const;

  private:
    void place(const proto::Participant& participant, RoomId room);
    void leave(SessionId id);
    struct Room {
        std::vector<Member*> members;     // nodes of members_ do not move
        std::vector<SessionId> speakers;  // of those who are there, or were
        bool is_connected = false;        // the legs of its sources are up to date
    };

    void move(Member& member, RoomId room);
    void connect(Room& room);
    void publish(Member& member, const proto::Participant& participant);
    void publish(Member& member, const VideoStream& stream, const proto::Encoding& encoding, bool camera_off);

    std::size_t history_packets_;
    std::unordered_map<SessionId, Member> members_;
    std::unordered_map<RoomId, Room> rooms_;
    std::unordered_map<Ssrc, Source> sources_;
    std::uint64_t generations_ = 0;
};

}  // namespace connectsphere::relay
