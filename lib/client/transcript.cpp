#include "lib/client/transcript.hpp"

#include <cstdio>
#include <ctime>

#include "lib/client/plain_text.hpp"

namespace connectsphere::client {

std::string rfc3339(std::uint64_t unix_ms) {
    const auto whole = static_cast<std::time_t>(unix_ms / 1000);
    std::tm utc{};
    gmtime_r(&whole, &utc);
    char text[40];
    const auto size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    std::snprintf(text + size, sizeof text - size, ".%03uZ", static_cast<unsigned>(unix_ms % 1000));
    return text;
}

std::string clock_text(std::uint64_t unix_ms, std::uint64_t now_ms) {
    const auto local = [](std::uint64_t ms) {
        const auto time = static_cast<std::time_t>(ms / 1000);
        std::tm out{};
        localtime_r(&time, &out);
        return out;
    };
    const auto then = local(unix_ms), now = local(now_ms);
    const bool is_today = then.tm_year == now.tm_year && then.tm_yday == now.tm_yday;
    char text[24];
    std::strftime(text, sizeof text, is_today ? "%H:%M" : "%Y-%m-%d %H:%M", &then);
    return text;
}

std::string clean(std::string_view text) {
    std::string out;
    for (const char c : plain(text, '?', true)) {
        out += c;
        if (c == '\n') out += "      ";
    }
    return out;
}

std::string transcript(const proto::History& history) {
    std::string text;
    for (const auto& chat : history.messages()) {
        text += rfc3339(chat.sent_at()) + " " + clean(chat.from_name());
        if (chat.to_session_id() != 0) text += " to " + clean(chat.to_name()) + " (private)";
        text += ": " + clean(chat.text()) + (chat.edited_at() != 0 ? " (edited)" : "") + "\n";
    }
    return text;
}

}  // namespace connectsphere::client
