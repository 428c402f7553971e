// The video plane's engine: forwards, never decodes. MediaSessions says which packets count, the Switchboard
// who gets them, a Forwarding under which numbers.
//
//   batch ─► verify, decrypt (once per packet) ─► for each receiver: rewrite, encrypt ─► outbox
//
// A whole batch is opened first, and then forwarded receiver by receiver: the packets of a frame to one
// receiver lie one behind the other, and leave in one system call (UDP GSO).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "lib/wire/rtcp.hpp"
#include "services/common/engine.hpp"
#include "services/common/media_plane.hpp"
#include "services/common/rooms.hpp"
#include "services/video-relay/numbers.hpp"
#include "services/video-relay/switchboard.hpp"

namespace connectsphere::relay {

// Why a packet that counts was not forwarded.
enum class RelayDrop {
    unpublished,  // of an SSRC that its session holds, but does not publish as an encoding
    camera_off,   // its sender shows no picture
    too_long,     // with the receiver's tag it would be longer than what everybody accepts
    too_late,     // of a time before its sender began anew
    unsealed,     // it could not be encrypted: the receiver's key has no place for a further SSRC
    bad_rtcp,     // RTCP that does not parse
    bad_payload,  // not what its payload type says
    broken,       // of a frame that can not arrive whole any more
};
constexpr std::size_t kRelayDropKinds = 8;
std::string_view name(RelayDrop reason);

// A receiver reports once a second (stock tools every five). Who has been silent for longer than this gets
// nothing until it is heard again: its address may be another's by now, and it would lose so many packets
// that it could not guess the SRTP index of the next.
constexpr Duration kMaxSilence = 15s;

// Who speaks in the RTCP that we send on our own account.
constexpr Ssrc kRelaySsrc{1};
constexpr Duration kReportPeriod = 1s;
// A key frame is large, and all receivers of a stream ask for it at the same time: one serves them all.
constexpr Duration kKeyFrameGap = 300ms;
// A tool that was told to listen at a declared address does not ask, and may have been started at any time.
constexpr Duration kUnaskedKeyFrameGap = 3s;
// How often a new key is asked for, until it comes.
constexpr Duration kRenewGap = 2s;
// How often the views of a receiver that can not take everything are chosen again.
constexpr Duration kChoicePeriod = 500ms;
// And how soon after a choice the next one may follow that a receiver's reports ask for.
constexpr Duration kLeastChoiceGap = 100ms;

class VideoRelayEngine {
  public:
    // Who is where, and who speaks.
    static constexpr std::array kStateOwners{proto::SIGNALING, proto::AUDIO_MIXER};

    explicit VideoRelayEngine(const EngineContext& context);

    void on_ctl(const proto::ToService& message, Time now, Outbox& out);
    void fill_hello(proto::ServiceHello& hello) const { sessions_.fill_hello(hello); }
    void on_state(const proto::StateMessage& message, Time now, Outbox& out);
    void on_datagrams(std::span<Datagram> datagrams, Time now, Outbox& out);
    void on_time(Time now, Outbox& out);
    Time deadline() const { return std::min({ask_at_, report_at_, choose_at_}); }
    void fill_beat(proto::Beat& beat);

  private:
    // A packet of the batch at hand, open and ready to be forwarded.
    struct Opened {
        Source* source;
        MutableBytes packet;
        std::size_t payload_bytes;
        SourcePacket numbers;
        PacketFacts facts;
        std::uint32_t frame;
        bool is_overtaken;  // of a frame before the newest
    };
    struct Counters {
        std::uint64_t packets_received = 0;
        std::uint64_t bytes_received = 0;
        std::uint64_t packets_sent = 0;
        std::uint64_t bytes_sent = 0;
        std::uint64_t rtcp_received = 0;
        std::uint64_t rtcp_sent = 0;
        std::uint64_t nacks = 0;
        std::uint64_t repeated = 0;
        std::uint64_t not_repeated = 0;
        std::uint64_t asked_again = 0;
        std::uint64_t key_frame_requests = 0;
        std::uint64_t key_frames_asked = 0;
        std::uint64_t batch_full = 0;
        std::uint64_t thinned = 0;
        std::uint64_t switches = 0;
        std::uint64_t subscribed = 0;
        std::uint64_t renewals = 0;
        std::array<std::uint64_t, kRelayDropKinds> drops{};
    };

    void count(RelayDrop reason) { ++counters_.drops[static_cast<std::size_t>(reason)]; }

