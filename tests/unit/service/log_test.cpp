#include "services/common/log.hpp"

#include <catch2/catch.hpp>

using namespace connectsphere;

namespace {

const log::Options kText{.service = "gateway"};
const log::Options kJson{.service = "gateway", .json = true};

}  // namespace

TEST_CASE("a log line is a level, a service, an event and fields") {
    CHECK(log::format(kText, log::Level::warn, "handshake-failed",
                      {{"session", SessionId{7}}, {"why", "expired"}, {"ok", false}, {"rate", 0.5}}) ==
          "warn gateway handshake-failed session=7 why=expired ok=false rate=0.5");
    CHECK(log::format(kJson, log::Level::info, "up", {{"port", 9000}, {"name", "a \"b\""}}) ==
          R"("level":"info","service":"gateway","event":"up","port":9000,"name":"a \"b\""})");
}

TEST_CASE("a value can neither break a log line nor command a terminal") {
    const auto line = log::format(kText, log::Level::info, "hello", {{"software", "a\nb\x1b[2J=\""}});
    CHECK(line == "info gateway hello software=\"a\\nb\\u001b[2J=\\\"\"");
    CHECK(log::format(kText, log::Level::info, "hello", {{"software", ""}}) ==
          "info gateway hello software=\"\"");
}

TEST_CASE("repeated faults are reported once a second with the last cause") {
    log::Repeats repeats;
    const Time t0{};
    CHECK(repeats.add("bad-frame", {{"why", "first"}}, t0)->times == 1);
    CHECK_FALSE(repeats.add("bad-frame", {{"why", "second"}}, t0 + 1ms));
    CHECK_FALSE(repeats.add("bad-frame", {{"why", "third"}}, t0 + 999ms));
    CHECK(repeats.add("other", {}, t0 + 999ms)->times == 1);
    CHECK(repeats.due(t0 + 999ms).empty());

    const auto due = repeats.due(t0 + 1s);
    REQUIRE(due.size() == 1);
    CHECK(due[0].event == "bad-frame");
    CHECK(due[0].times == 2);
    CHECK(due[0].cause.at(0).value == "third");
    CHECK(repeats.due(t0 + 5s).empty());
    CHECK(repeats.totals().at("bad-frame") == 3);
}
