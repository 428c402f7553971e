// SRTP and SRTCP (RFC 3711): RTP and RTCP that nobody can read, forge or replay without the key. The profile
// is chosen with the key: AEAD_AES_128_GCM (RFC 7714) runs on GnuTLS, AES_CM_128_HMAC_SHA1_80, for stock
// tools that know nothing else, on libsrtp2. A key serves one direction: the sender of one end and the
// receiver of the other hold the same one.
//
// Nothing here allocates per packet; only the first packet of an SSRC may. Where the crypto library could not
// give a context (out of memory), every call answers Errc::system.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "lib/base/bytes.hpp"
#include "lib/base/id.hpp"
#include "lib/base/result.hpp"
#include "lib/base/seq.hpp"
#include "lib/wire/replay_window.hpp"

namespace connectsphere::wire {

// The numbers are those of IANA's registry of DTLS-SRTP protection profiles (RFC 5764, RFC 7714).
enum class SrtpProfile : std::uint16_t { aes_cm_128_hmac_sha1_80 = 0x0001, aead_aes_128_gcm = 0x0007 };

constexpr std::size_t kSrtpKeySize = 16;
constexpr std::size_t kSrtpMaxSaltSize = 14;
constexpr std::size_t srtp_salt_size(SrtpProfile profile) {
    return profile == SrtpProfile::aead_aes_128_gcm ? 12 : 14;
}

struct SrtpKey {
    SrtpProfile profile = SrtpProfile::aead_aes_128_gcm;
    std::array<std::uint8_t, kSrtpKeySize> key{};
    std::array<std::uint8_t, kSrtpMaxSaltSize> salt{};  // only the first srtp_salt_size bytes count
};

// What protection adds to a packet: a tag, and for RTCP an index too. The longest of both profiles.
constexpr std::size_t kSrtpMaxOverhead = 16;
constexpr std::size_t kSrtcpMaxOverhead = 20;

constexpr std::size_t kMaxSrtpSenders = 1024;  // SSRCs that one key sends; a further one is refused: `full`
constexpr std::size_t kMaxSrtpSources = 256;   // SSRCs that one key receives, RTP and RTCP each: `full`

class SrtpSealer;  // srtp_cipher.hpp
class SrtpOpener;

// Protects what one direction sends. `out` is either the packet's own memory (in place), or does not touch
// it: then the packet is copied and encrypted in one pass, as a relay needs once per receiver. It must have
// room for the overhead. The result is the size of the protected packet.
//
// Two plaintexts under one (key, SSRC, index) would give both away, so an index is used once: a packet that
// is not newer than the newest sent of its SSRC is `refused`.
class SrtpSender {
  public:
    explicit SrtpSender(const SrtpKey& key);
    ~SrtpSender();
    SrtpSender(SrtpSender&&) noexcept;
    SrtpSender& operator=(SrtpSender&&) noexcept;

    Result<std::size_t> protect_rtp(Bytes packet, MutableBytes out);

    // For a retransmission: the caller promises that these very bytes were protected before. Gives the same
    // protected packet again.
    Result<std::size_t> protect_rtp_again(Bytes packet, MutableBytes out);

    Result<std::size_t> protect_rtcp(Bytes packet, MutableBytes out);

  private:
    struct RtpStream {
        Ssrc ssrc;
        SeqUnwrapper index;
    };
    struct RtcpStream {
        Ssrc ssrc;
        std::uint32_t next_index;
    };
    Result<std::size_t> protect(Bytes packet, MutableBytes out, bool again);

    std::unique_ptr<SrtpSealer> sealer_;
    std::vector<RtpStream> rtp_;  // flat: a handful of SSRCs, searched from the front
    std::size_t last_ = 0;        // of rtp_, whose packet was protected last
    std::vector<RtcpStream> rtcp_;
};

// Opens what one direction receives, in place, and gives the size that is left. After an error the packet's
// bytes mean nothing. An SSRC gets a place only by a packet that verified, so strangers cost no memory.
// Errors: `truncated`, `malformed`, `forged`, `replayed` (or too old to tell), `full`.
class SrtpReceiver {
  public:
    explicit SrtpReceiver(const SrtpKey& key);
    ~SrtpReceiver();
    SrtpReceiver(SrtpReceiver&&) noexcept;
    SrtpReceiver& operator=(SrtpReceiver&&) noexcept;

    Result<std::size_t> unprotect_rtp(MutableBytes packet);
    Result<std::size_t> unprotect_rtcp(MutableBytes packet);

    std::size_t sources() const { return rtp_.size() + rtcp_.size(); }  // SSRCs that hold a place

  private:
    struct RtpStream {
        Ssrc ssrc;
        SeqUnwrapper index{};
        ReplayWindow window{};
    };
    struct RtcpStream {
        Ssrc ssrc;
        ReplayWindow window{};
    };

    std::unique_ptr<SrtpOpener> opener_;
    std::vector<RtpStream> rtp_;
    std::vector<RtcpStream> rtcp_;
};

}  // namespace connectsphere::wire
