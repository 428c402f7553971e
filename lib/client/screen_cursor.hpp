// The pointer's image on its way (proto/screen.proto, ScreenCursor).
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/client/screen_source.hpp"
#include "proto/screen.pb.h"

namespace connectsphere::client {

void fill(proto::ScreenCursor& out, const ScreenCursor& cursor);  // all but the image's bytes
Buffer pack_cursor_image(const ScreenCursor& cursor);  // empty: it can not be sent, being too large

// Brings `cursor` up to date: where it is, and its image when it came along. An error changes nothing.
Result<void> take(const proto::ScreenCursor& said, Bytes image, ScreenCursor& cursor);

}  // namespace connectsphere::client
