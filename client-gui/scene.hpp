// Scene: what the window shows, as a list of things to draw from back to front, and the spots of it that
// react. A scene is a value: two of them compared say which rectangles have changed, so that only those are
// drawn again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client-gui/action.hpp"
#include "client-gui/geometry.hpp"
#include "client-gui/theme.hpp"

namespace connectsphere::gui {

enum class Icon : std::uint8_t {
    none,
    microphone,
    microphone_off,
    camera,
    camera_off,
    screen,
    hand,
    smile,
    chat,
    people,
    file,
    settings,
    leave,
    close,
    send,
    attach,
    folder,
    download,
    pin,
    left,
    right,
    grid,
    speaker,
    focus,
    sun,
    moon,
    check,
    volume,
    trash,
    search,
    pencil,
    copy,
    crop,
    lock,
    down,
};

enum class Align : std::uint8_t { left, centre, right };
enum class Weight : std::uint8_t { normal, bold };

struct TextStyle {
    int size = 14;  // pixels of this screen
    Weight weight = Weight::normal;
    Align align = Align::left;
    bool wraps = false;         // else one line, with an ellipsis where it does not fit
    bool is_unbounded = false;  // one line from the left, however long: a text field

    bool operator==(const TextStyle&) const = default;
};

// How large text is when it is drawn: the painter's knowledge, which scenes need to place it.
class TextMetrics {
  public:
    virtual ~TextMetrics() = default;
    virtual Size measure(const std::string& text, const TextStyle& style, int width) = 0;
    // Where the cursor before this byte stands, within the text; and the byte nearest to a point.
    virtual Rect caret(const std::string& text, const TextStyle& style, int width, std::size_t byte) = 0;
    virtual std::size_t byte_at(const std::string& text, const TextStyle& style, int width, Point point) = 0;
};

// One thing to draw. Nothing of it is ever outside of its rectangle, nor of its clip where it has one.
struct Item {
    enum class Kind : std::uint8_t { fill, stroke, text, icon, picture };

    Kind kind = Kind::fill;
    Rect rect{};
    Rect clip{};  // empty: none
    Colour colour = 0;
    int radius = 0;  // of the corners
    int width = 1;   // of a stroke, which is inside the rectangle
    std::string text{};
    TextStyle style{};
    Icon icon = Icon::none;
    std::uint64_t picture = 0;  // whose
    std::uint64_t version = 0;  // of the picture
    bool is_mirrored = false;
    bool is_whole = false;  // else the picture fills the rectangle, and loses what is outside
    Rect source{};          // part of the picture; empty: all of it

    bool operator==(const Item&) const = default;
};

// What reacts to the pointer, and to the keyboard when it is focused.
struct Spot {
    Rect rect;
    Action action;
    std::string name;   // for scripts: "microphone", "pin Ann"
    std::string tip{};  // shown when the pointer rests on it
    bool focusable = true;
};

// Text that can be typed into: a click puts the cursor there.
struct TextBox {
    Rect rect{};              // what of it is seen
    std::uint64_t field = 0;  // whose text it is
    Rect text{};              // where all of it lies
    TextStyle style{};
    std::string shown{};
    bool is_masked = false;
};

class Scene {
  public:
    explicit Scene(Size size = {}) : size_(size) {}

    Size size() const { return size_; }
    const std::vector<Item>& items() const { return items_; }
    const std::vector<Spot>& spots() const { return spots_; }
    std::vector<Item>& items() { return items_; }

    void fill(Rect rect, Colour colour, int radius = 0);
    void stroke(Rect rect, Colour colour, int width, int radius = 0);
    void text(Rect rect, std::string text, Colour colour, TextStyle style);
    void icon(Rect rect, Icon icon, Colour colour);
    void picture(Item item);
    void spot(Spot spot);

    // What is added from now on is drawn, and reacts, only inside.
    void clip_to(Rect clip) { clip_ = clip; }
    void unclip() { clip_ = {}; }
    // A dialog: what is below it does not react any more.
    void block_spots();

    const Spot* spot_at(Point point) const;  // the topmost one
    const std::vector<TextBox>& text_boxes() const { return text_boxes_; }
    void text_box(TextBox box) { text_boxes_.push_back(std::move(box)); }
    // Where text is typed; an input method shows its choices there. Empty: nowhere.
    const Rect& caret() const { return caret_; }
    void set_caret(const Rect& caret) { caret_ = caret; }

    // How many pixels a list was scrolled beyond its end.
    int overscroll() const { return overscroll_; }
    void set_overscroll(int pixels) { overscroll_ = std::max(0, pixels); }

  private:
    void add(Item item);

    Size size_;
    Rect clip_{};
    int overscroll_ = 0;
    std::vector<Item> items_;
    std::vector<Spot> spots_;
    std::vector<TextBox> text_boxes_;
    Rect caret_{};
};

// The rectangles in which they differ; none overlaps another.
std::vector<Rect> damage(const Scene& before, const Scene& after);

}  // namespace connectsphere::gui
