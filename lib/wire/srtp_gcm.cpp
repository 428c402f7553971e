// AEAD_AES_128_GCM for SRTP (RFC 7714) on GnuTLS, which does a whole packet in one call: OpenSSL's EVP takes
// five, and over a third of the time goes by between them (docs/decisions/0003). Two packets, and what the
// tag covers beside the cipher text (AAD):
//
//   SRTP    | header, CSRCs, extension (AAD) | cipher text | tag 16 |
//   SRTCP   | first 8 bytes (AAD)            | cipher text | tag 16 | E, index 4 (AAD) |
#include <gnutls/crypto.h>

#include <cstring>

#include "lib/wire/srtp_cipher.hpp"
#include "lib/wire/srtp_kdf.hpp"

namespace connectsphere::wire {

namespace {

constexpr std::size_t kTagSize = 16;
constexpr std::size_t kIvSize = 12;
constexpr std::size_t kIndexSize = 4;
constexpr SrtpLayout kLayout{
    .rtp_overhead = kTagSize, .rtcp_overhead = kTagSize + kIndexSize, .rtcp_index_from_end = kIndexSize};

using Iv = std::array<std::uint8_t, kIvSize>;

// One session key with its salt. The key is scheduled once; a packet only brings its IV.
class Gcm {
  public:
    Gcm() = default;
    ~Gcm() {
        if (handle_ != nullptr) gnutls_aead_cipher_deinit(handle_);
    }
    Gcm(const Gcm&) = delete;
    Gcm& operator=(const Gcm&) = delete;

    bool start(const SrtpKey& master, SrtpLabel key_label, SrtpLabel salt_label) {
        std::array<std::uint8_t, kSrtpKeySize> key;
        const gnutls_datum_t datum{key.data(), static_cast<unsigned>(key.size())};
        const bool ok = derive_srtp_key(master, key_label, key) &&
                        derive_srtp_key(master, salt_label, salt_) &&
                        gnutls_aead_cipher_init(&handle_, GNUTLS_CIPHER_AES_128_GCM, &datum) == 0;
        gnutls_memset(key.data(), 0, key.size());
        return ok;
    }

    // RFC 7714 sections 8.1 and 9.1: 0, SSRC and index (48 bits; for SRTCP 31) XOR salt.
    Iv iv(Bytes ssrc, std::uint64_t index) const {
        Iv iv = salt_;
        for (std::size_t i = 0; i < 4; ++i) iv[2 + i] ^= ssrc[i];
        for (std::size_t i = 0; i < 6; ++i) iv[6 + i] ^= static_cast<std::uint8_t>(index >> (40 - 8 * i));
        return iv;
    }

    // `out`: cipher text and tag. It may begin where `plain` does.
    bool seal(const Iv& iv, Bytes aad, Bytes plain, std::uint8_t* out) {
        std::size_t size = plain.size() + kTagSize;
        return gnutls_aead_cipher_encrypt(handle_, iv.data(), iv.size(), aad.data(), aad.size(), kTagSize,
                                          plain.data(), plain.size(), out, &size) == 0;
    }

    // In place; `sealed` ends with the tag.
    bool open(const Iv& iv, Bytes aad, MutableBytes sealed) {
        std::size_t size = sealed.size() - kTagSize;
        return gnutls_aead_cipher_decrypt(handle_, iv.data(), iv.size(), aad.data(), aad.size(), kTagSize,
                                          sealed.data(), sealed.size(), sealed.data(), &size) == 0;
    }

  private:
    gnutls_aead_cipher_hd_t handle_ = nullptr;
    Iv salt_{};
};

struct Session {
    Gcm rtp;
    Gcm rtcp;

