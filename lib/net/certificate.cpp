#include "lib/net/certificate.hpp"

#include <algorithm>
#include <memory>

#include "lib/net/openssl.hpp"

namespace connectsphere::net {

namespace {

// "DNS:meet.lan,IP:192.0.2.1": the names were checked, so none can smuggle in another entry.
std::string alternative_names(const SelfSigned& wish) {
    std::string text;
    const auto add = [&](std::string_view kind, std::string_view value) {
        text.append(text.empty() ? "" : ",").append(kind).append(value);
    };
    for (const auto& name : wish.names) add("DNS:", name);
    for (auto address : wish.addresses) {
        address.scope = 0;
        add("IP:", address.ip_text());
    }
    return text;
}

bool add_extension(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool fill(X509* certificate, EVP_PKEY* key, const SelfSigned& wish) {
    const Owned<BIGNUM> serial(BN_new());
    const auto* common = reinterpret_cast<const unsigned char*>(wish.names.front().data());
    const int length =
        static_cast<int>(std::min<std::size_t>(wish.names.front().size(), 64));  // ub-common-name
    X509_NAME* name = X509_get_subject_name(certificate);
    return X509_set_version(certificate, X509_VERSION_3) == 1 && serial &&
           BN_rand(serial.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
           BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) &&
           // A day back: the clocks of a LAN without a time server disagree.
           X509_time_adj_ex(X509_getm_notBefore(certificate), -1, 0, nullptr) &&
           X509_time_adj_ex(X509_getm_notAfter(certificate), static_cast<int>(wish.validity.count()), 0,
                            nullptr) &&
           X509_set_pubkey(certificate, key) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, common, length, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1 &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
           add_extension(certificate, NID_subject_alt_name, alternative_names(wish)) &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

// IPv4 as IPv4-mapped IPv6, as everywhere here.
std::string ip_text(Bytes ip) {
    Address address;
    if (ip.size() != 4 && ip.size() != 16) return {};
    if (ip.size() == 4) address.ip[10] = address.ip[11] = 0xFF;
    std::copy(ip.begin(), ip.end(), address.ip.end() - static_cast<std::ptrdiff_t>(ip.size()));
    return address.ip_text();
}

std::string text_of(BIO* memory) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    return {data, static_cast<std::size_t>(size)};
}

}  // namespace

bool is_dns_name(std::string_view name) {
    return !name.empty() && name.size() <= 253 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '-';
    });
}

Result<CertificateAndKey> make_self_signed(const SelfSigned& wish) {
    if (wish.names.empty()) return Error{Errc::usage, "a certificate needs a name"};
    const auto bad = std::find_if_not(wish.names.begin(), wish.names.end(), is_dns_name);
    if (bad != wish.names.end()) return Error{Errc::usage, "not a DNS name: " + *bad};
    const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
    const Owned<X509> certificate(X509_new());
    if (!key || !certificate || !fill(certificate.get(), key.get(), wish))
        return openssl_error("make certificate");
    const Owned<BIO> certificate_pem(BIO_new(BIO_s_mem()));
    const Owned<BIO> key_pem(BIO_new(BIO_s_secmem()));
    if (!certificate_pem || !key_pem || PEM_write_bio_X509(certificate_pem.get(), certificate.get()) != 1 ||
        PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return openssl_error("write certificate");
    return CertificateAndKey{text_of(certificate_pem.get()), text_of(key_pem.get())};
}

Result<std::vector<std::string>> names_of(const std::string& certificate_pem) {
    const auto certificate = read_certificate(certificate_pem);
    if (!certificate) return Error{Errc::malformed, "certificate"};
    const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> all(
        static_cast<GENERAL_NAMES*>(
            X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)),
        GENERAL_NAMES_free);
    std::vector<std::string> names;
    for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
        int kind = 0;
        const auto* value = static_cast<const ASN1_STRING*>(
            GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all.get(), i), &kind));
        const auto* data = ASN1_STRING_get0_data(value);
        const auto size = static_cast<std::size_t>(ASN1_STRING_length(value));
        if (kind == GEN_DNS) names.emplace_back(data, data + size);
        if (kind == GEN_IPADD) names.push_back(ip_text({data, size}));
    }
    return names;
}

Result<std::string> fingerprint(const std::string& certificate_pem) {
    const auto certificate = read_certificate(certificate_pem);
    if (!certificate) return Error{Errc::malformed, "certificate"};
    return fingerprint_of(certificate.get());
}

Owned<X509> read_certificate(const std::string& pem) {
    const Owned<BIO> source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    Owned<X509> certificate(source ? PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr) : nullptr);
    ERR_clear_error();
    return certificate;
}

Owned<EVP_PKEY> read_key(const std::string& pem) {
    const Owned<BIO> source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    // An encrypted key has nobody to ask: without this OpenSSL would ask the terminal.
    const auto no_password = [](char*, int, int, void*) { return -1; };
    Owned<EVP_PKEY> key(source ? PEM_read_bio_PrivateKey(source.get(), nullptr, no_password, nullptr)
                               : nullptr);
    ERR_clear_error();
    return key;
}

std::string fingerprint_of(const X509* certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    if (size <= 0) return {};
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
    SHA256(der, static_cast<std::size_t>(size), digest.data());
    OPENSSL_free(der);
    return "SHA256:" + to_hex(digest);
}

Error openssl_error(std::string_view doing) {
    const auto code = ERR_get_error();
    ERR_clear_error();
    const char* reason = ERR_reason_error_string(code);
    return Error{Errc::system, std::string(doing) + ": " + (reason ? reason : "unknown")};
}

}  // namespace connectsphere::net
