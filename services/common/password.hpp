// Passwords as their scrypt hash (RFC 7914): slow on purpose, about 50 ms and 16 MiB, so never on a loop.
//
//     scrypt$16384$8$1$<salt in hex>$<hash in hex>
#pragma once

#include <string>
#include <string_view>

#include "services/common/engine.hpp"

namespace connectsphere {

constexpr std::size_t kMaxPasswordBytes = 128;

std::string hash_password(std::string_view password, const Entropy& entropy);
// False also for what is no hash of ours.
bool matches_password(std::string_view password, std::string_view hash);
bool is_password_hash(std::string_view text);

}  // namespace connectsphere
