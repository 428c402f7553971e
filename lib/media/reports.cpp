#include "lib/media/reports.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <variant>

#include "lib/media/delay_control.hpp"
#include "lib/wire/ntp.hpp"

namespace connectsphere::media {
namespace {

constexpr double kForget = 1.0 / 8;  // of the expected loss, per report

}  // namespace

void Reception::on_packet(const wire::RtpHeader& header, Time arrival) {
    const std::int64_t seq = seq_.unwrap(header.seq);
    first_ = received_ == 0 ? seq : std::min(first_, seq);
    ++received_;
    // RFC 3550 section 6.4.1: how much the distance of two packets changed on the way, smoothed. In 32 bits,
    // because the timestamps wrap.
    const auto arrived = static_cast<double>(arrival.time_since_epoch().count()) * kSampleRate / 1e9;
    const double transit = arrived - header.timestamp;
    if (transit_) {
        const double change = std::abs(std::remainder(transit - *transit_, 4'294'967'296.0));
        jitter_ += (change - jitter_) / 16;
    }
    transit_ = transit;
}

std::int64_t Reception::expected() const { return received_ == 0 ? 0 : *seq_.highest() - first_ + 1; }

std::int64_t Reception::lost() const { return expected() - static_cast<std::int64_t>(received_); }

double Reception::jitter_seconds() const { return jitter_ / kSampleRate; }

wire::ReportBlock Reception::report(Ssrc ssrc) {
    const std::int64_t expected_now = expected() - expected_before_;
    const auto received_now = static_cast<std::int64_t>(received_ - received_before_);
    const std::int64_t lost_now = std::max<std::int64_t>(expected_now - received_now, 0);
    expected_before_ = expected();
    received_before_ = received_;
    loss_ = expected_now <= 0 ? 0 : static_cast<double>(lost_now) / static_cast<double>(expected_now);
    wire::ReportBlock block;
    block.ssrc = ssrc;
    block.fraction_lost = static_cast<std::uint8_t>(std::min(loss_ * 256, 255.0));
    block.lost = static_cast<std::int32_t>(std::clamp<std::int64_t>(lost(), -0x800000, 0x7FFFFF));
    // Unwrapped numbers begin one cycle up.
    if (has_packets()) block.highest_seq = static_cast<std::uint32_t>(*seq_.highest() - (1 << 16));
    block.jitter = static_cast<std::uint32_t>(jitter_);
    return block;
}

bool ReportExchange::on_rtcp(Bytes compound, Ssrc sent, Time arrival, WallTime wall) {
    auto packets = wire::parse_rtcp(compound);
    if (!packets) return false;
    const auto read = [&](const wire::ReportBlocks& blocks) {
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            if (blocks[i].ssrc == sent) on_block(blocks[i], wall);
        }
    };
    while (const auto packet = packets->next()) {
        if (const auto* report = std::get_if<wire::SenderReport>(&*packet)) {
            their_report_ = wire::ntp_middle(report->info.ntp);
            their_report_at_ = arrival;
            read(report->blocks);
        } else if (const auto* received = std::get_if<wire::ReceiverReport>(&*packet)) {
            read(received->blocks);
        }
    }
    return true;
}

void ReportExchange::on_block(const wire::ReportBlock& block, WallTime wall) {
    loss_ = block.fraction_lost / 256.0;
    expected_loss_ = std::max(loss_, expected_loss_ + (loss_ - expected_loss_) * kForget);
    jitter_ = samples_to_duration(block.jitter);
    if (block.last_report == 0) return;
    const std::uint32_t way = wire::ntp_middle(wire::to_ntp(wall)) - block.last_report - block.delay;
    // Clocks have grains: a way of less than nothing is none.
    round_trip_ = way < 0x8000'0000 ? wire::from_ntp_short(way) : Duration{};
}

void ReportExchange::write(Writer& w, const Sent& sent, Ssrc theirs, std::string_view cname, Time now,
                           WallTime wall) {
    wire::SenderInfo info;
    info.ntp = wire::to_ntp(wall);
    info.rtp_timestamp = sent.timestamp;
    info.packets = static_cast<std::uint32_t>(sent.packets);
    info.bytes = static_cast<std::uint32_t>(sent.payload_bytes);
    std::array<wire::ReportBlock, 1> block{};
    const bool is_heard = reception_.has_packets() || their_report_ != 0;
    if (is_heard) {
        block[0] = reception_.report(theirs);
        if (their_report_ != 0) {
            block[0].last_report = their_report_;
            block[0].delay = wire::to_ntp_short(now - their_report_at_);
        }
    }
    wire::write_sender_report(w, sent.ssrc, info, std::span(block).first(is_heard ? 1 : 0));
    wire::write_cname(w, sent.ssrc, cname);
}

}  // namespace connectsphere::media
