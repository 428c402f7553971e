// What a typed line means, as a table.
#include "client-cli/commands.hpp"

#include <catch2/catch.hpp>

namespace connectsphere::cli {
namespace {

// A command as one line of text, so that a row of the table is readable and comparable.
std::string text(const Command& command) {
    struct Describe {
        std::string operator()(const Say& c) const { return "say <" + c.text + ">"; }
        std::string operator()(const Tell& c) const { return "tell <" + c.name + "> <" + c.text + ">"; }
        std::string operator()(const ReactWith& c) const { return "react <" + c.emoji + ">"; }
        std::string operator()(const Hand& c) const {
            if (!c.name.empty()) return "hand down <" + c.name + ">";
            return c.raised ? "hand up" : "hand down";
        }
        std::string operator()(const MuteOther& c) const { return "mute <" + c.name + ">"; }
        std::string operator()(const RemovePerson& c) const {
            return "remove <" + c.name + "> <" + c.reason + ">";
        }
        std::string operator()(const GiveRole& c) const {
            return "role <" + c.name + "> " + std::to_string(static_cast<int>(c.role));
        }
        std::string operator()(const Mute& c) const { return c.muted ? "mute" : "unmute"; }
        std::string operator()(const Who&) const { return "who"; }
        std::string operator()(const Talk&) const { return "talk"; }
        std::string operator()(const Devices&) const { return "devices"; }
        std::string operator()(const Network&) const { return "network"; }
        std::string operator()(const ShowRooms&) const { return "rooms"; }
        std::string operator()(const ShowHistory& c) const {
            return "history " + std::to_string(c.limit) + " <" + c.search + ">";
        }
        std::string operator()(const EditLast& c) const { return "edit <" + c.text + ">"; }
        std::string operator()(const DeleteLast&) const { return "delete"; }
        std::string operator()(const SetPassword& c) const { return "password <" + c.password + ">"; }
        std::string operator()(const SendFile& c) const {
            return "send <" + c.path + ">" + (c.to.empty() ? "" : " to <" + c.to + ">");
        }
        std::string operator()(const GetFile& c) const { return "get <" + c.what + ">"; }
        std::string operator()(const Files& c) const { return "files <" + c.search + ">"; }
        std::string operator()(const RemoveFile& c) const { return "rm <" + c.what + ">"; }
        std::string operator()(const ShareScreen& c) const {
            return std::string(c.take_over ? "take" : c.ask ? "ask" : "share") + " <" + c.what + ">";
        }
        std::string operator()(const WatchScreen& c) const { return "watch <" + c.out + ">"; }
        std::string operator()(const GrantScreen& c) const { return "grant <" + c.name + ">"; }
        std::string operator()(const StopScreen&) const { return "stop"; }
        std::string operator()(const LeaveRoom&) const { return "leave"; }
        std::string operator()(const Help&) const { return "help"; }
        std::string operator()(const Nothing&) const { return "nothing"; }
        std::string operator()(const NotUnderstood& c) const { return "? " + c.why; }
    };
    return std::visit(Describe{}, command);
}

TEST_CASE("a line is text or a command") {
    struct Row {
        const char* line;
        const char* means;
    };
    const Row rows[] = {
        // Files.
        {"/send my report.pdf", "send <my report.pdf>"},
        {"/send \"my report.pdf\"", "send <my report.pdf>"},
        {"/get 3", "get <3>"},
        {"/files", "files <>"},
        {"/files pdf", "files <pdf>"},
        {"/rm report.pdf", "rm <report.pdf>"},
        {"/share", "share <>"},
        {"/share window:0x1c00007", "share <window:0x1c00007>"},
        {"/share take", "take <>"},
        {"/share take :1", "take <:1>"},
        {"/share ask board.png", "ask <board.png>"},
        {"/share asking.png", "share <asking.png>"},
        {"/watch", "watch <none>"},
        {"/watch seen.png", "watch <seen.png>"},
        {"/grant", "? write: /grant NAME"},
        {"/grant \"Ann Lee\"", "grant <Ann Lee>"},
        {"/stop", "stop"},
        {"/send my report.pdf --to Ann", "send <my report.pdf> to <Ann>"},
        {"/send \"my report.pdf\" --to \"Ann Lee\"", "send <my report.pdf> to <Ann Lee>"},
        {"/send report.pdf --to ", "send <report.pdf --to>"},
        {"/send report.pdf --to Ann Lee", "? write: /send FILE --to NAME"},
        {"/send", "? write: /send FILE, or /send FILE --to NAME"},
        // Text.
        {"hello", "say <hello>"},
        {"  hello  world \r", "say <hello  world>"},
        {"see /etc/fstab", "say <see /etc/fstab>"},
        {"//mute is a command", "say </mute is a command>"},
        {"//", "say </>"},
        {"///", "say <//>"},
        {"\"quoted\"", "say <\"quoted\">"},
        {"", "nothing"},
        {" \t\r", "nothing"},

        // To one person.
        {"/msg Bob hello there", "tell <Bob> <hello there>"},
        {"/msg   Bob   hello", "tell <Bob> <hello>"},
        {"/msg\tBob\thello", "tell <Bob> <hello>"},
        {"/msg \"Ann Lee\" hello", "tell <Ann Lee> <hello>"},
        {"/msg \"Ann Lee\"hello", "tell <Ann Lee> <hello>"},
        {"/msg \"Ann hello", "tell <\"Ann> <hello>"},
        {"/msg Bob \"quoted\" text", "tell <Bob> <\"quoted\" text>"},
        {"/msg Bob /who", "tell <Bob> </who>"},
        {"/msg", "? write: /msg NAME TEXT"},
        {"/msg Bob", "? write: /msg NAME TEXT"},
        {"/msg \"Ann Lee\"", "? write: /msg NAME TEXT"},
        {"/msg \"\" hello", "? write: /msg NAME TEXT"},

        // The rest.
        {"/react \xF0\x9F\x91\x8D", "react <\xF0\x9F\x91\x8D>"},
        {"/react", "? write: /react EMOJI"},
        {"/hand", "hand up"},
        {"/hand up", "hand up"},
        {"/hand down", "hand down"},
        {"/hand down Ben", "hand down <Ben>"},
        {"/hand down \"Ann Lee\"", "hand down <Ann Lee>"},
        {"/hand sideways", "? write: /hand, /hand down or /hand down NAME"},
        {"/mute Ben", "mute <Ben>"},
        {"/remove Ben", "remove <Ben> <>"},
        {"/remove \"Ann Lee\" be quiet", "remove <Ann Lee> <be quiet>"},
        {"/remove", "? write: /remove NAME, or /remove NAME WHY"},
        {"/role Ben moderator", "role <Ben> 1"},
        {"/role Ben host", "role <Ben> 0"},
        {"/role Ben boss", "? write: /role NAME host, moderator, participant or listener"},
        {"/role", "? write: /role NAME host, moderator, participant or listener"},
        {"/mute", "mute"},
        {"/unmute", "unmute"},
        {"/who", "who"},
        {"  /who  ", "who"},
        {"/history", "history 0 <>"},
        {"/history 20", "history 20 <>"},
        {"/history 20 mugs", "history 0 <20 mugs>"},
        {"/history mugs", "history 0 <mugs>"},
        {"/edit", "? write: /edit TEXT"},
        {"/edit hello  world", "edit <hello  world>"},
        {"/delete", "delete"},
        {"/rooms", "rooms"},
        {"/password open sesame", "password <open sesame>"},
        {"/password", "password <>"},
        {"/talk", "talk"},
        {"/devices", "devices"},
        {"/net", "network"},
        {"/leave", "leave"},
        {"/quit", "leave"},
        {"/help", "help"},
        {"/", "? there is no command /; /help lists them"},
        {"/dance now", "? there is no command /dance; /help lists them"},
        {"/MUTE", "? there is no command /MUTE; /help lists them"},
        {"/mutex", "? there is no command /mutex; /help lists them"},
    };
    for (const auto& row : rows) {
        INFO(row.line);
        CHECK(text(parse_line(row.line)) == row.means);
    }
}

TEST_CASE("every command that help lists is understood") {
    const std::string help(kHelpText);
    for (std::size_t at = help.find("\n/"); at != std::string::npos; at = help.find("\n/", at + 1)) {
        const auto command = help.substr(at + 1, help.find_first_of(" ,", at + 1) - at - 1);
        INFO(command);
        CHECK(text(parse_line(command)).find("? there is no") == std::string::npos);
    }
}

}  // namespace
}  // namespace connectsphere::cli
