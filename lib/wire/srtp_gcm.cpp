// AEAD_AES_128_GCM for SRTP (RFC 7714) on OpenSSL. Two packets, and what the tag covers beside the cipher
// text (AAD):
//
//   SRTP    | header, CSRCs, extension (AAD) | cipher text | tag 16 |
//   SRTCP   | first 8 bytes (AAD)            | cipher text | tag 16 | E, index 4 (AAD) |
#include <openssl/crypto.h>
#include <openssl/evp.h>

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

enum class Direction : int { open = 0, seal = 1 };  // as EVP_CipherInit_ex wants it

// What one call of the cipher works on. `in` and `out` have one size, and may be the same memory.
struct Job {
    Bytes aad;
    Bytes more_aad;
    Bytes in;
    std::uint8_t* out;
};

// One session key with its salt. The key is scheduled once; a packet only brings its IV.
class Gcm {
  public:
    bool start(const SrtpKey& master, SrtpLabel key_label, SrtpLabel salt_label, Direction direction) {
        std::array<std::uint8_t, kSrtpKeySize> key;
        const bool ok = context_ && derive_srtp_key(master, key_label, key) &&
                        derive_srtp_key(master, salt_label, salt_) &&
                        EVP_CipherInit_ex(context_.get(), EVP_aes_128_gcm(), nullptr, key.data(), nullptr,
                                          static_cast<int>(direction)) == 1;
        OPENSSL_cleanse(key.data(), key.size());
        return ok;
    }

    // RFC 7714 sections 8.1 and 9.1: 0, SSRC and index (48 bits; for SRTCP 31) XOR salt.
    Iv iv(Bytes ssrc, std::uint64_t index) const {
        Iv iv{};
        Writer w(iv);
        w.zeros(2);
        w.bytes(ssrc);
        w.u16(static_cast<std::uint16_t>(index >> 32));
        w.u32(static_cast<std::uint32_t>(index));
        for (std::size_t i = 0; i < kIvSize; ++i) iv[i] ^= salt_[i];
        return iv;
    }

    bool seal(const Iv& iv, const Job& job, std::uint8_t* tag) {
        int size = 0;
        return run(iv, job) && EVP_EncryptFinal_ex(context_.get(), tag, &size) == 1 &&
               EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, tag) == 1;
    }

    bool open(const Iv& iv, const Job& job, std::uint8_t* tag) {
        int size = 0;
        return run(iv, job) &&
               EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, tag) == 1 &&
               EVP_DecryptFinal_ex(context_.get(), tag, &size) == 1;
    }

  private:
    bool run(const Iv& iv, const Job& job) {
        EVP_CIPHER_CTX* context = context_.get();
        return EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, iv.data(), -1) == 1 &&
               update(nullptr, job.aad) && update(nullptr, job.more_aad) && update(job.out, job.in);
    }

    bool update(std::uint8_t* out, Bytes in) {
        int size = 0;
        return in.empty() ||
               EVP_CipherUpdate(context_.get(), out, &size, in.data(), static_cast<int>(in.size())) == 1;
    }

    std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> context_{EVP_CIPHER_CTX_new(),
                                                                        EVP_CIPHER_CTX_free};
    std::array<std::uint8_t, kIvSize> salt_{};
};

struct Session {
    Gcm rtp;
    Gcm rtcp;

    bool start(const SrtpKey& key, Direction direction) {
        return rtp.start(key, SrtpLabel::rtp_encryption, SrtpLabel::rtp_salt, direction) &&
               rtcp.start(key, SrtpLabel::rtcp_encryption, SrtpLabel::rtcp_salt, direction);
    }
};

Bytes rtp_ssrc(Bytes packet) { return packet.subspan(8, 4); }
Bytes rtcp_ssrc(Bytes packet) { return packet.subspan(4, 4); }

void copy_header(Bytes header, MutableBytes out) {
    if (out.data() != header.data()) std::memcpy(out.data(), header.data(), header.size());
}

class GcmSealer final : public SrtpSealer {
  public:
    bool start(const SrtpKey& key) { return session_.start(key, Direction::seal); }
    const SrtpLayout& layout() const override { return kLayout; }

    Result<std::size_t> seal_rtp(Bytes packet, std::size_t header_size, SrtpIndex index,
                                 MutableBytes out) override {
        copy_header(packet.first(header_size), out);
        const Job job{.aad = packet.first(header_size),
                      .more_aad = {},
                      .in = packet.subspan(header_size),
                      .out = out.data() + header_size};
        if (!session_.rtp.seal(session_.rtp.iv(rtp_ssrc(packet), index), job, out.data() + packet.size())) {
            return Error{Errc::system, "aes-gcm"};
        }
        return packet.size() + kTagSize;
    }

    Result<std::size_t> seal_rtcp(Bytes packet, std::uint32_t index, MutableBytes out) override {
        std::array<std::uint8_t, kIndexSize> word;
        Writer(word).u32(kSrtcpEncrypted | index);
        copy_header(packet.first(kRtcpFixedHeaderSize), out);
        const Job job{.aad = packet.first(kRtcpFixedHeaderSize),
                      .more_aad = word,
                      .in = packet.subspan(kRtcpFixedHeaderSize),
                      .out = out.data() + kRtcpFixedHeaderSize};
        if (!session_.rtcp.seal(session_.rtcp.iv(rtcp_ssrc(packet), index), job,
                                out.data() + packet.size())) {
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
    bool start(const SrtpKey& key) { return session_.start(key, Direction::open); }
    const SrtpLayout& layout() const override { return kLayout; }

    Result<std::size_t> open_rtp(MutableBytes packet, std::size_t header_size, SrtpIndex index) override {
        const std::size_t size = packet.size() - kTagSize;
        const MutableBytes payload = packet.subspan(header_size, size - header_size);
        const Job job{.aad = packet.first(header_size), .more_aad = {}, .in = payload, .out = payload.data()};
        if (!session_.rtp.open(session_.rtp.iv(rtp_ssrc(packet), index), job, packet.data() + size)) {
            return Error{Errc::forged, "srtp packet"};
        }
        return size;
    }

    Result<std::size_t> open_rtcp(MutableBytes packet, std::uint32_t index) override {
        const std::size_t size = packet.size() - kLayout.rtcp_overhead;
        const MutableBytes payload = packet.subspan(kRtcpFixedHeaderSize, size - kRtcpFixedHeaderSize);
        const Job job{.aad = packet.first(kRtcpFixedHeaderSize),
                      .more_aad = packet.last(kIndexSize),
                      .in = payload,
                      .out = payload.data()};
        if (!session_.rtcp.open(session_.rtcp.iv(rtcp_ssrc(packet), index), job, packet.data() + size)) {
            return Error{Errc::forged, "srtcp packet"};
        }
        return size;
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
