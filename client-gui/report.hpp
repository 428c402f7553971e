// What scripts are told with --json: one object per line on standard output (docs/gui.md lists them).
#pragma once

#include <string>
#include <vector>

#include "client-gui/scene.hpp"
#include "client-gui/state.hpp"
#include "client-gui/statistics.hpp"

namespace connectsphere::gui {

class Report {
  public:
    explicit Report(bool is_on) : is_on_(is_on) {}

    bool is_on() const { return is_on_; }
    // The view, the controls and the toasts; each only when it has changed.
    void frame(const State& state, const Scene& scene);
    void drawn(DrawStatistics& statistics);

  private:
    void line(const std::string& text);

    bool is_on_;
    std::string view_, controls_;
    std::uint64_t last_toast_ = 0;
};

}  // namespace connectsphere::gui
