#include "lib/media/screen_picture.hpp"

namespace connectsphere::media {

void copy_pixels(Buffer& pixels, int width, const ScreenCopy& copy) {
    const auto& to = copy.to;
    const auto row = [&](int x, int y) {
        return pixels.data() + 4 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                                    static_cast<std::size_t>(x));
    };
    const bool upwards = to.y <= copy.from_y;  // rows that are yet to be read are not overwritten
    for (int i = 0; i < to.height; ++i) {
        const int line = upwards ? i : to.height - 1 - i;
        std::memmove(row(to.x, to.y + line), row(copy.from_x, copy.from_y + line),
                     4 * static_cast<std::size_t>(to.width));
    }
}

Result<void> ScreenPicture::resize(std::int64_t width, std::int64_t height) {
    if (!TileGrid::is_valid(width, height)) return Error{Errc::oversized, "screen size"};
    grid_ = TileGrid(static_cast<int>(width), static_cast<int>(height));
    pixels_.assign(4 * static_cast<std::size_t>(width * height), 0);
    lossy_.assign(grid_.count(), false);
    lossy_count_ = 0;
    return {};
}

Result<void> ScreenPicture::copy(const ScreenCopy& copy) {
    if (!grid_.holds(copy)) return Error{Errc::malformed, "copy outside of the screen"};
    copy_pixels(pixels_, grid_.width(), copy);
    if (lossy_count_ > 0) {
        carry_flags(grid_, copy, lossy_);
        lossy_count_ = static_cast<std::size_t>(std::count(lossy_.begin(), lossy_.end(), true));
    }
    return {};
}

Result<void> ScreenPicture::draw(std::size_t index, TileEncoding encoding, Bytes bytes) {
    if (index >= grid_.count()) return Error{Errc::malformed, "tile outside of the screen"};
    const auto rect = grid_.rect(index);
    const auto stride = 4 * static_cast<std::size_t>(grid_.width());
    auto* at =
        pixels_.data() + static_cast<std::size_t>(rect.y) * stride + 4 * static_cast<std::size_t>(rect.x);
    const auto drawn = decoder_.decode(
        encoding, bytes, {.data = at, .width = rect.width, .height = rect.height, .stride = stride});
    if (drawn && encoding != TileEncoding::patch) set_lossy(index, encoding == TileEncoding::scan);
    return drawn;
}

ScreenView ScreenPicture::view() const {
    return {.data = pixels_.data(),
            .width = grid_.width(),
            .height = grid_.height(),
            .stride = 4 * static_cast<std::size_t>(grid_.width())};
}

void ScreenPicture::set_lossy(std::size_t index, bool lossy) {
    if (lossy_[index] == lossy) return;
    lossy_[index] = lossy;
    lossy ? ++lossy_count_ : --lossy_count_;
}

}  // namespace connectsphere::media
