#include "services/audio-mixer/feedback.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <variant>

#include "lib/media/pcm.hpp"

namespace connectsphere::mixer {
namespace {

constexpr Duration kReportInterval = 5s;            // RFC 3550 section 6.2
constexpr std::int64_t kNtpToUnix = 2'208'988'800;  // seconds from 1900 to 1970

std::uint64_t ntp_time(WallTime wall) {
    const std::int64_t micros = wall.time_since_epoch().count();
    const std::int64_t whole = micros / 1'000'000;
    const auto fraction = static_cast<std::uint64_t>(micros % 1'000'000);
    return static_cast<std::uint64_t>(whole + kNtpToUnix) << 32 | (fraction << 32) / 1'000'000;
}

// Reports carry only the middle 32 bits: units of 1/65536 s.
std::uint32_t middle(std::uint64_t ntp) { return static_cast<std::uint32_t>(ntp >> 16); }
Duration from_ntp_units(std::uint32_t units) { return std::chrono::seconds(units) / 65'536; }
std::uint32_t to_ntp_units(Duration duration) {
    return static_cast<std::uint32_t>(seconds(duration) * 65'536);
}

}  // namespace

void Reception::on_packet(const wire::RtpHeader& header, Time arrival) {
    const std::int64_t seq = seq_.unwrap(header.seq);
    first_ = received_ == 0 ? seq : std::min(first_, seq);
    ++received_;
    // RFC 3550 section 6.4.1: how much the distance of two packets changed on the way, smoothed. In 32 bits,
    // because the timestamps wrap.
    const auto arrived = static_cast<double>(arrival.time_since_epoch().count()) * media::kSampleRate / 1e9;
    const double transit = arrived - header.timestamp;
    if (transit_) {
        const double change = std::abs(std::remainder(transit - *transit_, 4'294'967'296.0));
        jitter_ += (change - jitter_) / 16;
    }
    transit_ = transit;
}

std::int64_t Reception::lost() const {
    if (received_ == 0) return 0;
    return *seq_.highest() - first_ + 1 - static_cast<std::int64_t>(received_);
}

wire::ReportBlock Reception::report(Ssrc ssrc) {
    const std::int64_t expected = *seq_.highest() - first_ + 1;
    const std::int64_t expected_now = expected - expected_before_;
    const auto received_now = static_cast<std::int64_t>(received_ - received_before_);
    const std::int64_t lost_now = std::max<std::int64_t>(expected_now - received_now, 0);
    expected_before_ = expected;
    received_before_ = received_;
    wire::ReportBlock block;
    block.ssrc = ssrc;
    block.fraction_lost = static_cast<std::uint8_t>(
        expected_now <= 0 ? 0 : std::min<std::int64_t>(lost_now * 256 / expected_now, 255));
    block.lost = static_cast<std::int32_t>(std::clamp<std::int64_t>(lost(), -0x800000, 0x7FFFFF));
    block.highest_seq = static_cast<std::uint32_t>(*seq_.highest() - (1 << 16));  // Unwrapper starts there
    block.jitter = static_cast<std::uint32_t>(jitter_);
    return block;
}

bool Feedback::on_rtcp(Bytes compound, Ssrc mix, Time arrival, WallTime wall) {
    auto packets = wire::parse_rtcp(compound);
    if (!packets) return false;
    const auto read = [&](const wire::ReportBlocks& blocks) {
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            if (blocks[i].ssrc == mix) on_block(blocks[i], wall);
        }
    };
    while (const auto packet = packets->next()) {
        if (const auto* sent = std::get_if<wire::SenderReport>(&*packet)) {
            their_report_ = middle(sent->info.ntp);
            their_report_at_ = arrival;
            read(sent->blocks);
        } else if (const auto* received = std::get_if<wire::ReceiverReport>(&*packet)) {
            read(received->blocks);
        }
    }
    return true;
}

void Feedback::on_block(const wire::ReportBlock& block, WallTime wall) {
    loss_ = block.fraction_lost / 256.0;
    jitter_ = std::chrono::nanoseconds(std::int64_t{block.jitter} * 1'000'000 / 48);
    if (block.last_report == 0) return;
    const std::uint32_t way = middle(ntp_time(wall)) - block.last_report - block.delay;
    // Clocks have grains: a way of less than nothing is none.
    if (way < 0x8000'0000) round_trip_ = from_ntp_units(way);
}

void Feedback::write(Writer& w, const MixSender& mix, Ssrc voice, std::uint32_t timestamp, Time now,
                     WallTime wall) {
    next_report_ = now + kReportInterval;
    wire::SenderInfo info;
    info.ntp = ntp_time(wall);
    info.rtp_timestamp = timestamp;
    info.packets = static_cast<std::uint32_t>(mix.packets());
    info.bytes = static_cast<std::uint32_t>(mix.payload_bytes());
    std::array<wire::ReportBlock, 1> block{};
    if (reception_.has_packets()) {
        block[0] = reception_.report(voice);
        if (their_report_ != 0) {
            block[0].last_report = their_report_;
            block[0].delay = to_ntp_units(now - their_report_at_);
        }
    }
    wire::write_sender_report(w, mix.ssrc(), info, std::span(block).first(reception_.has_packets() ? 1 : 0));
    wire::write_cname(w, mix.ssrc(), "mixer");
}

}  // namespace connectsphere::mixer
