#include "lib/wire/srtp.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/wire/srtp_support.hpp"

using namespace connectsphere;
using namespace connectsphere::wire;

namespace {

constexpr SrtpProfile kProfiles[] = {SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes_cm_128_hmac_sha1_80};

struct Pair {
    explicit Pair(SrtpProfile profile) : sender(test_key(profile)), receiver(test_key(profile)) {}
    SrtpSender sender;
    SrtpReceiver receiver;
};

Errc code(const Result<Buffer>& result) {
    REQUIRE_FALSE(result);
    return result.error().code;
}

}  // namespace

TEST_CASE("in place and out of place give the same packet") {
    for (const auto profile : kProfiles) {
        SrtpSender first(test_key(profile));
        SrtpSender second(test_key(profile));
        const Buffer packet = rtp_packet(1);
        Buffer in_place = packet;
        in_place.resize(packet.size() + kSrtpMaxOverhead);
        const auto size = second.protect_rtp(Bytes(in_place).first(packet.size()), in_place);
        REQUIRE(size);
        in_place.resize(*size);
        CHECK(in_place == protect_rtp(first, packet));
    }
}

TEST_CASE("a packet opens once") {
    for (const auto profile : kProfiles) {
        Pair pair(profile);
        const Buffer rtp = protect_rtp(pair.sender, rtp_packet(1));
        const Buffer rtcp = protect_rtcp(pair.sender, rtcp_packet());
        CHECK(unprotect_rtp(pair.receiver, rtp));
        CHECK(unprotect_rtcp(pair.receiver, rtcp));
        CHECK(code(unprotect_rtp(pair.receiver, rtp)) == Errc::replayed);
        CHECK(code(unprotect_rtcp(pair.receiver, rtcp)) == Errc::replayed);
    }
}

TEST_CASE("a packet may be late by the window and no more") {
    for (const auto profile : kProfiles) {
        for (const int late : {1, 500, 1023, 1024, 2000}) {
            INFO("late by " << late);
            Pair pair(profile);
            const Buffer old = protect_rtp(pair.sender, rtp_packet(100));
            const auto newest = static_cast<std::uint16_t>(100 + late);
            REQUIRE(unprotect_rtp(pair.receiver, protect_rtp(pair.sender, rtp_packet(newest))));
            CHECK(unprotect_rtp(pair.receiver, old).has_value() == (late < 1024));
        }
    }
}

TEST_CASE("a packet with any byte changed is refused and changes nothing") {
    for (const auto profile : kProfiles) {
        Pair pair(profile);
        const Buffer rtp = protect_rtp(pair.sender, rtp_packet(1));
        const Buffer rtcp = protect_rtcp(pair.sender, rtcp_packet());
        for (std::size_t i = 0; i < rtp.size(); ++i) {
            Buffer forged = rtp;
            forged[i] ^= 0x01;
            CHECK_FALSE(unprotect_rtp(pair.receiver, forged));
        }
        for (std::size_t i = 0; i < rtcp.size(); ++i) {
            Buffer forged = rtcp;
            forged[i] ^= 0x80;
            CHECK_FALSE(unprotect_rtcp(pair.receiver, forged));
        }
        CHECK(pair.receiver.sources() == 0);
        Buffer forged = rtp;
        forged.back() ^= 0x80;
        CHECK(code(unprotect_rtp(pair.receiver, forged)) == Errc::forged);
        CHECK(unprotect_rtp(pair.receiver, rtp));
        CHECK(unprotect_rtcp(pair.receiver, rtcp));
        CHECK(pair.receiver.sources() == 2);
    }
}

TEST_CASE("every truncation is refused") {
    for (const auto profile : kProfiles) {
        Pair pair(profile);
        const Buffer rtp = protect_rtp(pair.sender, rtp_packet(1));
        const Buffer rtcp = protect_rtcp(pair.sender, rtcp_packet());
        for (std::size_t size = 0; size < rtp.size(); ++size) {
            Buffer cut = rtp;
            cut.resize(size);
            CHECK_FALSE(unprotect_rtp(pair.receiver, cut));
        }
        for (std::size_t size = 0; size < rtcp.size(); ++size) {
            Buffer cut = rtcp;
            cut.resize(size);
            CHECK_FALSE(unprotect_rtcp(pair.receiver, cut));
        }
        CHECK(pair.receiver.sources() == 0);
    }
}

