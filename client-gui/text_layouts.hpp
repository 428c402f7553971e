// Text by Pango: any script, emoji, right to left. Laying text out takes longer than drawing it, so layouts
// are kept for as long as they are used.
#pragma once

#include <pango/pangocairo.h>

#include <memory>
#include <string>
#include <unordered_map>

#include "client-gui/scene.hpp"

namespace connectsphere::gui {

class TextLayouts : public TextMetrics {
  public:
    TextLayouts();
    ~TextLayouts() override;

    // `width` 0: as wide as it is. The layout is this object's, until the next call.
    PangoLayout* layout(const std::string& text, const TextStyle& style, int width);

    Size measure(const std::string& text, const TextStyle& style, int width) override;
    Rect caret(const std::string& text, const TextStyle& style, int width, std::size_t byte) override;
    std::size_t byte_at(const std::string& text, const TextStyle& style, int width, Point point) override;

    static constexpr std::size_t kMost = 1'500;  // layouts; then those that were not used for longest go

  private:
    template <class T>
    struct Unref {
        void operator()(T* object) const { g_object_unref(object); }
    };
    struct Kept {
        std::unique_ptr<PangoLayout, Unref<PangoLayout>> layout;
        std::uint64_t used = 0;
    };

    void forget_old();
    PangoLayout* make(const std::string& text, const TextStyle& style, int width);

    std::unique_ptr<PangoContext, Unref<PangoContext>> context_;
    std::unordered_map<std::string, Kept> kept_;
    std::uint64_t uses_ = 0;
};

}  // namespace connectsphere::gui
