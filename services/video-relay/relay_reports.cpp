// RTCP through the relay. Sender reports are passed on, rewritten like the packets that they speak of, so
// that receivers can line up picture and sound. Receiver reports end here: each speaks of the way from us to
// that receiver, and is no business of the sender's.
#include <algorithm>
#include <array>
#include <optional>
#include <variant>

#include "lib/wire/ntp.hpp"
#include "services/video-relay/relay_engine.hpp"

namespace connectsphere::relay {
namespace {

// A sender report without blocks, and the CNAME that RFC 3550 section 6.1 wants beside it.
constexpr std::size_t kMaxReportSize = 28 + 12 + wire::kMaxCname + 4;

}  // namespace

void VideoRelayEngine::on_rtcp(const AcceptedMedia& media, Time received_at, Outbox& out) {
    ++counters_.rtcp_received;
    auto compound = wire::parse_rtcp(media.packet);
    Member* member = switchboard_.member(media.session->id);
    if (!compound || member == nullptr) return count(RelayDrop::bad_rtcp);

    std::optional<wire::SenderReport> report;
    std::string_view cname;
    while (const auto packet = compound->next()) {
        if (const auto* sent = std::get_if<wire::SenderReport>(&*packet)) {
            report = *sent;
            on_report_blocks(*member, sent->blocks, received_at);
        } else if (const auto* received = std::get_if<wire::ReceiverReport>(&*packet)) {
            on_report_blocks(*member, received->blocks, received_at);
        } else if (const auto* description = std::get_if<wire::SourceDescription>(&*packet)) {
            cname = description->cname;
        } else if (const auto* feedback = std::get_if<wire::Feedback>(&*packet)) {
            on_feedback(*feedback);
        }
    }
    if (!report) return;
    Source* source = switchboard_.source(report->sender);
    if (source != nullptr && source->stream.owner == member->id)
        forward_report(*source, report->info, cname, received_at, out);
}

void VideoRelayEngine::on_report_blocks(Member& receiver, const wire::ReportBlocks& blocks,
                                        Time received_at) {
    if (blocks.size() == 0) return;
    DownlinkFigures worst;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const wire::ReportBlock block = blocks[i];
        const Source* source = switchboard_.source(block.ssrc);
        if (source == nullptr || !receiver.forwardings.contains(block.ssrc)) continue;
        worst.loss_ratio = std::max(worst.loss_ratio, block.fraction_lost / 256.0);
        worst.jitter_seconds = std::max(worst.jitter_seconds, block.jitter / double{kVideoClockRate});
        if (block.last_report == 0 || block.last_report != source->report_time) continue;
        const Duration round_trip = received_at - source->reported_at - wire::from_ntp_short(block.delay);
        worst.round_trip_seconds = std::max(worst.round_trip_seconds, seconds(round_trip));
    }
    receiver.downlink = worst;
}

void VideoRelayEngine::on_feedback(const wire::Feedback& feedback) {
    if (feedback.is_nack()) ++counters_.nacks;
    if (feedback.is_pli()) ++counters_.key_frame_requests;
}

void VideoRelayEngine::forward_report(Source& source, const wire::SenderInfo& info, std::string_view cname,
                                      Time received_at, Outbox& out) {
    if (source.camera_off) return;
    source.report_time = wire::ntp_middle(info.ntp);
    source.reported_at = received_at;
    for (Member* receiver : switchboard_.members(source.room)) {
        if (receiver->subscription(source.stream).encoding == source.ssrc)
            send_report(source, info, cname, *receiver, received_at, out);
    }
}

void VideoRelayEngine::send_report(const Source& source, wire::SenderInfo info, std::string_view cname,
                                   Member& receiver, Time now, Outbox& out) {
    MediaSession* session = listening(receiver, now);
    if (session == nullptr) return;
    const auto found = receiver.forwardings.find(source.ssrc);
    if (found == receiver.forwardings.end()) return;
    const auto timestamp = found->second.rewrite_timestamp(source.generation, info.rtp_timestamp);
    if (!timestamp) return;

    info.rtp_timestamp = *timestamp;
    info.packets = static_cast<std::uint32_t>(found->second.packets());
    info.bytes = static_cast<std::uint32_t>(found->second.payload_bytes());
    std::array<std::uint8_t, kMaxReportSize> plain;
    Writer writer(plain);
    wire::write_sender_report(writer, source.ssrc, info);
    if (!cname.empty()) wire::write_cname(writer, source.ssrc, cname);

    const MutableBytes room = out.datagrams.claim(writer.size() + wire::kSrtcpMaxOverhead);
    if (room.empty()) return;
    const auto size = session->to_client->protect_rtcp(writer.written(), room);
    if (!size) return count(RelayDrop::unsealed);
    out.datagrams.commit(*session->route, *size);
    ++counters_.rtcp_sent;
}

}  // namespace connectsphere::relay
