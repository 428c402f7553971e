// RTCP through the relay. Sender reports are passed on, rewritten like the packets that they speak of, so
// that receivers can line up picture and sound. Receiver reports end here: each speaks of the way from us to
// that receiver, and is no business of the sender's.
#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <variant>

#include "lib/wire/ntp.hpp"
#include "services/video-relay/relay_engine.hpp"

namespace connectsphere::relay {
namespace {

// A sender report without blocks, and the CNAME that RFC 3550 section 6.1 wants beside it.
constexpr std::size_t kMaxReportSize = 28 + 12 + wire::kMaxCname + 4;
constexpr double kSameRate = 0.03;  // a REMB that says about the same again changes nothing

// What was due and what was lost of a stream since the report before, from the sums of RFC 3550: the fraction
// in a report does not say of how many.
void add_loss(View& view, const wire::ReportBlock& block, media::RateEstimate::Report& report) {
    constexpr std::uint32_t kBegunAnew = 1 << 15;  // a step so wide is none
    const View::Reported now{.highest_seq = block.highest_seq, .lost = block.lost};
    const View::Reported before = view.reported.value_or(now);
    view.reported = now;
    const std::uint32_t due = now.highest_seq - before.highest_seq;
    if (due >= kBegunAnew) return;
    report.expected += due;
    // Duplicates, and what came after it was given up, can make it negative: then what was lost before is
    // back.
    const std::int64_t lost = std::int64_t{now.lost} - before.lost;
    report.lost += static_cast<std::uint64_t>(std::max<std::int64_t>(lost, 0));
}

}  // namespace

void VideoRelayEngine::on_rtcp(const AcceptedMedia& media, Time received_at, Outbox& out) {
    ++counters_.rtcp_received;
    auto compound = wire::parse_rtcp(media.packet);
    Member* member = switchboard_.member(media.session->id);
    if (!compound || member == nullptr) return count(RelayDrop::bad_rtcp);

    // Reports are passed on behind the name that may follow them; more than the blocks of one have no place.
    std::array<wire::SenderReport, wire::kMaxReportBlocks> reports;
    std::size_t count_of_reports = 0;
    std::string_view cname;
    while (const auto packet = compound->next()) {
        if (const auto* sent = std::get_if<wire::SenderReport>(&*packet)) {
            if (count_of_reports < reports.size()) reports[count_of_reports++] = *sent;
            on_report_blocks(*member, sent->blocks, received_at);
        } else if (const auto* received = std::get_if<wire::ReceiverReport>(&*packet)) {
            on_report_blocks(*member, received->blocks, received_at);
        } else if (const auto* description = std::get_if<wire::SourceDescription>(&*packet)) {
            cname = description->cname;
        } else if (const auto* feedback = std::get_if<wire::Feedback>(&*packet)) {
            on_feedback(*member, *feedback, received_at, out);
        }
    }
    for (const auto& report : std::span(reports).first(count_of_reports)) {
        // The packet says only who sent the first of them: of the others anything could be claimed.
        Source* source = switchboard_.source(report.sender);
        if (source == nullptr || source->stream.owner != member->id) continue;
        source->reception.on_sender_report(report.info.ntp, received_at);
        forward_report(*source, report.info, cname, received_at, out);
    }
}

void VideoRelayEngine::on_report_blocks(Member& receiver, const wire::ReportBlocks& blocks,
                                        Time received_at) {
    if (blocks.size() == 0) return;
    DownlinkFigures worst;
    media::RateEstimate::Report report{.bytes_sent = receiver.bytes_sent};
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const wire::ReportBlock block = blocks[i];
        const Source* source = switchboard_.source(block.ssrc);
        if (source == nullptr || !receiver.forwardings.contains(block.ssrc)) continue;
        worst.loss_ratio = std::max(worst.loss_ratio, block.fraction_lost / 256.0);
        worst.jitter_seconds = std::max(worst.jitter_seconds, block.jitter / double{kVideoClockRate});
        View* view = receiver.view(source->stream);
        if (view == nullptr) continue;
        add_loss(*view, block, report);
        const auto sent_at = view->sent_reports.find(block.last_report);
        if (!sent_at) continue;
        const Duration round_trip = received_at - *sent_at - wire::from_ntp_short(block.delay);
        worst.round_trip_seconds = std::max(worst.round_trip_seconds, seconds(round_trip));
    }
    receiver.downlink = worst;
    if (worst.round_trip_seconds > 0)
        report.round_trip =
            std::chrono::duration_cast<Duration>(std::chrono::duration<double>(worst.round_trip_seconds));
    const double before = receiver.estimate.bits_per_second(received_at);
    receiver.estimate.on_report(report, received_at);
    if (receiver.estimate.bits_per_second(received_at) >= before) return;
    receiver.must_choose = true;
    choose_soon(received_at);
}

