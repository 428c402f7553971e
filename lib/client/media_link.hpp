// MediaLink: a client's end of one UDP plane. It holds the keys of the newest epoch, protects what is sent,
// opens what comes in, and sends a report every second, which also keeps the server knowing where we are.
// What the packets mean is media_out's, media_in's and, for RTCP, the user's business.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "lib/base/datagram.hpp"
#include "lib/base/id.hpp"
#include "lib/base/time.hpp"
#include "lib/media/packet_history.hpp"
#include "lib/wire/rtp.hpp"
#include "lib/wire/srtp.hpp"
#include "proto/media.pb.h"

namespace connectsphere::client {

using Entropy = std::function<void(MutableBytes)>;

class MediaLink {
  public:
    struct Counters {
        std::uint64_t sent = 0;
        std::uint64_t received = 0;
        std::uint64_t rejected = 0;  // did not verify, or was no RTP
        std::uint64_t epochs = 0;    // key sets that were installed
        std::uint64_t repeated = 0;  // packets sent again on request
    };

    // What RTCP means. `write` appends a compound (without it, an empty receiver report is sent), `read` gets
    // each compound that verified.
    struct Rtcp {
        std::function<void(Writer&, Time now)> write = nullptr;
        std::function<void(Bytes compound, Time arrival)> read = nullptr;
    };

    explicit MediaLink(Entropy entropy) : entropy_(std::move(entropy)) {}
    void set_rtcp(Rtcp rtcp) { rtcp_ = std::move(rtcp); }

    // A new epoch: everything that counted packets starts anew. `own` is the SSRC of our RTCP on this plane.
    Result<void> install(const proto::MediaKeys& keys, const Address& server, Ssrc own, Time now);
    bool is_ready() const { return sender_.has_value(); }
    EpochId epoch() const { return epoch_; }

    // The header's sequence number is filled in here. False: no keys yet, or no room in the batch.
    bool send_rtp(wire::RtpHeader header, Bytes payload, DatagramBatch& batch);

    // Keeps the newest packets of each SSRC, to be sent again. They repeat bit by bit.
    void keep_history(std::size_t packets) { history_packets_ = packets; }
    void send_again(Ssrc ssrc, std::uint16_t seq, DatagramBatch& batch);

    bool send_rtcp(Bytes compound, DatagramBatch& batch);
    Ssrc own() const { return own_; }

    struct Packet {
        wire::RtpView rtp;
        Time arrival;
    };
    // Opens a datagram in place; nothing for RTCP, which goes to Rtcp::read, and for what does not verify
    // (counted).
    std::optional<Packet> receive(Datagram& datagram);

    // A report once a second, even while we only listen. The first ones follow each other faster: the server
    // takes none before the room's news has reached the plane.
    void on_time(Time now, DatagramBatch& batch);
    Time deadline() const { return is_ready() ? report_at_ : kNever; }

    const Counters& counters() const { return counters_; }

    static constexpr Duration kReportPeriod = 1s;
    static constexpr Duration kFirstReportGap = 60ms;  // a room is published every 50 ms; then doubled
    static constexpr std::size_t kMaxPayload =
        kMaxDatagramSent - wire::kMaxRtpHeaderSize - wire::kSrtpMaxOverhead;

  private:
    Entropy entropy_;
    Rtcp rtcp_;
    EpochId epoch_;
    std::optional<wire::SrtpSender> sender_;
    std::optional<wire::SrtpReceiver> receiver_;
    Route route_;
    Ssrc own_;
    struct Sending {
        std::int64_t next = 0;         // its lower 16 bits are the sequence number
        media::PacketHistory history;  // protected, as they were sent
    };
    std::map<Ssrc, Sending> sending_;
    std::size_t history_packets_ = 0;
    Time report_at_ = kNever;
    Duration report_gap_ = kFirstReportGap;
    Counters counters_;
};

}  // namespace connectsphere::client
