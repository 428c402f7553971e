// Renderer: from the state to the screen, one frame at a time: the newest pictures are taken, a scene is
// made, what differs is painted and shown, and it is counted what that cost.
#pragma once

#include <map>
#include <optional>

#include "client-gui/painter.hpp"
#include "client-gui/pictures.hpp"
#include "client-gui/statistics.hpp"
#include "client-gui/view.hpp"
#include "client-gui/window.hpp"

namespace connectsphere::gui {

class Renderer {
  public:
    // `scale` of the display; absent: as the window says.
    Renderer(Window& window, Pictures& pictures, std::optional<double> scale);

    void draw(State& state);  // a list that was scrolled too far is put right
    const Scene& scene() const { return scene_; }
    TextMetrics& metrics() { return painter_.texts(); }
    Size source_of(std::uint64_t picture) const;  // as it was sent; empty: there is none
    DrawStatistics& statistics() { return statistics_; }

    // When the next frame may be drawn: seldom enough that drawing takes a third of the thread at most. That
    // is by what frames usually cost: one that was slow does not make the next one late as well.
    Time next_frame() const { return last_drawn_ + std::max(kFrameGap, 2 * usual_cost_); }
    bool may_draw(Time now) const { return now + kTimerGrain >= next_frame(); }
    Time last_drawn() const { return last_drawn_; }

    static constexpr Duration kFrameGap = 4ms;
    static constexpr Duration kTimerGrain = 500us;  // timers are rounded to milliseconds

  private:
    Scene build(const State& state, Time now);
    void want_pictures();
    void count(Time begun, const std::vector<Rect>& damage);

    Window& window_;
    Pictures& pictures_;
    std::optional<double> scale_;
    const std::map<std::uint64_t, Pictures::Shown>* snapshot_;
    Painter painter_;
    Scene scene_;
    std::map<std::uint64_t, Pictures::Want> wants_;
    std::map<std::uint64_t, std::uint64_t> drawn_;  // the version of each picture that was
    DrawStatistics statistics_;
    Time last_drawn_{};
    Duration usual_cost_{};
};

}  // namespace connectsphere::gui
