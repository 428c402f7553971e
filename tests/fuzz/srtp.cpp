// Whatever arrives, nothing verifies that we did not make. The first byte chooses the profile and the kind.
#include "lib/wire/srtp.hpp"

#include <cstdlib>

using namespace connectsphere;

namespace {

constexpr wire::SrtpKey kGcm{
    .profile = wire::SrtpProfile::aead_aes_128_gcm, .key = {1, 2, 3}, .salt = {4, 5, 6}};
constexpr wire::SrtpKey kCm{
    .profile = wire::SrtpProfile::aes_cm_128_hmac_sha1_80, .key = {1, 2, 3}, .salt = {4, 5, 6}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static wire::SrtpReceiver gcm(kGcm);
    static wire::SrtpReceiver cm(kCm);
    if (size < 1) return 0;
    Buffer packet(data + 1, data + size);
    wire::SrtpReceiver& receiver = (data[0] & 1) != 0 ? cm : gcm;
    const auto opened = (data[0] & 2) != 0 ? receiver.unprotect_rtcp(packet) : receiver.unprotect_rtp(packet);
    if (opened || receiver.sources() != 0) std::abort();
    return 0;
}
