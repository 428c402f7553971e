// What SRTP costs for each packet, ours beside libsrtp2 doing the same. The packets have 1,184 bytes, which
// with the tag fill a datagram of 1,200.
#include <benchmark/benchmark.h>
#include <srtp2/srtp.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "lib/wire/rtp.hpp"
#include "lib/wire/srtp.hpp"

using namespace connectsphere;
using namespace connectsphere::wire;

namespace {

constexpr std::size_t kPacketSize = 1184;
constexpr std::size_t kBatch = 256;

SrtpKey key_of(SrtpProfile profile) { return {.profile = profile, .key = {1, 2, 3}, .salt = {4, 5, 6}}; }

Buffer packet() {
    Buffer packet(kPacketSize, 0x55);
    write_rtp_header(packet, {.payload_type = kPayloadTypeVp8, .ssrc = {7}});
    return packet;
}

void protect(benchmark::State& state, SrtpProfile profile) {
    SrtpSender sender(key_of(profile));
    Buffer plain = packet();
    Buffer out(kPacketSize + kSrtpMaxOverhead);
    std::uint16_t seq = 0;
    for (auto _ : state) {
        set_seq(plain, seq++);
        if (!sender.protect_rtp(plain, out)) std::abort();
    }
}

// Opening needs packets that were never opened: a batch is protected while the clock stands still.
void unprotect(benchmark::State& state, SrtpProfile profile) {
    SrtpSender sender(key_of(profile));
    SrtpReceiver receiver(key_of(profile));
    Buffer plain = packet();
    std::vector<Buffer> batch(kBatch, Buffer(kPacketSize + kSrtpMaxOverhead));
    std::vector<std::size_t> sizes(kBatch);
    std::uint16_t seq = 0;
    std::size_t next = kBatch;
    for (auto _ : state) {
        if (next == kBatch) {
            state.PauseTiming();
            for (next = 0; next < kBatch; ++next) {
                set_seq(plain, seq++);
                sizes[next] = sender.protect_rtp(plain, batch[next]).value();
            }
            next = 0;
            state.ResumeTiming();
        }
        if (!receiver.unprotect_rtp(MutableBytes(batch[next]).first(sizes[next]))) std::abort();
        ++next;
    }
}

void libsrtp_gcm_protect(benchmark::State& state) {
    const SrtpSender initialises(key_of(SrtpProfile::aes_cm_128_hmac_sha1_80));
    Buffer key_and_salt(28, 1);
    srtp_policy_t policy{};
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    policy.ssrc.type = ssrc_any_outbound;
    policy.key = key_and_salt.data();
    policy.window_size = 1024;
    srtp_t session = nullptr;
    if (srtp_create(&session, &policy) != srtp_err_status_ok) std::abort();
    const Buffer plain = packet();
    Buffer out(kPacketSize + SRTP_MAX_TRAILER_LEN);
    std::uint16_t seq = 0;
    for (auto _ : state) {
        std::copy(plain.begin(), plain.end(), out.begin());
        set_seq(out, seq++);
        int size = kPacketSize;
        if (srtp_protect(session, out.data(), &size) != srtp_err_status_ok) std::abort();
    }
    srtp_dealloc(session);
}

BENCHMARK_CAPTURE(protect, gcm, SrtpProfile::aead_aes_128_gcm);
BENCHMARK_CAPTURE(unprotect, gcm, SrtpProfile::aead_aes_128_gcm);
BENCHMARK(libsrtp_gcm_protect);
BENCHMARK_CAPTURE(protect, cm, SrtpProfile::aes_cm_128_hmac_sha1_80);
BENCHMARK_CAPTURE(unprotect, cm, SrtpProfile::aes_cm_128_hmac_sha1_80);

}  // namespace

BENCHMARK_MAIN();
