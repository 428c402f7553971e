// What a line typed in a call means. Pure: a line in, a command out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace connectsphere::cli {

struct Say {
    std::string text;
};
struct Tell {
    std::string name;
    std::string text;
};
struct ReactWith {
    std::string emoji;
};
struct Hand {
    bool raised;
    std::string name;  // of another, whose hand is lowered; empty: one's own
};
struct Mute {
    bool muted;
};
struct MuteOther {
    std::string name;
};
struct RemovePerson {
    std::string name;
    std::string reason;
};
struct GiveRole {
    enum class Role { host, moderator, participant, listener };
    std::string name;
    Role role;
};
struct Talk {};  // mutes, or unmutes
struct Devices {};
struct Network {};  // how it treats us
struct SendFile {
    std::string path;
    std::string to{};  // empty: everybody
};
struct GetFile {
    std::string what;  // a name or an id
};
struct Files {
    std::string search;
};
struct RemoveFile {
    std::string what;
};
struct ShareScreen {
    std::string what;  // as join --share has it
    bool take_over = false;
    bool ask = false;
};
struct WatchScreen {
    std::string out = "none";  // as join --watch has it
};
struct GrantScreen {
    std::string name;
};
struct StopScreen {};  // sharing, else watching
struct Who {};
struct ShowRooms {};
struct ShowHistory {
    std::uint32_t limit = 0;  // 0: the server's default
    std::string search;
};
struct EditLast {
    std::string text;
};
struct DeleteLast {};
struct SetPassword {
    std::string password;  // empty: none
};
struct LeaveRoom {};
struct Help {};
struct Nothing {};  // an empty line
struct NotUnderstood {
    std::string why;  // a sentence: what was wrong, what to do
};

using Command = std::variant<Say, Tell, ReactWith, Hand, Mute, MuteOther, RemovePerson, GiveRole, Talk,
                             Devices, Network, SendFile, GetFile, Files, RemoveFile, ShareScreen, WatchScreen,
                             GrantScreen, StopScreen, Who, ShowRooms, ShowHistory, EditLast, DeleteLast,
                             SetPassword, LeaveRoom, Help, Nothing, NotUnderstood>;

// A line that begins with "/" is a command, with "//" it is text that begins with "/". Names with blanks
// stand in quotes: /msg "Ann Lee" hello
Command parse_line(std::string_view line);

std::vector<std::string> command_names();  // "msg", "react", …

extern const std::string_view kHelpText;

}  // namespace connectsphere::cli
