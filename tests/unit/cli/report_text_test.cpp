// What people read.
#include <catch2/catch.hpp>

#include "tests/unit/cli/samples.hpp"

namespace connectsphere::cli {
namespace {

struct Printed {
    std::string out, err;
    std::unique_ptr<Reporter> reporter;
    client::Session session{client::Session::Options{}};

    explicit Printed(TextStyle style = {})
        : reporter(make_text_reporter(style, [this](Stream stream, std::string_view text) {
              (stream == Stream::out ? out : err) += text;
          })) {}
    std::string of(const client::Event& event) {
        out.clear();
        err.clear();
        reporter->event(event, session);
        return out + err;
    }
};

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_CASE("each event that matters is one line, faults go to standard error") {
    Printed printed;
    for (const auto& event : every_event()) {
        const auto text = printed.of(event);
        INFO(text);
        CHECK((text.empty() || text.ends_with('\n')));
        CHECK(printed.err.empty() != contains(text, "!! "));
        CHECK_FALSE(contains(text, "\033"));
    }
}

TEST_CASE("who is here is said with what they do") {
    Printed printed;
    CHECK(printed.of(room()) == "-- here: Ann (host), Ben (host) (muted) (hand up) (away)\n");
    Printed bare({.bare = true});
    CHECK(bare.of(room()) == "Ann (host)\nBen (host) (muted) (hand up) (away)\n");
}

TEST_CASE("a name that is taken is refused with a free one") {
    Printed printed;
    CHECK(printed.of(client::Ended{client::Ended::Why::refused, name_taken(), "the name is taken"}) ==
          "!! the name is taken; \"Ann 2\" is free\n");
}

TEST_CASE("a message says who, to whom, and that it was changed") {
    Printed printed;
    CHECK(contains(printed.of(chat("hello")), " Ann: hello\n"));
    CHECK(contains(printed.of(chat("hello", true)), " Ann to Ben (private): hello (edited)\n"));
}

TEST_CASE("what is old does not look new") {
    proto::History history;
    *history.add_messages() = chat("hello");
    Printed printed;
    const auto text = printed.of(history);
    CHECK(text.starts_with("-- earlier --\n   2026-01-31 "));
    CHECK(text.ends_with("Ann: hello\n-- now --\n"));
    CHECK(printed.of(proto::History()) == "-- nothing was said\n");
    Printed bare({.bare = true});
    CHECK(bare.of(history) == "2026-01-31T09:30:00.250Z Ann: hello\n");
    CHECK(bare.of(proto::History()).empty());
}

TEST_CASE("what others write does not command the terminal") {
    Printed printed;
    CHECK(contains(printed.of(chat("\033[2J\a\r")), ": ?[2J??\n"));
    CHECK(contains(printed.of(chat("one\ntwo")), ": one\n      two\n"));
    CHECK(contains(printed.of(chat("\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB")),
                   ": \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB\n"));
}

TEST_CASE("colours begin and end on their line") {
    Printed printed({.colours = true});
    CHECK(contains(printed.of(chat("hello")), "\033[1mAnn:\033[0m hello\n"));
    CHECK(printed.of(room()).ends_with("\033[0m\n"));
    proto::History history;
    *history.add_messages() = chat("hello");
    CHECK(contains(printed.of(history), "Ann: hello\033[0m\n"));
}

}  // namespace
}  // namespace connectsphere::cli
