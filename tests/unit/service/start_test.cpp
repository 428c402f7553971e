#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "services/common/command_line.hpp"
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

    std::ofstream(file) << "damaged";
    const auto damaged = load_or_make_identity(config);
    REQUIRE_FALSE(damaged);
    CHECK_THAT(damaged.error().what, Catch::Contains("identity.pem"));
}

TEST_CASE("the administrator's certificate must fit its key") {
    const test::TemporaryDir dir;
    const auto write = [&](const char* name, const std::string& text) {
        std::ofstream(dir.path() / name) << text;
        return dir.path() / name;
    };
    const net::SelfSigned wish{.names = {"test"}, .addresses = {}, .validity = std::chrono::days(1)};
    const auto one = net::make_self_signed(wish).value();
    const auto other = net::make_self_signed(wish).value();
    Config config;
    config.state_dir = dir.path() / "state";
    config.tls.certificate_file = write("cert.pem", one.certificate_pem);
    config.tls.key_file = write("key.pem", one.key_pem);
    CHECK(load_or_make_identity(config)->key_pem == one.key_pem);
    config.tls.key_file = write("key.pem", other.key_pem);
    CHECK_FALSE(load_or_make_identity(config));
    config.tls.key_file = dir.path() / "missing.pem";
    CHECK_FALSE(load_or_make_identity(config));
}
