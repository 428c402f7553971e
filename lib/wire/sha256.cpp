#include "lib/wire/sha256.hpp"

#include <openssl/evp.h>

#include <new>

namespace connectsphere::wire {

void Sha256Stream::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256Stream::Sha256Stream() : context_(EVP_MD_CTX_new()) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
}

void Sha256Stream::add(Bytes bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }

Sha256 Sha256Stream::digest() const {
    Sha256Stream copy;
    Sha256 digest{};
    EVP_MD_CTX_copy_ex(copy.context_.get(), context_.get());
    EVP_DigestFinal_ex(copy.context_.get(), digest.data(), nullptr);
    return digest;
}

Sha256 sha256(Bytes bytes) {
    Sha256Stream stream;
    stream.add(bytes);
    return stream.digest();
}

}  // namespace connectsphere::wire
