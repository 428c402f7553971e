#include "lib/client/plain_text.hpp"

#include <catch2/catch.hpp>

#include "lib/client/file_name.hpp"
#include "lib/client/transcript.hpp"

namespace connectsphere::client {
namespace {

TEST_CASE("languages and emoji stay as they are, with the joiners that make them") {
    for (const std::string text : {"report.pdf", "عقد", "שלום", "ü 漢字", "می\u200cخواهم", "👨\u200d👩\u200d👧",
                                   "❤\uFE0F", "🏴\U000E0067\U000E0062\U000E007F"}) {
        CHECK(is_utf8(text));
        CHECK(plain(text, '_') == text);
        CHECK(clean(text) == text);
    }
}

TEST_CASE("what commands a terminal or turns text is replaced") {
    struct Row {
        std::string text, plain;
    };
    for (const auto& [text, expected] :
         {Row{"a\x1b[31m", "a_[31m"}, Row{"a\tb\rc\x7f", "a_b_c_"}, Row{std::string("a\0b", 3), "a_b"},
          Row{"a\u009b31m", "a_31m"}, Row{"a\u0085b", "a_b"}, Row{"photo\u202Egnp.exe", "photo_gnp.exe"},
          Row{"\u2066a\u2069", "_a_"}, Row{"a\u2028b", "a_b"}, Row{"a\u200bb\u200e\u200f\uFEFF", "a_b___"},
          Row{"\x9b", "_"}, Row{"a\xff\xc0z", "a__z"}, Row{"\xe4\xb8", "__"}, Row{"\xed\xa0\x80", "___"}}) {
        CHECK(plain(text, '_') == expected);
    }
    CHECK(plain("a\nb", '_') == "a_b");
    CHECK(plain("a\nb", '_', true) == "a\nb");
    CHECK(clean("a\nb\u202Ec") == "a\n      b?c");
    CHECK_FALSE(is_utf8("a\xff"));
}

TEST_CASE("the way of a file in its folder leads to no other place") {
    struct Row {
        std::string name, path;
    };
    for (const auto& [name, path] :
         {Row{"d/a/x.txt", "d/a/x.txt"}, Row{"../../etc/passwd", "_./_./etc/passwd"},
          Row{"/etc/passwd", "etc/passwd"}, Row{"d//x", "d/x"}, Row{"d/./x", "d/_/x"}, Row{"d/", "d"},
          Row{"", "file"}, Row{"///", "file"}, Row{"d/..\\..\\x", "d/x"}, Row{".git/hooks/x", "_git/hooks/x"},
          Row{"a\u202E/x", "a_/x"}}) {
        CHECK(safe_relative_path(name) == path);
    }
}

}  // namespace
}  // namespace connectsphere::client
