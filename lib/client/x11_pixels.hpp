// X11Pixels: a picture of a window, brought up to date rectangle by rectangle. All requests of one read() are
// on their way together, so it takes one round trip however many there are.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "lib/client/screen_source.hpp"
#include "lib/client/x11_shared_memory.hpp"

namespace connectsphere::client {

class X11Pixels {
  public:
    X11Pixels(const X11Connection& connection, bool shared_memory)
        : connection_(connection), shared_memory_(shared_memory) {}

    void resize(int width, int height);  // the new picture is black
    // `x`, `y`: where the picture lies in the window; `rects`: in pixels of the picture. False: the display
    // refused a part of it, because the window is smaller now, hidden or gone.
    bool read(xcb_window_t window, int x, int y, const std::vector<ScreenRect>& rects);

    ScreenPixels view() const { return {picture(), width_, height_, stride()}; }

  private:
    std::size_t stride() const { return static_cast<std::size_t>(width_) * 4; }
    std::size_t size() const { return stride() * static_cast<std::size_t>(height_); }
    std::byte* picture() const { return memory_ ? memory_->data() : own_.get(); }
    void copy(const std::byte* from, const ScreenRect& rect);
    bool read_shared(xcb_window_t window, int x, int y, const std::vector<ScreenRect>& rects);
    bool read_plain(xcb_window_t window, int x, int y, const std::vector<ScreenRect>& rects);

    const X11Connection& connection_;
    bool shared_memory_;
    int width_ = 0;
    int height_ = 0;
    // The picture, and room for as many pixels again: the display writes the rows of a rectangle one behind
    // the other, so only those as wide as the picture can come straight into it.
    std::optional<X11SharedMemory> memory_;
    std::unique_ptr<std::byte[]> own_;  // the picture, where no memory is shared
};

}  // namespace connectsphere::client
