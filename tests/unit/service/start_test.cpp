#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "lib/net/host.hpp"
#include "services/common/command_line.hpp"
#include "services/common/ports.hpp"
#include "services/common/run_dir.hpp"
#include "services/common/tls_identity.hpp"
#include "tests/unit/service/support.hpp"

using namespace connectsphere;
namespace fs = std::filesystem;

TEST_CASE("the command line is understood") {
    const std::vector<const char*> arguments{"--config", "a.conf", "--run-dir=/r", "--check-config"};
    const auto line = parse_command_line(arguments);
    REQUIRE(line);
    CHECK(line->config_file == "a.conf");
    CHECK(line->run_dir == "/r");
    CHECK(line->check_config);
    CHECK_FALSE(line->version);
}

TEST_CASE("a mistake on the command line is named") {
    const auto arguments = GENERATE(values<std::vector<const char*>>(
        {{"--confg", "x"}, {"--config"}, {"--run-dir="}, {"file"}, {"--check-config=yes"}}));
    CAPTURE(arguments[0]);
    CHECK(parse_command_line(arguments).error().code == Errc::usage);
}

TEST_CASE("a run directory is private, and refused where others could write into it") {
    const test::TemporaryDir dir;
    const auto run = dir.path() / "a" / "run";
    REQUIRE(prepare_run_dir(run));
    CHECK(fs::status(run).permissions() == fs::perms::owner_all);
    CHECK(prepare_run_dir(run));
    fs::permissions(run, fs::perms::all);
    CHECK(prepare_run_dir(run).error().code == Errc::refused);
    std::ofstream(dir.path() / "file") << "x";
    CHECK_FALSE(prepare_run_dir(dir.path() / "file"));
}

TEST_CASE("a service runs once in a run directory") {
    const test::TemporaryDir dir;
    {
        const auto first = lock_service(dir.path(), "gateway");
        REQUIRE(first);
        const auto second = lock_service(dir.path(), "gateway");
        CHECK_THAT(second.error().what, Catch::StartsWith("another gateway runs in " + dir.path().string()));
        CHECK(lock_service(dir.path(), "signaling"));
    }
    CHECK(lock_service(dir.path(), "gateway"));
}

TEST_CASE("the certificate is made once, privately, and never replaced in silence") {
    const test::TemporaryDir dir;
    Config config;
    config.server_name = "test";
    config.state_dir = dir.path();
    const auto first = load_or_make_identity(config);
    REQUIRE(first);
    const auto file = dir.path() / "tls" / "identity.pem";
    CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    CHECK(fs::status(file.parent_path()).permissions() == fs::perms::owner_all);
    CHECK(load_or_make_identity(config)->certificate_pem == first->certificate_pem);

    std::ifstream fingerprint(dir.path() / "tls" / "fingerprint");
    std::string text;
    fingerprint >> text;
    CHECK(text == net::fingerprint(first->certificate_pem).value());

    CHECK(check_identity(config));
    std::string key(first->key_pem);
    key[key.size() / 2] ^= 1;
    for (const auto& content : {std::string("damaged"), std::string(), first->certificate_pem, first->key_pem,
                                first->certificate_pem + key}) {
        std::ofstream(file, std::ios::trunc) << content;
        const auto damaged = load_or_make_identity(config);
        REQUIRE_FALSE(damaged);
        CHECK(damaged.error().code == Errc::usage);
        CHECK_THAT(damaged.error().what, Catch::Contains("identity.pem is damaged"));
        CHECK_FALSE(check_identity(config));
    }
}

TEST_CASE("the certificate names this host and all its addresses, whatever the server is called") {
    const test::TemporaryDir dir;
    Config config;
    config.server_name = "Room 12: physics";  // a title, no host's name
    config.state_dir = dir.path();
    const auto identity = load_or_make_identity(config);
    REQUIRE(identity);
    const auto names = net::names_of(identity->certificate_pem).value();
    const auto has = [&](const std::string& name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    CHECK(has("localhost"));
    CHECK(has("127.0.0.1"));
    if (net::is_dns_name(net::host_name())) CHECK(has(net::host_name()));
    for (auto address : net::host_addresses()) {
        address.scope = 0;
        CAPTURE(address.ip_text());
        CHECK(has(address.ip_text()));
    }
}

namespace {

// Two pairs of certificate and key, in files.
struct Pairs {
    Pairs() {
        config.state_dir = dir.path() / "state";
        config.tls.certificate_file = write("cert.pem", one.certificate_pem);
        config.tls.key_file = write("key.pem", one.key_pem);
    }
    fs::path write(const char* name, const std::string& text) const {
        std::ofstream(dir.path() / name) << text;
        return dir.path() / name;
    }

    test::TemporaryDir dir;
    net::SelfSigned wish{.names = {"test"}, .addresses = {}, .validity = std::chrono::days(1)};
    net::CertificateAndKey one = net::make_self_signed(wish).value();
    net::CertificateAndKey other = net::make_self_signed(wish).value();
    Config config;
};

}  // namespace

TEST_CASE("the administrator's certificate is taken, and none is made") {
    const Pairs pairs;
    CHECK(load_or_make_identity(pairs.config)->key_pem == pairs.one.key_pem);
    CHECK_FALSE(fs::exists(pairs.config.state_dir / "tls" / "identity.pem"));
}

TEST_CASE("an administrator's certificate that can not be used is refused, naming the file") {
    Pairs pairs;
    struct Row {
        const char* file;
        const char* content;  // nullptr: the file is missing
        const char* sentence;
    };
    const auto row = GENERATE(values<Row>({{"cert.pem", nullptr, "cert.pem: can not be read"},
                                           {"key.pem", nullptr, "key.pem: can not be read"},
                                           {"cert.pem", "garbage", "cert.pem: no certificate"},
                                           {"key.pem", "garbage", "key.pem: no private key"},
                                           {"key.pem", "another key", "key.pem is not the key of"}}));
    CAPTURE(row.sentence);
    if (row.content) {
        const std::string_view content = row.content;
        pairs.write(row.file, content == "another key" ? pairs.other.key_pem : std::string(content));
    } else {
        fs::remove(pairs.dir.path() / row.file);
    }
    const auto refused = load_or_make_identity(pairs.config);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::usage);
    CHECK_THAT(refused.error().what, Catch::Contains(row.sentence));
}

TEST_CASE("the ports that a server listens on are written for scripts") {
    const test::TemporaryDir dir;
    REQUIRE(write_ports(dir.path(), "gateway", {{"control", 1}, {"video", 2}}));
    REQUIRE(write_ports(dir.path(), "gateway", {{"control", 9000}, {"video", 10000}}));
    std::ifstream file(dir.path() / "gateway.ports");
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    CHECK(text == "control 9000\nvideo 10000\n");
    CHECK_FALSE(write_ports(dir.path() / "missing", "gateway", {}));
}
