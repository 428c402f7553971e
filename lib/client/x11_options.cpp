#include "lib/client/x11_options.hpp"

#include <array>
#include <charconv>

namespace connectsphere::client {

namespace {

constexpr int kMaxCoordinate = 32'767;  // X11 has 16 bits

// Takes a number and the text behind it off `text`; -1: there is none, or it is too large.
int take_number(std::string_view& text) {
    unsigned value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc{} || value > kMaxCoordinate) return -1;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return static_cast<int>(value);
}

bool take(std::string_view& text, char wanted) {
    if (!text.starts_with(wanted)) return false;
    text.remove_prefix(1);
    return true;
}

}  // namespace

Result<ScreenRect> parse_x11_region(std::string_view text) {
    std::string_view rest = text;
    ScreenRect region;
    const auto number = [&rest](int& out) { return (out = take_number(rest)) >= 0; };
    const bool complete = number(region.width) && take(rest, 'x') && number(region.height) &&
                          take(rest, '+') && number(region.x) && take(rest, '+') && number(region.y) &&
                          rest.empty();
    if (!complete || region.width == 0 || region.height == 0) {
        return Error{
            Errc::usage,
            std::string("a region is WIDTHxHEIGHT+X+Y in pixels, as 1280x720+0+0; not: ").append(text)};
    }
    return region;
}

Result<X11WindowId> parse_x11_window(std::string_view text) {
    const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
    const std::string_view digits = is_hex ? text.substr(2) : text;
    X11WindowId window;
    const auto [end, fault] =
        std::from_chars(digits.data(), digits.data() + digits.size(), window.id, is_hex ? 16 : 10);
    if (fault != std::errc{} || end != digits.data() + digits.size() || window.id == 0) {
        return Error{Errc::usage, std::string("a window is a number, as 0x1c00007; not: ").append(text)};
    }
    return window;
}

std::string x11_window_text(std::uint32_t id) {
    std::array<char, 8> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), id, 16).ptr;
    return std::string("0x").append(digits.data(), end);
}

Result<X11MonitorIndex> parse_x11_monitor(std::string_view text) {
    std::string_view rest = text;
    const X11MonitorIndex monitor{take_number(rest)};
    if (monitor.index >= 0 && rest.empty()) return monitor;
    return Error{Errc::usage, std::string("a monitor is a number from 0; not: ").append(text)};
}

Result<std::string> choose_x11_display(std::string_view wanted, std::string_view x11,
                                       std::string_view wayland) {
    if (!wanted.empty()) return std::string(wanted);
    if (!x11.empty()) return std::string(x11);
    if (!wayland.empty()) {
        return Error{
            Errc::unsupported,
            "this is a Wayland session without X11, whose screen can not be captured: log in to an X11 "
            "(Xorg) session, or start Xwayland, set DISPLAY and share a window of it"};
    }
    return Error{Errc::usage, "there is no screen: set DISPLAY, or name the display, as :0"};
}

}  // namespace connectsphere::client