    void open_rtp(const AcceptedMedia& media, const Datagram& datagram);
    void forward_opened(Time now, Outbox& out);
    void hand_out_runs();
    void forward_to(Member& receiver, Time now, Outbox& out);
    MediaSession* listening(const Member& receiver, Time now);      // nullptr: not there to get anything
    static bool is_broken(const Opened& opened, const View& view);  // its frame, on our side or before
    enum class Verdict { ignore, skip, send };
    Verdict judge(const Opened& opened, View& view, Forwarding& forwarding);
    void take_over(const Opened& opened, View& view, Forwarding& forwarding);  // another encoding, here
    static bool fits(const Opened& opened, View& view);  // a frame, at its first packet that comes
    void forward(const Opened& opened, View& view, Forwarding& forwarding, Member& receiver,
                 MediaSession& session, Outbox& out);

    void on_rtcp(const AcceptedMedia& media, Time received_at, Outbox& out);
    void on_report_blocks(Member& receiver, const wire::ReportBlocks& blocks, Time received_at);
    void on_feedback(Member& receiver, const wire::Feedback& feedback, Time now, Outbox& out);
    void forward_report(Source& source, const wire::SenderInfo& info, std::string_view cname,
                        Time received_at, Outbox& out);
    void send_report(const Source& source, wire::SenderInfo info, std::string_view cname, Member& receiver,
                     View& view, Time now, Outbox& out);

    // What is lost on the way to us is asked for, what is lost on the way from us is sent again.
    void ask_again(Time now, Outbox& out);
    static void give_up(Source& source, std::uint32_t timestamp);
    void ask_sender(Source& source, std::span<const std::uint16_t> seqs, Time now, Outbox& out);
    void repeat(Member& receiver, const wire::Feedback& nack, Time now, Outbox& out);
    bool repeat_packet(Member& receiver, Ssrc stream, std::uint16_t seq, MediaSession& session, Outbox& out);
    void ask_key_frame(Source& source, Time now, Outbox& out);
    void ask_for_declared(const Member& receiver, Time now, Outbox& out);
    void report_reception(Time now, Outbox& out);
    void send_rtcp(MediaSession& session, Bytes compound, Outbox& out);

    // Who gets which layer of what (relay_choice.cpp).
    void on_speech(const proto::Speech& speech);
    std::size_t importance(const Member& receiver, const VideoStream& stream) const;
    bool on_subscribe(const proto::ToService& message, Time now, Outbox& out);  // false: it is none
    void choose_views(Time now, Outbox& out);
    // Not at once: everybody's reports together must not make us choose all the time.
    void choose_soon(Time now) {
        choose_at_ = std::min(choose_at_, std::max(now, chosen_at_ + kLeastChoiceGap));
    }
    void choose(Member& receiver, Time now, Outbox& out);
    void climb_slowly(Member& receiver, double limit, Time now);
    void tell_later(RoomId room);
    void add_ladder(const Member& owner, Ssrc first_encoding, const Member& receiver, Time now);
    std::uint32_t tile_height(const Member& receiver, const VideoStream& stream) const;
    void take_choice(Member& receiver, Time now, Outbox& out);
    void tell_senders(RoomId room, Outbox& out);

    void renew_keys(Time now, Outbox& out);  // relay_keys.cpp

    void fill_totals(proto::Beat& beat);
    void fill_streams(proto::Beat& beat) const;
    std::size_t receivers_of(const Source& source) const;
    void fill_sessions(proto::Beat& beat) const;

    RoomMirror mirror_;
    MediaSessions sessions_{proto::PLANE_VIDEO};
    Switchboard switchboard_;
    std::vector<Opened> opened_;      // of the batch at hand; kept for its memory, as are the following
    std::vector<Member*> receivers_;  // of `opened_`
    std::vector<RoomId> rooms_;       // whose senders must be told, after the next choice at the latest
    Time ask_at_ = kNever;            // something is missing: when to ask for it
    Time chosen_at_{};                // the newest choice; for `fill_beat`, too, which has no clock
    Time choose_at_ = kNever;         // somebody's views must be chosen again
    struct Candidate {
        Ssrc stream;
        std::size_t importance;
    };
    std::vector<Candidate> candidates_;  // of the choice at hand; kept for their memory
    std::vector<Ladder> ladders_;
    std::vector<Ssrc> ladder_streams_;
    std::size_t ladder_count_ = 0;
    std::vector<std::size_t> choices_;
    Time report_at_ = kNever;  // the next receiver reports to those who send
    Counters counters_;
};

}  // namespace connectsphere::relay
