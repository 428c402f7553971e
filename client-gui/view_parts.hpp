// What the views are made of: a scene that is being built, and the parts that stand on it more than once.
#pragma once

#include <string>

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
        : state(s), around(a), theme(theme_named(s.theme)), px{a.scale.factor * s.scale}, scene(a.window) {}

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
    void field(const Rect& rect, const TextField& field, const std::string& hint, bool is_focused);
    // Darkens all and takes the reactions of what is there; the card that is to be filled.
    Rect dialog(Size size);

  private:
    void marked_text(const Rect& inside, const TextField& field, const TextStyle& style, bool is_focused);
};

// The views themselves, each in a file of its name.
void view_join(Builder& b);
void view_stage(Builder& b, const CallAreas& areas);
void view_toolbar(Builder& b, const CallAreas& areas);
void view_popup(Builder& b, const CallAreas& areas);
void view_chat(Builder& b, Rect panel);
void view_people(Builder& b, Rect panel);
void view_files(Builder& b, Rect panel);
void view_floating(Builder& b, const CallAreas& areas);
void view_tip(Builder& b);

}  // namespace connectsphere::gui
