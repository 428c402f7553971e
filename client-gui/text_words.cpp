#include "client-gui/text_words.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <string_view>

namespace connectsphere::gui {

namespace {

constexpr std::string_view kDot = "•";

}  // namespace

std::string size_text(std::uint64_t bytes) {
    static constexpr std::array<const char*, 5> kUnits{"bytes", "kB", "MB", "GB", "TB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1000 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
    char text[32];
    std::snprintf(text, sizeof text, unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
    return text;
}

std::string trimmed(std::string text) {
    const auto is_space = [](unsigned char c) { return c == ' ' || c == '\n' || c == '\t'; };
    while (!text.empty() && is_space(static_cast<unsigned char>(text.back()))) text.pop_back();
    const auto first = std::find_if_not(text.begin(), text.end(), is_space);
    return {first, text.end()};
}

std::string initials(const std::string& name) {
    std::string out;
    bool at_start = true;
    int taken = 0;
    TextField reader;  // which knows where a character ends
    reader.set(name);
    reader.move_left(TextField::By::all);
    while (reader.cursor() < name.size() && taken < 2) {
        const auto from = reader.cursor();
        reader.move_right();
        const auto piece = std::string_view(name).substr(from, reader.cursor() - from);
        if (piece == " " || piece == "-" || piece == "_") {
            at_start = true;
        } else if (at_start) {
            const auto first = static_cast<unsigned char>(piece[0]);
            if (piece.size() == 1) {
                out += static_cast<char>(std::toupper(first));
            } else {
                out += piece;
            }
            at_start = false;
            ++taken;
        }
    }
    return out.empty() ? "?" : out;
}

std::string find_link(const std::string& text) {
    auto from = text.find("http://");
    from = std::min(from, text.find("https://"));
    if (from == std::string::npos) return {};
    return text.substr(from, text.find_first_of(" \n\t<>\"", from) - from);
}

TextField masked(const TextField& password) {
    TextField walker = password;
    std::string dots;
    std::size_t cursor = 0, anchor = 0;
    const auto other = password.cursor() == password.selection_begin() ? password.selection_end()
                                                                       : password.selection_begin();
    walker.move_left(TextField::By::all);
    while (true) {
        if (walker.cursor() == password.cursor()) cursor = dots.size();
        if (walker.cursor() == other) anchor = dots.size();
        if (walker.cursor() == walker.text().size()) break;
        dots += kDot;
        walker.move_right();
    }
    TextField out;
    out.set(dots);
    out.move_to(anchor);
    out.move_to(cursor, true);
    return out;
}

std::size_t unmasked(const TextField& password, std::size_t byte) {
    TextField walker = password;
    walker.move_left(TextField::By::all);
    for (auto dots = byte / kDot.size(); dots > 0; --dots) walker.move_right();
    return walker.cursor();
}

}  // namespace connectsphere::gui
