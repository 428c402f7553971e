#include <cstdio>
#include <nlohmann/json.hpp>

#include "client-cli/status.hpp"
#include "lib/client/plain_text.hpp"

namespace connectsphere::cli {

namespace {

using nlohmann::json;

// What is missing or of another type is as good as empty: the page may be newer than we are.
std::string text(const json& object, const char* key) {
    const auto field = object.find(key);
    return field != object.end() && field->is_string() ? client::plain(field->get<std::string>(), '?')
                                                       : std::string();
}
bool flag(const json& object, const char* key) {
    const auto field = object.find(key);
    return field != object.end() && field->is_boolean() && field->get<bool>();
}
std::uint64_t number(const json& object, const char* key) {
    const auto field = object.find(key);
    return field != object.end() && field->is_number_unsigned() ? field->get<std::uint64_t>() : 0;
}
const json& list(const json& object, const char* key) {
    static const json empty = json::array();
    const auto field = object.find(key);
    return field != object.end() && field->is_array() ? *field : empty;
}

std::string duration_text(std::uint64_t seconds) {
    char text[48];
    const auto days = seconds / 86400, hours = seconds / 3600 % 24, minutes = seconds / 60 % 60;
    if (days > 0) {
        std::snprintf(text, sizeof text, "%llud %lluh", static_cast<unsigned long long>(days),
                      static_cast<unsigned long long>(hours));
    } else if (hours > 0) {
        std::snprintf(text, sizeof text, "%lluh %llum", static_cast<unsigned long long>(hours),
                      static_cast<unsigned long long>(minutes));
    } else {
        std::snprintf(text, sizeof text, "%llum %llus", static_cast<unsigned long long>(minutes),
                      static_cast<unsigned long long>(seconds % 60));
    }
    return text;
}

std::string service_line(const json& service) {
    char line[160];
    std::snprintf(line, sizeof line, "  %-14.40s %-9.20s up %-9s restarts %llu",
                  text(service, "name").c_str(), text(service, "state").c_str(),
                  duration_text(number(service, "uptime_seconds")).c_str(),
                  static_cast<unsigned long long>(number(service, "restarts")));
    const auto reason = text(service, "reason");
    return line + (reason.empty() ? "" : "  " + reason) + "\n";
}

std::string room_line(const json& room) {
    const auto& participants = list(room, "participants");
    std::string line = "  " + text(room, "name") + " (" + std::to_string(participants.size()) + "): ";
    bool is_first = true;
    for (const auto& participant : participants) {
        if (!std::exchange(is_first, false)) line += ", ";
        line += text(participant, "name");
        if (!flag(participant, "connected")) line += " (away)";
    }
    return line + "\n";
}

}  // namespace

Result<std::string> status_text(const std::string& body) {
    const auto status = json::parse(body, nullptr, false);
    if (!status.is_object()) return Error{Errc::malformed, "what answers there is no status page"};
    std::string out = text(status, "server") + ": " + (flag(status, "ready") ? "ready" : "not ready") + "\n";
    for (const auto& reason : list(status, "reasons")) {
        if (reason.is_string()) out += "  " + reason.get<std::string>() + "\n";
    }
    out += "services\n";
    for (const auto& service : list(status, "services")) out += service_line(service);
    out += list(status, "rooms").empty() ? "nobody is in a room\n" : "rooms\n";
    for (const auto& room : list(status, "rooms")) out += room_line(room);
    return out;
}

}  // namespace connectsphere::cli
