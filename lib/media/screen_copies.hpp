// Moved rectangles of a shared screen, to and from the message that carries them (proto/screen.proto,
// ScreenCopy). Templates, so that this room needs no messages.
#pragma once

#include <algorithm>
#include <cstdint>

#include "lib/media/screen_tiles.hpp"

namespace connectsphere::media {

template <class Message>
ScreenCopy copy_of(const Message& copy) {
    // A number beyond any screen stays beyond it.
    const auto number = [](std::uint32_t value) {
        return static_cast<int>(std::min<std::uint32_t>(value, kMaxScreenSide + 1));
    };
    return {.from_x = number(copy.from_x()),
            .from_y = number(copy.from_y()),
            .to = {number(copy.to_x()), number(copy.to_y()), number(copy.width()), number(copy.height())}};
}

template <class Message>
void describe(const ScreenCopy& copy, Message& out) {
    const auto number = [](int value) { return static_cast<std::uint32_t>(value); };
    out.set_from_x(number(copy.from_x));
    out.set_from_y(number(copy.from_y));
    out.set_to_x(number(copy.to.x));
    out.set_to_y(number(copy.to.y));
    out.set_width(number(copy.to.width));
    out.set_height(number(copy.to.height));
}

}  // namespace connectsphere::media
