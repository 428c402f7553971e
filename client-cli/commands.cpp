#include "client-cli/commands.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace connectsphere::cli {

const std::string_view kHelpText =
    "text                say it to everybody (//text for text that begins with /)\n"
    "/msg NAME TEXT      say it to one person; quote a name with blanks\n"
    "/react EMOJI        react\n"
    "/hand, /hand down   raise or lower your hand\n"
    "/mute, /unmute      your microphone\n"
    "/mute NAME          another's microphone (hosts and moderators, as the next three)\n"
    "/hand down NAME     another's hand\n"
    "/remove NAME [WHY]  end another's part in this\n"
    "/role NAME ROLE     make somebody host, moderator, participant or listener (the host)\n"
    "/talk               push to talk: unmutes, and mutes again\n"
    "/devices            what of this machine can be heard or shared\n"
    "/net                how the network treats you: round trip, loss, jitter\n"
    "/send FILE          send a file or a folder to the room; /send FILE --to NAME to one person\n"
    "/get NAME           fetch a file, by name or number\n"
    "/files [TEXT]       the room's files, or those with TEXT in their name\n"
    "/rm NAME            remove a file of yours\n"
    "/share [WHAT]       share your screen: nothing more for all of it, or window:ID,\n"
    "                    region:WxH+X+Y, monitor:N, a file; /share ask WHAT waits for the\n"
    "                    presenter's place, /share take WHAT takes it (host, moderators)\n"
    "/watch [OUT]        watch the shared screen; OUT is a picture file or a folder\n"
    "/grant NAME         give your place to somebody who has asked for it\n"
    "/stop               share no more, or watch no more\n"
    "/who                who is here\n"
    "/history [N]        what was said before; /history TEXT searches it\n"
    "/edit TEXT          change what you said last\n"
    "/delete             take it back\n"
    "/rooms              all rooms\n"
    "/password [TEXT]    set or remove the room's password (the host)\n"
    "/leave              leave the room\n"
    "/help               this list\n";

