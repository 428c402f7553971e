#include "client-gui/text_field.hpp"

#include <unigbrk.h>
#include <unistr.h>

#include <vector>

namespace connectsphere::gui {

namespace {

// libunistring's bytes are unsigned, ours are not.
std::vector<std::uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

// For each byte whether a character begins there. All at once: whether one does depends on all before it.
std::vector<char> breaks_of(const std::string& text) {
    const auto bytes = bytes_of(text);
    std::vector<char> breaks(bytes.size());
    u8_grapheme_breaks(bytes.data(), bytes.size(), breaks.data());
    return breaks;
}

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t'; }

bool is_wanted(ucs4_t code, bool line_breaks) {
    if (code == '\n') return line_breaks;
    return code >= 0x20 && (code < 0x7F || code >= 0xA0) && code != 0x2028 && code != 0x2029;
}

std::string cleaned(std::string_view text, bool line_breaks) {
    std::string out;
    const auto bytes = bytes_of(text);
    for (std::size_t at = 0; at < bytes.size();) {
        ucs4_t code = 0;
        const int length = u8_mbtoucr(&code, bytes.data() + at, bytes.size() - at);
        if (length <= 0) {
            ++at;
            continue;
        }
        const auto piece = text.substr(at, static_cast<std::size_t>(length));
        if (is_wanted(code, line_breaks)) out += piece;
        if (code == '\t' || (code == '\n' && !line_breaks)) out += ' ';
        at += static_cast<std::size_t>(length);
    }
    return out;
}

}  // namespace

void TextField::set(std::string_view text) {
    text_ = text;
    cursor_ = anchor_ = text_.size();
    compose({}, 0);
}

void TextField::insert(std::string_view text, bool line_breaks) {
    compose({}, 0);
    const auto piece = cleaned(text, line_breaks);
    if (text_.size() - selected().size() + piece.size() > most_bytes_) return;
    erase_selection();
    text_.insert(cursor_, piece);
    go(cursor_ + piece.size(), false);
}

void TextField::erase_back(By by) {
    if (erase_selection()) return;
    const auto from = before(cursor_, by);
    text_.erase(from, cursor_ - from);
    go(from, false);
}

void TextField::erase_forward(By by) {
    if (erase_selection()) return;
    text_.erase(cursor_, behind(cursor_, by) - cursor_);
}

void TextField::move_left(By by, bool selects) {
    const bool collapses = !selects && anchor_ != cursor_ && by == By::character;
    go(collapses ? selection_begin() : before(cursor_, by), selects);
}

void TextField::move_right(By by, bool selects) {
    const bool collapses = !selects && anchor_ != cursor_ && by == By::character;
    go(collapses ? selection_end() : behind(cursor_, by), selects);
}

void TextField::move_to(std::size_t byte, bool selects) {
    if (byte >= text_.size()) return go(text_.size(), selects);
    const auto breaks = breaks_of(text_);
    while (byte > 0 && !breaks[byte]) --byte;
    go(byte, selects);
}

void TextField::select_all() {
    anchor_ = 0;
    cursor_ = text_.size();
}

void TextField::select_word(std::size_t byte) {
    move_to(byte);
    auto from = cursor_, to = cursor_;
    while (from > 0 && !is_space(text_[from - 1])) --from;
    while (to < text_.size() && !is_space(text_[to])) ++to;
    anchor_ = from;
    cursor_ = to;
}

void TextField::compose(std::string_view text, std::size_t cursor) {
    if (!text.empty()) erase_selection();
    composing_ = cleaned(text, false);
    composing_cursor_ = std::min(cursor, composing_.size());
}

std::string TextField::shown() const {
    auto out = text_;
    return out.insert(cursor_, composing_);
}

bool TextField::erase_selection() {
    if (anchor_ == cursor_) return false;
    const auto from = selection_begin();
    text_.erase(from, selection_end() - from);
    go(from, false);
    return true;
}

void TextField::go(std::size_t byte, bool selects) {
    cursor_ = byte;
    if (!selects) anchor_ = byte;
}

std::size_t TextField::before(std::size_t byte, By by) const {
    if (by == By::all || byte == 0) return 0;
    if (by == By::word) {
        while (byte > 0 && is_space(text_[byte - 1])) --byte;
        while (byte > 0 && !is_space(text_[byte - 1])) --byte;
        return byte;
    }
    const auto breaks = breaks_of(text_);
    do --byte;
    while (byte > 0 && !breaks[byte]);
    return byte;
}

std::size_t TextField::behind(std::size_t byte, By by) const {
    if (by == By::all || byte >= text_.size()) return text_.size();
    if (by == By::word) {
        while (byte < text_.size() && is_space(text_[byte])) ++byte;
        while (byte < text_.size() && !is_space(text_[byte])) ++byte;
        return byte;
    }
    const auto breaks = breaks_of(text_);
    do ++byte;
    while (byte < text_.size() && !breaks[byte]);
    return byte;
}

}  // namespace connectsphere::gui
