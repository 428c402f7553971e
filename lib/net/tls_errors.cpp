#include "lib/net/tls_errors.hpp"

#include <cerrno>

#include "lib/net/openssl.hpp"
#include "lib/net/socket.hpp"

namespace connectsphere::net {

Error handshake_error(bool is_server) {
    const int reason = ERR_GET_REASON(ERR_peek_error());
    switch (reason) {
        case SSL_R_HTTP_REQUEST:
        case SSL_R_HTTPS_PROXY_REQUEST:
            return Error{Errc::malformed, "plain HTTP where TLS is spoken"};
        case SSL_R_WRONG_VERSION_NUMBER:
        case SSL_R_PACKET_LENGTH_TOO_LONG:
        case SSL_R_UNEXPECTED_MESSAGE:
        case SSL_R_BAD_RECORD_TYPE:
            return Error{Errc::malformed,
                         is_server ? "not TLS" : "the server does not speak TLS on this port"};
        case SSL_R_UNSUPPORTED_PROTOCOL:
        case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
            return Error{Errc::unsupported, "an older TLS than 1.3"};
        case SSL_R_UNEXPECTED_EOF_WHILE_READING:
            return Error{Errc::closed, "closed by the peer within the TLS handshake"};
        default:
            return Error{Errc::malformed, openssl_error("TLS handshake").what};
    }
}

Error lost(int number) {
    if (number == ETIMEDOUT) return Error{Errc::timed_out, "the peer does not answer any more"};
    if (number == 0) return Error{Errc::closed, "lost: the peer went without closing"};
    return Error{Errc::closed, last_error("lost", number).what};
}

}  // namespace connectsphere::net
