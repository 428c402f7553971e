#include "client-gui/painter.hpp"

#include <numbers>
#include <opencv2/imgproc.hpp>

#include "client-gui/icons.hpp"

namespace connectsphere::gui {

namespace {

void set_colour(cairo_t* cairo, Colour colour) {
    const auto part = [&](int shift) { return ((colour >> shift) & 0xFF) / 255.0; };
    cairo_set_source_rgba(cairo, part(16), part(8), part(0), part(24));
}

void trace_rounded(cairo_t* cairo, double x, double y, double width, double height, double radius) {
    constexpr double kRight = std::numbers::pi / 2;
    radius = std::min({radius, width / 2, height / 2});
    cairo_new_path(cairo);
    if (radius <= 0) return cairo_rectangle(cairo, x, y, width, height);
    cairo_arc(cairo, x + width - radius, y + radius, radius, -kRight, 0);
    cairo_arc(cairo, x + width - radius, y + height - radius, radius, 0, kRight);
    cairo_arc(cairo, x + radius, y + height - radius, radius, kRight, 2 * kRight);
    cairo_arc(cairo, x + radius, y + radius, radius, 2 * kRight, 3 * kRight);
    cairo_close_path(cairo);
}

void clip(cairo_t* cairo, const Rect& rect) {
    cairo_rectangle(cairo, rect.x, rect.y, rect.width, rect.height);
    cairo_clip(cairo);
}

cv::Rect cv_rect(const Rect& rect) { return {rect.x, rect.y, rect.width, rect.height}; }

}  // namespace

const std::vector<Rect>& Painter::paint(const Scene& scene) {
    damage_ = gui::damage(shown_, scene);
    if (scene.size() != Size{canvas_.cols, canvas_.rows}) resize(scene.size());
    for (const auto& where : damage_) {
        cairo_save(cairo_.get());
        clip(cairo_.get(), where);
        for (const auto& item : scene.items()) {
            const auto seen = item.clip.empty() ? item.rect : intersection(item.rect, item.clip);
            const auto drawn = intersection(seen, where);
            if (!drawn.empty()) draw(item, drawn);
        }
        cairo_restore(cairo_.get());
    }
    cairo_surface_flush(surface_.get());
    shown_ = scene;
    return damage_;
}

void Painter::resize(Size size) {
    canvas_.create(std::max(1, size.height), std::max(1, size.width), CV_8UC4);
    surface_.reset(cairo_image_surface_create_for_data(canvas_.data, CAIRO_FORMAT_RGB24, canvas_.cols,
                                                       canvas_.rows, static_cast<int>(canvas_.step)));
    cairo_.reset(cairo_create(surface_.get()));
    scaled_.clear();
}

void Painter::draw(const Item& item, const Rect& where) {
    if (item.kind == Item::Kind::picture) return draw_picture(item, where);
    auto* cairo = cairo_.get();
    const bool is_clipped = !item.clip.empty() || item.kind == Item::Kind::text;
    if (is_clipped) {
        cairo_save(cairo);
        clip(cairo, where);
    }
    set_colour(cairo, item.colour);
    const auto& r = item.rect;
    switch (item.kind) {
        case Item::Kind::fill:
            trace_rounded(cairo, r.x, r.y, r.width, r.height, item.radius);
            cairo_fill(cairo);
            break;
        case Item::Kind::stroke: {
            const double half = item.width / 2.0;
            trace_rounded(cairo, r.x + half, r.y + half, r.width - item.width, r.height - item.width,
                          item.radius - half);
            cairo_set_line_width(cairo, item.width);
            cairo_stroke(cairo);
            break;
        }
        case Item::Kind::icon:
            draw_icon(cairo, item.icon, r);
            break;
        default:
            draw_text(item);
    }
    if (is_clipped) cairo_restore(cairo);
}

void Painter::draw_text(const Item& item) {
    auto* layout = texts_.layout(item.text, item.style, item.rect.width);
    cairo_move_to(cairo_.get(), item.rect.x, item.rect.y);
    pango_cairo_show_layout(cairo_.get(), layout);
}

// Copied, not composed: a picture has no transparency, and this is what moves most bytes.
void Painter::draw_picture(const Item& item, const Rect& where) {
    const auto* picture = pictures_(item.picture);
    if (!picture || picture->empty()) return;
    const Size all{picture->cols, picture->rows};
    auto source = item.source.empty() ? Rect{0, 0, all.width, all.height} : item.source;
    source = intersection(source, {0, 0, all.width, all.height});
    auto rect = item.rect;
    if (item.source.empty() && item.is_whole) rect = fit(all, item.rect);
    if (item.source.empty() && !item.is_whole) source = crop(all, item.rect.size());
    const auto target = intersection(rect, where);
    if (target.empty() || source.empty()) return;
    const bool fits = source.size() == rect.size();
    const auto& pixels = fits ? *picture : scaled(item, *picture, source, rect.size());
    const int x = target.x - rect.x + (fits ? source.x : 0), y = target.y - rect.y + (fits ? source.y : 0);
    cairo_surface_flush(surface_.get());
    pixels(cv::Rect{x, y, target.width, target.height}).copyTo(canvas_(cv_rect(target)));
    cairo_surface_mark_dirty_rectangle(surface_.get(), target.x, target.y, target.width, target.height);
    if (item.radius > 0 && rect == item.rect) cut_corners(item, rect);
}

const cv::Mat& Painter::scaled(const Item& item, const cv::Mat& picture, const Rect& source, Size size) {
    auto& kept = scaled_[item.picture];
    if (kept.version == item.version && kept.source == source && kept.pixels.cols == size.width &&
        kept.pixels.rows == size.height)
        return kept.pixels;
    kept.version = item.version;
    kept.source = source;
    const bool shrinks = size.width < source.width;
    cv::resize(picture(cv_rect(source)), kept.pixels, {size.width, size.height}, 0, 0,
               shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
    return kept.pixels;
}

// Round corners by painting what is around them.
void Painter::cut_corners(const Item& item, const Rect& rect) {
    auto* cairo = cairo_.get();
    const double r = item.radius;
    constexpr double kRight = std::numbers::pi / 2;
    set_colour(cairo, item.colour);
    const struct {
        double corner_x, corner_y, x, y;
        int turn;
    } corners[] = {{0, 0, r, r, 2},
                   {static_cast<double>(rect.width), 0, rect.width - r, r, 3},
                   {static_cast<double>(rect.width), static_cast<double>(rect.height), rect.width - r,
                    rect.height - r, 0},
                   {0, static_cast<double>(rect.height), r, rect.height - r, 1}};
    for (const auto& c : corners) {
        cairo_new_path(cairo);
        cairo_move_to(cairo, rect.x + c.corner_x, rect.y + c.corner_y);
        cairo_arc(cairo, rect.x + c.x, rect.y + c.y, r, c.turn * kRight, (c.turn + 1) * kRight);
        cairo_close_path(cairo);
        cairo_fill(cairo);
    }
}

}  // namespace connectsphere::gui
