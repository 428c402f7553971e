// The view: state in, scene out. It is made anew for each frame that is drawn, and is the same for the same
// state, size and time.
#pragma once

#include <functional>

#include "client-gui/scene.hpp"
#include "client-gui/state.hpp"
#include "client-gui/theme.hpp"

namespace connectsphere::gui {

// What is known of somebody's newest picture without touching it.
struct PictureInfo {
    std::uint64_t version = 0;  // 0: there is none
    Size size{};                // as it was sent
};

// Pictures are known by session; these have none.
constexpr std::uint64_t kOwnPicture = ~std::uint64_t{0};
constexpr std::uint64_t kScreenPicture = kOwnPicture - 1;  // that somebody shares
constexpr std::uint64_t kStillPicture = kOwnPicture - 2;   // of this screen, to choose a part of

struct Surroundings {
    Size window;
    Scale scale{};  // of the display; the person's choice is in the state
    Time now{};
    std::uint64_t today = 0;  // the wall clock, in Unix milliseconds
    TextMetrics& metrics;
    std::function<PictureInfo(std::uint64_t)> picture;
};

Scene build_scene(const State& state, const Surroundings& around);

// How the window is divided in a call.
struct CallAreas {
    Rect top_bar;  // empty in a small window
    Rect stage;
    Rect toolbar;
    Rect panel;  // empty: none is open
};
CallAreas call_areas(Size window, const Scale& px, bool has_panel);
Stage stage_of(const State& state, const CallAreas& areas, const Scale& px);

constexpr Duration kTipDelay = 500ms;  // the pointer must rest this long
constexpr Size kSmallestWindow{480, 360};

}  // namespace connectsphere::gui
