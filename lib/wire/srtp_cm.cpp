// AES_CM_128_HMAC_SHA1_80 (RFC 3711) by libsrtp2, for stock tools.
//
//   SRTP    | header | cipher text | tag 10 |
//   SRTCP   | first 8 bytes | cipher text | E, index 4 | tag 10 |
//
// libsrtp2 keeps indices and a replay window of its own; ours, of the same size, stand before them and agree.
#include <srtp2/srtp.h>

#include <cstring>

#include "lib/wire/srtp_cipher.hpp"

namespace connectsphere::wire {

namespace {

constexpr std::size_t kTagSize = 10;
constexpr std::size_t kIndexSize = 4;
constexpr SrtpLayout kLayout{.rtp_overhead = kTagSize,
                             .rtcp_overhead = kTagSize + kIndexSize,
                             .rtcp_index_from_end = kTagSize + kIndexSize};

// Once a process, and after it has forked: below libsrtp2 is NSS, which does not survive a fork.
bool library_ready() {
    static const bool ready = srtp_init() == srtp_err_status_ok;
    return ready;
}

Error error_of(srtp_err_status_t status) {
    switch (status) {
        case srtp_err_status_auth_fail:
            return {Errc::forged, "srtp packet"};
        case srtp_err_status_replay_fail:
        case srtp_err_status_replay_old:
            return {Errc::replayed, "srtp packet"};
        case srtp_err_status_key_expired:
            return {Errc::refused, "srtp index"};
        default:
            return {Errc::malformed, "srtp packet"};
    }
}

class Session {
  public:
    Session() = default;
    ~Session() {
        if (session_ != nullptr) srtp_dealloc(session_);
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    bool start(const SrtpKey& key, srtp_ssrc_type_t direction) {
        if (!library_ready()) return false;
        std::array<std::uint8_t, kSrtpKeySize + kSrtpMaxSaltSize> key_and_salt;
        std::memcpy(key_and_salt.data(), key.key.data(), kSrtpKeySize);
        std::memcpy(key_and_salt.data() + kSrtpKeySize, key.salt.data(), kSrtpMaxSaltSize);
        srtp_policy_t policy{};
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
        policy.ssrc.type = direction;
        policy.key = key_and_salt.data();
        policy.window_size = ReplayWindow::kSize;
        policy.allow_repeat_tx = 1;  // SrtpSender decides what may repeat
        const bool ok = srtp_create(&session_, &policy) == srtp_err_status_ok;
        key_and_salt.fill(0);
        return ok;
    }

    template <class Function>
    Result<std::size_t> run(Function function, MutableBytes packet, std::size_t used) {
        int size = static_cast<int>(used);
        const srtp_err_status_t status = function(session_, packet.data(), &size);
        if (status != srtp_err_status_ok) return error_of(status);
        return static_cast<std::size_t>(size);
    }

  private:
    srtp_t session_ = nullptr;
};

// libsrtp2 works in place only.
void copy_packet(Bytes packet, MutableBytes out) {
    if (out.data() != packet.data()) std::memcpy(out.data(), packet.data(), packet.size());
}

class CmSealer final : public SrtpSealer {
  public:
    bool start(const SrtpKey& key) { return session_.start(key, ssrc_any_outbound); }
    const SrtpLayout& layout() const override { return kLayout; }

    Result<std::size_t> seal_rtp(Bytes packet, std::size_t, SrtpIndex, MutableBytes out) override {
        copy_packet(packet, out);
        return session_.run(srtp_protect, out, packet.size());
    }
    Result<std::size_t> seal_rtcp(Bytes packet, std::uint32_t, MutableBytes out) override {
        copy_packet(packet, out);
        return session_.run(srtp_protect_rtcp, out, packet.size());
    }

  private:
    Session session_;
};

class CmOpener final : public SrtpOpener {
  public:
    bool start(const SrtpKey& key) { return session_.start(key, ssrc_any_inbound); }
    const SrtpLayout& layout() const override { return kLayout; }

    Result<std::size_t> open_rtp(MutableBytes packet, std::size_t, SrtpIndex) override {
        return session_.run(srtp_unprotect, packet, packet.size());
    }
    Result<std::size_t> open_rtcp(MutableBytes packet, std::uint32_t) override {
        return session_.run(srtp_unprotect_rtcp, packet, packet.size());
    }

  private:
    Session session_;
};

}  // namespace

std::unique_ptr<SrtpSealer> make_cm_sealer(const SrtpKey& key) {
    auto sealer = std::make_unique<CmSealer>();
    if (!sealer->start(key)) return nullptr;
    return sealer;
}

std::unique_ptr<SrtpOpener> make_cm_opener(const SrtpKey& key) {
    auto opener = std::make_unique<CmOpener>();
    if (!opener->start(key)) return nullptr;
    return opener;
}

}  // namespace connectsphere::wire
