// What the views are made of: a scene that is being built, and the parts that stand on it more than once.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "client-gui/text_words.hpp"
#include "client-gui/view.hpp"

namespace connectsphere::gui {

struct Button {
    Rect rect{};
    Action action{};
    std::string name{};  // for scripts
    std::string tip{};
    std::string label{};  // beside or in place of the icon
    Icon icon = Icon::none;
    Colour colour = 0;  // 0: the theme's
    Colour ink = 0;     // of label and icon; 0: the theme's
    int count = 0;      // in a badge; 0: none
    bool is_round = false;
    bool is_flat = false;  // without a face of its own until the pointer is over it
};

class Builder {
  public:
    Builder(const State& s, const Surroundings& a)
        : state(s),
          around(a),
          theme(theme_named(s.theme)),
          px{bearable(a.scale.factor * s.scale, a.window)},
          scene(a.window) {}

    const State& state;
    const Surroundings& around;
    const Theme& theme;
    const Scale px;
    Scene scene;
    bool is_behind = false;  // a dialog will stand in front: nothing reacts

    bool is_hovered(const Rect& rect) const;
    TextStyle style(int size, Weight weight = Weight::normal, Align align = Align::left) const;
    int text_width(const std::string& text, const TextStyle& style);
    int text_height(const std::string& text, const TextStyle& style, int width);

    void spot(const Rect& rect, Action action, std::string name, std::string tip = {}, bool focusable = true);
    void button(const Button& button);
    // A name on its own ground, as wide as it needs at most; what it covers.
    Rect pill(Point left_top, const std::string& text, Colour ground, Colour ink, Icon icon, int most_width);
    void badge(Point centre, int count);
    void avatar(const Rect& box, const std::string& name);
    // A frame with a line of text that can be typed into; `id` is a Field (state.hpp).
    void field(const Rect& rect, std::uint64_t id, const std::string& hint, const std::string& name);
    // The text alone, with cursor, selection, and what an input method composes.
    void editable(const Rect& inside, std::uint64_t id, const std::string& hint, TextStyle style);
    void centred_text(const Rect& box, const std::string& text, Colour colour, TextStyle style);
    Rect card(const Rect& rect);  // that opens above the rest
    // Darkens all and takes the reactions of what is there; the card that is to be filled.
    Rect dialog(Size size);

  private:
    // Never so large that a window of this size could not hold what the smallest one does at 1.
    static double bearable(double factor, Size window) {
        const double most = std::min(static_cast<double>(window.width) / kSmallestWindow.width,
                                     static_cast<double>(window.height) / kSmallestWindow.height);
        return std::min(factor, std::max(1.0, most));
    }
    std::vector<Rect> lines_of(const std::string& text, const TextStyle& style, int wrap, std::size_t from,
                               std::size_t to);
};

// The views themselves, each in a file of its name.
void view_join(Builder& b);
void view_region(Builder& b);
void view_stage(Builder& b, const CallAreas& areas);
void view_toolbar(Builder& b, const CallAreas& areas);
void view_popup(Builder& b, const CallAreas& areas);
void view_share(Builder& b, const CallAreas& areas);    // what to share
void view_sharing(Builder& b, const CallAreas& areas);  // that one does, or waits to, or is asked to give way
void view_settings(Builder& b);
void view_devices(Builder& b, Rect& box, int row_height);  // takes from the box what it needs
void view_device_list(Builder& b);                         // where one is open
void view_chat(Builder& b, Rect panel);
void view_composer(Builder& b, Rect row);
int composer_height(Builder& b, Rect panel);
void view_people(Builder& b, Rect panel);
void view_files(Builder& b, Rect panel);
void view_floating(Builder& b, const CallAreas& areas);
void view_tip(Builder& b);

}  // namespace connectsphere::gui
