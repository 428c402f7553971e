#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <vector>

#include "lib/wire/srtp_kdf.hpp"
#include "tests/unit/wire/srtp_support.hpp"

using namespace connectsphere;
using namespace connectsphere::wire;

namespace {

// Around the end of the sequence numbers, with reordering on both sides of it.
const std::vector<std::uint16_t> kAcrossTheWrap = {65'000, 65'532, 65'534, 65'533, 0, 65'535, 2, 1, 3, 500};

// A sender sends in order; only the network reorders.
std::vector<std::uint16_t> in_order(std::vector<std::uint16_t> seqs) {
    std::sort(seqs.begin(), seqs.end(), [](auto a, auto b) { return static_cast<std::int16_t>(a - b) < 0; });
    return seqs;
}

std::string derived(const SrtpKey& master, SrtpLabel label, std::size_t size) {
    Buffer out(size);
    REQUIRE(derive_srtp_key(master, label, out));
    return to_hex(out);
}

}  // namespace

TEST_CASE("session keys are those of RFC 3711 appendix B.3") {
    SrtpKey master{.profile = SrtpProfile::aes_cm_128_hmac_sha1_80};
    const Buffer key = from_hex("e1f97a0d3e018be0d64fa32c06de4139");
    const Buffer salt = from_hex("0ec675ad498afeebb6960b3aabe6");
    std::copy(key.begin(), key.end(), master.key.begin());
    std::copy(salt.begin(), salt.end(), master.salt.begin());
    CHECK(derived(master, SrtpLabel::rtp_encryption, 16) == "c61e7a93744f39ee10734afe3ff7a087");
    CHECK(derived(master, SrtpLabel::rtp_salt, 14) == "30cbbc08863d8c85d49db34a9ae1");
    CHECK(derived(master, SrtpLabel::rtp_authentication, 20) == "cebe321f6ff7716b6fd4ab49af256a156d38baa4");
}

TEST_CASE("both profiles give the same bytes as libsrtp2, across the wrap") {
    for (const auto profile : {SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes_cm_128_hmac_sha1_80}) {
        const SrtpKey key = test_key(profile);
        SrtpSender ours(key);
        Libsrtp theirs(key, ssrc_any_outbound);
        for (const auto seq : in_order(kAcrossTheWrap)) {
            INFO("seq " << seq);
            CHECK(protect_rtp(ours, rtp_packet(seq)) == theirs.protect_rtp(rtp_packet(seq)));
        }
    }
}

TEST_CASE("libsrtp2 opens what we protect and we open what it protects, reordered across the wrap") {
    for (const auto profile : {SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes_cm_128_hmac_sha1_80}) {
        const SrtpKey key = test_key(profile);
        SrtpSender our_sender(key);
        SrtpReceiver our_receiver(key);
        Libsrtp their_sender(key, ssrc_any_outbound);
        Libsrtp their_receiver(key, ssrc_any_inbound);
        std::map<std::uint16_t, Buffer> from_us;
        std::map<std::uint16_t, Buffer> from_them;
        for (const auto seq : in_order(kAcrossTheWrap)) {
            from_us[seq] = protect_rtp(our_sender, rtp_packet(seq));
            from_them[seq] = their_sender.protect_rtp(rtp_packet(seq));
        }
        for (const auto seq : kAcrossTheWrap) {
            INFO("seq " << seq);
            CHECK(their_receiver.unprotect_rtp(from_us[seq]) == rtp_packet(seq));
            const auto opened = unprotect_rtp(our_receiver, from_them[seq]);
            REQUIRE(opened);
            CHECK(*opened == rtp_packet(seq));
        }
    }
}

TEST_CASE("packets of any size agree with libsrtp2") {
    const SrtpKey key = test_key(SrtpProfile::aead_aes_128_gcm);
    SrtpSender ours(key);
    Libsrtp theirs(key, ssrc_any_outbound);
    std::uint16_t seq = 0;
    for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 160U, 1164U, 1400U}) {
        const Buffer packet = rtp_packet(++seq, 5, size);
        CHECK(protect_rtp(ours, packet) == theirs.protect_rtp(packet));
    }
}

TEST_CASE("SRTCP goes both ways between libsrtp2 and us") {
    for (const auto profile : {SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes_cm_128_hmac_sha1_80}) {
        const SrtpKey key = test_key(profile);
        SrtpSender our_sender(key);
        SrtpReceiver our_receiver(key);
        Libsrtp their_sender(key, ssrc_any_outbound);
        Libsrtp their_receiver(key, ssrc_any_inbound);
        for (int i = 0; i < 5; ++i) {
            CHECK(their_receiver.unprotect_rtcp(protect_rtcp(our_sender, rtcp_packet())) == rtcp_packet());
            const auto opened = unprotect_rtcp(our_receiver, their_sender.protect_rtcp(rtcp_packet()));
            REQUIRE(opened);
            CHECK(*opened == rtcp_packet());
        }
    }
}

TEST_CASE("SRTCP with one index gives the same bytes as libsrtp2") {
    const SrtpKey key = test_key(SrtpProfile::aead_aes_128_gcm);
    SrtpSender ours(key);
    Libsrtp theirs(key, ssrc_any_outbound);
    (void)protect_rtcp(ours, rtcp_packet());  // RFC 3711 counts from zero, libsrtp2 from one
    CHECK(protect_rtcp(ours, rtcp_packet()) == theirs.protect_rtcp(rtcp_packet()));
}
