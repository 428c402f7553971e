#include "lib/client/x11_pixels.hpp"

#include <xcb/shm.h>

#include <algorithm>
#include <cstring>

namespace connectsphere::client {

namespace {

constexpr std::uint32_t kAllPlanes = 0xffff'ffff;
constexpr std::size_t kMaxShared = 0xffff'ffff;  // the protocol's offsets have 32 bits

std::int16_t s16(int value) { return static_cast<std::int16_t>(value); }
std::uint16_t u16(int value) { return static_cast<std::uint16_t>(value); }

std::size_t bytes_of(const ScreenRect& rect) {
    return static_cast<std::size_t>(rect.width) * static_cast<std::size_t>(rect.height) * 4;
}

}  // namespace

void X11Pixels::resize(int width, int height) {
    width_ = width;
    height_ = height;
    memory_.reset();
    own_.reset();
    if (shared_memory_ && 2 * size() <= kMaxShared) memory_ = X11SharedMemory::open(connection_, 2 * size());
    if (!memory_) own_ = std::make_unique<std::byte[]>(size());
}

bool X11Pixels::read(xcb_window_t window, int x, int y, const std::vector<ScreenRect>& rects) {
    std::size_t total = 0;
    for (const auto& rect : rects) total += bytes_of(rect);
    if (total > size()) return read(window, x, y, {{0, 0, width_, height_}});  // they overlap
    // MIT-SHM refuses windows that hang out of the screen; the older request gives all of a redirected one.
    return (memory_ && read_shared(window, x, y, rects)) || read_plain(window, x, y, rects);
}

bool X11Pixels::read_shared(xcb_window_t window, int x, int y, const std::vector<ScreenRect>& rects) {
    struct Asked {
        xcb_shm_get_image_cookie_t cookie;
        const ScreenRect* rect;
        std::size_t offset;  // of where the display writes it
    };
    std::vector<Asked> asked;
    std::size_t next = size();
    for (const auto& rect : rects) {
        const bool straight = rect.width == width_;
        const auto offset = straight ? static_cast<std::size_t>(rect.y) * stride() : next;
        if (!straight) next += bytes_of(rect);
        asked.push_back(
            {xcb_shm_get_image(connection_.get(), window, s16(x + rect.x), s16(y + rect.y), u16(rect.width),
                               u16(rect.height), kAllPlanes, XCB_IMAGE_FORMAT_Z_PIXMAP, memory_->id(),
                               static_cast<std::uint32_t>(offset)),
             &rect, offset});
    }
    bool complete = true;
    for (const auto& one : asked) {
        const Xcb<xcb_shm_get_image_reply_t> reply(
            xcb_shm_get_image_reply(connection_.get(), one.cookie, nullptr));
        if (!reply) {
            complete = false;
        } else if (one.rect->width != width_) {
            copy(memory_->data() + one.offset, *one.rect);
        }
    }
    return complete;
}

bool X11Pixels::read_plain(xcb_window_t window, int x, int y, const std::vector<ScreenRect>& rects) {
    std::vector<xcb_get_image_cookie_t> asked;
    asked.reserve(rects.size());
    for (const auto& rect : rects) {
        asked.push_back(xcb_get_image(connection_.get(), XCB_IMAGE_FORMAT_Z_PIXMAP, window, s16(x + rect.x),
                                      s16(y + rect.y), u16(rect.width), u16(rect.height), kAllPlanes));
    }
    bool complete = true;
    for (std::size_t i = 0; i < rects.size(); ++i) {
        const Xcb<xcb_get_image_reply_t> reply(xcb_get_image_reply(connection_.get(), asked[i], nullptr));
        const bool whole = reply && std::size_t{reply->length} * 4 >= bytes_of(rects[i]);
        complete = complete && whole;
        if (!whole) continue;
        const void* data = xcb_get_image_data(reply.get());
        copy(static_cast<const std::byte*>(data), rects[i]);
    }
    return complete;
}

void X11Pixels::copy(const std::byte* from, const ScreenRect& rect) {
    const auto row = static_cast<std::size_t>(rect.width) * 4;
    std::byte* to =
        picture() + static_cast<std::size_t>(rect.y) * stride() + static_cast<std::size_t>(rect.x) * 4;
    for (int y = 0; y < rect.height; ++y, from += row, to += stride()) std::memcpy(to, from, row);
}

}  // namespace connectsphere::client
