#include "client-gui/window_events.hpp"

#include <QUrl>
#include <utility>

namespace connectsphere::gui {

namespace {

KeyCode code_of(const QKeyEvent& event) {
    static constexpr std::pair<int, KeyCode> kCodes[] = {
        {Qt::Key_Return, KeyCode::enter},
        {Qt::Key_Enter, KeyCode::enter},
        {Qt::Key_Escape, KeyCode::escape},
        {Qt::Key_Tab, KeyCode::tab},
        {Qt::Key_Backtab, KeyCode::back_tab},
        {Qt::Key_Backspace, KeyCode::backspace},
        {Qt::Key_Delete, KeyCode::erase},
        {Qt::Key_Left, KeyCode::left},
        {Qt::Key_Right, KeyCode::right},
        {Qt::Key_Up, KeyCode::up},
        {Qt::Key_Down, KeyCode::down},
        {Qt::Key_Home, KeyCode::home},
        {Qt::Key_End, KeyCode::end},
        {Qt::Key_PageUp, KeyCode::page_up},
        {Qt::Key_PageDown, KeyCode::page_down},
    };
    for (const auto& [key, code] : kCodes) {
        if (event.key() == key) return code;
    }
    const bool is_letter = event.key() >= Qt::Key_A && event.key() <= Qt::Key_Z;
    const bool has_ctrl = event.modifiers().testFlag(Qt::ControlModifier);
    return !event.text().isEmpty() || (has_ctrl && is_letter) ? KeyCode::text : KeyCode::other;
}

}  // namespace

Key key_of(const QKeyEvent& event) {
    Key key{.code = code_of(event),
            .text = event.text().toStdString(),
            .ctrl = event.modifiers().testFlag(Qt::ControlModifier),
            .shift = event.modifiers().testFlag(Qt::ShiftModifier),
            .is_repeat = event.isAutoRepeat(),
            .is_release = event.type() == QEvent::KeyRelease};
    // AltGr is Ctrl and Alt on some keyboards, and types what it types.
    if (key.ctrl && event.modifiers().testFlag(Qt::AltModifier) && !key.text.empty()) key.ctrl = false;
    // With Ctrl the text is a control character: the letter is meant.
    if (key.ctrl && event.key() >= Qt::Key_A && event.key() <= Qt::Key_Z)
        key.text = static_cast<char>('a' + event.key() - Qt::Key_A);
    return key;
}

std::vector<Key> keys_of(const QInputMethodEvent& event) {
    std::vector<Key> out;
    if (!event.commitString().isEmpty())
        out.push_back({.code = KeyCode::text, .text = event.commitString().toStdString()});
    const auto text = event.preeditString();
    int cursor = text.size();  // in UTF-16
    for (const auto& attribute : event.attributes())
        if (attribute.type == QInputMethodEvent::Cursor) cursor = attribute.start;
    out.push_back({.code = KeyCode::compose,
                   .text = text.toStdString(),
                   .cursor = static_cast<std::size_t>(text.left(cursor).toUtf8().size())});
    return out;
}

std::vector<std::string> files_of(const QMimeData* data) {
    std::vector<std::string> out;
    if (!data) return out;
    for (const auto& url : data->urls()) {
        if (url.isLocalFile()) out.push_back(url.toLocalFile().toStdString());
    }
    return out;
}

}  // namespace connectsphere::gui
