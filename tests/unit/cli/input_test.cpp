// Standard input as lines, from a pipe and from a file.
#include "client-cli/input.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "lib/net/fd.hpp"
#include "tests/support/loop.hpp"

namespace connectsphere::cli {
namespace {

// A file that is gone when it is closed.
net::Fd file_with(const std::string& text) {
    std::string name = "/tmp/connectsphere-test-XXXXXX";
    net::Fd file(mkstemp(name.data()));
    REQUIRE(file);
    unlink(name.c_str());
    REQUIRE(::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    REQUIRE(lseek(file.get(), 0, SEEK_SET) == 0);
    return file;
}

struct Pipe {
    net::Fd read, write;

    Pipe() {
        int ends[2];
        REQUIRE(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
        read = net::Fd(ends[0]);
        write = net::Fd(ends[1]);
    }
    void put(std::string_view text) const {
        REQUIRE(::write(write.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    }
};

struct Lines {
    net::Loop loop;
    std::vector<std::string> lines;
    int ends = 0;
    Input input;

    explicit Lines(int fd)
        : input(
              loop, fd, [this](std::string line) { lines.push_back(std::move(line)); }, [this] { ++ends; }) {}
    bool until_end() {
        return test::run_until(loop, [this] { return ends > 0; });
    }
    bool until(std::size_t count) {
        return test::run_until(loop, [this, count] { return lines.size() >= count; });
    }
};

std::vector<std::string> lines_of(const std::string& text) {
    const auto file = file_with(text);
    Lines lines(file.get());
    REQUIRE(lines.until_end());
    CHECK(lines.ends == 1);
    return lines.lines;
}

using List = std::vector<std::string>;

TEST_CASE("a file is read line by line, the last one with or without its end") {
    CHECK(lines_of("").empty());
    CHECK(lines_of("one\n") == List{"one"});
    CHECK(lines_of("one\n\ntwo\n") == List{"one", "", "two"});
    CHECK(lines_of("one\ntwo") == List{"one", "two"});
    CHECK(lines_of("\n") == List{""});
}

TEST_CASE("a long file loses no line") {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += "line " + std::to_string(i) + "\n";
    const auto lines = lines_of(text);
    REQUIRE(lines.size() == 5000);
    for (std::size_t i = 0; i < lines.size(); ++i) REQUIRE(lines[i] == "line " + std::to_string(i));
}

TEST_CASE("a line that is too long is cut into several, wherever its end is") {
    for (const std::size_t length : {4000U, 4001U, 4050U, 4097U, 8000U, 8001U, 12345U}) {
        for (const char* end : {"", "\n", "\nnext\n"}) {
            INFO(length << " bytes, then " << Catch::StringMaker<std::string>::convert(end));
            auto lines = lines_of(std::string(length, 'x') + end);
            if (!lines.empty() && lines.back() == "next") lines.pop_back();
            std::size_t sum = 0;
            for (const auto& line : lines) {
                CHECK_FALSE(line.empty());
                CHECK(line.size() <= Input::kMaxLine);
                sum += line.size();
            }
            CHECK(sum == length);
            CHECK(lines.size() == (length + Input::kMaxLine - 1) / Input::kMaxLine);
        }
    }
}

TEST_CASE("a line is not cut within a character") {
    struct Row {
        const char* character;
        std::size_t bytes;
    };
    for (const auto& row : {Row{"\xC3\xA9", 2}, Row{"\xE2\x82\xAC", 3}, Row{"\xF0\x9F\x98\x80", 4}}) {
        for (std::size_t before = 0; before < row.bytes; ++before) {
            std::string text(before, 'x');
            while (text.size() < 9000) text += row.character;
            const auto lines = lines_of(text + "\n");
            std::string whole;
            for (const auto& line : lines) {
                CHECK(line.size() <= Input::kMaxLine);
                CHECK((static_cast<unsigned char>(line[0]) & 0xC0) != 0x80);
                whole += line;
            }
            CHECK(whole == text);
        }
    }
}

TEST_CASE("bytes that are no UTF-8 are cut too") {
    const std::string text(9000, '\x80');
    std::size_t sum = 0;
    for (const auto& line : lines_of(text)) {
        CHECK(line.size() <= Input::kMaxLine);
        sum += line.size();
    }
    CHECK(sum == text.size());
}

TEST_CASE("a pipe gives lines as they come, however they are chopped") {
    Pipe pipe;
    Lines lines(pipe.read.get());
    pipe.put("one\ntw");
    REQUIRE(lines.until(1));
    CHECK(lines.lines == List{"one"});
    pipe.put("o\nthree");
    REQUIRE(lines.until(2));
    CHECK(lines.lines.back() == "two");
    CHECK(lines.ends == 0);
    pipe.write.reset();
    REQUIRE(lines.until_end());
    CHECK(lines.lines == List{"one", "two", "three"});
    CHECK(lines.ends == 1);
}

TEST_CASE("nothing is read while the user of the lines can take no more") {
    const auto file = file_with("one\ntwo\n");
    Pipe pipe;
    const bool is_file = GENERATE(true, false);
    if (!is_file) pipe.put("one\ntwo\n");
    Lines lines(is_file ? file.get() : pipe.read.get());
    lines.input.pause(true);
    for (int i = 0; i < 5; ++i) lines.loop.run_once(Duration::zero());
    CHECK(lines.lines.empty());
    lines.input.pause(false);
    REQUIRE(lines.until(2));
    CHECK(lines.lines == List{"one", "two"});
}

}  // namespace
}  // namespace connectsphere::cli
