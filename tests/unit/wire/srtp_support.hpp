// Keys, packets, and libsrtp2 as the reference that our SRTP is compared with.
#pragma once

#include <srtp2/srtp.h>

#include <catch2/catch.hpp>

#include "lib/wire/rtp.hpp"
#include "lib/wire/srtp.hpp"

namespace connectsphere::wire {

inline SrtpKey test_key(SrtpProfile profile) {
    SrtpKey key{.profile = profile};
    for (std::size_t i = 0; i < key.key.size(); ++i) key.key[i] = static_cast<std::uint8_t>(i + 1);
    for (std::size_t i = 0; i < key.salt.size(); ++i) key.salt[i] = static_cast<std::uint8_t>(0xA0 + i);
    return key;
}

inline Buffer rtp_packet(std::uint16_t seq, std::uint32_t ssrc = 0xCAFE, std::size_t payload_size = 100) {
    Buffer packet(kMaxRtpHeaderSize);
    const RtpHeader header{.payload_type = kPayloadTypeOpus,
                           .seq = seq,
                           .timestamp = seq * 960U,
                           .ssrc = {ssrc},
                           .audio_level = AudioLevel{true, 30}};
    packet.resize(write_rtp_header(packet, header));
    for (std::size_t i = 0; i < payload_size; ++i) packet.push_back(static_cast<std::uint8_t>(i * 7 + seq));
    return packet;
}

// A receiver report without blocks, and a BYE behind it.
inline Buffer rtcp_packet(std::uint32_t ssrc = 0xCAFE) {
    Buffer packet(16);
    Writer w(packet);
    w.u32(0x80C9'0001);
    w.u32(ssrc);
    w.u32(0x81CB'0001);
    w.u32(ssrc);
    return packet;
}

inline Buffer protect_rtp(SrtpSender& sender, const Buffer& packet) {
    Buffer out(packet.size() + kSrtpMaxOverhead);
    const auto size = sender.protect_rtp(packet, out);
    if (!size) FAIL(size.error().text());
    out.resize(*size);
    return out;
}

inline Buffer protect_rtcp(SrtpSender& sender, const Buffer& packet) {
    Buffer out(packet.size() + kSrtcpMaxOverhead);
    const auto size = sender.protect_rtcp(packet, out);
    if (!size) FAIL(size.error().text());
    out.resize(*size);
    return out;
}

// What the receiver makes of a packet: its bytes, or the error.
inline Result<Buffer> unprotect_rtp(SrtpReceiver& receiver, Buffer packet) {
    const auto size = receiver.unprotect_rtp(packet);
    if (!size) return size.error();
    packet.resize(*size);
    return packet;
}

inline Result<Buffer> unprotect_rtcp(SrtpReceiver& receiver, Buffer packet) {
    const auto size = receiver.unprotect_rtcp(packet);
    if (!size) return size.error();
    packet.resize(*size);
    return packet;
}

class Libsrtp {
  public:
    Libsrtp(const SrtpKey& key, srtp_ssrc_type_t direction) {
        // Ours initialises the library: a second srtp_init() of a process would fail.
        static const SrtpSender ready(test_key(SrtpProfile::aes_cm_128_hmac_sha1_80));
        Buffer key_and_salt(key.key.begin(), key.key.end());
        key_and_salt.insert(key_and_salt.end(), key.salt.begin(), key.salt.end());
        srtp_policy_t policy{};
        if (key.profile == SrtpProfile::aead_aes_128_gcm) {
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
        } else {
            srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
            srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
        }
        policy.ssrc.type = direction;
        policy.key = key_and_salt.data();
        policy.window_size = 1024;
        policy.allow_repeat_tx = 1;
        REQUIRE(srtp_create(&session_, &policy) == srtp_err_status_ok);
    }
    ~Libsrtp() { srtp_dealloc(session_); }
    Libsrtp(const Libsrtp&) = delete;
    Libsrtp& operator=(const Libsrtp&) = delete;

    Buffer protect_rtp(const Buffer& packet) { return run(srtp_protect, packet); }
    Buffer protect_rtcp(const Buffer& packet) { return run(srtp_protect_rtcp, packet); }
    Buffer unprotect_rtp(const Buffer& packet) { return run(srtp_unprotect, packet); }
    Buffer unprotect_rtcp(const Buffer& packet) { return run(srtp_unprotect_rtcp, packet); }

  private:
    template <class Function>
    Buffer run(Function function, Buffer packet) {
        int size = static_cast<int>(packet.size());
        packet.resize(packet.size() + SRTP_MAX_TRAILER_LEN);
        REQUIRE(function(session_, packet.data(), &size) == srtp_err_status_ok);
        packet.resize(static_cast<std::size_t>(size));
        return packet;
    }

    srtp_t session_ = nullptr;
};

}  // namespace connectsphere::wire
