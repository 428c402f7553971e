// TextField: text that is being typed, with a cursor and a selection, as UTF-8. The cursor moves by what a
// reader calls a character (UAX #29: an emoji of five code points is one), never into the middle of one.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace connectsphere::gui {

class TextField {
  public:
    enum class By { character, word, all };

    explicit TextField(std::size_t most_bytes = 4'000) : most_bytes_(most_bytes) {}

    const std::string& text() const { return text_; }
    std::size_t cursor() const { return cursor_; }  // a byte of text(), or its end
    std::size_t selection_begin() const { return std::min(anchor_, cursor_); }
    std::size_t selection_end() const { return std::max(anchor_, cursor_); }
    std::string_view selected() const {
        return std::string_view(text_).substr(selection_begin(), selection_end() - selection_begin());
    }
    bool empty() const { return text_.empty(); }

    void set(std::string_view text);  // the cursor is behind it
    void clear() { set({}); }
    // In place of the selection. What is no UTF-8 or a control character is left out, and line breaks where
    // they are not wanted; what does not fit is not inserted at all.
    void insert(std::string_view text, bool line_breaks = false);
    void erase_back(By by = By::character);
    void erase_forward(By by = By::character);
    void move_left(By by = By::character, bool selects = false);
    void move_right(By by = By::character, bool selects = false);
    void move_to(std::size_t byte, bool selects = false);  // to the character that holds it
    void select_all();
    void select_word(std::size_t byte);  // that holds it

    // What an input method composes: seen at the cursor, not typed yet. `cursor` is a byte of it; empty:
    // over.
    void compose(std::string_view text, std::size_t cursor);
    const std::string& composing() const { return composing_; }
    std::string shown() const;  // the text with it
    std::size_t shown_cursor() const { return cursor_ + composing_cursor_; }

    bool operator==(const TextField&) const = default;

  private:
    std::size_t before(std::size_t byte, By by) const;
    std::size_t behind(std::size_t byte, By by) const;
    bool erase_selection();
    void go(std::size_t byte, bool selects);

    std::size_t most_bytes_;
    std::string text_;
    std::size_t cursor_ = 0;
    std::size_t anchor_ = 0;  // the other end of the selection
    std::string composing_;
    std::size_t composing_cursor_ = 0;
};

}  // namespace connectsphere::gui