namespace {

std::string_view without_blanks(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// Takes the first word, or what stands in quotes, off the front.
std::string_view take_word(std::string_view& text) {
    text = without_blanks(text);
    if (text.starts_with('"')) {
        if (const auto close = text.find('"', 1); close != std::string_view::npos) {
            const auto word = text.substr(1, close - 1);
            text = without_blanks(text.substr(close + 1));
            return word;
        }
    }
    const auto end = std::min(text.find_first_of(" \t"), text.size());
    const auto word = text.substr(0, end);
    text = without_blanks(text.substr(end));
    return word;
}

Command tell(std::string_view rest) {
    const auto name = take_word(rest);
    if (name.empty() || rest.empty()) return NotUnderstood{"write: /msg NAME TEXT"};
    return Tell{.name = std::string(name), .text = std::string(rest)};
}

Command react(std::string_view rest) {
    if (rest.empty()) return NotUnderstood{"write: /react EMOJI"};
    return ReactWith{std::string(rest)};
}

Command hand(std::string_view rest) {
    const auto word = take_word(rest);
    if (rest.empty() && (word.empty() || word == "up")) return Hand{.raised = true, .name = {}};
    if (word == "down") return Hand{.raised = false, .name = std::string(take_word(rest))};
    return NotUnderstood{"write: /hand, /hand down or /hand down NAME"};
}

Command mute(std::string_view rest) {
    const auto name = take_word(rest);
    if (name.empty()) return Mute{true};
    return MuteOther{std::string(name)};
}

Command remove_person(std::string_view rest) {
    const auto name = take_word(rest);
    if (name.empty()) return NotUnderstood{"write: /remove NAME, or /remove NAME WHY"};
    return RemovePerson{.name = std::string(name), .reason = std::string(rest)};
}

Command give_role(std::string_view rest) {
    const auto name = take_word(rest);
    for (const auto& [word, role] : {std::pair{"host", GiveRole::Role::host},
                                     {"moderator", GiveRole::Role::moderator},
                                     {"participant", GiveRole::Role::participant},
                                     {"listener", GiveRole::Role::listener}}) {
        if (rest == word) return GiveRole{.name = std::string(name), .role = role};
    }
    return NotUnderstood{"write: /role NAME host, moderator, participant or listener"};
}

// What is left of the line, as it stands: a path may have blanks.
template <class File>
Command with_file(std::string_view rest, const char* hint) {
    if (rest.size() > 1 && rest.front() == '"' && rest.back() == '"') rest = rest.substr(1, rest.size() - 2);
    if (rest.empty()) return NotUnderstood{hint};
    return File{std::string(rest)};
}

// FILE, or FILE --to NAME.
Command send_file(std::string_view rest) {
    constexpr std::string_view kTo = " --to ";
    std::string to;
    if (const auto at = rest.rfind(kTo); at != std::string_view::npos) {
        auto name = rest.substr(at + kTo.size());
        to = take_word(name);
        if (to.empty() || !name.empty()) return NotUnderstood{"write: /send FILE --to NAME"};
        rest = without_blanks(rest.substr(0, at));
    }
    auto command = with_file<SendFile>(rest, "write: /send FILE, or /send FILE --to NAME");
    if (auto* send = std::get_if<SendFile>(&command)) send->to = std::move(to);
    return command;
}

Command history(std::string_view rest) {
    std::uint32_t limit = 0;
    const auto [end, fault] = std::from_chars(rest.data(), rest.data() + rest.size(), limit);
    if (fault == std::errc() && end == rest.data() + rest.size())
        return ShowHistory{.limit = limit, .search = {}};
    return ShowHistory{.search = std::string(rest)};
}

Command share(std::string_view rest) {
    ShareScreen out;
    const auto takes = [&](std::string_view word) {
        const bool is_there = rest == word || (rest.starts_with(word) && rest[word.size()] == ' ');
        if (is_there) rest = without_blanks(rest.substr(word.size()));
        return is_there;
    };
    out.ask = takes("ask");
    out.take_over = !out.ask && takes("take");
    out.what = rest;
    return out;
}

Command edit(std::string_view rest) {
    if (rest.empty()) return NotUnderstood{"write: /edit TEXT"};
    return EditLast{std::string(rest)};
}

using Parse = Command (*)(std::string_view);
constexpr std::array<std::pair<std::string_view, Parse>, 27> kCommands{{
    {"msg", tell},
    {"react", react},
    {"hand", hand},
    {"mute", mute},
    {"unmute", [](std::string_view) -> Command { return Mute{false}; }},
    {"talk", [](std::string_view) -> Command { return Talk{}; }},
    {"devices", [](std::string_view) -> Command { return Devices{}; }},
    {"net", [](std::string_view) -> Command { return Network{}; }},
    {"send", send_file},
    {"get", [](std::string_view rest) { return with_file<GetFile>(rest, "write: /get NAME"); }},
    {"files", [](std::string_view rest) -> Command { return Files{std::string(rest)}; }},
    {"rm", [](std::string_view rest) { return with_file<RemoveFile>(rest, "write: /rm NAME"); }},
    {"share", share},
    {"watch",
     [](std::string_view rest) -> Command {
         return rest.empty() ? WatchScreen{} : WatchScreen{std::string(rest)};
     }},
    {"grant",
     [](std::string_view rest) -> Command {
         const auto name = take_word(rest);
         if (name.empty()) return NotUnderstood{"write: /grant NAME"};
         return GrantScreen{std::string(name)};
     }},
    {"stop", [](std::string_view) -> Command { return StopScreen{}; }},
    {"remove", remove_person},
    {"role", give_role},
    {"who", [](std::string_view) -> Command { return Who{}; }},
    {"history", history},
    {"edit", edit},
    {"delete", [](std::string_view) -> Command { return DeleteLast{}; }},
    {"rooms", [](std::string_view) -> Command { return ShowRooms{}; }},
    {"password", [](std::string_view rest) -> Command { return SetPassword{std::string(rest)}; }},
    {"leave", [](std::string_view) -> Command { return LeaveRoom{}; }},
    {"quit", [](std::string_view) -> Command { return LeaveRoom{}; }},
    {"help", [](std::string_view) -> Command { return Help{}; }},
}};

}  // namespace

Command parse_line(std::string_view line) {
    line = without_blanks(line);
    if (line.empty()) return Nothing{};
    if (line.starts_with("//")) return Say{std::string(line.substr(1))};
    if (!line.starts_with('/')) return Say{std::string(line)};
    auto rest = line.substr(1);
    const auto word = take_word(rest);
    for (const auto& [name, parse] : kCommands) {
        if (name == word) return parse(rest);
    }
    return NotUnderstood{"there is no command /" + std::string(word) + "; /help lists them"};
}

std::vector<std::string> command_names() {
    std::vector<std::string> names;
    names.reserve(kCommands.size());
    for (const auto& [name, parse] : kCommands) names.emplace_back(name);
    return names;
}

}  // namespace connectsphere::cli
