// A screen that is drawn by numbers: text, pictures, scrolls, all from a seed, so that a test can say what a
// viewer must end up with.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "lib/media/screen_encoder.hpp"
#include "lib/media/screen_picture.hpp"

namespace connectsphere::test {

class Canvas {
  public:
    Canvas(int width, int height, std::uint32_t seed = 1)
        : width_(width),
          height_(height),
          pixels_(4 * static_cast<std::size_t>(width * height), 255),
          state_(seed) {}

    media::ScreenView view() const {
        return {.data = pixels_.data(),
                .width = width_,
                .height = height_,
                .stride = 4 * static_cast<std::size_t>(width_)};
    }
    media::PixelRect all() const { return {0, 0, width_, height_}; }

    std::uint32_t random(std::uint32_t below) {
        state_ = state_ * 1664525 + 1013904223;
        return static_cast<std::uint32_t>((std::uint64_t{state_ >> 8} * below) >> 24);
    }
    void fill(const media::PixelRect& rect, std::uint32_t colour) {
        for_each(rect, [&](std::uint8_t* pixel) { set(pixel, colour); });
    }
    // A glyph, or a block of text: dark strokes with grey edges.
    void text(const media::PixelRect& rect) {
        for_each(rect, [&](std::uint8_t* pixel) {
            const auto n = random(16);
            set(pixel, n < 10 ? 0xFFFFFF : n < 13 ? 0x1E1E1E : 0x010101 * (40 + 20 * n));
        });
    }
    void noise(const media::PixelRect& rect) {
        for_each(rect, [&](std::uint8_t* pixel) { set(pixel, random(1 << 24)); });
    }
    // Moves the rectangle's content up; what comes in below is text.
    void scroll(const media::PixelRect& rect, int rows) {
        if (rows >= rect.height) return text(rect);
        media::copy_pixels(pixels_, width_,
                           {.from_x = rect.x,
                            .from_y = rect.y + rows,
                            .to = {rect.x, rect.y, rect.width, rect.height - rows}});
        text({rect.x, rect.y + rect.height - rows, rect.width, rows});
    }
    // The rectangle's content goes elsewhere and leaves grey behind.
    void move(const media::PixelRect& rect, int dx, int dy) {
        const auto before = pixels_;
        fill(rect, 0x808080);
        for (int y = rect.y; y < rect.y + rect.height; ++y) {
            std::memcpy(&pixels_[4 * static_cast<std::size_t>((y + dy) * width_ + rect.x + dx)],
                        &before[4 * static_cast<std::size_t>(y * width_ + rect.x)],
                        4 * static_cast<std::size_t>(rect.width));
        }
    }
    media::PixelRect any_rect() {
        const auto below = [&](int limit) {
            return static_cast<int>(random(static_cast<std::uint32_t>(limit)));
        };
        const int x = below(width_), y = below(height_);
        return {x, y, 1 + below(width_ - x), 1 + below(height_ - y)};
    }
    // One of the things that screens do.
    void change() {
        const auto what = random(10);
        if (what < 3) {
            const auto at = any_rect();
            text({at.x, at.y, std::min(at.width, 9), std::min(at.height, 14)});
        } else if (what < 4) {
            text(any_rect());
        } else if (what < 5) {
            noise(any_rect());
        } else if (what < 6) {
            fill(any_rect(), random(1 << 24));
        } else if (what < 9) {
            scroll({0, 0, width_, height_}, 8 + static_cast<int>(random(60)));
        } else {
            move({0, 0, width_ / 2, height_ / 2}, static_cast<int>(random(30)), static_cast<int>(random(30)));
        }
    }

  private:
    template <class Draw>
    void for_each(const media::PixelRect& rect, Draw draw) {
        for (int y = rect.y; y < rect.y + rect.height; ++y) {
            for (int x = rect.x; x < rect.x + rect.width; ++x)
                draw(&pixels_[4 * static_cast<std::size_t>(y * width_ + x)]);
        }
    }
    static void set(std::uint8_t* pixel, std::uint32_t colour) {
        for (int i = 0; i < 3; ++i) pixel[i] = static_cast<std::uint8_t>(colour >> (8 * i));
    }

    int width_, height_;
    Buffer pixels_;
    std::uint32_t state_;
};

// But for the byte of each pixel that nobody reads.
inline bool same_pixels(const media::ScreenView& a, const media::ScreenView& b) {
    if (a.width != b.width || a.height != b.height) return false;
    for (int y = 0; y < a.height; ++y) {
        for (int x = 0; x < a.width; ++x) {
            if (std::memcmp(a.row(y) + 4 * x, b.row(y) + 4 * x, 3) != 0) return false;
        }
    }
    return true;
}

}  // namespace connectsphere::test
