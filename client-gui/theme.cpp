#include "client-gui/theme.hpp"

#include <array>

namespace connectsphere::gui {

const Theme& dark_theme() {
    static constexpr Theme theme{.name = "dark",
                                 .background = 0xFF14161B,
                                 .surface = 0xFF1C1F26,
                                 .raised = 0xFF282C35,
                                 .hover = 0xFF353A46,
                                 .tile = 0xFF22262E,
                                 .line = 0xFF2E333D,
                                 .text = 0xFFF1F3F7,
                                 .dim = 0xFF9BA3B2,
                                 .accent = 0xFF4C8DFF,
                                 .on_accent = 0xFFFFFFFF,
                                 .danger = 0xFFE5484D,
                                 .good = 0xFF3DD68C,
                                 .fair = 0xFFF5B83D,
                                 .poor = 0xFFFF6B6B,
                                 .hand = 0xFFF5B83D,
                                 .on_hand = 0xFF20180A,
                                 .speaking = 0xFF3DD68C,
                                 .own_bubble = 0xFF274777,
                                 .shade = 0xB0000000};
    return theme;
}

const Theme& light_theme() {
    static constexpr Theme theme{.name = "light",
                                 .background = 0xFFE9ECF1,
                                 .surface = 0xFFFBFCFD,
                                 .raised = 0xFFEEF0F4,
                                 .hover = 0xFFE0E4EB,
                                 .tile = 0xFFD5DAE3,
                                 .line = 0xFFD9DDE4,
                                 .text = 0xFF1B1F27,
                                 .dim = 0xFF5E6675,
                                 .accent = 0xFF1F66E5,
                                 .on_accent = 0xFFFFFFFF,
                                 .danger = 0xFFD32F3A,
                                 .good = 0xFF0F9D58,
                                 .fair = 0xFFC77700,
                                 .poor = 0xFFD32F3A,
                                 .hand = 0xFFF5B83D,
                                 .on_hand = 0xFF20180A,
                                 .speaking = 0xFF12A15B,
                                 .own_bubble = 0xFFD6E4FF,
                                 .shade = 0x80101418};
    return theme;
}

const Theme& theme_named(std::string_view name) {
    return name == light_theme().name ? light_theme() : dark_theme();
}

Colour colour_of(std::string_view person_name) {
    static constexpr std::array<Colour, 8> kColours{0xFF5B6EE1, 0xFF2F9E8F, 0xFFB5588F, 0xFFC8743A,
                                                    0xFF6C8E3A, 0xFF8A63D2, 0xFF3A87B7, 0xFFB0574E};
    std::uint32_t hash = 2'166'136'261;  // FNV-1a
    for (const char c : person_name) hash = (hash ^ static_cast<std::uint8_t>(c)) * 16'777'619;
    return kColours[hash % kColours.size()];
}

}  // namespace connectsphere::gui
