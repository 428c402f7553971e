#include "client-gui/text_field.hpp"

#include <catch2/catch.hpp>

using namespace connectsphere::gui;
using By = TextField::By;

namespace {

TextField typed(std::string_view text) {
    TextField field;
    field.insert(text);
    return field;
}

}  // namespace

TEST_CASE("a character is what a reader calls one") {
    struct Row {
        const char* text;
        int characters;
    };
    for (const auto& [text, characters] : {Row{"", 0}, Row{"Hello", 5}, Row{"Grüße", 5}, Row{"שלום", 4},
                                           Row{"👋🏽", 1}, Row{"👨‍👩‍👧", 1}, Row{"🇩🇪🇫🇷", 2},
                                           Row{"e\xCC\x81", 1}, Row{"你好", 2}, Row{"❤️", 1}}) {
        CAPTURE(text);
        auto field = typed(text);
        int left = 0;
        while (field.cursor() > 0) {
            field.move_left();
            ++left;
        }
        CHECK(left == characters);
        int erased = 0;
        for (field.move_right(By::all); !field.empty(); field.erase_back()) ++erased;
        CHECK(erased == characters);
    }
}

TEST_CASE("text is inserted at the cursor and replaces the selection") {
    auto field = typed("Grüße שלום");
    field.move_left(By::word);
    field.insert("👋 ");
    CHECK(field.text() == "Grüße 👋 שלום");
    field.select_all();
    CHECK(field.selected() == "Grüße 👋 שלום");
    field.insert("new");
    CHECK(field.text() == "new");
    CHECK(field.cursor() == 3);
}

TEST_CASE("a selection grows, shrinks, and is left at its ends") {
    auto field = typed("one two");
    field.move_left(By::word, true);
    CHECK(field.selected() == "two");
    field.move_left(By::character, true);
    CHECK(field.selected() == " two");
    field.move_left();
    CHECK(field.cursor() == 3);
    CHECK(field.selected().empty());
    field.move_right(By::word, true);
    field.erase_forward();
    CHECK(field.text() == "one");
}

TEST_CASE("words are erased as a whole") {
    auto field = typed("one two  three");
    field.erase_back(By::word);
    CHECK(field.text() == "one two  ");
    field.erase_back(By::word);
    CHECK(field.text() == "one ");
    field.move_left(By::all);
    field.erase_forward(By::word);
    CHECK(field.text() == " ");
}

TEST_CASE("a click lands between characters") {
    auto field = typed("aé👋🏽b");
    field.move_to(6);  // within the emoji
    CHECK(field.cursor() == 3);
    field.move_to(100);
    CHECK(field.cursor() == field.text().size());
}

TEST_CASE("what is pasted is cleaned") {
    TextField field;
    field.insert("one\ntwo\tthree\x1b[31m\xff");
    CHECK(field.text() == "one two three[31m");
    field.set("");
    field.insert("one\ntwo\r\n", true);
    CHECK(field.text() == "one\ntwo\n");
}

TEST_CASE("what does not fit is not inserted") {
    TextField field(5);
    field.insert("Grüß");
    CHECK(field.text().size() == 6 - 6);
    field.insert("Gru");
    field.insert("xyz");
    CHECK(field.text() == "Gru");
    field.select_all();
    field.insert("12345");
    CHECK(field.text() == "12345");
}
