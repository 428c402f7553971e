// One participant of a conference in virtual time: it has keys, a camera that shows the test pattern as JPEG
// in SRTP or pictures of chain_codec.hpp as VP8, and eyes that check every picture that arrives.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "lib/base/datagram.hpp"
#include "lib/client/video_feedback.hpp"
#include "lib/media/jpeg_codec.hpp"
#include "lib/media/packet_history.hpp"
#include "lib/wire/jpeg_assembler.hpp"
#include "lib/wire/picture_assembler.hpp"
#include "lib/wire/rtcp.hpp"
#include "lib/wire/srtp.hpp"
#include "proto/bus.pb.h"
#include "tests/sim/relay/chain_codec.hpp"

namespace connectsphere::test {

constexpr int kWidth = 640;
constexpr int kHeight = 360;
constexpr Duration kFrameTime = 66'666'667ns;  // 15 frames/s

class Conference;

// What one participant has seen of one other.
struct Seen {
    std::vector<std::uint32_t> frames;  // their numbers, in the order of arrival
    std::uint64_t damaged = 0;          // pictures that do not decode, or show another's mark, or lack what
                                        // they need
    std::uint64_t reports = 0;          // sender reports
    std::vector<int> sizes;             // VP8: of each picture, in bytes
};

class Participant {
  public:
    Participant(Conference& conference, std::uint64_t id, const Address& address);

    SessionId id() const { return id_; }
    std::uint16_t tag() const { return static_cast<std::uint16_t>(id_.value); }
    Ssrc camera_ssrc() const {
        return {static_cast<std::uint32_t>(0x1'0000 * publication + 0x1000 + id_.value)};
    }
    Ssrc rtcp_ssrc() const { return {static_cast<std::uint32_t>(0x2000 + id_.value)}; }

    void set_keys(const proto::GrantKeys& keys);  // a new epoch: all counters begin anew
    void move_to(const Address& address);         // roams: other network, other port

    void send_frame();                            // the next picture
    void send_packet(std::size_t payload_bytes);  // no picture: for counting
    void send_payload(Bytes payload);             // as the whole of a JPEG
    void send_part(std::size_t payload_bytes);    // of a JPEG that send_packet ends
    void send_sender_reports();                   // of all that it sends, and the name
    void send_claim(Ssrc ssrc);                   // a report of its own, and behind it one of that SSRC
    void send_pli(Ssrc ssrc);
    void send_receiver_report(std::optional<Ssrc> about = std::nullopt);
    // A picture of one VP8 encoding, 0 the large one (chain_codec.hpp).
    void send_vp8(int encoding, std::size_t bytes, bool key_frame);
    void send_raw(Bytes bytes);
    void send_own_report();  // as the feedback has it
    void send_remb(double bits_per_second);
    void next_picture();  // of VP8: the clock goes on
    const Address& address() const { return address_; }
    // A NACK for packets of `other`, counted from the first that was seen of it.
    void ask_for(const Participant& other, std::vector<std::uint16_t> seqs);

    Ssrc small_ssrc() const { return {static_cast<std::uint32_t>(0x3000 + id_.value)}; }
    std::vector<Ssrc> key_frames_asked() const { return key_frames_asked_; }  // of it

    const Seen& seen(const Participant& other) const;
    std::uint64_t frames_sent() const { return next_frame_; }
    std::uint64_t unreadable() const { return unreadable_; }  // datagrams that did not verify
    std::uint64_t packets_seen() const { return packets_seen_; }
    const Buffer& last_datagram() const { return last_datagram_; }  // as it was sent
    const Buffer& last_received() const { return last_received_; }  // RTP, as it came

    void send_requests();  // NACKs and key frame requests that are due, if it repairs

    bool repairs = false;  // asks for what is missing, and answers who asks
    bool vp8 = false;      // publishes two VP8 encodings, 640x360 and 320x180, instead of JPEG
    bool camera_off = false;
    bool publishes = true;
    std::uint32_t publication = 0;  // each has an SSRC of its own

  private:
    void receive(std::span<Datagram> batch);
    void on_rtp(MutableBytes packet);
    void on_rtcp(Bytes packet);
    void check(const wire::AssembledJpeg& picture, Ssrc ssrc);
    void send_rtp(bool marker, Bytes payload);
    void send_rtp(const wire::RtpHeader& header, Bytes payload);
    void send_rtcp(Bytes packet);

    Conference& conference_;
    SessionId id_;
    Address address_;
    std::optional<wire::SrtpSender> sender_;
    std::optional<wire::SrtpReceiver> receiver_;
    std::uint16_t seq_ = 0;
    std::uint32_t timestamp_ = 0;
    std::uint32_t next_frame_ = 0;
    media::JpegEncoder encoder_;
    media::JpegDecoder decoder_;
    std::map<Ssrc, wire::JpegAssembler> assemblers_;
    std::map<Ssrc, wire::Vp8Assembler> vp8_assemblers_;
    struct Vp8Sending {
        ChainEncoder encoder;
        std::uint16_t next_seq = 0;
        std::uint16_t picture_id = 0;
        std::uint8_t tl0_index = 0;
    };
    std::map<Ssrc, Vp8Sending> vp8_sendings_;
    std::map<Ssrc, ChainDecoder> vp8_decoders_;
    std::vector<Ssrc> key_frames_asked_;
    std::map<Ssrc, Seen> seen_;
    std::uint64_t unreadable_ = 0;
    std::uint64_t packets_seen_ = 0;
    client::VideoFeedback feedback_;
    struct History : media::PacketHistory {
        History() : PacketHistory(512) {}
    };
    std::map<Ssrc, History> histories_;  // as they were sent, by sequence number plus one
    std::optional<wire::SenderInfo> last_report_;
    Time last_report_at_{};
    Buffer last_datagram_;
    Buffer last_received_;
    std::optional<std::uint16_t> first_seq_;
};

}  // namespace connectsphere::test
