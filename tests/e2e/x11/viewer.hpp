// Somebody who sees a screen only by what its source says has changed.
#pragma once

#include <poll.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "lib/client/screen_rects.hpp"
#include "lib/client/x11_screen.hpp"
#include "tests/e2e/x11/display.hpp"

namespace connectsphere::client {

constexpr std::uint32_t kRed = 0xff0000;
constexpr std::uint32_t kGreen = 0x00ff00;
constexpr std::uint32_t kBlue = 0x0000ff;
constexpr int kPatienceMs = 10'000;
constexpr ScreenRect kScreen{0, 0, 640, 480};  // of a TestDisplay

using Pixels = std::vector<std::uint32_t>;

class Viewer {
  public:
    Viewer(const TestDisplay& display, X11Target what, bool shared_memory = true) {
        auto opened =
            open_x11_screen({.display = display.name(), .what = what, .shared_memory = shared_memory});
        if (!opened) FAIL(opened.error().text());
        source_ = std::move(*opened);
        look();
    }

    bool is_told(int patience_ms) const {
        pollfd readable{.fd = source_->event_fd(), .events = POLLIN, .revents = 0};
        return poll(&readable, 1, patience_ms) == 1;
    }

    ScreenChange look() {
        auto change = source_->capture();
        if (!change) FAIL(change.error().text());
        for (const auto& rect : change->damage) copy(rect);
        return *change;
    }

    // Looks whenever there is something to see, until `done`.
    bool until(const std::function<bool()>& done) {
        while (!done()) {
            if (!is_told(kPatienceMs)) return false;
            last_ = look();
        }
        return true;
    }
    bool until_same(Painter& painter, xcb_window_t window, const ScreenRect& rect) {
        return until([&] { return seen_ == painter.look(window, rect); });
    }
    bool until_ended() {
        return until([&] { return last_.ended; });
    }
    void settle() {
        while (is_told(0)) last_ = look();
    }

    ScreenSource& source() { return *source_; }
    const ScreenCursor& cursor() const { return source_->cursor(); }
    const Pixels& seen() const { return seen_; }
    std::uint32_t at(int x, int y) const { return seen_.at(static_cast<std::size_t>(y * width_ + x)); }
    ScreenRect size() const { return {0, 0, width_, height_}; }

  private:
    void copy(const ScreenRect& rect) {
        const auto now = source_->pixels();
        if (now.width != width_ || now.height != height_) {
            width_ = now.width;
            height_ = now.height;
            seen_.assign(static_cast<std::size_t>(width_ * height_), 0xdeadbeef);
        }
        REQUIRE(intersection(rect, size()) == rect);
        for (int y = rect.y; y < rect.y + rect.height; ++y) {
            for (int x = rect.x; x < rect.x + rect.width; ++x) {
                std::uint32_t pixel = 0;
                std::memcpy(
                    &pixel,
                    now.data + static_cast<std::size_t>(y) * now.stride + 4 * static_cast<std::size_t>(x), 4);
                seen_[static_cast<std::size_t>(y * width_ + x)] = pixel & 0xffffff;
            }
        }
    }

    std::unique_ptr<ScreenSource> source_;
    Pixels seen_;
    int width_ = 0;
    int height_ = 0;
    ScreenChange last_;
};

}  // namespace connectsphere::client
