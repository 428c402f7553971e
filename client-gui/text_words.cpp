#include "client-gui/text_words.hpp"

#include <array>
#include <cctype>
#include <cstdio>
#include <ctime>
#include <string_view>

namespace connectsphere::gui {

std::string size_text(std::uint64_t bytes) {
    static constexpr std::array<const char*, 5> kUnits{"bytes", "kB", "MB", "GB", "TB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1000 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
    char text[32];
    std::snprintf(text, sizeof text, unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
    return text;
}

std::string clock_text(std::uint64_t unix_ms) {
    const auto time = static_cast<std::time_t>(unix_ms / 1000);
    std::tm local{};
    localtime_r(&time, &local);
    char text[8];
    std::strftime(text, sizeof text, "%H:%M", &local);
    return text;
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
    TextField counted = password;
    std::string dots;
    std::size_t cursor = 0;
    counted.move_left(TextField::By::all);
    while (true) {
        if (counted.cursor() == password.cursor()) cursor = dots.size();
        if (counted.cursor() == counted.text().size()) break;
        dots += "•";
        counted.move_right();
    }
    TextField out;
    out.set(dots);
    out.move_to(cursor);
    return out;
}

}  // namespace connectsphere::gui
