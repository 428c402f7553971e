#include "client-gui/text_layouts.hpp"

#include <algorithm>
#include <vector>

namespace connectsphere::gui {

namespace {

// The first that is installed; for what it lacks, emoji above all, Pango finds another.
constexpr const char* kFamilies = "Noto Sans, DejaVu Sans, sans-serif";

}  // namespace

TextLayouts::TextLayouts() : context_(pango_font_map_create_context(pango_cairo_font_map_get_default())) {
    auto* options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_SLIGHT);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_ON);
    pango_cairo_context_set_font_options(context_.get(), options);
    cairo_font_options_destroy(options);
}

TextLayouts::~TextLayouts() = default;

PangoLayout* TextLayouts::make(const std::string& text, const TextStyle& style, int width) {
    auto* made = pango_layout_new(context_.get());
    auto* font = pango_font_description_from_string(kFamilies);
    pango_font_description_set_absolute_size(font, style.size * PANGO_SCALE);
    pango_font_description_set_weight(
        font, style.weight == Weight::bold ? PANGO_WEIGHT_SEMIBOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(made, font);
    pango_font_description_free(font);
    pango_layout_set_text(made, text.data(), static_cast<int>(text.size()));
    pango_layout_set_alignment(made, style.align == Align::left     ? PANGO_ALIGN_LEFT
                                     : style.align == Align::centre ? PANGO_ALIGN_CENTER
                                                                    : PANGO_ALIGN_RIGHT);
    if (style.wraps) {
        pango_layout_set_wrap(made, PANGO_WRAP_WORD_CHAR);
    } else {
        pango_layout_set_single_paragraph_mode(made, TRUE);
        pango_layout_set_ellipsize(made, style.is_unbounded ? PANGO_ELLIPSIZE_NONE : PANGO_ELLIPSIZE_END);
    }
    if (width > 0 && !style.is_unbounded) pango_layout_set_width(made, width * PANGO_SCALE);
    return made;
}

PangoLayout* TextLayouts::layout(const std::string& text, const TextStyle& style, int width) {
    std::string key = text;
    key += '\0';
    for (const int number :
         {style.size, static_cast<int>(style.weight), static_cast<int>(style.align),
          static_cast<int>(style.wraps) * 2 + static_cast<int>(style.is_unbounded), width}) {
        key += static_cast<char>(number & 0xFF);
        key += static_cast<char>(number >> 8 & 0xFF);
    }
    auto& kept = kept_[key];
    kept.used = ++uses_;
    if (!kept.layout) {
        kept.layout.reset(make(text, style, width));
        auto* made = kept.layout.get();
        if (kept_.size() > kMost) forget_old();
        return made;
    }
    return kept.layout.get();
}

void TextLayouts::forget_old() {
    std::vector<std::uint64_t> uses;
    for (const auto& [key, kept] : kept_) uses.push_back(kept.used);
    const auto middle = uses.begin() + static_cast<std::ptrdiff_t>(uses.size() / 2);
    std::nth_element(uses.begin(), middle, uses.end());
    std::erase_if(kept_, [&](const auto& entry) { return entry.second.used < *middle; });
}

Size TextLayouts::measure(const std::string& text, const TextStyle& style, int width) {
    Size size;
    pango_layout_get_pixel_size(layout(text, style, width), &size.width, &size.height);
    return size;
}

Rect TextLayouts::caret(const std::string& text, const TextStyle& style, int width, std::size_t byte) {
    PangoRectangle strong{};
    const auto index = static_cast<int>(std::min(byte, text.size()));
    pango_layout_get_cursor_pos(layout(text, style, width), index, &strong, nullptr);
    return {PANGO_PIXELS(strong.x), PANGO_PIXELS(strong.y), 1, PANGO_PIXELS(strong.height)};
}

std::size_t TextLayouts::byte_at(const std::string& text, const TextStyle& style, int width, Point point) {
    int index = 0, trailing = 0;
    pango_layout_xy_to_index(layout(text, style, width), point.x * PANGO_SCALE, point.y * PANGO_SCALE, &index,
                             &trailing);
    auto byte = static_cast<std::size_t>(index);
    for (; trailing > 0 && byte < text.size(); --trailing) {
        do ++byte;
        while (byte < text.size() && (static_cast<unsigned char>(text[byte]) & 0xC0) == 0x80);
    }
    return byte;
}

}  // namespace connectsphere::gui
