#include "services/common/password.hpp"

#include <openssl/evp.h>

#include <array>
#include <optional>

namespace connectsphere {

namespace {

constexpr std::string_view kPrefix = "scrypt$16384$8$1$";
constexpr std::uint64_t kCost = 16384, kBlockSize = 8, kParallel = 1;
constexpr std::uint64_t kMaxMemory = 64 << 20;
constexpr std::size_t kSaltBytes = 16, kHashBytes = 32;

using Hash = std::array<std::uint8_t, kHashBytes>;

std::optional<Hash> scrypt(std::string_view password, Bytes salt) {
    Hash hash{};
    const int done = EVP_PBE_scrypt(password.data(), password.size(), salt.data(), salt.size(), kCost,
                                    kBlockSize, kParallel, kMaxMemory, hash.data(), hash.size());
    if (done != 1) return std::nullopt;
    return hash;
}

}  // namespace

std::string hash_password(std::string_view password, const Entropy& entropy) {
    std::array<std::uint8_t, kSaltBytes> salt{};
    entropy(salt);
    const auto hash = scrypt(password, salt);
    return hash ? std::string(kPrefix) + to_hex(salt) + "$" + to_hex(*hash) : std::string();
}

bool is_password_hash(std::string_view text) {
    return text.starts_with(kPrefix) && text.size() == kPrefix.size() + 2 * (kSaltBytes + kHashBytes) + 1;
}

bool matches_password(std::string_view password, std::string_view hash) {
    if (!is_password_hash(hash) || password.size() > kMaxPasswordBytes) return false;
    const auto salt = from_hex(hash.substr(kPrefix.size(), 2 * kSaltBytes));
    const auto expected = from_hex(hash.substr(kPrefix.size() + 2 * kSaltBytes + 1));
    const auto got = scrypt(password, salt);
    return got && equal_constant_time(*got, expected);
}

}  // namespace connectsphere
