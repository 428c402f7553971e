#include "lib/client/media_link.hpp"

#include <algorithm>
#include <array>

#include "lib/wire/rtcp.hpp"

namespace connectsphere::client {

namespace {

Result<wire::SrtpKey> key_of(proto::SrtpProfile profile, const proto::MasterKey& master) {
    wire::SrtpKey key;
    key.profile = profile == proto::AES_CM_128_HMAC_SHA1_80 ? wire::SrtpProfile::aes_cm_128_hmac_sha1_80
                                                            : wire::SrtpProfile::aead_aes_128_gcm;
    if (master.key().size() != key.key.size() || master.salt().size() != wire::srtp_salt_size(key.profile)) {
        return Error{Errc::malformed, "media keys"};
    }
    std::copy(master.key().begin(), master.key().end(), key.key.begin());
    std::copy(master.salt().begin(), master.salt().end(), key.salt.begin());
    return key;
}

}  // namespace

Result<void> MediaLink::install(const proto::MediaKeys& keys, const Address& server, Ssrc own, Time now) {
    const auto send = key_of(keys.profile(), keys.to_server());
    const auto receive = key_of(keys.profile(), keys.to_client());
    if (!send) return send.error();
    if (!receive) return receive.error();
    sender_.emplace(*send);
    receiver_.emplace(*receive);
    epoch_ = {keys.epoch()};
    route_ = {.peer = server, .local = {}};
    route_.peer.port = static_cast<std::uint16_t>(keys.port());
    own_ = own;
    sending_.clear();
    report_at_ = now;  // at once: until then the server does not know our address
    report_gap_ = kFirstReportGap;
    ++counters_.epochs;
    return {};
}

bool MediaLink::send_rtp(wire::RtpHeader header, Bytes payload, DatagramBatch& batch) {
    if (!sender_) return false;
    auto [it, is_new] = sending_.try_emplace(header.ssrc);
    Sending& sending = it->second;
    if (is_new) {  // random below 2^15, so that the first rollover is far away (RFC 3711 section 3.3.1)
        std::array<std::uint8_t, 2> random{};
        entropy_(random);
        sending.next = (1 << 16) + (Reader(random).u16() & 0x7FFF);
        sending.history = media::PacketHistory(history_packets_);
    }
    const auto number = sending.next++;
    header.seq = static_cast<std::uint16_t>(number);
    std::array<std::uint8_t, kMaxDatagramSent> plain;
    const auto header_size = wire::write_rtp_header(plain, header);
    if (header_size == 0 || header_size + payload.size() > plain.size()) return false;
    std::copy(payload.begin(), payload.end(), plain.begin() + static_cast<std::ptrdiff_t>(header_size));
    const auto out = batch.claim(kMaxDatagramSent + wire::kSrtpMaxOverhead);
    if (out.empty()) return false;
    const auto size = sender_->protect_rtp(Bytes(plain).first(header_size + payload.size()), out);
    if (!size) return false;
    batch.commit(route_, *size);
    sending.history.keep(number, out.first(*size));
    ++counters_.sent;
    return true;
}

void MediaLink::send_again(Ssrc ssrc, std::uint16_t seq, DatagramBatch& batch) {
    const auto found = sending_.find(ssrc);
    if (found == sending_.end()) return;
    const auto next = found->second.next;
    const auto behind = static_cast<std::uint16_t>(static_cast<std::uint16_t>(next) - seq);
    const Bytes kept = found->second.history.find(next - behind);
    const auto out = kept.empty() ? MutableBytes{} : batch.claim(kept.size());
    if (out.empty()) return;
    std::copy(kept.begin(), kept.end(), out.begin());
    batch.commit(route_, kept.size());
    ++counters_.repeated;
}

bool MediaLink::send_rtcp(Bytes compound, DatagramBatch& batch) {
    if (!sender_) return false;
    const auto out = batch.claim(compound.size() + wire::kSrtcpMaxOverhead);
    if (out.empty()) return false;
    const auto size = sender_->protect_rtcp(compound, out);
    if (size) batch.commit(route_, *size);
    return size.has_value();
}

std::optional<MediaLink::Packet> MediaLink::receive(Datagram& datagram) {
    if (!receiver_) return std::nullopt;
    if (wire::is_rtcp(datagram.payload)) {
        const auto rtcp_size = receiver_->unprotect_rtcp(datagram.payload);
        if (!rtcp_size) {
            ++counters_.rejected;
        } else if (rtcp_.read) {
            rtcp_.read(datagram.payload.first(*rtcp_size), datagram.received_at);
        }
        return std::nullopt;
    }
    const auto size = receiver_->unprotect_rtp(datagram.payload);
    if (!size) {
        ++counters_.rejected;
        return std::nullopt;
    }
    const auto rtp = wire::parse_rtp(datagram.payload.first(*size));
    if (!rtp) {
        ++counters_.rejected;
        return std::nullopt;
    }
    ++counters_.received;
    return Packet{.rtp = *rtp, .arrival = datagram.received_at};
}

void MediaLink::on_time(Time now, DatagramBatch& batch) {
    if (!sender_ || now < report_at_) return;
    report_at_ = std::max(report_at_ + report_gap_, now);
    report_gap_ = std::min(2 * report_gap_, kReportPeriod);
    std::array<std::uint8_t, kMaxDatagramSent - wire::kSrtcpMaxOverhead> plain;
    Writer writer(plain);
    if (rtcp_.write) {
        rtcp_.write(writer, now);
    } else {
        wire::write_receiver_report(writer, own_, {});
        wire::write_cname(writer, own_, "connectsphere");
    }
    if (writer.ok()) (void)send_rtcp(writer.written(), batch);
}

}  // namespace connectsphere::client
