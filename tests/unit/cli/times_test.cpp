#include "client-cli/times.hpp"

#include <catch2/catch.hpp>

namespace connectsphere::cli {
namespace {

constexpr std::uint64_t kNow = 1'769'851'800'250;  // 2026-01-31T09:30:00.250Z

TEST_CASE("durations are read with their units") {
    CHECK(*parse_duration("10") == 10s);
    CHECK(*parse_duration("10s") == 10s);
    CHECK(*parse_duration("500ms") == 500ms);
    CHECK(*parse_duration("1.5m") == 90s);
    CHECK(*parse_duration("1h") == 1h);
    CHECK(*parse_duration("3d") == 72h);
    for (const char* wrong : {"", "s", "-1s", "1w", "1 s", "1e99d", "nan", "inf", "0x", " 1"}) {
        INFO(wrong);
        CHECK_FALSE(parse_duration(wrong));
    }
}

TEST_CASE("a time is so long ago, or RFC 3339") {
    struct Row {
        const char* text;
        std::uint64_t unix_ms;
    };
    const Row rows[] = {
        {"2h", kNow - 7'200'000},
        {"30", kNow - 30'000},
        {"2026-01-31T09:30:00Z", kNow - 250},
        {"2026-01-31T09:30:00.999Z", kNow - 250},
        {"2026-01-31t10:30:00+01:00", kNow - 250},
        {"2026-01-31 04:00:00-05:30", kNow - 250},
        {"2026-01-31", 1'769'817'600'000},
        {"1970-01-01T00:00:00+01:00", 0},
        {"1000d", kNow - 86'400'000'000},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        const auto since = parse_since(row.text, kNow);
        REQUIRE(since);
        CHECK(*since == row.unix_ms);
    }
    for (const char* wrong :
         {"", "yesterday", "2026-02-30", "2026-01-31T", "2026-01-31T09:30Z", "2026-01-31T25:00:00Z",
          "2026-01-31T09:30:00", "2026-01-31T09:30:00.Z", "2026-01-31T09:30:00Zx", "2026-1-1"}) {
        INFO(wrong);
        CHECK_FALSE(parse_since(wrong, kNow));
    }
}

TEST_CASE("what is written can be read") { CHECK(rfc3339(kNow) == "2026-01-31T09:30:00.250Z"); }

}  // namespace
}  // namespace connectsphere::cli
