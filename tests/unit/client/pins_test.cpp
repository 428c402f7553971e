#include "lib/client/pins.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "tests/support/temporary_dir.hpp"

namespace connectsphere::client {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST_CASE("a server is unknown until it is remembered, then known in every life") {
    const test::TemporaryDir folder;
    const auto file = folder.path() / "made" / "for it" / "known_servers";
    CHECK_FALSE(Pins(file).find("lab:9000"));
    REQUIRE(Pins(file).remember("lab:9000", "SHA256:aa"));
    CHECK(Pins(file).find("lab:9000") == "SHA256:aa");
    CHECK_FALSE(Pins(file).find("lab:900"));
    CHECK_FALSE(Pins(file).find("lab:90000"));
    CHECK(text_of(file) == "lab:9000 SHA256:aa\n");
}

TEST_CASE("a replaced fingerprint changes no other line") {
    const test::TemporaryDir folder;
    const auto file = folder.path() / "known_servers";
    const Pins pins(file);
    REQUIRE(pins.remember("lab:9000", "SHA256:aa"));
    REQUIRE(pins.remember("[2001:db8::1]:9000", "SHA256:bb"));
    REQUIRE(pins.remember("lab:9000", "SHA256:cc"));
    CHECK(pins.find("lab:9000") == "SHA256:cc");
    CHECK(pins.find("[2001:db8::1]:9000") == "SHA256:bb");
    CHECK(text_of(file) == "[2001:db8::1]:9000 SHA256:bb\nlab:9000 SHA256:cc\n");
    CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 1);  // nothing half written beside it
}

TEST_CASE("lines that are damaged are passed over") {
    const test::TemporaryDir folder;
    const auto file = folder.path() / "known_servers";
    std::ofstream(file) << "\nlab:9000\n\x01\x02\nlab:9000 SHA256:aa\n# a note of its user\n";
    CHECK(Pins(file).find("lab:9000") == "SHA256:aa");
    REQUIRE(Pins(file).remember("other:9000", "SHA256:bb"));
    CHECK(text_of(file).find("# a note of its user\n") != std::string::npos);
}

TEST_CASE("a file that can not be written is an error in words") {
    const test::TemporaryDir folder;
    std::ofstream(folder.path() / "file") << "x";
    const auto result = Pins(folder.path() / "file" / "known_servers").remember("lab:9000", "SHA256:aa");
    REQUIRE_FALSE(result);
    CHECK(result.error().what.find("can not write") == 0);
}

}  // namespace
}  // namespace connectsphere::client
