// OpenSSL for this room's own files, with owners for its objects. Nobody else includes it.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"

namespace connectsphere::net {

struct OpensslFree {
    void operator()(BIGNUM* object) const { BN_free(object); }
    void operator()(BIO* object) const { BIO_free_all(object); }
    void operator()(EVP_PKEY* object) const { EVP_PKEY_free(object); }
    void operator()(SSL* object) const { SSL_free(object); }
    void operator()(SSL_CTX* object) const { SSL_CTX_free(object); }
    void operator()(X509* object) const { X509_free(object); }
    void operator()(X509_EXTENSION* object) const { X509_EXTENSION_free(object); }
};

template <class Object>
using Owned = std::unique_ptr<Object, OpensslFree>;

Owned<X509> read_certificate(const std::string& pem);  // empty when it is none
Owned<EVP_PKEY> read_key(const std::string& pem);
std::string fingerprint_of(const X509* certificate);
Error openssl_error(std::string_view doing);  // takes the first error of OpenSSL's queue, and empties that

}  // namespace connectsphere::net
