#include "services/common/digest.hpp"

#include <openssl/sha.h>

namespace connectsphere {

Sha256 sha256(Bytes bytes) {
    Sha256 digest;
    SHA256(bytes.data(), bytes.size(), digest.data());
    return digest;
}

}  // namespace connectsphere
