// ScreenSource: where the pixels of a shared screen come from (an X11 display, window or region, a file, a
// generator). The presenter calls capture() at its own pace and gets what has changed since the call before;
// the pixels stay where the source has them, and nothing is copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "lib/base/result.hpp"

namespace connectsphere::client {

// In pixels of the shared picture; inside it unless said otherwise.
struct ScreenRect {
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;

    bool operator==(const ScreenRect&) const = default;
};

// A picture as X11 has it: 32 bits a pixel, blue, green, red and one unused byte; rows are `stride` bytes
// apart.
struct ScreenPixels {
    const std::byte* data = nullptr;
    int width = 0;
    int height = 0;
    std::size_t stride = 0;
};

// The pointer, apart from the pixels. `shape` changes whenever the image does.
struct ScreenCursor {
    bool visible = false;
    int x = 0;  // of the hot spot, in pixels of the shared picture; may lie outside of it
    int y = 0;
    std::uint64_t shape = 0;
    int hot_x = 0;
    int hot_y = 0;
    int width = 0;
    int height = 0;
    std::vector<std::uint32_t> argb;  // premultiplied, width x height
};

struct ScreenChange {
    std::vector<ScreenRect> damage;  // what may have changed; everything after the size has; empty: nothing
    bool cursor_moved = false;       // position, visibility or shape
    bool ended = false;              // nothing more will come: the window was closed, the file is over
};

class ScreenSource {
  public:
    virtual ~ScreenSource() = default;

    // Brings pixels() and cursor() up to date. Never blocks for longer than a round trip to the display.
    virtual Result<ScreenChange> capture() = 0;
    virtual ScreenPixels pixels() const = 0;  // valid until the next capture()
    virtual const ScreenCursor& cursor() const = 0;

    // Readable when there is something to capture, so that a still screen costs nothing; -1: ask at a rate of
    // one's own.
    virtual int event_fd() const { return -1; }
};

}  // namespace connectsphere::client
