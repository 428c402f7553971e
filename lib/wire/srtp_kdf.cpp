#include "lib/wire/srtp_kdf.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

namespace connectsphere::wire {

bool derive_srtp_key(const SrtpKey& master, SrtpLabel label, MutableBytes out) {
    // x = (label at byte 7) XOR master salt; the key is the AES-CTR key stream from the counter x * 2^16. A
    // salt of 12 bytes counts as 14 with zeros at its end (RFC 7714 section 11).
    std::array<std::uint8_t, 16> counter{};
    std::copy_n(master.salt.begin(), srtp_salt_size(master.profile), counter.begin());
    counter[7] ^= static_cast<std::uint8_t>(label);

    const std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> context(EVP_CIPHER_CTX_new(),
                                                                             EVP_CIPHER_CTX_free);
    if (!context) return false;
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    int size = 0;
    return EVP_EncryptInit_ex(context.get(), EVP_aes_128_ctr(), nullptr, master.key.data(), counter.data()) ==
               1 &&
           EVP_EncryptUpdate(context.get(), out.data(), &size, out.data(), static_cast<int>(out.size())) == 1;
}

}  // namespace connectsphere::wire
