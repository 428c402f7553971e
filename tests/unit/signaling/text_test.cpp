// What people may type. The rows are RFC 3629's forbidden forms and the characters that would let a name
// lie about what stands around it.
#include "services/signaling/text.hpp"

#include <catch2/catch.hpp>

namespace connectsphere::signaling {
namespace {

using namespace std::string_literals;

struct Row {
    const char* what;
    std::string text;
};

TEST_CASE("a name that nobody can see is none") {
    for (const auto& row : {Row{"nothing", ""}, Row{"blanks", "  \t"}, Row{"no-break space", "\xC2\xA0"},
                            Row{"em space", "\xE2\x80\x83"}, Row{"zero width space", "\xE2\x80\x8B"},
                            Row{"zero width joiner", "\xE2\x80\x8D"}, Row{"soft hyphen", "\xC2\xAD"},
                            Row{"Hangul filler", "\xE3\x85\xA4"}, Row{"Braille blank", "\xE2\xA0\x80"},
                            Row{"variation selector", "\xEF\xB8\x8F"}}) {
        INFO(row.what);
        CHECK(fault_in_line("the name", row.text, 64));
    }
    for (const std::string text :
         {"a", "!", "\xE2\x9C\x8B", "\xF0\x9F\x91\x8B", "\xE5\xAD\x97", "\xD7\xA9"}) {
        INFO(text);
        CHECK_FALSE(fault_in_line("the name", text, 64));
    }
}

TEST_CASE("UTF-8 is accepted up to the edges of each length") {
    for (const auto& row :
         {Row{"nothing", ""}, Row{"ASCII", "Ann"}, Row{"U+0000", "\0"s}, Row{"U+0080", "\xC2\x80"},
          Row{"U+07FF", "\xDF\xBF"}, Row{"U+0800", "\xE0\xA0\x80"}, Row{"U+D7FF", "\xED\x9F\xBF"},
          Row{"U+E000", "\xEE\x80\x80"}, Row{"U+FFFF", "\xEF\xBF\xBF"}, Row{"U+10000", "\xF0\x90\x80\x80"},
          Row{"U+10FFFF", "\xF4\x8F\xBF\xBF"}}) {
        INFO(row.what);
        CHECK(is_utf8(row.text));
        CHECK(is_utf8("a" + row.text + "z"));
    }
}

TEST_CASE("every form that RFC 3629 forbids is refused") {
    for (const auto& row : {Row{"a continuation alone", "\x80"},
                            Row{"the last continuation alone", "\xBF"},
                            Row{"two bytes, one there", "\xC3"},
                            Row{"three bytes, two there", "\xE2\x82"},
                            Row{"four bytes, three there", "\xF0\x9F\x98"},
                            Row{"a lead for a continuation", "\xC3\xC3"},
                            Row{"ASCII for a continuation", "\xC3("},
                            Row{"ASCII for the last continuation", "\xE2\x82("},
                            Row{"overlong /, two bytes", "\xC0\xAF"},
                            Row{"overlong NUL", "\xC0\x80"},
                            Row{"overlong U+007F", "\xC1\xBF"},
                            Row{"overlong /, three bytes", "\xE0\x80\xAF"},
                            Row{"overlong U+07FF", "\xE0\x9F\xBF"},
                            Row{"overlong U+FFFF", "\xF0\x8F\xBF\xBF"},
                            Row{"U+D800", "\xED\xA0\x80"},
                            Row{"U+DFFF", "\xED\xBF\xBF"},
                            Row{"a pair of surrogates", "\xED\xA0\xBD\xED\xB8\x80"},
                            Row{"U+110000", "\xF4\x90\x80\x80"},
                            Row{"a lead of F5", "\xF5\x80\x80\x80"},
                            Row{"five bytes", "\xF8\x88\x80\x80\x80"},
                            Row{"six bytes", "\xFC\x84\x80\x80\x80\x80"},
                            Row{"FE", "\xFE"},
                            Row{"FF", "\xFF"}}) {
        INFO(row.what);
        CHECK_FALSE(is_utf8(row.text));
        CHECK_FALSE(is_utf8("a" + row.text));
        CHECK_FALSE(is_utf8(row.text + "z"));
        CHECK(fault_in_line("the name", row.text, 64) == "the name is not valid UTF-8");
        CHECK(fault_in_chat(row.text, 4000) == "the message is not valid UTF-8");
    }
}

TEST_CASE("W18: names and chat carry no control characters") {
    for (const auto& row :
         {Row{"NUL", "\0"s}, Row{"BEL", "\x07"}, Row{"ESC, which rules terminals", "\x1B[2J"},
          Row{"carriage return", "\r"}, Row{"DEL", "\x7F"}, Row{"U+0080", "\xC2\x80"},
          Row{"CSI, U+009B", "\xC2\x9B"}, Row{"U+009F", "\xC2\x9F"},
          Row{"line separator, U+2028", "\xE2\x80\xA8"}, Row{"paragraph separator, U+2029", "\xE2\x80\xA9"},
          Row{"LRE, U+202A", "\xE2\x80\xAA"}, Row{"RLO, U+202E", "\xE2\x80\xAE"},
          Row{"LRI, U+2066", "\xE2\x81\xA6"}, Row{"PDI, U+2069", "\xE2\x81\xA9"}}) {
        INFO(row.what);
        CHECK(fault_in_line("the name", "Ann" + row.text, 64) ==
              "the name has control characters; leave them out");
        CHECK(fault_in_chat("hi" + row.text, 4000) == "the message has control characters; leave them out");
    }
}

TEST_CASE("lines break in chat and nowhere else") {
    for (const std::string text : {"one\ntwo", "one\ttwo"}) {
        CHECK_FALSE(fault_in_chat(text, 4000));
        CHECK(fault_in_line("the name", text, 64));
    }
}

TEST_CASE("what people really type is accepted") {
    for (const auto& row :
         {Row{"letters", "Zo\xC3\xAB \xC5\x81ukasz"}, Row{"Arabic", "\xD8\xB9\xD9\x84\xD9\x8A"},
          Row{"no-break space",
              "A\xC2\xA0"
              "B"},
          Row{"emoji", "\xF0\x9F\x98\x80"}, Row{"skin tone", "\xF0\x9F\x91\x8B\xF0\x9F\x8F\xBD"},
          Row{"a family, joined by U+200D", "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7"},
          Row{"a heart with its variation selector", "\xE2\x9D\xA4\xEF\xB8\x8F"},
          Row{"a flag", "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA"}}) {
        INFO(row.what);
        CHECK_FALSE(fault_in_line("the reaction", row.text, 32));
        CHECK_FALSE(fault_in_chat(row.text, 4000));
    }
}

TEST_CASE("W18: lengths are limited in bytes") {
    CHECK_FALSE(fault_in_line("the name", std::string(64, 'a'), 64));
    CHECK(fault_in_line("the name", std::string(65, 'a'), 64) ==
          "the name is longer than 64 bytes; choose a shorter one");
    CHECK_FALSE(fault_in_chat(std::string(4000, 'a'), 4000));
    CHECK(fault_in_chat(std::string(4001, 'a'), 4000) == "the message is longer than 4000 bytes; split it");
}

TEST_CASE("a line needs a character that is seen, a message one byte") {
    CHECK(fault_in_line("the room", "", 64) == "the room is empty");
    CHECK(fault_in_line("the room", "   ", 64) == "the room is empty");
    CHECK(fault_in_chat("", 4000) == "the message is empty");
    CHECK_FALSE(fault_in_chat(" ", 4000));
}

TEST_CASE("blanks around a name are not part of it") {
    CHECK(trimmed("  Ann Lee ") == "Ann Lee");
    CHECK(trimmed("Ann") == "Ann");
    CHECK(trimmed(" \t ").empty());
}

TEST_CASE("a name typed in two ways is one name") {
    CHECK(canonical_name(" e\xCC\x81ric ") == "\xC3\xA9ric");  // e and a combining acute accent
    CHECK(canonical_name("\xF0\x9F\x91\x8B") == "\xF0\x9F\x91\x8B");
}

}  // namespace
}  // namespace connectsphere::signaling
