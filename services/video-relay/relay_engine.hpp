// The video plane's engine: forwards, never decodes. MediaSessions says which packets count, the Switchboard
// who gets them, a Forwarding under which numbers.
//
//   batch ─► verify, decrypt (once per packet) ─► for each receiver: rewrite, encrypt ─► outbox
//
// A whole batch is opened first, and then forwarded receiver by receiver: the packets of a frame to one
// receiver lie one behind the other, and leave in one system call (UDP GSO).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "lib/wire/rtcp.hpp"
#include "services/common/engine.hpp"
#include "services/common/media_plane.hpp"
#include "services/common/rooms.hpp"
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
};
constexpr std::size_t kRelayDropKinds = 6;
std::string_view name(RelayDrop reason);

// A receiver reports once a second (stock tools every five). Who has been silent for longer than this gets
// nothing until it is heard again: its address may be another's by now, and it would lose so many packets
// that it could not guess the SRTP index of the next.
constexpr Duration kMaxSilence = 15s;

class VideoRelayEngine {
  public:
    explicit VideoRelayEngine(const EngineContext& context);

    void on_ctl(const proto::ToService& message, Time now, Outbox& out);
    void fill_hello(proto::ServiceHello& hello) const { sessions_.fill_hello(hello); }
    void on_state(const proto::StateMessage& message, Time now, Outbox& out);
    void on_datagrams(std::span<Datagram> datagrams, Time now, Outbox& out);
    void fill_beat(proto::Beat& beat);

  private:
    // A packet of the batch at hand, open and ready to be forwarded.
    struct Opened {
        Source* source;
        MutableBytes packet;
        std::size_t payload_bytes;
        SourcePacket numbers;
    };
    struct Counters {
        std::uint64_t packets_received = 0;
        std::uint64_t bytes_received = 0;
        std::uint64_t packets_sent = 0;
        std::uint64_t bytes_sent = 0;
        std::uint64_t rtcp_received = 0;
        std::uint64_t rtcp_sent = 0;
        std::uint64_t nacks = 0;
        std::uint64_t key_frame_requests = 0;
        std::uint64_t batch_full = 0;
        std::array<std::uint64_t, kRelayDropKinds> drops{};
    };

    void count(RelayDrop reason) { ++counters_.drops[static_cast<std::size_t>(reason)]; }

    void open_rtp(const AcceptedMedia& media, const Datagram& datagram);
    void forward_opened(Time now, Outbox& out);
    void forward_to(Member& receiver, Time now, Outbox& out);
    MediaSession* listening(const Member& receiver, Time now);  // nullptr: not there to get anything
    void forward(const Opened& opened, Forwarding& forwarding, Member& receiver, MediaSession& session,
                 Outbox& out);

    void on_rtcp(const AcceptedMedia& media, Time received_at, Outbox& out);
    void on_report_blocks(Member& receiver, const wire::ReportBlocks& blocks, Time received_at);
    void on_feedback(const wire::Feedback& feedback);
    void forward_report(Source& source, const wire::SenderInfo& info, std::string_view cname,
                        Time received_at, Outbox& out);
    void send_report(const Source& source, wire::SenderInfo info, std::string_view cname, Member& receiver,
                     Time now, Outbox& out);

    void fill_totals(proto::Beat& beat);
    void fill_streams(proto::Beat& beat) const;
    void fill_sessions(proto::Beat& beat) const;

    RoomMirror mirror_;
    MediaSessions sessions_{proto::PLANE_VIDEO};
    Switchboard switchboard_;
    std::vector<Opened> opened_;  // of the batch at hand; kept for its memory, as are the rooms
    std::vector<RoomId> rooms_;   // that `opened_` belongs to
    Counters counters_;
};

}  // namespace connectsphere::relay
