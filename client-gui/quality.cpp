#include "client-gui/quality.hpp"

#include <algorithm>
#include <cstdio>

namespace connectsphere::gui {

namespace {

std::string percent(double share) {
    char text[24];
    std::snprintf(text, sizeof text, share < 0.1 ? "%.1f %%" : "%.0f %%", share * 100);
    return text;
}

int bars_of(double loss, double fair, double poor) { return loss >= poor ? 1 : loss >= fair ? 2 : 3; }

}  // namespace

Quality QualityMeter::video(std::uint64_t session, const VideoCounts& counts, Duration since) {
    auto& last = last_[session];
    const bool restarted = counts.frames < last.frames || counts.incomplete < last.incomplete;
    if (restarted) last = {};
    const auto frames = counts.frames - last.frames, lost = counts.incomplete - last.incomplete;
    last = counts;
    const auto all = frames + lost;
    if (all == 0 || since <= Duration{}) return {.bars = 3, .reason = {}};
    const double loss = static_cast<double>(lost) / static_cast<double>(all);
    auto reason = std::to_string(static_cast<int>(static_cast<double>(frames) / seconds(since) + 0.5));
    reason += " pictures a second";
    if (lost > 0) {
        reason += ", ";
        reason += percent(loss);
        reason += " lost";
    }
    return {.bars = bars_of(loss, 0.03, 0.15), .reason = reason};
}

Quality QualityMeter::own(const client::NetworkFigures& figures) {
    const double loss = std::max(figures.loss, figures.loss_up);
    const auto round_trip = figures.round_trip.value_or(Duration{});
    const int bars = std::min(bars_of(loss, 0.02, 0.08), bars_of(seconds(round_trip), 0.15, 0.4));
    char text[64];
    static constexpr const char* kWords[] = {"bad", "bad", "poor", "good"};
    std::snprintf(text, sizeof text, "%s network, %.0f ms", kWords[std::clamp(bars, 0, 3)],
                  seconds(round_trip) * 1000);
    std::string reason = text;
    if (loss >= 0.001) {
        reason += ", ";
        reason += percent(loss);
        reason +=
            figures.loss_up > figures.loss ? " of what you send is lost" : " of what you receive is lost";
    }
    return {.bars = bars, .reason = reason};
}

}  // namespace connectsphere::gui
