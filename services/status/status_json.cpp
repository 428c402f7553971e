// The JSON answers. `v` counts the versions of this format: fields are added freely, and it rises when one
// changes its meaning or goes. 64-bit ids are strings, as in Protocol Buffers' JSON: a number would lose
// digits.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "services/common/service_name.hpp"
#include "services/status/picture.hpp"

namespace connectsphere::status {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// RFC 3339, UTC, with milliseconds: "2026-01-31T09:30:00.250Z".
std::string rfc3339(WallTime time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::milliseconds>(time - day));
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return text;
}

std::string rfc3339(std::uint64_t unix_milliseconds) {
    return rfc3339(WallTime(std::chrono::milliseconds(static_cast<std::int64_t>(unix_milliseconds))));
}

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

ordered_json to_json(const ServiceView& view) {
    ordered_json out{{"name", service_name(view.service)},
                     {"state", name(view.state)},
                     {"ready", view.is_ready},
                     {"reason", view.reason},
                     {"restarts", view.restarts}};
    if (!view.beat) return out;
    out["version"] = view.beat->version();
    out["pid"] = view.beat->pid();
    if (!view.is_heard()) return out;
    out["uptime_seconds"] = std::chrono::duration_cast<std::chrono::seconds>(view.uptime).count();
    auto& metrics = out["metrics"] = ordered_json::object();
    for (const auto& metric : view.beat->metrics()) {
        std::string key = metric.name();
        for (const auto& label : metric.labels()) key += "," + label.name() + "=" + label.value();
        metrics[key] = metric.value();
    }
    return out;
}

ordered_json to_json(const proto::SessionFigures& figures) {
    return {{"packets_received", figures.packets_received()},
            {"packets_lost", figures.packets_lost()},
            {"packets_sent", figures.packets_sent()},
            {"jitter_seconds", figures.jitter_seconds()},
            {"round_trip_seconds", figures.round_trip_seconds()},
            {"loss_ratio", figures.loss_ratio()},
            {"up_loss_ratio", figures.up_loss_ratio()},
            {"up_jitter_seconds", figures.up_jitter_seconds()}};
}

ordered_json to_json(const ParticipantView& view) {
    const auto& participant = *view.participant;
    ordered_json out{{"name", participant.name()},
                     {"session", std::to_string(participant.session_id())},
                     {"role", lower(proto::Role_Name(participant.role()))},
                     {"connected", participant.connected()},
                     {"microphone_muted", participant.microphone_muted()},
                     {"camera_off", participant.camera_off()},
                     {"hand", participant.hand_raised_at() != 0},
                     {"joined", rfc3339(participant.joined_at())},
                     {"figures", ordered_json::object()}};
    for (const auto& [plane, figures] : view.figures) out["figures"][std::string(plane)] = to_json(*figures);
    return out;
}

ordered_json to_json(const RoomView& view) {
    ordered_json out{{"name", view.room->name()},
                     {"room", std::to_string(view.room->room_id())},
                     {"participants", ordered_json::array()}};
    for (const auto& participant : view.participants) out["participants"].push_back(to_json(participant));
    return out;
}

ordered_json to_json(const Config::Limits& limits) {
    return {{"connections", limits.connections},     {"rooms", limits.rooms},
            {"room_members", limits.room_members},   {"messages_per_second", limits.messages_per_second},
            {"message_burst", limits.message_burst}, {"name_bytes", limits.name_bytes},
            {"chat_bytes", limits.chat_bytes}};
}

double hundredths(double value) { return std::round(value * 100) / 100; }

// One array a figure: small, and what a plot needs.
ordered_json to_json(const History& history) {
    ordered_json out{{"step_seconds", seconds(History::kStep)},
                     {"samples", History::kSamples},  // at most; the last one is the newest
                     {"participants", ordered_json::array()},
                     {"packets_in_per_second", ordered_json::array()},
                     {"packets_out_per_second", ordered_json::array()},
                     {"load_cores", ordered_json::array()},
                     {"mean_loss_ratio", ordered_json::array()},
                     {"worst_loss_ratio", ordered_json::array()}};
    for (std::size_t i = 0; i < history.size(); ++i) {
        out["participants"].push_back(history[i].participants);
        out["packets_in_per_second"].push_back(hundredths(history[i].packets_in));
        out["packets_out_per_second"].push_back(hundredths(history[i].packets_out));
        out["load_cores"].push_back(hundredths(history[i].load));
        out["mean_loss_ratio"].push_back(hundredths(100 * history[i].mean_loss) / 100);
        out["worst_loss_ratio"].push_back(hundredths(100 * history[i].worst_loss) / 100);
    }
    return out;
}

// Names come from people: what is not UTF-8 in them is shown as U+FFFD, not thrown.
std::string text_of(const ordered_json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string to_json(const Picture& picture) {
    ordered_json out{{"v", 1},
                     {"server", picture.server_name},
                     {"time", rfc3339(picture.time)},
                     {"ready", picture.is_ready},
                     {"reasons", picture.reasons},
                     {"services", ordered_json::array()},
                     {"rooms", ordered_json::array()},
                     {"limits", to_json(*picture.limits)},
                     {"history", to_json(*picture.history)}};
    for (const auto& service : picture.services) out["services"].push_back(to_json(service));
    for (const auto& room : picture.rooms) out["rooms"].push_back(to_json(room));
    return text_of(out);
}

std::string ready_json(const Picture& picture) {
    return text_of({{"ready", picture.is_ready}, {"reasons", picture.reasons}});
}

}  // namespace connectsphere::status
