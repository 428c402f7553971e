// Repair: what was lost on the way to us is asked for, and what was lost on the way from us is sent again
// from the history of its stream. Both are bounded: the NackList gives up, and a receiver has an allowance.
#include <algorithm>
#include <array>

#include "lib/wire/rtp.hpp"
#include "services/video-relay/relay_engine.hpp"

namespace connectsphere::relay {
namespace {

constexpr Duration kUnknownRoundTrip = 30ms;  // of who has not reported yet
constexpr std::size_t kMaxRtcp = kMaxDatagramSent - wire::kSrtcpMaxOverhead;

Duration round_trip(const Member& member) {
    if (member.downlink.round_trip_seconds <= 0) return kUnknownRoundTrip;
    return std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(member.downlink.round_trip_seconds));
}

// The timestamp of the frame that a packet which never came belongs to, where both its neighbours say the
// same.
std::optional<std::uint32_t> frame_of(const Source& source, std::int64_t seq) {
    const auto timestamp_at = [&](std::int64_t at) -> std::optional<std::uint32_t> {
        const auto rtp = wire::parse_rtp_header(source.history.find(at));
        return rtp ? std::optional(rtp->header.timestamp) : std::nullopt;
    };
    const auto before = timestamp_at(seq - 1);
    return before && before == timestamp_at(seq + 1) ? before : std::nullopt;
}

}  // namespace

void VideoRelayEngine::ask_again(Time now, Outbox& out) {
    ask_at_ = kNever;
    for (auto& [ssrc, source] : switchboard_.sources()) {
        const Member* owner = switchboard_.member(source.stream.owner);
        if (owner == nullptr || source.missing.missing() == 0) continue;
        const auto given_up = source.missing.given_up();
        const auto seqs = source.missing.due(now, round_trip(*owner));
        if (source.missing.given_up() != given_up) {
            if (const auto frame = frame_of(source, source.missing.newest_given_up()))
                give_up(source, *frame);
            ask_key_frame(source, now, out);
        }
        if (!seqs.empty()) ask_sender(source, seqs, now, out);
        ask_at_ = std::min(ask_at_, source.missing.deadline());
    }
}

void VideoRelayEngine::give_up(Source& source, std::uint32_t timestamp) { source.broken_frame = timestamp; }

void VideoRelayEngine::ask_sender(Source& source, std::span<const std::uint16_t> seqs, Time now,
                                  Outbox& out) {
    const Member* owner = switchboard_.member(source.stream.owner);
    MediaSession* session = owner == nullptr ? nullptr : listening(*owner, now);
    if (session == nullptr) return;
    std::array<std::uint8_t, kMaxRtcp> plain;
    Writer writer(plain);
    wire::write_receiver_report(writer, kRelaySsrc);
    wire::write_nack(writer, kRelaySsrc, source.ssrc, seqs);
    if (!writer.ok()) return;
    counters_.asked_again += seqs.size();
    source.counters.asked += seqs.size();
    send_rtcp(*session, writer.written(), out);
}

void VideoRelayEngine::repeat(Member& receiver, const wire::Feedback& nack, Time now, Outbox& out) {
    MediaSession* session = listening(receiver, now);
    if (session == nullptr) return;
    wire::for_each_nack(nack, [&](std::uint16_t seq) {
        const bool is_sent = receiver.repeats >= 1 && repeat_packet(receiver, nack.media, seq, *session, out);
        if (is_sent) receiver.repeats -= 1;
        ++(is_sent ? counters_.repeated : counters_.not_repeated);
    });
}

