#include "client-gui/icons.hpp"

#include <array>
#include <charconv>
#include <numbers>
#include <string_view>

namespace connectsphere::gui {

namespace {

// A little language of paths in a square of 24: M and L as in SVG, C a curve, Z closes;
// A x y radius from to: an arc that goes on from here, in degrees clockwise from the right; O: the same on
// its own; R x y width height radius: a rectangle.
constexpr double kSquare = 24, kStroke = 2;

std::string_view path_of(Icon icon) {
    switch (icon) {
        case Icon::none:
            return "";
        case Icon::microphone:
            return "R 9 2 6 12 3 O 12 11 7 0 180 M 12 18 L 12 22 M 8 22 L 16 22";
        case Icon::microphone_off:
            return "R 9 2 6 12 3 O 12 11 7 0 180 M 12 18 L 12 22 M 8 22 L 16 22 M 3 3 L 21 21";
        case Icon::camera:
            return "R 2 6 13 12 2.5 M 15 10.5 L 22 7 L 22 17 L 15 13.5";
        case Icon::camera_off:
            return "R 2 6 13 12 2.5 M 15 10.5 L 22 7 L 22 17 L 15 13.5 M 3 3 L 21 21";
        case Icon::screen:
            return "R 2 4 20 13 2 M 8 21 L 16 21 M 12 17 L 12 21 M 12 13.5 L 12 7.5 M 9 10 L 12 7 L 15 10";
        case Icon::hand:
            return "M 7 14 L 7 6.5 A 8.5 6.5 1.5 180 360 L 10 12 M 10 11 L 10 4.5 A 11.5 4.5 1.5 180 360 L "
                   "13 11"
                   " M 13 11 L 13 5.5 A 14.5 5.5 1.5 180 360 L 16 12 M 16 8.5 A 17.5 8.5 1.5 180 360 L 19 14"
                   " C 19 19 16.5 22 13 22 C 9.5 22 8 20.5 6.5 18 L 3.6 13.2 C 2.8 11.8 4.6 10.6 5.6 11.8 L "
                   "7 14";
        case Icon::smile:
            return "O 12 12 10 0 360 O 12 13 5 20 160 M 8.5 9 L 8.5 9.02 M 15.5 9 L 15.5 9.02";
        case Icon::chat:
            return "M 8 17 L 8 21.5 L 12.5 17 L 18 17 C 20 17 21 16 21 14 L 21 7 C 21 5 20 4 18 4 L 6 4 C 4 "
                   "4 3 5 3 7"
                   " L 3 14 C 3 16 4 17 6 17 Z";
        case Icon::people:
            return "O 9 8 3.5 0 360 M 2.5 20 C 2.5 15.5 5 14 9 14 C 13 14 15.5 15.5 15.5 20 O 16 8 3.5 -80 80"
                   " M 18.5 14.4 C 20.6 15.2 21.5 17 21.5 20";
        case Icon::file:
            return "M 14 2 L 6 2 C 5 2 4 3 4 4 L 4 20 C 4 21 5 22 6 22 L 18 22 C 19 22 20 21 20 20 L 20 8 Z"
                   " M 14 2 L 14 8 L 20 8";
        case Icon::settings:
            return "M 3 6 L 8 6 O 10.5 6 2.5 0 360 M 13 6 L 21 6 M 3 12 L 13 12 O 15.5 12 2.5 0 360 M 18 12 "
                   "L 21 12"
                   " M 3 18 L 6 18 O 8.5 18 2.5 0 360 M 11 18 L 21 18";
        case Icon::leave:
            return "M 9 21 L 5 21 C 4 21 3 20 3 19 L 3 5 C 3 4 4 3 5 3 L 9 3 M 16 17 L 21 12 L 16 7 M 21 12 "
                   "L 9 12";
        case Icon::close:
            return "M 6 6 L 18 18 M 18 6 L 6 18";
        case Icon::send:
            return "M 21 3 L 10.5 13.5 M 21 3 L 14.5 21 L 10.5 13.5 L 3 9.5 Z";
        case Icon::attach:
            return "M 21 11 L 12 20 C 9.5 22.5 6 22 4 20 C 2 18 2 14.5 4 12.5 L 13 3.5 C 14.5 2 17 2 18.5 3.5"
                   " C 20 5 20 7.5 18.5 9 L 10 17.5 C 9.2 18.3 8 18.3 7.2 17.5 C 6.4 16.7 6.4 15.5 7.2 14.7 "
                   "L 15 7";
        case Icon::folder:
            return "M 3 6 C 3 5 4 4 5 4 L 9 4 L 11.5 7 L 19 7 C 20 7 21 8 21 9 L 21 18 C 21 19 20 20 19 20 L "
                   "5 20"
                   " C 4 20 3 19 3 18 Z";
        case Icon::download:
            return "M 12 3 L 12 15 M 7 10.5 L 12 15.5 L 17 10.5 M 4 20 L 20 20";
        case Icon::pin:
            return "M 12 16.5 L 12 22 M 8 3 L 16 3 M 9 3 L 9 10 L 6 14 L 6 16.5 L 18 16.5 L 18 14 L 15 10 L "
                   "15 3";
        case Icon::left:
            return "M 15 5 L 8 12 L 15 19";
        case Icon::right:
            return "M 9 5 L 16 12 L 9 19";
        case Icon::grid:
            return "R 3 3 7.5 7.5 1.5 R 13.5 3 7.5 7.5 1.5 R 3 13.5 7.5 7.5 1.5 R 13.5 13.5 7.5 7.5 1.5";
        case Icon::speaker:
            return "R 3 3 18 11 2 R 3 18 4.5 3 1 R 9.75 18 4.5 3 1 R 16.5 18 4.5 3 1";
        case Icon::focus:
            return "R 3 4 18 16 2 O 12 10.5 2.5 0 360 M 7.5 17 C 7.5 14.5 9.5 14 12 14 C 14.5 14 16.5 14.5 "
                   "16.5 17";
        case Icon::sun:
            return "O 12 12 4.5 0 360 M 12 2 L 12 4 M 12 20 L 12 22 M 2 12 L 4 12 M 20 12 L 22 12 M 5 5 L "
                   "6.4 6.4"
                   " M 17.6 17.6 L 19 19 M 5 19 L 6.4 17.6 M 17.6 6.4 L 19 5";
        case Icon::moon:
            return "M 20 14 C 14 17 8 11 11 4 C 6 5 3 9 3.5 13.5 C 4.5 19 9.5 21.5 14 20.5 C 17 19.8 19.2 "
                   "17.2 20 14 Z";
        case Icon::check:
            return "M 5 12.5 L 10 17.5 L 19.5 7";
        case Icon::volume:
            return "M 11 5 L 6.5 9 L 3 9 L 3 15 L 6.5 15 L 11 19 Z O 11 12 5 -40 40 O 11 12 9.5 -40 40";
        case Icon::trash:
            return "M 4 6 L 20 6 M 9 6 L 9 3 L 15 3 L 15 6 M 6 6 L 7 21 L 17 21 L 18 6 M 10 10.5 L 10 16.5 M "
                   "14 10.5"
                   " L 14 16.5";
        case Icon::search:
            return "O 10.5 10.5 6.5 0 360 M 15.5 15.5 L 21 21";
        case Icon::pencil:
            return "M 4 20 L 5 15.5 L 16 4.5 C 17.5 3 19 3.5 19.8 4.2 C 20.5 5 21 6.5 19.5 8 L 8.5 19 Z M 14 "
                   "6.5 L 17.5 10";
        case Icon::copy:
            return "R 8 8 13 13 2 M 4 16 C 3.4 16 3 15.4 3 15 L 3 5 C 3 4 4 3 5 3 L 15 3 C 15.4 3 16 3.4 16 "
                   "4";
        case Icon::crop:
            return "M 6 1.5 L 6 18 L 22.5 18 M 1.5 6 L 18 6 L 18 22.5";
        case Icon::lock:
            return "R 4 11 16 10 2 M 7.5 11 L 7.5 8 A 12 8 4.5 180 360 L 16.5 11";
        case Icon::down:
            return "M 6 9.5 L 12 15.5 L 18 9.5";
    }
    return "";
}

class PathReader {
  public:
    explicit PathReader(std::string_view text) : text_(text) {}

