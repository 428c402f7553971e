// Window: OpenCV's window (highgui, whose backend in Debian is Qt) with what highgui lacks: all of Unicode
// from the keyboard, the clipboard, key releases, files that are dropped, and painting only what has changed.
// A filter before Qt's own event handling gives them; without it highgui's keys arrive as lower-case letters.
//
// Everything here belongs to the thread that made it, except wake().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client-gui/geometry.hpp"
#include "client-gui/input.hpp"
#include "lib/base/time.hpp"

namespace connectsphere::gui {

// Pixels of 32 bits, blue first, that stay where they are until the next ones are shown.
struct CanvasView {
    const std::uint8_t* pixels = nullptr;
    Size size{};
    std::size_t stride = 0;  // bytes from row to row
};

class Window {
  public:
    struct Handlers {
        std::function<void(const Key&)> on_key;
        std::function<void(std::optional<Point>)> on_pointer;  // nothing: it has left
        std::function<void(Point, bool is_double)> on_press;
        std::function<void(Point from, Point to)> on_drag;  // step by step, the button held
        std::function<void(Point, int steps)> on_wheel;     // up is positive
        std::function<void(Size)> on_resize;
        std::function<void(bool is_over)> on_drag_files;  // are held over the window, or no longer
        std::function<void(const std::vector<std::string>& paths)> on_drop;
        std::function<void()> on_blur;  // the keyboard belongs to somebody else
        std::function<void()> on_wake;
        std::function<void()> on_time;
        std::function<void()> on_close;
    };

    Window(const std::string& title, Size size, Handlers handlers);
    ~Window();

    void run();  // until quit()
    void quit();
    void wake();           // any thread: on_wake follows soon
    void set_timer(Time);  // on_time then; replaces the one before; kNever: none

    Size size() const;
    double scale() const;  // of this display: 1 at 96 pixels an inch
    void show(const CanvasView& canvas, const std::vector<Rect>& damage);  // on screen when it returns

    void set_title(const std::string& title);
    void set_caret(const Rect& caret);  // where an input method shows what it composes
    void copy(const std::string& text);
    std::string clipboard() const;
    std::string choose_file();  // empty: none
    std::string choose_new_file(const std::string& suggested);
    // Hides, takes a picture of the screen on which it was, and then fills that screen. No pixels: the
    // desktop does not allow it.
    void cover_screen(std::function<void(Point corner, const CanvasView& still)> on_still);
    void uncover_screen();
    void open_folder(const std::string& path);

  private:
    class Shell;
    std::unique_ptr<Shell> shell_;
};

}  // namespace connectsphere::gui
