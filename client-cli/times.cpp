#include "client-cli/times.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "lib/net/clock.hpp"

namespace connectsphere::cli {

namespace {

struct Unit {
    std::string_view name;
    double seconds;
};
constexpr Unit kUnits[] = {{"", 1}, {"s", 1}, {"ms", 1e-3}, {"m", 60}, {"h", 3600}, {"d", 86400}};
constexpr double kMaxSeconds = 1e9;  // 31 years, and far from the end of a Duration

// Takes exactly `digits` digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    int value = 0;
    if (text.size() < digits) return std::nullopt;
    for (std::size_t i = 0; i < digits; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = 10 * value + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char a, char b) {
    if (text.empty() || (text[0] != a && text[0] != b)) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
    const auto year = take_number(text, 4);
    if (!year || !take(text, '-', '-')) return std::nullopt;
    const auto month = take_number(text, 2);
    if (!month || !take(text, '-', '-')) return std::nullopt;
    const auto day = take_number(text, 2);
    if (!day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok() || *year < 1970) return std::nullopt;
    return std::chrono::sys_days(date);
}

// "HH:MM" with an optional ":SS"; in seconds.
std::optional<std::int64_t> take_clock(std::string_view& text, bool with_seconds) {
    const auto hour = take_number(text, 2);
    if (!hour || *hour > 23 || !take(text, ':', ':')) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || *minute > 59) return std::nullopt;
    std::int64_t seconds = *hour * 3600 + *minute * 60;
    if (!with_seconds) return seconds;
    if (!take(text, ':', ':')) return std::nullopt;
    const auto second = take_number(text, 2);
    if (!second || *second > 60) return std::nullopt;
    return seconds + *second;
}

// RFC 3339 section 5.6; fractions of a second are read and not used.
std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
    const auto date = take_date(text);
    if (!date) return std::nullopt;
    std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(date->time_since_epoch()).count();
    if (text.empty()) return seconds;
    if (!take(text, 'T', 't') && !take(text, ' ', ' ')) return std::nullopt;
    const auto clock = take_clock(text, true);
    if (!clock) return std::nullopt;
    seconds += *clock;
    if (take(text, '.', '.')) {
        if (!take_number(text, 1)) return std::nullopt;
        while (take_number(text, 1)) continue;
    }
    if (take(text, 'Z', 'z')) return text.empty() ? std::optional(seconds) : std::nullopt;
    const bool is_east = text.starts_with('+');
    if (!take(text, '+', '-')) return std::nullopt;
    const auto offset = take_clock(text, false);
    if (!offset || !text.empty()) return std::nullopt;
    return is_east ? seconds - *offset : seconds + *offset;
}

}  // namespace

Result<Duration> parse_duration(const std::string& text) {
    char* end = nullptr;
    const bool has_number = !text.empty() && text[0] >= '0' && text[0] <= '9';
    const double number = has_number ? std::strtod(text.c_str(), &end) : 0;
    for (const auto& unit : kUnits) {
        if (!has_number || unit.name != end || number * unit.seconds > kMaxSeconds) continue;
        return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(number * unit.seconds));
    }
    return Error{Errc::usage, "\"" + text + "\" is no duration; write 10s, 500ms, 2m, 1h or 3d"};
}

Result<std::uint64_t> parse_since(const std::string& text, std::uint64_t now_ms) {
    if (const auto time = parse_rfc3339(text)) {
        return static_cast<std::uint64_t>(std::max<std::int64_t>(0, *time)) * 1000;
    }
    const auto ago = parse_duration(text);
    if (!ago) {
        return Error{Errc::usage, "\"" + text + "\" is no time; write 2h, 3d or 2026-01-31T09:30:00Z"};
    }
    const auto ago_ms =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(*ago).count());
    return now_ms - std::min(ago_ms, now_ms);
}

std::uint64_t unix_ms_now() {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(net::wall_now().time_since_epoch()).count());
}

}  // namespace connectsphere::cli
