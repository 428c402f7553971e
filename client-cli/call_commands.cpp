#include "client-cli/call_commands.hpp"

#include <utility>

#include "client-cli/list_devices.hpp"

namespace connectsphere::cli {

namespace {

proto::Role role_of(GiveRole::Role role) {
    switch (role) {
        case GiveRole::Role::host:
            return proto::HOST;
        case GiveRole::Role::moderator:
            return proto::MODERATOR;
        case GiveRole::Role::listener:
            return proto::LISTENER;
        case GiveRole::Role::participant:
            break;
    }
    return proto::PARTICIPANT;
}

}  // namespace

// One overload a command.
struct CallCommands::Run {
    CallCommands& call;

    // ---- chat
    void operator()(const Say& say) const {
        act([&](auto& s, auto& out) { s.chat(say.text, {}, out); });
    }
    void operator()(const Tell& tell) const {
        to_person("msg", tell.name, [&](auto& s, SessionId to, auto& out) { s.chat(tell.text, to, out); });
    }
    void operator()(const ReactWith& r) const {
        act([&](auto& s, auto& out) { s.react(r.emoji, out); });
    }
    void operator()(const ShowHistory& h) const {
        proto::GetHistory query;
        query.set_limit(h.limit);
        query.set_search(h.search);
        act([&](auto& s, auto& out) { s.get_history(query, out); });
    }
    void operator()(const EditLast& e) const {
        own_last([&](auto& s, auto id, auto& out) { s.edit_chat(id, e.text, out); });
    }
    void operator()(const DeleteLast&) const {
        own_last([](auto& s, auto id, auto& out) { s.delete_chat(id, out); });
    }

    // ---- people
    void operator()(const Hand& h) const {
        if (h.name.empty()) return act([&](auto& s, auto& out) { s.raise_hand(h.raised, out); });
        to_person("hand", h.name, [](auto& s, SessionId to, auto& out) { s.lower_hand(to, out); });
    }
    void operator()(const MuteOther& m) const {
        to_person("mute", m.name, [](auto& s, SessionId to, auto& out) { s.mute(to, true, false, out); });
    }
    void operator()(const RemovePerson& r) const {
        to_person("remove", r.name, [&](auto& s, SessionId to, auto& out) { s.remove(to, r.reason, out); });
    }
    void operator()(const GiveRole& g) const {
        to_person("role", g.name,
                  [&](auto& s, SessionId to, auto& out) { s.set_role(to, role_of(g.role), out); });
    }
    void operator()(const Who&) const {
        act([](auto& s, auto& out) { s.get_room(out); });
    }
    void operator()(const ShowRooms&) const {
        act([](auto& s, auto& out) { s.list_rooms({}, out); });
    }
    void operator()(const SetPassword& p) const {
        act([&](auto& s, auto& out) { s.set_room_password(p.password, out); });
    }

    // ---- sound
    void operator()(const Mute& m) const { call.runner_.set_muted(m.muted); }
    void operator()(const Talk&) const { call.runner_.set_muted(!call.runner_.is_muted()); }
    void operator()(const Devices&) const { list_devices(call.reporter_); }
    void operator()(const Network&) const { call.reporter_.network(call.runner_.audio().network()); }

    // ---- files
    void operator()(const SendFile& file) const { call.files().send(file.path, file.to); }
    void operator()(const GetFile& file) const { call.files().get({file.what}, {}); }
    void operator()(const Files& query) const { call.files().list(query.search); }
    void operator()(const RemoveFile& file) const { call.files().remove({file.what}); }

    // ---- the screen
    void operator()(const ShareScreen& s) const {
        const auto target = client::parse_share_target(s.what);
        if (!target) return call.reporter_.error("share", target.error().what);
        call.screens().share({.target = *target, .take_over = s.take_over, .ask = s.ask});
    }
    void operator()(const WatchScreen& w) const { call.watch(w.out); }
    void operator()(const GrantScreen& g) const { call.screens().grant(g.name); }
    void operator()(const StopScreen&) const {
        if (!call.screens_) return;
        call.screens_->is_sharing() ? call.screens_->stop_sharing() : call.screens_->stop_watching();
    }

    // ---- the rest
    void operator()(const LeaveRoom&) const { call.handlers_.on_leave(); }
    void operator()(const Help&) const { call.reporter_.note(kHelpText); }
    void operator()(const Nothing&) const {}
    void operator()(const NotUnderstood& n) const { call.reporter_.error("input", n.why); }

  private:
    template <class Action>
    void act(Action action) const {
        call.runner_.act(action);
    }
    template <class Action>
    void to_person(std::string_view what, const std::string& name, Action action) const {
        const auto* person = call.runner_.session().participant_by_name(name);
        if (!person) {
            return call.reporter_.error(what,
                                        std::string("nobody here is called \"").append(name).append("\""));
        }
        act([&](auto& s, auto& out) { action(s, SessionId{person->session_id()}, out); });
    }
    template <class Action>
    void own_last(Action action) const {
        const auto id = call.runner_.session().last_own_message();
        if (!id) return call.reporter_.error("edit", "you have said nothing yet");
        act([&](auto& s, auto& out) { action(s, id, out); });
    }
};

CallCommands::CallCommands(net::Loop& loop, client::Runner& runner, Reporter& reporter,
                           FileRoom::Options files, ScreenRoom::Options screens, Handlers handlers)
    : loop_(loop),
      runner_(runner),
      reporter_(reporter),
      file_options_(std::move(files)),
      screen_options_(std::move(screens)),
      handlers_(std::move(handlers)) {}

void CallCommands::run(const Command& command) { std::visit(Run{*this}, command); }

FileRoom& CallCommands::files() {
    if (files_) return *files_;
    return files_.emplace(loop_, runner_, reporter_, file_options_, handlers_.on_files_idle);
}

ScreenRoom& CallCommands::screens() {
    if (screens_) return *screens_;
    return screens_.emplace(loop_, runner_, reporter_, screen_options_, handlers_.on_screen_over);
}

void CallCommands::share(std::unique_ptr<client::ScreenSource> source, const ShareOptions& options) {
    screens().share(std::move(source), options);
}

void CallCommands::watch(const std::string& out) { screens().watch(out); }

void CallCommands::on_event(const client::Event& event) {
    if (files_) files_->on_event(event);
    if (screens_) screens_->on_event(event);
}

bool CallCommands::is_own_retry(const client::Event& event) const {
    const auto* failed = std::get_if<client::RequestFailed>(&event);
    return screens_ && failed && failed->what == "screen" && failed->error.code() == proto::UNAVAILABLE;
}

void CallCommands::finish() {
    if (screens_) screens_->finish();
}

}  // namespace connectsphere::cli
