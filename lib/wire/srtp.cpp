#include "lib/wire/srtp.hpp"

#include <algorithm>
#include <optional>

#include "lib/wire/rtp.hpp"
#include "lib/wire/srtp_cipher.hpp"

namespace connectsphere::wire {

namespace {

constexpr std::int64_t kUnwrapperStart = 1 << 16;                   // SeqUnwrapper counts from one full cycle
constexpr std::int64_t kMaxRtpIndex = (std::int64_t{1} << 48) - 1;  // RFC 3711 section 9.2: then a new key
constexpr std::uint32_t kMaxRtcpIndex = kSrtcpEncrypted - 1;
constexpr std::size_t kUsualStreams = 8;

// The index of a sequence number, as if it were the one nearest to the newest (RFC 3711 appendix A); nothing
// where that lies before the first cycle.
std::optional<SrtpIndex> index_of(const SeqUnwrapper& unwrapper, std::uint16_t seq) {
    const std::int64_t index = unwrapper.peek(seq) - kUnwrapperStart;
    if (index < 0 || index > kMaxRtpIndex) return std::nullopt;
    return static_cast<SrtpIndex>(index);
}

template <class Streams>
auto find(Streams& streams, Ssrc ssrc) {
    return std::find_if(streams.begin(), streams.end(), [ssrc](const auto& s) { return s.ssrc == ssrc; });
}

Ssrc rtcp_ssrc(Bytes packet) {
    Reader r(packet.subspan(4));
    return {r.u32()};
}

Error no_context() { return Error{Errc::system, "srtp context"}; }

}  // namespace

SrtpSender::SrtpSender(const SrtpKey& key)
    : sealer_(key.profile == SrtpProfile::aead_aes_128_gcm ? make_gcm_sealer(key) : make_cm_sealer(key)) {
    rtp_.reserve(kUsualStreams);
    rtcp_.reserve(kUsualStreams);
}
SrtpSender::~SrtpSender() = default;
SrtpSender::SrtpSender(SrtpSender&&) noexcept = default;
SrtpSender& SrtpSender::operator=(SrtpSender&&) noexcept = default;

Result<std::size_t> SrtpSender::protect_rtp(Bytes packet, MutableBytes out) {
    return protect(packet, out, false);
}

Result<std::size_t> SrtpSender::protect_rtp_again(Bytes packet, MutableBytes out) {
    return protect(packet, out, true);
}

Result<std::size_t> SrtpSender::protect(Bytes packet, MutableBytes out, bool again) {
    if (!sealer_) return no_context();
    const auto header = rtp_outline(packet);
    if (!header) return Error{Errc::truncated, "rtp header"};
    if (out.size() < packet.size() + sealer_->layout().rtp_overhead)
        return Error{Errc::oversized, "srtp packet"};

    // Packets of one SSRC come one behind the other.
    const bool is_last = last_ < rtp_.size() && rtp_[last_].ssrc == header->ssrc;
    auto stream = is_last ? rtp_.begin() + static_cast<std::ptrdiff_t>(last_) : find(rtp_, header->ssrc);
    if (stream == rtp_.end()) {
        if (again) return Error{Errc::refused, "never sent"};
        if (rtp_.size() == kMaxSrtpSenders) return Error{Errc::full, "srtp ssrcs"};
        stream = rtp_.insert(stream, {header->ssrc, {}});
    }
    last_ = static_cast<std::size_t>(stream - rtp_.begin());
    const auto index = index_of(stream->index, header->seq);
    if (!index) return Error{Errc::refused, "srtp index"};
    const auto newest = stream->index.highest();
    const bool is_new = !newest || static_cast<std::int64_t>(*index) + kUnwrapperStart > *newest;
    if (is_new == again) return Error{Errc::refused, again ? "never sent" : "index reused"};

    // Used up even if sealing fails: better a hole than the same index twice.
    stream->index.unwrap(header->seq);
    return sealer_->seal_rtp(packet, header->header_size, *index, out);
}

Result<std::size_t> SrtpSender::protect_rtcp(Bytes packet, MutableBytes out) {
    if (!sealer_) return no_context();
    if (packet.size() < kRtcpFixedHeaderSize) return Error{Errc::truncated, "rtcp header"};
    if (out.size() < packet.size() + sealer_->layout().rtcp_overhead) {
        return Error{Errc::oversized, "srtcp packet"};
    }
    const Ssrc ssrc = rtcp_ssrc(packet);
    auto stream = find(rtcp_, ssrc);
    if (stream == rtcp_.end()) {
        if (rtcp_.size() == kMaxSrtpSenders) return Error{Errc::full, "srtcp ssrcs"};
        stream = rtcp_.insert(stream, {ssrc, 0});
    }
    if (stream->next_index > kMaxRtcpIndex) return Error{Errc::refused, "srtcp index"};
    return sealer_->seal_rtcp(packet, stream->next_index++, out);
}

SrtpReceiver::SrtpReceiver(const SrtpKey& key)
    : opener_(key.profile == SrtpProfile::aead_aes_128_gcm ? make_gcm_opener(key) : make_cm_opener(key)) {
    rtp_.reserve(kUsualStreams);
    rtcp_.reserve(kUsualStreams);
}
SrtpReceiver::~SrtpReceiver() = default;
SrtpReceiver::SrtpReceiver(SrtpReceiver&&) noexcept = default;
SrtpReceiver& SrtpReceiver::operator=(SrtpReceiver&&) noexcept = default;

Result<std::size_t> SrtpReceiver::unprotect_rtp(MutableBytes packet) {
    if (!opener_) return no_context();
    const auto view = parse_rtp_header(packet);
    if (!view) return view.error();
    if (view->payload.size() < opener_->layout().rtp_overhead) return Error{Errc::truncated, "srtp tag"};

    const Ssrc ssrc = view->header.ssrc;
    auto stream = find(rtp_, ssrc);
    const bool is_known = stream != rtp_.end();
    if (!is_known && rtp_.size() == kMaxSrtpSources) return Error{Errc::full, "srtp ssrcs"};
    const auto index = index_of(is_known ? stream->index : SeqUnwrapper{}, view->header.seq);
    if (!index || (is_known && !stream->window.is_fresh(*index))) return Error{Errc::replayed, "srtp packet"};

    auto size = opener_->open_rtp(packet, view->header_size, *index);
    if (!size) return size;
    if (!is_known) stream = rtp_.insert(stream, {.ssrc = ssrc});
    stream->index.unwrap(view->header.seq);
    stream->window.mark(*index);
    return size;
}

Result<std::size_t> SrtpReceiver::unprotect_rtcp(MutableBytes packet) {
    if (!opener_) return no_context();
    const SrtpLayout& layout = opener_->layout();
    if (packet.size() < kRtcpFixedHeaderSize + layout.rtcp_overhead)
        return Error{Errc::truncated, "srtcp tag"};
    if (packet[0] >> 6 != 2) return Error{Errc::malformed, "rtcp version"};
    Reader r(packet.last(layout.rtcp_index_from_end));
    const std::uint32_t word = r.u32();
    // Both profiles here encrypt; a packet that is only authenticated was made for another policy.
    if ((word & kSrtcpEncrypted) == 0) return Error{Errc::malformed, "srtcp e bit"};
    const std::uint32_t index = word & kMaxRtcpIndex;

    const Ssrc ssrc = rtcp_ssrc(packet);
    auto stream = find(rtcp_, ssrc);
    const bool is_known = stream != rtcp_.end();
    if (!is_known && rtcp_.size() == kMaxSrtpSources) return Error{Errc::full, "srtcp ssrcs"};
    if (is_known && !stream->window.is_fresh(index)) return Error{Errc::replayed, "srtcp packet"};

    auto size = opener_->open_rtcp(packet, index);
    if (!size) return size;
    if (!is_known) stream = rtcp_.insert(stream, {.ssrc = ssrc});
    stream->window.mark(index);
    return size;
}

}  // namespace connectsphere::wire