bool VideoRelayEngine::repeat_packet(Member& receiver, Ssrc stream, std::uint16_t seq, MediaSession& session,
                                     Outbox& out) {
    const auto forwarding = receiver.forwardings.find(stream);
    if (forwarding == receiver.forwardings.end()) return false;
    const auto origin = forwarding->second.origin(seq);
    Source* source = origin ? switchboard_.source_of_generation(stream, origin->generation) : nullptr;
    if (source == nullptr) return false;
    const Bytes kept = source->history.find(origin->seq);
    if (kept.empty()) return false;
    std::array<std::uint8_t, kMaxDatagramAccepted> copy;
    std::copy(kept.begin(), kept.end(), copy.begin());
    const MutableBytes packet = MutableBytes(copy).first(kept.size());
    const auto rtp = wire::parse_rtp(packet);
    const auto facts = rtp ? facts_of(*rtp) : std::nullopt;
    if (!facts) return false;
    // What came to us late may never have been sent to this receiver, who has not what it needs.
    const View* view = receiver.view(source->stream);
    const bool is_current = view != nullptr && view->current == source->ssrc;
    if (facts->temporal_layer > 0 && !(is_current && view->layers.had(facts->temporal_layer, origin->seq)))
        return false;
    const auto numbers = forwarding->second.rewrite_again({.generation = origin->generation,
                                                           .seq = origin->seq,
                                                           .timestamp = rtp->header.timestamp,
                                                           .received_at = {},
                                                           .picture = picture_of(*facts)});
    const MutableBytes room = out.datagrams.claim(packet.size() + wire::kSrtpMaxOverhead);
    if (!numbers || room.empty()) return false;
    renumber(packet, *facts, stream, *numbers);
    const auto size = session.to_client->protect_rtp_again(packet, room);
    if (!size) return false;
    out.datagrams.commit(*session.route, *size);
    ++receiver.packets_sent;
    receiver.bytes_sent += *size;
    ++source->counters.repeated;
    return true;
}

void VideoRelayEngine::ask_key_frame(Source& source, Time now, Outbox& out) {
    if (source.payload_type == wire::kPayloadTypeJpeg) return;  // every frame is one
    if (now - source.key_frame_asked_at < kKeyFrameGap && source.key_frame_asked_at != Time{}) return;
    const Member* owner = switchboard_.member(source.stream.owner);
    MediaSession* session = owner == nullptr ? nullptr : listening(*owner, now);
    if (session == nullptr) return;
    source.key_frame_asked_at = now;
    std::array<std::uint8_t, 64> plain;
    Writer writer(plain);
    wire::write_receiver_report(writer, kRelaySsrc);
    wire::write_pli(writer, kRelaySsrc, source.ssrc);
    ++counters_.key_frames_asked;
    ++source.counters.key_frames;
    send_rtcp(*session, writer.written(), out);
}

void VideoRelayEngine::ask_for_declared(const Member& receiver, Time now, Outbox& out) {
    const MediaSession* session = sessions_.find(receiver.id);
    if (session == nullptr || !session->route_declared) return;
    for (const auto& [stream, view] : receiver.views) {
        Source* source = switchboard_.source(view.target);
        if (source != nullptr && now - source->key_frame_asked_at >= kUnaskedKeyFrameGap)
            ask_key_frame(*source, now, out);
    }
}

// Senders learn from us how their packets reach us.
void VideoRelayEngine::report_reception(Time now, Outbox& out) {
    report_at_ = kNever;
    for (const auto& [id, member] : switchboard_.all_members()) {
        ask_for_declared(member, now, out);
        if (member.sources.empty()) continue;
        MediaSession* session = listening(member, now);
        if (session == nullptr) continue;
        report_at_ = now + kReportPeriod;
        std::array<wire::ReportBlock, wire::kMaxReportBlocks> blocks;
        std::size_t count = 0;
        for (const Ssrc ssrc : member.sources) {
            Source* source = switchboard_.source(ssrc);
            if (source != nullptr && source->reception.packets() > 0 && count < blocks.size())
                blocks[count++] = source->reception.report(ssrc, now);
        }
        if (count == 0) continue;
        std::array<std::uint8_t, kMaxRtcp> plain;
        Writer writer(plain);
        wire::write_receiver_report(writer, kRelaySsrc, std::span(blocks).first(count));
        wire::write_cname(writer, kRelaySsrc, "connectsphere");
        send_rtcp(*session, writer.written(), out);
    }
}

void VideoRelayEngine::send_rtcp(MediaSession& session, Bytes compound, Outbox& out) {
    const MutableBytes room = out.datagrams.claim(compound.size() + wire::kSrtcpMaxOverhead);
    if (room.empty()) return;
    const auto size = session.to_client->protect_rtcp(compound, room);
    if (!size) return count(RelayDrop::unsealed);
    out.datagrams.commit(*session.route, *size);
    ++counters_.rtcp_sent;
}

}  // namespace connectsphere::relay