TEST_CASE("an index is used once, unless the packet is the same again") {
    for (const auto profile : kProfiles) {
        Pair pair(profile);
        Buffer out(2000);
        const Buffer first = protect_rtp(pair.sender, rtp_packet(10));
        (void)protect_rtp(pair.sender, rtp_packet(11));
        const auto reused = pair.sender.protect_rtp(rtp_packet(10), out);
        REQUIRE_FALSE(reused);
        CHECK(reused.error().code == Errc::refused);

        const auto again = pair.sender.protect_rtp_again(rtp_packet(10), out);
        REQUIRE(again);
        CHECK(Buffer(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*again)) == first);
        CHECK_FALSE(pair.sender.protect_rtp_again(rtp_packet(12), out));      // newer than what was sent
        CHECK_FALSE(pair.sender.protect_rtp_again(rtp_packet(10, 99), out));  // an SSRC never sent
    }
}

TEST_CASE("a retransmission from before the wrap keeps its index") {
    for (const auto profile : kProfiles) {
        Pair pair(profile);
        Buffer out(2000);
        const Buffer before = protect_rtp(pair.sender, rtp_packet(65'535));
        (void)protect_rtp(pair.sender, rtp_packet(0));
        const auto again = pair.sender.protect_rtp_again(rtp_packet(65'535), out);
        REQUIRE(again);
        CHECK(Buffer(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*again)) == before);
    }
}

TEST_CASE("a sequence number from before the first cycle is refused") {
    for (const auto profile : kProfiles) {
        Pair pair(profile);
        Buffer out(2000);
        (void)protect_rtp(pair.sender, rtp_packet(0));
        const auto before = pair.sender.protect_rtp(rtp_packet(65'535), out);
        REQUIRE_FALSE(before);
        CHECK(before.error().code == Errc::refused);
    }
}

TEST_CASE("SSRCs have indices of their own") {
    for (const auto profile : kProfiles) {
        Pair pair(profile);
        for (std::uint16_t seq = 1; seq < 20; ++seq) {
            for (std::uint32_t ssrc = 1; ssrc < 10; ++ssrc) {
                const auto opened =
                    unprotect_rtp(pair.receiver, protect_rtp(pair.sender, rtp_packet(seq, ssrc)));
                REQUIRE(opened);
                CHECK(*opened == rtp_packet(seq, ssrc));
            }
        }
        CHECK(pair.receiver.sources() == 9);
    }
}

TEST_CASE("a receiver holds a limited number of SSRCs") {
    for (const auto profile : kProfiles) {
        Pair pair(profile);
        for (std::uint32_t ssrc = 1; ssrc <= kMaxSrtpSources; ++ssrc) {
            REQUIRE(unprotect_rtp(pair.receiver, protect_rtp(pair.sender, rtp_packet(1, ssrc))));
        }
        CHECK(code(unprotect_rtp(pair.receiver, protect_rtp(pair.sender, rtp_packet(1, 999)))) == Errc::full);
        CHECK(unprotect_rtp(pair.receiver, protect_rtp(pair.sender, rtp_packet(2, 1))));
    }
}

TEST_CASE("no room for the tag is an error, not an overrun") {
    for (const auto profile : kProfiles) {
        const std::size_t overhead = profile == SrtpProfile::aead_aes_128_gcm ? 16 : 10;
        const Buffer packet = rtp_packet(1);
        for (std::size_t room = 0; room < packet.size() + overhead; room += 3) {
            SrtpSender sender(test_key(profile));
            Buffer out(room);
            CHECK_FALSE(sender.protect_rtp(packet, out));
        }
    }
}

TEST_CASE("another key opens nothing") {
    for (const auto profile : kProfiles) {
        Pair pair(profile);
        SrtpKey other = test_key(profile);
        other.salt[11] ^= 1;
        SrtpReceiver stranger(other);
        CHECK(code(unprotect_rtp(stranger, protect_rtp(pair.sender, rtp_packet(1)))) == Errc::forged);
        CHECK(code(unprotect_rtcp(stranger, protect_rtcp(pair.sender, rtcp_packet()))) == Errc::forged);
    }
}
