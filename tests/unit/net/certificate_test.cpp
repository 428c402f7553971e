#include "lib/net/certificate.hpp"

#include <catch2/catch.hpp>

#include "lib/net/tls.hpp"

using namespace connectsphere;
using namespace connectsphere::net;

namespace {

// Made with: openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=golden
constexpr const char* kGolden = R"(-----BEGIN CERTIFICATE-----
MIIBdzCCAR2gAwIBAgIUKufJa3s7qx7JtmTBWTzukNk+pTwwCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGZ29sZGVuMB4XDTI2MTEyMjA4MDc1MloXDTM2MTExOTA4MDc1
MlowETEPMA0GA1UEAwwGZ29sZGVuMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
9WZPxBTb+SDg6y9boTHnZRvkIk9tlrNN6zdE0/6OluNEZCqdFvO6nEyzxFb1EKka
YS3bMC1GY+LBl+Mg71F5F6NTMFEwHQYDVR0OBBYEFBTAzUBxujoUdZHv5QrSRHqn
badnMB8GA1UdIwQYMBaAFBTAzUBxujoUdZHv5QrSRHqnbadnMA8GA1UdEwEB/wQF
MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgG2LxAACd06EAtX4ODkyo+TrfZZiZQ2qT
CeG+IcmFTI4CIQCt5vGBOorx7Ud3EFy2c3NK7tH6aq4kO9Wc21cIRpLbmg==
-----END CERTIFICATE-----
)";
constexpr const char* kGoldenFingerprint =
    "SHA256:8c1454fc786ea09c219921017f49eb5a23452ba33e8c3ddbf6b22d540e28d680";

}  // namespace

TEST_CASE("a fingerprint is the SHA-256 of the public key info, as openssl prints it") {
    CHECK(*fingerprint(kGolden) == kGoldenFingerprint);
}

TEST_CASE("each self-signed certificate has a key of its own and serves TLS") {
    const SelfSigned wish{.names = {"meet.lan", "localhost"},
                          .addresses = {*parse_address("192.0.2.1", 0), *parse_address("fe80::1%2", 0)}};
    const auto first = make_self_signed(wish);
    const auto second = make_self_signed(wish);
    REQUIRE(first);
    REQUIRE(second);
    CHECK(fingerprint(first->certificate_pem)->size() == 7 + 64);
    CHECK(*fingerprint(first->certificate_pem) != *fingerprint(second->certificate_pem));
    CHECK(TlsContext::server(*first));
}

TEST_CASE("names that could add entries to the certificate are refused") {
    const auto name = GENERATE(as<std::string>{}, "", "a b", "a,IP:192.0.2.1", "a\nb", "*.lan");
    const auto made = make_self_signed({.names = {name}, .addresses = {}});
    REQUIRE_FALSE(made);
    CHECK(made.error().code == Errc::usage);
}

TEST_CASE("a server refuses a bad certificate, a bad key and a pair that does not match") {
    const auto one = *make_self_signed({.names = {"a"}, .addresses = {}});
    const auto other = *make_self_signed({.names = {"b"}, .addresses = {}});
    CHECK_FALSE(fingerprint("garbage"));
    CHECK(TlsContext::server({"garbage", one.key_pem}).error().what == "certificate");
    CHECK(TlsContext::server({one.certificate_pem, "garbage"}).error().what == "private key");
    CHECK_FALSE(TlsContext::server({one.certificate_pem, other.key_pem}));
}
