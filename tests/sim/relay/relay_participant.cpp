#include "tests/sim/relay/relay_participant.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <string>

#include "lib/media/pattern.hpp"
#include "lib/wire/jpeg_payload.hpp"
#include "lib/wire/ntp.hpp"
#include "lib/wire/rtp.hpp"
#include "tests/sim/relay/relay_conference.hpp"

namespace connectsphere::test {
namespace {

constexpr int kQuality = 60;
constexpr std::size_t kMaxPayload = kMaxDatagramSent - wire::kRtpFixedHeaderSize - wire::kSrtpMaxOverhead;
constexpr Duration kRoundTrip = 20ms;
constexpr std::uint32_t kTicksPerFrame = 6000;  // 90 kHz at 15 frames/s

wire::SrtpKey key_of(const proto::MasterKey& master, proto::SrtpProfile profile) {
    wire::SrtpKey key;
    if (profile == proto::AES_CM_128_HMAC_SHA1_80) key.profile = wire::SrtpProfile::aes_cm_128_hmac_sha1_80;
    std::ranges::copy(as_bytes(master.key()), key.key.begin());
    std::ranges::copy(as_bytes(master.salt()), key.salt.begin());
    return key;
}

WallTime wall(Time time) {
    return WallTime(1'800'000'000s) + std::chrono::duration_cast<std::chrono::microseconds>(time - Time{});
}

}  // namespace

Participant::Participant(Conference& conference, std::uint64_t id, const Address& address)
    : conference_(conference), id_{id} {
    move_to(address);
}

void Participant::set_keys(const proto::GrantKeys& keys) {
    sender_.emplace(key_of(keys.from_client(), keys.profile()));
    receiver_.emplace(key_of(keys.to_client(), keys.profile()));
    seq_ = static_cast<std::uint16_t>((keys.epoch() * 7919) % 0x8000);
    timestamp_ = keys.epoch() * 0x1234'5678;
    assemblers_.clear();
    feedback_.restart();
    histories_.clear();
}

void Participant::move_to(const Address& address) {
    conference_.network.unbind(address_);
    address_ = address;
    conference_.network.bind(address, [this](std::span<Datagram> batch, Time) { receive(batch); });
}

void Participant::send_frame() {
    const media::Image picture = media::test_pattern({.tag = tag(), .frame = next_frame_++}, kWidth, kHeight);
    const auto file = encoder_.encode(picture, kQuality);
    REQUIRE(file);
    const auto frame = wire::parse_jpeg(*file);
    REQUIRE(frame);
    const wire::JpegPacketizer packets(*frame, kMaxPayload);
    std::array<std::uint8_t, kMaxPayload> payload;
    for (std::size_t i = 0; i < packets.count(); ++i)
        send_rtp(packets.is_last(i), Bytes(payload).first(packets.write(i, payload)));
    timestamp_ += kTicksPerFrame;
}

void Participant::send_packet(std::size_t payload_bytes) {
    send_payload(Buffer(payload_bytes));  // a fragment at offset 0
}

void Participant::send_part(std::size_t payload_bytes) { send_rtp(false, Buffer(payload_bytes)); }

void Participant::send_payload(Bytes payload) {
    send_rtp(true, payload);
    timestamp_ += kTicksPerFrame;
}

void Participant::send_vp8(int encoding, std::size_t bytes, bool key_frame) {
    const Ssrc ssrc = encoding == 0 ? camera_ssrc() : small_ssrc();
    Vp8Sending& sending = vp8_sendings_[ssrc];
    Buffer data(bytes);
    const auto frame = sending.encoder.encode(data, key_frame, static_cast<std::uint8_t>(next_frame_));
    if (frame.temporal_layer == 0) ++sending.tl0_index;
    const wire::Vp8Packetizer packets({.picture_id = ++sending.picture_id,
                                       .tl0_index = sending.tl0_index,
                                       .temporal_layer = frame.temporal_layer,
                                       .layer_sync = frame.layer_sync,
                                       .data = data},
                                      kMaxPayload);
    std::array<std::uint8_t, kMaxPayload> payload;
    for (std::size_t i = 0; i < packets.count(); ++i) {
        send_rtp({.marker = packets.is_last(i),
                  .payload_type = wire::kPayloadTypeVp8,
                  .seq = sending.next_seq++,
                  .timestamp = timestamp_,
                  .ssrc = ssrc},
                 Bytes(payload).first(packets.write(i, payload)));
    }
}

void Participant::send_rtp(bool marker, Bytes payload) {
    const wire::RtpHeader header{.marker = marker,
                                 .payload_type = wire::kPayloadTypeJpeg,
                                 .seq = seq_++,
                                 .timestamp = timestamp_,
                                 .ssrc = camera_ssrc(),
                                 .audio_level = std::nullopt};
    send_rtp(header, payload);
}

void Participant::send_rtp(const wire::RtpHeader& header, Bytes payload) {
    std::array<std::uint8_t, kMaxDatagramAccepted> packet;
    Writer writer(MutableBytes(packet).subspan(wire::write_rtp_header(packet, header)));
    writer.bytes(payload);
    const auto size =
        sender_->protect_rtp(Bytes(packet).first(wire::kRtpFixedHeaderSize + payload.size()), packet);
    REQUIRE(size);
    histories_[header.ssrc].keep(header.seq + 1, Bytes(packet).first(*size));
    send_raw(Bytes(packet).first(*size));
}

void Participant::send_requests() {
    std::array<std::uint8_t, 1100> packet;
    Writer writer(packet);
    if (repairs && feedback_.write_requests(writer, rtcp_ssrc(), conference_.network.now(), kRoundTrip))
        send_rtcp(writer.written());
}

void Participant::next_picture() {
    timestamp_ += kTicksPerFrame;
    ++next_frame_;
}

// draft-alvestrand-rmcat-remb-03: PSFB, format 15, one SSRC.
void Participant::send_remb(double bits_per_second) {
    std::array<std::uint8_t, 100> packet;
    Writer writer(packet);
    auto mantissa = static_cast<std::uint64_t>(bits_per_second);
    std::uint32_t exponent = 0;
    for (; mantissa > 0x3FFFF; mantissa >>= 1) ++exponent;
    wire::write_receiver_report(writer, rtcp_ssrc());
    writer.u32(0x8FCE'0005);
    writer.u32(rtcp_ssrc().value);
    writer.u32(0);
    writer.u32(0x5245'4D42);
    writer.u32(0x0100'0000 | exponent << 18 | static_cast<std::uint32_t>(mantissa));
    writer.u32(0x1001);
    send_rtcp(writer.written());
}

void Participant::send_own_report() {
    std::array<std::uint8_t, 1100> packet;
    Writer writer(packet);
    feedback_.write_report(writer, rtcp_ssrc(), conference_.network.now());
    send_rtcp(writer.written());
}

void Participant::send_raw(Bytes bytes) {
    last_datagram_.assign(bytes.begin(), bytes.end());
    conference_.network.send({.peer = conference_.relay_address, .local = address_}, bytes);
}

void Participant::send_rtcp(Bytes packet) {
    std::array<std::uint8_t, 500> out;
    const auto size = sender_->protect_rtcp(packet, out);
    REQUIRE(size);
    send_raw(Bytes(out).first(*size));
}

void Participant::ask_for(const Participant& other, std::vector<std::uint16_t> seqs) {
    for (auto& seq : seqs) seq = static_cast<std::uint16_t>(seq + first_seq_.value_or(0));
    std::array<std::uint8_t, 400> packet;
    Writer writer(packet);
    wire::write_receiver_report(writer, rtcp_ssrc());
    wire::write_nack(writer, rtcp_ssrc(), other.camera_ssrc(), seqs);
    send_rtcp(writer.written());
}

void Participant::send_sender_reports() {
    std::array<std::uint8_t, 400> packet;
    Writer writer(packet);
    const wire::SenderInfo info{.ntp = wire::to_ntp(wall(conference_.network.now())),
                                .rtp_timestamp = timestamp_};
    wire::write_sender_report(writer, camera_ssrc(), info);
    if (vp8) wire::write_sender_report(writer, small_ssrc(), info);
    wire::write_cname(writer, camera_ssrc(), "somebody");
    send_rtcp(writer.written());
}

void Participant::send_claim(Ssrc ssrc) {
    std::array<std::uint8_t, 400> packet;
    Writer writer(packet);
    const wire::SenderInfo info{
        .ntp = wire::to_ntp(wall(conference_.network.now())) + (std::uint64_t{9} << 32),
        .rtp_timestamp = timestamp_};
    wire::write_sender_report(writer, camera_ssrc(), info);
    wire::write_sender_report(writer, ssrc, info);
    send_rtcp(writer.written());
}

void Participant::send_pli(Ssrc ssrc) {
    std::array<std::uint8_t, 100> packet;
    Writer writer(packet);
    wire::write_receiver_report(writer, rtcp_ssrc());
    wire::write_pli(writer, rtcp_ssrc(), ssrc);
    send_rtcp(writer.written());
}

void Participant::send_receiver_report(std::optional<Ssrc> about) {
    std::array<std::uint8_t, 400> packet;
    Writer writer(packet);
    std::vector<wire::ReportBlock> blocks;
    if (about) {
        wire::ReportBlock block{.ssrc = *about, .fraction_lost = 64, .jitter = 900};
        if (last_report_) {
            block.last_report = wire::ntp_middle(last_report_->ntp);
            block.delay = wire::to_ntp_short(conference_.network.now() - last_report_at_);
        }
        blocks.push_back(block);
    }
    wire::write_receiver_report(writer, rtcp_ssrc(), blocks);
    send_rtcp(writer.written());
}

const Seen& Participant::seen(const Participant& other) const {
    static const Seen nothing;
    const auto found = seen_.find(other.camera_ssrc());
    return found == seen_.end() ? nothing : found->second;
}

void Participant::receive(std::span<Datagram> batch) {
    for (const Datagram& datagram : batch) {
        const bool is_rtcp = wire::is_rtcp(datagram.payload);
        if (!is_rtcp) last_received_.assign(datagram.payload.begin(), datagram.payload.end());
        const auto size = is_rtcp ? receiver_->unprotect_rtcp(datagram.payload)
                                  : receiver_->unprotect_rtp(datagram.payload);
        if (!size) {
            ++unreadable_;
        } else if (is_rtcp) {
            on_rtcp(datagram.payload.first(*size));
        } else {
            on_rtp(datagram.payload.first(*size));
        }
    }
    send_requests();
}

void Participant::on_rtp(MutableBytes packet) {
    ++packets_seen_;
    const auto rtp = wire::parse_rtp(packet);
    REQUIRE(rtp);
    const Ssrc ssrc = rtp->header.ssrc;
    if (!first_seq_) first_seq_ = rtp->header.seq;
    feedback_.on_packet(rtp->header, packet.size(), conference_.network.now());
    if (rtp->header.payload_type == wire::kPayloadTypeVp8) {
        auto& assembler = vp8_assemblers_[ssrc];
        REQUIRE(assembler.push(rtp->header, rtp->payload));
        while (const auto picture = assembler.next()) {
            seen_[ssrc].frames.push_back(picture->bytes.back());
            seen_[ssrc].sizes.push_back(static_cast<int>(picture->bytes.size()));
            if (!vp8_decoders_[ssrc].decode(picture->bytes)) ++seen_[ssrc].damaged;
        }
        if (assembler.needs_key_frame()) feedback_.want_key_frame(ssrc);
        if (!assembler.needs_key_frame()) feedback_.got_key_frame(ssrc);
        return;
    }
    auto& assembler = assemblers_[ssrc];
    if (!assembler.push(rtp->header, rtp->payload)) return;
    while (const auto picture = assembler.next()) check(*picture, ssrc);
}

void Participant::on_rtcp(Bytes packet) {
    auto compound = wire::parse_rtcp(packet);
    REQUIRE(compound);
    feedback_.on_rtcp(packet, conference_.network.now());
    while (const auto part = compound->next()) {
        if (const auto* asked = std::get_if<wire::Feedback>(&*part); asked != nullptr && asked->is_pli())
            key_frames_asked_.push_back(asked->media);
        if (const auto* feedback = std::get_if<wire::Feedback>(&*part); feedback != nullptr && repairs) {
            wire::for_each_nack(*feedback, [&](std::uint16_t seq) {
                if (const Bytes kept = histories_[feedback->media].find(seq + 1); !kept.empty())
                    send_raw(kept);
            });
        }
        const auto* report = std::get_if<wire::SenderReport>(&*part);
        if (report == nullptr) continue;
        ++seen_[report->sender].reports;
        last_report_ = report->info;
        last_report_at_ = conference_.network.now();
    }
}

void Participant::check(const wire::AssembledJpeg& picture, Ssrc ssrc) {
    Buffer file;
    wire::write_jpeg(picture.frame, file);
    media::Image image;
    const auto decoded = decoder_.decode(file, media::PixelFormat::i420, image);
    const auto mark = decoded ? media::read_pattern(image) : std::nullopt;
    if (mark && mark->tag == ssrc.value - 0x1000) {
        seen_[ssrc].frames.push_back(mark->frame);
    } else {
        ++seen_[ssrc].damaged;
    }
}

}  // namespace connectsphere::test
