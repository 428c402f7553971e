// What one said, changed and taken back; what was said before, found and saved.
#include <catch2/catch.hpp>

#include "tests/unit/gui/fixture.hpp"

using namespace connectsphere;
using namespace connectsphere::gui;

namespace {

proto::ChatMessage message(std::uint64_t id, std::uint64_t from, const std::string& text) {
    proto::ChatMessage out;
    out.set_message_id(id);
    out.set_from_session_id(from);
    out.set_from_name(from == 1 ? "Ann" : "Ben");
    out.set_text(text);
    return out;
}

State in_chat() {
    auto state = in_call(2);
    type(state, "c");
    tell(state, client::Event(message(1, 1, "my frist")));
    tell(state, client::Event(message(2, 2, "yours")));
    return state;
}

}  // namespace

TEST_CASE("one's own message is changed in the composer, others' are only copied") {
    auto state = in_chat();
    CHECK(click(state, "message") == Commands{CopyText{"yours"}});
    CHECK(click(state, "own message").empty());
    click(state, "Edit message");
    CHECK(state.composer.text() == "my frist");
    CHECK(find_spot(scene_of(state), "cancel edit") != nullptr);
    state.composer.set("my first");
    CHECK(hit(state, KeyCode::enter) == Commands{EditChat{.message = 1, .text = "my first"}});
    CHECK(state.editing == 0);
    CHECK(state.composer.empty());
    type(state, "next");
    CHECK(hit(state, KeyCode::enter) == Commands{Say{.text = "next"}});
}

TEST_CASE("the up key changes what one said last, and escape leaves it") {
    auto state = in_chat();
    hit(state, KeyCode::up);
    CHECK(state.editing == 1);
    CHECK(hit(state, KeyCode::escape).empty());
    CHECK(state.editing == 0);
    CHECK(state.composer.empty());
    CHECK(state.panel == Panel::chat);
}

TEST_CASE("a message is taken back") {
    auto state = in_chat();
    click(state, "own message");
    CHECK(click(state, "Delete message") == Commands{DeleteChat{.message = 1}});
    CHECK(find_spot(scene_of(state), "Delete message") == nullptr);
}

TEST_CASE("a search shows what was found instead of the conversation, until it is closed") {
    auto state = in_chat();
    click(state, "search");
    CHECK(typed_into(state) == kChatSearch);
    type(state, "plan");
    CHECK(hit(state, KeyCode::enter) == Commands{SearchHistory{"plan"}});
    SearchResult result;
    *result.found.add_messages() = message(7, 2, "the plan of last week");
    tell(state, result);
    REQUIRE(state.found.size() == 1);
    CHECK(click(state, "message") == Commands{CopyText{"the plan of last week"}});
    CHECK(state.call.lines().size() == 2);  // not as if it had just been said
    hit(state, KeyCode::escape);
    CHECK_FALSE(state.is_searching);
    tell(state, result);  // too late
    CHECK(state.found.empty());
}

TEST_CASE("what was said is saved to a file that is asked for") {
    auto state = in_chat();
    CHECK(click(state, "save chat") == Commands{ChooseHistoryFile{}});
    tell(state, HistorySaved{.text = "2 messages were saved", .is_saved = true});
    CHECK(state.call.toasts().back().kind == Toast::Kind::good);
}

TEST_CASE("a file that is dropped goes to whom one talks to") {
    auto state = in_call(3);
    CHECK(file_receiver(state) == 0);
    apply(state, {.does = Does::converse, .id = 2}, kStart);
    CHECK(file_receiver(state) == 2);
    type(state, "c");
    hit(state, KeyCode::escape), hit(state, KeyCode::escape);
    CHECK(state.panel == Panel::none);
    CHECK(file_receiver(state) == 0);
}

TEST_CASE("what an input method composes is shown at the cursor, and typed when it is done") {
    auto state = in_call(2);
    type(state, "c");
    type(state, "Grüße 👋 שלום");
    state.composer.move_to(std::string("Grüße ").size());
    const auto compose = [&](const std::string& text, std::size_t cursor) {
        return press(state, {.code = KeyCode::compose, .text = text, .cursor = cursor}, scene_of(state), "",
                     kStart);
    };
    CHECK(compose("に", 3).empty());
    CHECK(compose("にほ", 3).empty());
    CHECK(state.composer.text() == "Grüße 👋 שלום");
    CHECK(state.composer.shown() == "Grüße にほ👋 שלום");
    CHECK(state.composer.shown_cursor() == std::string("Grüße に").size());
    type(state, "日本");
    compose("", 0);
    CHECK(state.composer.text() == "Grüße 日本👋 שלום");
    CHECK(state.composer.shown() == state.composer.text());
}

TEST_CASE("where text is typed an input method is told of it, and nowhere else") {
    auto state = in_call(2);
    CHECK(scene_of(state).caret().empty());
    type(state, "c");
    CHECK_FALSE(scene_of(state).caret().empty());
    apply(state, {.does = Does::leave}, kStart);
    CHECK(scene_of(state).caret().empty());
}
