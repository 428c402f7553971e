#include "lib/client/video_feedback.hpp"

#include <algorithm>
#include <array>

namespace connectsphere::client {

void VideoFeedback::on_packet(const wire::RtpHeader& header, std::size_t packet_bytes, Time at) {
    const auto found = streams_.find(header.ssrc);
    if (found == streams_.end() && streams_.size() == kMaxStreams) return;
    Stream& stream = found == streams_.end() ? streams_[header.ssrc] : found->second;
    const auto seq = stream.reception.on_packet(header.seq, header.timestamp, packet_bytes, at);
    stream.missing.on_packet(seq, at);
    stream.heard_at = at;
    deadline_ = std::min(deadline_, stream.missing.deadline());
}

void VideoFeedback::on_rtcp(Bytes compound, Time at) {
    auto parsed = wire::parse_rtcp(compound);
    if (!parsed) return;
    while (const auto packet = parsed->next()) {
        const auto* report = std::get_if<wire::SenderReport>(&*packet);
        if (report == nullptr) continue;
        if (const auto found = streams_.find(report->sender); found != streams_.end())
            found->second.reception.on_sender_report(report->info.ntp, at);
    }
}

void VideoFeedback::want_key_frame(Ssrc ssrc) {
    const auto found = streams_.find(ssrc);
    if (found == streams_.end() || found->second.key_frame_at != kNever) return;
    // At once; but who gets only key frames that he can not show must not get more and more of them.
    Stream& stream = found->second;
    const bool was_asked = stream.key_frame_asked_at != Time{};
    stream.key_frame_at = was_asked ? stream.key_frame_asked_at + kKeyFrameGap : Time{};
    deadline_ = std::min(deadline_, stream.key_frame_at);
}

void VideoFeedback::got_key_frame(Ssrc ssrc) {
    if (const auto found = streams_.find(ssrc); found != streams_.end()) found->second.key_frame_at = kNever;
}

void VideoFeedback::write_report(Writer& w, Ssrc own, Time now) {
    reported_at_ = now;
    std::array<wire::ReportBlock, wire::kMaxReportBlocks> blocks;
    std::size_t count = 0;
    auto at = streams_.lower_bound(next_reported_);
    for (std::size_t i = 0; i < streams_.size() && count < blocks.size(); ++i, ++at) {
        if (at == streams_.end()) at = streams_.begin();
        // The silent too: who gets no video for want of room is given room by what it reports.
        blocks[count++] = at->second.reception.report(at->first, now);
    }
    next_reported_ = at == streams_.end() ? Ssrc{} : at->first;
    wire::write_receiver_report(w, own, std::span(blocks).first(count));
}

bool VideoFeedback::write_requests(Writer& w, Ssrc own, Time now, Duration round_trip) {
    if (now < deadline_) return false;
    constexpr std::size_t kRoomForRequest = 12 + 4 * media::NackList::kMaxMissing + 12;
    deadline_ = kNever;
    bool has_requests = false;
    const auto begin = [&] {
        if (!has_requests && now - reported_at_ >= kReportGap)
            write_report(w, own, now);
        else if (!has_requests)
            wire::write_receiver_report(w, own);
        has_requests = true;
    };
    for (auto& [ssrc, stream] : streams_) {
        if (w.left() < kRoomForRequest + 8) {
            deadline_ = now;  // the rest with the next datagram
            break;
        }
        if (const auto seqs = stream.missing.due(now, round_trip); !seqs.empty()) {
            begin();
            wire::write_nack(w, own, ssrc, seqs);
            asked_again_ += seqs.size();
        }
        if (stream.is_silent(now)) stream.key_frame_at = kNever;  // its next packet asks again
        if (stream.key_frame_at <= now) {
            begin();
            wire::write_pli(w, own, ssrc);
            ++key_frames_asked_;
            stream.key_frame_asked_at = now;
            stream.key_frame_at = now + kKeyFrameGap;
        }
        deadline_ = std::min({deadline_, stream.missing.deadline(), stream.key_frame_at});
    }
    return has_requests;
}

std::optional<Ssrc> VideoFeedback::longest_silent() const {
    const auto by_time = [](const auto& a, const auto& b) { return a.second.heard_at < b.second.heard_at; };
    const auto found = std::min_element(streams_.begin(), streams_.end(), by_time);
    if (found == streams_.end()) return std::nullopt;
    return found->first;
}

void VideoFeedback::restart() {
    streams_.clear();
    deadline_ = kNever;
}

}  // namespace connectsphere::client