    char command() {
        skip();
        if (text_.empty()) return '\0';
        const char c = text_.front();
        text_.remove_prefix(1);
        return c;
    }
    template <std::size_t N>
    std::array<double, N> numbers() {
        std::array<double, N> out{};
        for (auto& number : out) {
            skip();
            const auto end = std::from_chars(text_.data(), text_.data() + text_.size(), number).ptr;
            text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
        }
        return out;
    }

  private:
    void skip() {
        while (!text_.empty() && text_.front() == ' ') text_.remove_prefix(1);
    }
    std::string_view text_;
};

double radians(double degrees) { return degrees * std::numbers::pi / 180; }

void rounded(cairo_t* cairo, double x, double y, double w, double h, double r) {
    cairo_new_sub_path(cairo);
    cairo_arc(cairo, x + w - r, y + r, r, radians(-90), 0);
    cairo_arc(cairo, x + w - r, y + h - r, r, 0, radians(90));
    cairo_arc(cairo, x + r, y + h - r, r, radians(90), radians(180));
    cairo_arc(cairo, x + r, y + r, r, radians(180), radians(270));
    cairo_close_path(cairo);
}

void trace(cairo_t* cairo, PathReader path) {
    for (char command = path.command(); command != '\0'; command = path.command()) {
        switch (command) {
            case 'M': {
                const auto n = path.numbers<2>();
                cairo_move_to(cairo, n[0], n[1]);
                break;
            }
            case 'L': {
                const auto n = path.numbers<2>();
                cairo_line_to(cairo, n[0], n[1]);
                break;
            }
            case 'C': {
                const auto n = path.numbers<6>();
                cairo_curve_to(cairo, n[0], n[1], n[2], n[3], n[4], n[5]);
                break;
            }
            case 'O':
                cairo_new_sub_path(cairo);
                [[fallthrough]];
            case 'A': {
                const auto n = path.numbers<5>();
                cairo_arc(cairo, n[0], n[1], n[2], radians(n[3]), radians(n[4]));
                break;
            }
            case 'R': {
                const auto n = path.numbers<5>();
                rounded(cairo, n[0], n[1], n[2], n[3], n[4]);
                break;
            }
            default:
                cairo_close_path(cairo);
        }
    }
}

}  // namespace

void draw_icon(cairo_t* cairo, Icon icon, const Rect& box) {
    cairo_save(cairo);
    cairo_translate(cairo, box.x, box.y);
    cairo_scale(cairo, box.width / kSquare, box.height / kSquare);
    cairo_set_line_width(cairo, kStroke);
    cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    cairo_new_path(cairo);
    trace(cairo, PathReader(path_of(icon)));
    cairo_stroke(cairo);
    cairo_restore(cairo);
}

}  // namespace connectsphere::gui
