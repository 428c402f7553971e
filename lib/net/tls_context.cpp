// The half of tls.hpp that is made once per process; connections are in tls.cpp.
#include "lib/net/tls.hpp"

#include <csignal>

#include "lib/net/openssl.hpp"

namespace connectsphere::net {

namespace {

// Without AUTO_RETRY a read ends after a record that is not data, so that a flood of key updates is bounded
// too.
Owned<SSL_CTX> make_context(const SSL_METHOD* method) {
    std::signal(SIGPIPE, SIG_IGN);
    Owned<SSL_CTX> context(SSL_CTX_new(method));
    if (!context) return nullptr;
    const char* suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
    if (SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(context.get(), suites) != 1)
        return nullptr;
    SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_clear_mode(context.get(), SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context.get(), 0);  // nobody resumes TLS sessions here: save the CPU
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    return context;
}

}  // namespace

void TlsContext::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

Result<TlsContext> TlsContext::server(const CertificateAndKey& identity) {
    auto context = make_context(TLS_server_method());
    const auto certificate = read_certificate(identity.certificate_pem);
    const auto key = read_key(identity.key_pem);
    if (!certificate || !key) return Error{Errc::malformed, certificate ? "private key" : "certificate"};
    if (!context || SSL_CTX_use_certificate(context.get(), certificate.get()) != 1 ||
        SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1)
        return openssl_error("TLS server");
    return TlsContext(context.release(), true);
}

Result<TlsContext> TlsContext::client() {
    auto context = make_context(TLS_client_method());
    if (!context) return openssl_error("TLS client");
    return TlsContext(context.release(), false);
}

}  // namespace connectsphere::net
