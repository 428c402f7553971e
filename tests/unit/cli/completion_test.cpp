#include "client-cli/completion.hpp"

#include <catch2/catch.hpp>

#include "client-cli/keys.hpp"

namespace connectsphere::cli {
namespace {

TEST_CASE("Tab completes commands at the front and names where they may stand") {
    const std::vector<std::string> names{"Ann Lee", "Ben", "Benno", "\xC3\x89mile", "\xC3\x88ve"};
    struct Row {
        std::string before, after;  // the line up to the cursor
        std::size_t choices = 0;
    };
    const Row rows[] = {
        {"/m", "/m", 2},  // msg, mute
        {"/ms", "/msg "},
        {"/hi", "/history "},
        {"/x", "/x"},
        {"/react B", "/react B"},
        {"/msg A", "/msg \"Ann Lee\" "},
        {"/msg \"a", "/msg \"Ann Lee\" "},
        {"/msg b", "/msg Ben", 2},
        {"/msg Benn", "/msg Benno "},
        {"/msg Zo", "/msg Zo"},
        {"benn", "Benno: "},
        {"hello benn", "hello Benno "},
        {"Ben", "Ben", 2},
        {"", ""},
        {"hello ", "hello "},
        {"\xC3\x89", "\xC3\x89mile: "},
    };
    for (const auto& row : rows) {
        INFO(row.before);
        const auto done = complete(row.before, names);
        REQUIRE(done.erase <= row.before.size());
        CHECK(row.before.substr(0, row.before.size() - done.erase) + done.insert == row.after);
        CHECK(done.choices.size() == row.choices);
    }
}

TEST_CASE("what names have in common never ends within a character") {
    const auto done = complete("x", {"x\xC3\x89", "x\xC3\x88"});
    CHECK(done.insert == "x");
    CHECK(done.choices.size() == 2);
}

TEST_CASE("bytes of a terminal are cut into keys") {
    struct Row {
        std::string bytes;
        std::size_t size;
    };
    const Row rows[] = {
        {"", 0},
        {"ab", 1},
        {"\r", 1},
        {"\xC3\xA9x", 2},
        {"\xC3", 0},
        {"\xF0\x9F\x91\x8D", 4},
        {"\xF0\x9F\x91", 0},
        {"\x80", 1},
        {"\033", 0},
        {"\033[", 0},
        {"\033[A", 3},
        {"\033[1;5Cx", 6},
        {"\033[3", 0},
        {"\033OP", 3},
        {"\033O", 0},
        {"\033b", 2},
        {"\033\xC3", 0},
        {"\033\033", 1},
        {"\033[" + std::string(40, '1'), 33},
    };
    for (const auto& row : rows) {
        INFO(row.bytes);
        CHECK(first_key(row.bytes) == row.size);
    }
}

}  // namespace
}  // namespace connectsphere::cli
