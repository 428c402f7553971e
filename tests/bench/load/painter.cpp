#include "tests/bench/load/painter.hpp"

#include <cmath>
#include <cstdlib>
#include <random>

#include "tests/bench/load/program.hpp"

namespace connectsphere::bench {

namespace {

constexpr int kGlyphWidth = 6, kLineHeight = 14;  // of the font "fixed", which every server has
constexpr int kPictureWidth = 640, kPictureHeight = 360;
constexpr std::size_t kFilmLength = 30;

std::uint8_t channel(double value) { return static_cast<std::uint8_t>(std::lround(value)); }

// Soft shapes that move, with the noise of a camera: neither flat enough for a palette nor pure noise.
std::vector<std::uint8_t> picture(std::size_t number, std::mt19937& random) {
    std::vector<std::uint8_t> out;
    out.reserve(std::size_t{4} * kPictureWidth * kPictureHeight);
    const double t = static_cast<double>(number) * 0.2;
    for (int y = 0; y < kPictureHeight; ++y) {
        for (int x = 0; x < kPictureWidth; ++x) {
            const double noise = static_cast<double>(random() % 8);
            out.push_back(channel(120 + 100 * std::sin(x * 0.013 + t) + noise));
            out.push_back(channel(120 + 100 * std::sin(y * 0.021 - t) + noise));
            out.push_back(channel(120 + 100 * std::sin((x + y) * 0.009 + 2 * t) + noise));
            out.push_back(0);
        }
    }
    return out;
}

}  // namespace

Painter::Painter(const std::string& display) : connection_(xcb_connect(display.c_str(), nullptr)) {
    auto* c = connection_.get();
    if (xcb_connection_has_error(c)) give_up(std::string("can not open the display ").append(display));
    const auto* screen = xcb_setup_roots_iterator(xcb_get_setup(c)).data;
    width_ = screen->width_in_pixels;
    window_ = xcb_generate_id(c);
    xcb_create_window(c, XCB_COPY_FROM_PARENT, window_, screen->root, 0, 0, screen->width_in_pixels,
                      screen->height_in_pixels, 0, XCB_WINDOW_CLASS_INPUT_OUTPUT, screen->root_visual,
                      XCB_CW_BACK_PIXEL, &screen->white_pixel);
    xcb_map_window(c, window_);
    const xcb_font_t font = xcb_generate_id(c);
    xcb_open_font(c, font, 5, "fixed");
    context_ = xcb_generate_id(c);
    const std::uint32_t values[] = {screen->black_pixel, screen->white_pixel, font};
    xcb_create_gc(c, context_, window_, XCB_GC_FOREGROUND | XCB_GC_BACKGROUND | XCB_GC_FONT, values);
    std::mt19937 random(1);
    for (std::size_t i = 0; i < kFilmLength; ++i) film_.push_back(picture(i, random));
    wait();
}

void Painter::type_glyph() {
    const int columns = width_ / kGlyphWidth - 2;
    const char glyph = static_cast<char>('!' + glyphs_ * 7 % 90);
    const int x = kGlyphWidth * (1 + glyphs_ % columns);
    const int y = kLineHeight * (1 + glyphs_ / columns);
    ++glyphs_;
    xcb_image_text_8(connection_.get(), 1, window_, context_, static_cast<std::int16_t>(x),
                     static_cast<std::int16_t>(y), &glyph);
    xcb_flush(connection_.get());
}

void Painter::show_picture() {
    const auto& now = film_[pictures_++ % film_.size()];
    xcb_put_image(connection_.get(), XCB_IMAGE_FORMAT_Z_PIXMAP, window_, context_, kPictureWidth,
                  kPictureHeight, 200, 200, 0, 24, static_cast<std::uint32_t>(now.size()), now.data());
    xcb_flush(connection_.get());
}

void Painter::wait() {
    std::free(xcb_get_input_focus_reply(connection_.get(), xcb_get_input_focus(connection_.get()), nullptr));
}

}  // namespace connectsphere::bench
