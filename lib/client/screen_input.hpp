// Screens that are no screen, for scripts, tests and measurements: generators, pictures, folders of them, and
// clips. All stay as they are after their last change, and none has a pointer.
#pragma once

#include <memory>
#include <string>

#include "lib/client/screen_source.hpp"
#include "lib/media/scroll.hpp"

namespace connectsphere::client {

// "generator:KIND[:WxH][@RATE][*STEPS]": `still` text, text being `typing`, text that does `scroll`, a window
// that is `drag`ged over it, a `video` that fills the screen; by default 1920x1080, the kind's own rate
// (changes a second) and no end. Else a file: a picture, a clip, or a folder whose pictures follow each other
// by name, `rate` a second (0: 10, or the clip's own).
Result<std::unique_ptr<ScreenSource>> open_screen_input(const std::string& input, double rate);

// As PNG, PPM or JPEG, by the ending of the name; it replaces the file at once and as a whole.
Result<void> write_picture(const std::string& path, const media::ScreenView& picture);

}  // namespace connectsphere::client
