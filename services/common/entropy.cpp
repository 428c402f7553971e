#include "services/common/entropy.hpp"

#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace connectsphere {

void fill_random(MutableBytes out) {
    if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1)
        throw std::runtime_error("no random bytes from OpenSSL");
}

std::uint64_t random_id() {
    std::array<std::uint8_t, 8> bytes{};
    std::uint64_t id = 0;
    while (id == 0) {
        fill_random(bytes);
        id = Reader(bytes).u64();
    }
    return id;
}

}  // namespace connectsphere
