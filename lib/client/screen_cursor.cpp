#include "lib/client/screen_cursor.hpp"

#include <zstd.h>

#include <algorithm>

namespace connectsphere::client {

namespace {

constexpr int kMaxSide = 256;
constexpr std::size_t kMaxBytes = 64 << 10;
constexpr int kLevel = 1;

std::size_t pixels_of(std::uint64_t width, std::uint64_t height) {
    return static_cast<std::size_t>(width * height);
}

}  // namespace

void fill(proto::ScreenCursor& out, const ScreenCursor& cursor) {
    const auto number = [](int value) { return static_cast<std::uint32_t>(std::clamp(value, 0, kMaxSide)); };
    out.set_visible(cursor.visible);
    out.set_x(cursor.x);
    out.set_y(cursor.y);
    out.set_shape(cursor.shape);
    out.set_hot_x(number(cursor.hot_x));
    out.set_hot_y(number(cursor.hot_y));
    out.set_width(number(cursor.width));
    out.set_height(number(cursor.height));
}

Buffer pack_cursor_image(const ScreenCursor& cursor) {
    const bool fits =
        cursor.width >= 1 && cursor.height >= 1 && cursor.width <= kMaxSide && cursor.height <= kMaxSide;
    if (!fits || cursor.argb.size() !=
                     static_cast<std::size_t>(cursor.width) * static_cast<std::size_t>(cursor.height))
        return {};
    Buffer plain;
    plain.reserve(4 * cursor.argb.size());
    for (const auto pixel : cursor.argb) {
        for (int shift = 0; shift < 32; shift += 8)
            plain.push_back(static_cast<std::uint8_t>(pixel >> shift));
    }
    Buffer out(ZSTD_compressBound(plain.size()));
    const auto size = ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), kLevel);
    if (ZSTD_isError(size) || size > kMaxBytes) return {};
    out.resize(size);
    return out;
}

Result<void> take(const proto::ScreenCursor& said, Bytes image, ScreenCursor& cursor) {
    if (!image.empty()) {
        if (said.width() < 1 || said.height() < 1 || said.width() > kMaxSide || said.height() > kMaxSide)
            return Error{Errc::oversized, "cursor"};
        const auto count = pixels_of(said.width(), said.height());
        Buffer plain(4 * count);
        const auto size = ZSTD_decompress(plain.data(), plain.size(), image.data(), image.size());
        if (ZSTD_isError(size) || size != plain.size()) return Error{Errc::malformed, "cursor image"};
        cursor.argb.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            cursor.argb[i] = plain[4 * i] | std::uint32_t{plain[4 * i + 1]} << 8 |
                             std::uint32_t{plain[4 * i + 2]} << 16 | std::uint32_t{plain[4 * i + 3]} << 24;
        }
        cursor.shape = said.shape();
        cursor.width = static_cast<int>(said.width());
        cursor.height = static_cast<int>(said.height());
        cursor.hot_x = static_cast<int>(std::min(said.hot_x(), said.width()));
        cursor.hot_y = static_cast<int>(std::min(said.hot_y(), said.height()));
    }
    cursor.visible = said.visible() && cursor.shape == said.shape();
    cursor.x = said.x();
    cursor.y = said.y();
    return {};
}

}  // namespace connectsphere::client