    bool start(const SrtpKey& key) {
        return rtp.start(key, SrtpLabel::rtp_encryption, SrtpLabel::rtp_salt) &&
               rtcp.start(key, SrtpLabel::rtcp_encryption, SrtpLabel::rtcp_salt);
    }
};

Bytes rtp_ssrc(Bytes packet) { return packet.subspan(8, 4); }
Bytes rtcp_ssrc(Bytes packet) { return packet.subspan(4, 4); }

void copy_header(Bytes header, MutableBytes out) {
    if (out.data() != header.data()) std::memcpy(out.data(), header.data(), header.size());
}

using RtcpAad = std::array<std::uint8_t, kRtcpFixedHeaderSize + kIndexSize>;

RtcpAad rtcp_aad(Bytes packet, Bytes index_word) {
    RtcpAad aad;
    Writer w(aad);
    w.bytes(packet.first(kRtcpFixedHeaderSize));
    w.bytes(index_word);
    return aad;
}

class GcmSealer final : public SrtpSealer {
  public:
    bool start(const SrtpKey& key) { return session_.start(key); }
    const SrtpLayout& layout() const override { return kLayout; }

    Result<std::size_t> seal_rtp(Bytes packet, std::size_t header_size, SrtpIndex index,
                                 MutableBytes out) override {
        const Bytes header = packet.first(header_size);
        copy_header(header, out);
        if (!session_.rtp.seal(session_.rtp.iv(rtp_ssrc(packet), index), header, packet.subspan(header_size),
                               out.data() + header_size)) {
            return Error{Errc::system, "aes-gcm"};
        }
        return packet.size() + kTagSize;
    }

    Result<std::size_t> seal_rtcp(Bytes packet, std::uint32_t index, MutableBytes out) override {
        std::array<std::uint8_t, kIndexSize> word;
        Writer(word).u32(kSrtcpEncrypted | index);
        copy_header(packet.first(kRtcpFixedHeaderSize), out);
        if (!session_.rtcp.seal(session_.rtcp.iv(rtcp_ssrc(packet), index), rtcp_aad(packet, word),
                                packet.subspan(kRtcpFixedHeaderSize), out.data() + kRtcpFixedHeaderSize)) {
            return Error{Errc::system, "aes-gcm"};
        }
        std::memcpy(out.data() + packet.size() + kTagSize, word.data(), word.size());
        return packet.size() + kLayout.rtcp_overhead;
    }

  private:
    Session session_;
};

class GcmOpener final : public SrtpOpener {
  public:
    bool start(const SrtpKey& key) { return session_.start(key); }
    const SrtpLayout& layout() const override { return kLayout; }

    Result<std::size_t> open_rtp(MutableBytes packet, std::size_t header_size, SrtpIndex index) override {
        if (!session_.rtp.open(session_.rtp.iv(rtp_ssrc(packet), index), packet.first(header_size),
                               packet.subspan(header_size))) {
            return Error{Errc::forged, "srtp packet"};
        }
        return packet.size() - kTagSize;
    }

    Result<std::size_t> open_rtcp(MutableBytes packet, std::uint32_t index) override {
        const MutableBytes sealed = packet.first(packet.size() - kIndexSize).subspan(kRtcpFixedHeaderSize);
        if (!session_.rtcp.open(session_.rtcp.iv(rtcp_ssrc(packet), index),
                                rtcp_aad(packet, packet.last(kIndexSize)), sealed)) {
            return Error{Errc::forged, "srtcp packet"};
        }
        return packet.size() - kLayout.rtcp_overhead;
    }

  private:
    Session session_;
};

}  // namespace

std::unique_ptr<SrtpSealer> make_gcm_sealer(const SrtpKey& key) {
    auto sealer = std::make_unique<GcmSealer>();
    if (!sealer->start(key)) return nullptr;
    return sealer;
}

std::unique_ptr<SrtpOpener> make_gcm_opener(const SrtpKey& key) {
    auto opener = std::make_unique<GcmOpener>();
    if (!opener->start(key)) return nullptr;
    return opener;
}

}  // namespace connectsphere::wire