void VideoRelayEngine::on_feedback(Member& receiver, const wire::Feedback& feedback, Time now, Outbox& out) {
    if (feedback.is_nack()) {
        ++counters_.nacks;
        repeat(receiver, feedback, now, out);
    } else if (feedback.is_pli() || feedback.is_fir()) {
        ++counters_.key_frame_requests;
        const Source* named =
            switchboard_.source(feedback.is_pli() ? feedback.media : wire::fir_media(feedback));
        if (named == nullptr || named->room != receiver.room) return;
        View* view = receiver.view(named->stream);
        Source* source = view == nullptr ? nullptr : switchboard_.source(view->target);
        if (source != nullptr && view->key_frame_wish.counts(now)) ask_key_frame(*source, now, out);
    } else if (const auto allowed = wire::remb_rate(feedback)) {
        const double before = receiver.estimate.bits_per_second(now);
        receiver.estimate.on_ceiling(static_cast<double>(*allowed), now);
        const double after = receiver.estimate.bits_per_second(now);
        if (after >= (1 - kSameRate) * before && after <= (1 + kSameRate) * before) return;
        receiver.must_choose = true;
        choose_soon(now);
    }
}

void VideoRelayEngine::forward_report(Source& source, const wire::SenderInfo& info, std::string_view cname,
                                      Time received_at, Outbox& out) {
    if (source.camera_off) return;
    for (Member* receiver : switchboard_.members(source.room)) {
        View* view = receiver->view(source.stream);
        if (view != nullptr && view->current == source.ssrc)
            send_report(source, info, cname, *receiver, *view, received_at, out);
    }
}

void VideoRelayEngine::send_report(const Source& source, wire::SenderInfo info, std::string_view cname,
                                   Member& receiver, View& view, Time now, Outbox& out) {
    MediaSession* session = listening(receiver, now);
    if (session == nullptr) return;
    const auto found = receiver.forwardings.find(source.stream.first_encoding);
    if (found == receiver.forwardings.end()) return;
    const auto timestamp = found->second.rewrite_timestamp(source.generation, info.rtp_timestamp);
    if (!timestamp) return;

    info.rtp_timestamp = *timestamp;
    info.packets = static_cast<std::uint32_t>(found->second.packets());
    info.bytes = static_cast<std::uint32_t>(found->second.payload_bytes());
    std::array<std::uint8_t, kMaxReportSize> plain;
    Writer writer(plain);
    wire::write_sender_report(writer, source.stream.first_encoding, info);
    if (!cname.empty()) wire::write_cname(writer, source.stream.first_encoding, cname);

    const MutableBytes room = out.datagrams.claim(writer.size() + wire::kSrtcpMaxOverhead);
    if (room.empty()) return;
    const auto size = session->to_client->protect_rtcp(writer.written(), room);
    if (!size) return count(RelayDrop::unsealed);
    out.datagrams.commit(*session->route, *size);
    view.sent_reports.note(wire::ntp_middle(info.ntp), now);
    ++counters_.rtcp_sent;
}

}  // namespace connectsphere::relay
