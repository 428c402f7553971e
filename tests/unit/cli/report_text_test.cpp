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

proto::FileInfo lying_file() {
    proto::FileInfo file;
    file.set_file_id(7);
    file.set_name("photo\u202Egnp.exe");
    file.set_owner_name("\u009b31mAnn");
    return file;
}

bool is_harmless(const std::string& text) {
    return !contains(text, "\u202E") && !contains(text, "\u009b") && !contains(text, "\x1b");
}

TEST_CASE("nothing that others wrote commands a terminal or turns its text") {
    Printed printed;
    printed.reporter->file_list({lying_file()});
    CHECK(printed.out == "       7         0 B  photo_gnp.exe  _31mAnn\n");
    printed.reporter->file_sent(lying_file());
    printed.reporter->file_fetched(lying_file(), "/tmp/photo\u202Egnp.exe");
    printed.reporter->file_removed(7, "photo\u202Egnp.exe");
    printed.reporter->transfer_progress({.name = "photo\u202Egnp.exe", .done = 1, .total = 2});
    printed.reporter->error("send", "no file\u202E \x1b[2J");
    proto::FileAnnounced announced;
    *announced.mutable_file() = lying_file();
    CHECK(is_harmless(printed.out + printed.err + printed.of(announced)));
    CHECK(is_harmless(printed.of(chat("\u202Eolleh \u009b2J"))));
    CHECK(contains(printed.of(chat("👨\u200d👩\u200d👧 שלום")), "👨\u200d👩\u200d👧 שלום"));
}

TEST_CASE("one transfer has a bar of its own, several have one together") {
    Printed printed;
    TransferProgress progress{
        .name = "a.bin", .done = 1 << 20, .total = 4 << 20, .bytes_per_second = 1 << 20};
    printed.reporter->transfer_progress(progress);
    CHECK(printed.err == "a.bin  [#####...............]   25 %  1.0 MiB/s  0:03");
    printed.err.clear();
    progress.batch = {.files = 3, .finished = 1, .done = 6 << 20, .total = 12 << 20, .bytes_per_second = 0};
    printed.reporter->transfer_progress(progress);
    CHECK(printed.err == "1 of 3 files  [##########..........]   50 %  0 B/s");
}

}  // namespace
}  // namespace connectsphere::cli
