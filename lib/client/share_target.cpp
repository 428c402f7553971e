#include "lib/client/share_target.hpp"

#include <optional>

namespace connectsphere::client {

namespace {

std::optional<std::string_view> after(std::string_view prefix, std::string_view text) {
    if (!text.starts_with(prefix)) return {};
    return text.substr(prefix.size());
}

// A part of the environment's display, as parse_x11_…() read it.
template <class Part>
Result<ShareTarget> part_of_screen(const Result<Part>& part) {
    if (!part) return part.error();
    return ShareTarget{.screen = {.display = {}, .what = *part}};
}

}  // namespace

Result<ShareTarget> parse_share_target(std::string_view text) {
    if (text.empty() || text == "screen") return ShareTarget{};
    if (text.starts_with(':')) return ShareTarget{.screen = {.display = std::string(text), .what = {}}};
    if (const auto monitor = after("monitor:", text)) return part_of_screen(parse_x11_monitor(*monitor));
    if (const auto window = after("window:", text)) return part_of_screen(parse_x11_window(*window));
    if (const auto region = after("region:", text)) return part_of_screen(parse_x11_region(*region));
    return ShareTarget{.input = std::string(text)};
}

}  // namespace connectsphere::client
