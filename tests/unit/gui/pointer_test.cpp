#include "client-gui/pointer.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/gui/fixture.hpp"

using namespace connectsphere;
using namespace connectsphere::gui;

namespace {

// Every byte is half as wide as it is high, as PlainMetrics has it.
struct Hand {
    explicit Hand(State s = {}) : state(std::move(s)) {}

    State state;
    PlainMetrics metrics{};
    Scene scene{};

    const TextBox& box(std::uint64_t field) {
        scene = scene_of(state);
        for (const auto& box : scene.text_boxes())
            if (box.field == field) return box;
        FAIL("no such text");
        throw;
    }
    Point at(std::uint64_t field, int byte) {
        const auto& found = box(field);
        return {found.text.x + byte * found.style.size / 2 + 1, found.text.y + 3};
    }
    void press(std::uint64_t field, int byte, bool is_double = false) {
        const auto point = at(field, byte);
        press_pointer(state, {scene, metrics, {}, kStart}, point, is_double);
    }
    void drag(std::uint64_t field, int from, int to) {
        const auto begin = at(field, from), end = at(field, to);
        drag_pointer(state, {scene, metrics, {}, kStart}, begin, end);
    }
    void click(const std::string& name) {
        scene = scene_of(state);
        const auto* spot = find_spot(scene, name);
        REQUIRE(spot);
        const auto& r = spot->rect;
        press_pointer(state, {scene, metrics, {}, kStart}, {r.x + r.width / 2, r.y + r.height / 2}, false);
    }
};

}  // namespace

TEST_CASE("a click puts the cursor there, and a drag selects") {
    Hand hand{in_call(2)};
    type(hand.state, "c");
    type(hand.state, "hello you");
    hand.press(kComposer, 5);
    CHECK(hand.state.composer.cursor() == 5);
    type(hand.state, ",");
    CHECK(hand.state.composer.text() == "hello, you");
    hand.press(kComposer, 7);
    hand.drag(kComposer, 7, 9);
    hand.drag(kComposer, 9, 10);
    CHECK(hand.state.composer.selected() == "you");
    type(hand.state, "all");
    CHECK(hand.state.composer.text() == "hello, all");
    hand.press(kComposer, 2, true);
    CHECK(hand.state.composer.selected() == "hello,");
}

TEST_CASE("a click never puts the cursor into the middle of a character") {
    Hand hand{in_call(2)};
    type(hand.state, "c");
    type(hand.state, "Grüße 👋 שלום");
    const std::string text = "Grüße 👋 שלום";
    for (int byte = 0; byte <= static_cast<int>(text.size()); ++byte) {
        hand.press(kComposer, byte);
        const auto cursor = hand.state.composer.cursor();
        const bool begins =
            cursor == text.size() || (static_cast<unsigned char>(text[cursor]) & 0xC0) != 0x80;
        CHECK(begins);
        CHECK(cursor <= static_cast<std::size_t>(byte));
    }
}

TEST_CASE("a click into another field of the card moves the keyboard there") {
    Hand hand;
    hand.state.card.fields[kServerField].set("localhost");
    hand.press(kServerField, 5);
    CHECK(hand.state.card.focused == kServerField);
    type(hand.state, "-");
    CHECK(hand.state.card.fields[kServerField].text() == "local-host");
}

TEST_CASE("in a password the dots are clicked, not the bytes") {
    Hand hand;
    hand.state.card.fields[kPasswordField].set("äöü1");
    hand.state.card.focused = kPasswordField;
    hand.press(kPasswordField, 3);  // a dot has three bytes
    CHECK(hand.state.card.fields[kPasswordField].cursor() == 2);
    type(hand.state, "x");
    CHECK(hand.state.card.fields[kPasswordField].text() == "äxöü1");
}

TEST_CASE("a menu goes when something else is clicked, and the click counts") {
    Hand hand{in_call(2)};
    apply(hand.state, {.does = Does::toggle_popup, .id = 1}, kStart);
    REQUIRE(hand.state.popup == Popup::reactions);
    hand.click("microphone");
    CHECK(hand.state.popup == Popup::none);
    CHECK(hand.state.microphone_muted);
    apply(hand.state, {.does = Does::toggle_popup, .id = 1}, kStart);
    hand.click("layout");
    CHECK(hand.state.popup == Popup::layouts);
}

TEST_CASE("a click beside the panel gives the letters back to the shortcuts") {
    Hand hand{in_call(2)};
    type(hand.state, "c");
    CHECK(typed_into(hand.state) == kComposer);
    hand.click("tile Ben");
    CHECK_FALSE(typed_into(hand.state));
    hand.click("composer");
    CHECK(typed_into(hand.state) == kComposer);
}
