#include "client-cli/one_shot.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

#include "client-cli/connect.hpp"
#include "client-cli/errand.hpp"
#include "client-cli/report.hpp"
#include "client-cli/times.hpp"
#include "lib/client/transcript.hpp"

namespace connectsphere::cli {

namespace {

int fail(const GlobalOptions& options, const Error& error) {
    const auto reporter = options.json ? make_json_reporter() : make_text_reporter({.bare = true});
    reporter->error("usage", error.what);
    return exit_code(error);
}

// The words as one message, or each line of standard input as one.
std::vector<std::string> texts_of(const SayOptions& options) {
    std::vector<std::string> texts;
    if (!options.words.empty()) {
        auto& text = texts.emplace_back();
        for (const auto& word : options.words) text += (text.empty() ? "" : " ") + word;
        return texts;
    }
    for (std::string line; std::getline(std::cin, line);) {
        if (line.ends_with('\r')) line.pop_back();
        if (!line.empty()) texts.push_back(line);
    }
    return texts;
}

// A question of one event, asked without joining.
template <class Answer>
int ask(const GlobalOptions& options,
        std::function<void(client::Session&, client::Session::Output&)> question,
        std::function<ExitCode(Errand&, const Answer&)> on_answer, bool hides_history = false) {
    return run_errand(options, {.joins = false,
                                .ask = [question](Errand& errand) { errand.act(question); },
                                .on_event =
                                    [on_answer](Errand& errand, const client::Event& event) {
                                        const auto* answer = std::get_if<Answer>(&event);
                                        if (answer) errand.done(on_answer(errand, *answer));
                                    },
                                .hides_history = hides_history});
}

Result<void> export_history(const std::string& file, const std::string& room, const proto::History& history) {
    const bool is_json = std::filesystem::path(file).extension() == ".json";
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << (is_json ? history_as_json(room, history) : client::transcript(history));
    out.close();
    if (!out) return Error{Errc::system, "can not write " + file};
    return {};
}

}  // namespace

// One line after the other, so that they arrive in their order.
int say(const SayOptions& options) {
    struct State {
        std::vector<std::string> texts;
        std::size_t next = 0;
        bool is_asked = false;
    };
    State state{texts_of(options)};
    if (state.texts.empty()) return fail(options.global, {Errc::usage, "there is nothing to say"});
    const auto say_next = [&](Errand& errand) {
        SessionId to{};
        if (!options.to.empty()) {
            const auto* receiver = errand.session().participant_by_name(options.to);
            if (!receiver) {
                errand.reporter().error("tell", "nobody here is called \"" + options.to + "\"");
                return errand.done(kNotFound);
            }
            to = {receiver->session_id()};
        }
        errand.act([&](auto& s, auto& out) { s.chat(state.texts[state.next], to, out); });
    };
    return run_errand(options.global, {.joins = true,
                                       .ask =
                                           [&](Errand& errand) {
                                               // After a broken connection the session itself repeats what is
                                               // on the way.
                                               if (!std::exchange(state.is_asked, true)) say_next(errand);
                                           },
                                       .on_event =
                                           [&](Errand& errand, const client::Event& event) {
                                               if (!std::holds_alternative<proto::ChatAccepted>(event))
                                                   return;
                                               if (++state.next == state.texts.size())
                                                   return errand.done(kOk);
                                               say_next(errand);
                                           },
                                       .hides_history = true});
}

int react(const ReactOptions& options) {
    return run_errand(
        options.global,
        {.joins = true,
         .ask = [&](Errand& errand) { errand.act([&](auto& s, auto& out) { s.react(options.emoji, out); }); },
         .on_event =
             [](Errand& errand, const client::Event& event) {
                 const auto* done = std::get_if<client::Done>(&event);
                 if (done && done->what == "reaction") errand.done(kOk);
             },
         .hides_history = true});
}

int who(const GlobalOptions& options) {
    return ask<proto::Room>(
        options, [](auto& s, auto& out) { s.get_room(out); }, [](Errand&, const auto&) { return kOk; });
}

int rooms(const GlobalOptions& options) {
    const auto password = find_password(options);
    if (!password) return fail(options, password.error());
    return ask<proto::RoomList>(
        options, [&](auto& s, auto& out) { s.list_rooms(*password, out); },
        [](Errand&, const auto&) { return kOk; });
}

int history(const HistoryOptions& options) {
    const auto password = find_password(options.global);
    if (!password) return fail(options.global, password.error());
    proto::GetHistory query;
    query.set_room(options.global.room);
    query.set_password(*password);
    query.set_search(options.search);
    query.set_limit(options.limit);
    constexpr std::uint32_t kMost = 500;  // that the server gives at once
    if (options.limit == 0 && !options.export_file.empty()) query.set_limit(kMost);
    if (!options.since.empty()) {
        const auto since = parse_since(options.since, unix_ms_now());
        if (!since) return fail(options.global, since.error());
        query.set_since(*since);
    }
    return ask<proto::History>(
        options.global, [&](auto& s, auto& out) { s.get_history(query, out); },
        [&](Errand& errand, const proto::History& answer) {
            if (answer.more() && !options.global.json) errand.reporter().note("(there are older ones)\n");
            if (options.export_file.empty()) return kOk;
            if (const auto done = export_history(options.export_file, options.global.room, answer); !done) {
                errand.reporter().error("export", done.error().what);
                return kFailed;
            }
            errand.reporter().exported(options.export_file, answer.messages_size());
            return kOk;
        },
        !options.export_file.empty());
}

}  // namespace connectsphere::cli
