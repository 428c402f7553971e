// The screen of an X11 display: all of it, a monitor, a region, or one window, even while other windows cover
// it. Damage, not comparison, tells what has changed, so a still screen costs nothing; the pointer is never
// in the pixels. A source has a connection of its own and is used by one thread at a time, any.
//
//   auto screen = open_x11_screen({.what = X11WindowId{0x1c00007}});
//   … wait for (*screen)->event_fd() …
//   auto change = (*screen)->capture();   // two or three round trips on a socket
//
// A minimised window keeps its last picture. Menus are windows of their own and are not part of a window.
#pragma once

#include <memory>

#include "lib/client/screen_source.hpp"
#include "lib/client/x11_options.hpp"

namespace connectsphere::client {

Result<std::unique_ptr<ScreenSource>> open_x11_screen(const X11ScreenOptions& options);

}  // namespace connectsphere::client
