// SHA-256 (FIPS 180-4) of what comes in pieces: files are named and verified by it.
#pragma once

#include <array>
#include <memory>

#include "lib/base/bytes.hpp"

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace connectsphere::wire {

using Sha256 = std::array<std::uint8_t, 32>;

class Sha256Stream {
  public:
    Sha256Stream();

    void add(Bytes bytes);
    Sha256 digest() const;  // of all bytes so far; more may follow

  private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const;
    };
    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

Sha256 sha256(Bytes bytes);

}  // namespace connectsphere::wire
