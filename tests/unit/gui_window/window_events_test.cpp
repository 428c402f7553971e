// Qt's events, as the window hears them.
#include "client-gui/window_events.hpp"

#include <QUrl>
#include <catch2/catch.hpp>

using namespace connectsphere::gui;

TEST_CASE("a key says what it types, and with Ctrl its letter") {
    struct Row {
        int key;
        Qt::KeyboardModifiers with;
        const char* text;
        Key expected;
    };
    for (const auto& row : {
             Row{Qt::Key_M, Qt::ShiftModifier, "M", {.text = "M", .shift = true}},
             Row{0, Qt::NoModifier, "ü", {.text = "ü"}},
             Row{0, Qt::NoModifier, "👋", {.text = "👋"}},
             Row{0, Qt::NoModifier, "ש", {.text = "ש"}},
             Row{Qt::Key_V, Qt::ControlModifier, "\x16", {.text = "v", .ctrl = true}},
             Row{Qt::Key_Q, Qt::ControlModifier | Qt::AltModifier, "@", {.text = "@"}},
             Row{Qt::Key_Return, Qt::NoModifier, "\r", {.code = KeyCode::enter, .text = "\r"}},
             Row{Qt::Key_Left, Qt::ShiftModifier, "", {.code = KeyCode::left, .shift = true}},
             Row{Qt::Key_F5, Qt::NoModifier, "", {.code = KeyCode::other}},
         }) {
        CAPTURE(row.text, row.key);
        const auto key = key_of(QKeyEvent(QEvent::KeyPress, row.key, row.with, row.text));
        CHECK(key.code == row.expected.code);
        CHECK(key.text == row.expected.text);
        CHECK(key.ctrl == row.expected.ctrl);
        CHECK(key.shift == row.expected.shift);
    }
    CHECK(key_of(QKeyEvent(QEvent::KeyRelease, Qt::Key_Space, Qt::NoModifier, " ", true)).is_repeat);
}

TEST_CASE("what an input method composes comes with its cursor in bytes, what it has composed is typed") {
    using Attribute = QInputMethodEvent::Attribute;
    const QInputMethodEvent composing("👋שלום", {Attribute(QInputMethodEvent::Cursor, 4, 1, {})});
    const auto shown = keys_of(composing);
    REQUIRE(shown.size() == 1);
    CHECK(shown[0].code == KeyCode::compose);
    CHECK(shown[0].text == "👋שלום");
    CHECK(shown[0].cursor == std::string("👋של").size());
    QInputMethodEvent done("", {});
    done.setCommitString("Grüße 👋 שלום");
    const auto typed = keys_of(done);
    REQUIRE(typed.size() == 2);
    CHECK(typed[0].code == KeyCode::text);
    CHECK(typed[0].text == "Grüße 👋 שלום");
    CHECK(typed[1].code == KeyCode::compose);
    CHECK(typed[1].text.empty());
}

TEST_CASE("files that are dropped are those of this machine") {
    QMimeData data;
    CHECK(files_of(&data).empty());
    CHECK(files_of(nullptr).empty());
    data.setUrls({QUrl::fromLocalFile("/tmp/plan für Woche 23.txt"), QUrl("https://192.0.2.1/x"),
                  QUrl::fromLocalFile("/tmp/二.png")});
    CHECK(files_of(&data) == std::vector<std::string>{"/tmp/plan für Woche 23.txt", "/tmp/二.png"});
}
