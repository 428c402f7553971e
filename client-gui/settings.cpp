#include "client-gui/settings.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>

#include "lib/client/xdg.hpp"

namespace connectsphere::gui {

namespace {

constexpr int kSmallestScale = 50, kLargestScale = 400;

// A value is one line.
std::string one_line(std::string text) {
    std::erase_if(text, [](char c) { return c == '\n' || c == '\r'; });
    return text;
}

}  // namespace

std::filesystem::path Settings::default_file() { return client::config_folder() / "gui.conf"; }

Settings Settings::read(const std::filesystem::path& file) {
    Settings out;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        const auto equals = line.find('=');
        if (line.starts_with('#') || equals == std::string::npos) continue;
        const auto key = line.substr(0, equals), value = line.substr(equals + 1);
        if (key == "server" && !value.empty()) out.recent.push_back(value);
        if (key == "name") out.name = value;
        if (key == "room") out.room = value;
        if (key == "theme") out.theme = value;
        if (key == "mirror") out.is_mirrored = value != "no";
        if (key == "camera") out.camera = value;
        if (key == "microphone") out.microphone = value;
        if (key == "speaker") out.speaker = value;
        if (int number = 0;
            key == "scale" &&
            std::from_chars(value.data(), value.data() + value.size(), number).ec == std::errc{})
            out.scale = std::clamp(number, kSmallestScale, kLargestScale);
    }
    return out;
}

Result<void> Settings::write(const std::filesystem::path& file) const {
    std::error_code ignored;
    std::filesystem::create_directories(file.parent_path(), ignored);
    auto fresh = file;
    fresh += ".new";
    {
        std::ofstream out(fresh, std::ios::trunc);
        out << "# ConnectSphere's window; it writes this file itself.\n";
        for (const auto& server : recent) out << "server=" << one_line(server) << '\n';
        out << "name=" << one_line(name) << "\nroom=" << one_line(room) << "\ntheme=" << theme
            << "\nscale=" << scale << "\nmirror=" << (is_mirrored ? "yes" : "no")
            << "\ncamera=" << one_line(camera) << "\nmicrophone=" << one_line(microphone)
            << "\nspeaker=" << one_line(speaker) << '\n';
        if (!out.flush()) return Error{Errc::system, "can not write " + fresh.string()};
    }
    std::error_code failed;
    std::filesystem::rename(fresh, file, failed);
    if (failed) return Error{Errc::system, file.string() + ": " + failed.message()};
    return {};
}

Settings Settings::of(const State& state) {
    const auto& card = state.card;
    return {.recent = card.recent,
            .name = card.fields[JoinCard::name].text(),
            .room = card.fields[JoinCard::room].text(),
            .theme = state.theme,
            .scale = static_cast<int>(state.scale * 100 + 0.5),
            .is_mirrored = state.is_mirrored,
            .camera = card.camera.device().spec,
            .microphone = card.microphone.device().spec,
            .speaker = card.speaker.device().spec};
}

void Settings::apply_to(State& state) const {
    auto& card = state.card;
    card.recent = recent;
    if (!recent.empty()) card.fields[JoinCard::server].set(recent.front());
    if (!name.empty()) card.fields[JoinCard::name].set(name);
    if (!room.empty()) card.fields[JoinCard::room].set(room);
    state.theme = theme_named(theme).name;
    state.scale = scale / 100.0;
    state.is_mirrored = is_mirrored;
    if (!camera.empty()) card.camera.choose(camera);
    if (!microphone.empty()) card.microphone.choose(microphone);
    if (!speaker.empty()) card.speaker.choose(speaker);
}

}  // namespace connectsphere::gui
