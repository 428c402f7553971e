// Painter: scenes onto a canvas of pixels, with Cairo and Pango; only where they have changed.
#pragma once

#include <cairo.h>

#include <functional>
#include <map>
#include <memory>
#include <opencv2/core.hpp>
#include <vector>

#include "client-gui/text_layouts.hpp"

namespace connectsphere::gui {

class Painter {
  public:
    // Somebody's newest picture, 32 bits a pixel as X11 has it; null: none.
    using Pictures = std::function<const cv::Mat*(std::uint64_t)>;

    explicit Painter(Pictures pictures) : pictures_(std::move(pictures)) {}

    TextLayouts& texts() { return texts_; }
    // Draws what differs from the scene before, and returns where that is. The canvas is as large as the
    // scene.
    const std::vector<Rect>& paint(const Scene& scene);
    const cv::Mat& canvas() const { return canvas_; }

  private:
    struct Scaled {
        std::uint64_t version = 0;
        Rect source;
        cv::Mat pixels;
    };
    struct Destroy {
        void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
        void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
    };

    void resize(Size size);
    void draw(const Item& item, const Rect& where);
    void draw_text(const Item& item);
    void draw_picture(const Item& item, const Rect& where);
    const cv::Mat& scaled(const Item& item, const cv::Mat& picture, const Rect& source, Size size);
    void cut_corners(const Item& item, const Rect& rect);

    Pictures pictures_;
    TextLayouts texts_;
    cv::Mat canvas_;
    std::unique_ptr<cairo_surface_t, Destroy> surface_;
    std::unique_ptr<cairo_t, Destroy> cairo_;
    Scene shown_;
    std::vector<Rect> damage_;
    std::map<std::uint64_t, Scaled> scaled_;  // pictures that did not come in the size that they are shown in
};

}  // namespace connectsphere::gui
