#include "client-cli/join.hpp"

#include <unistd.h>

#include <csignal>
#include <map>
#include <memory>
#include <optional>

#include "client-cli/call_commands.hpp"
#include "client-cli/connect.hpp"
#include "client-cli/input.hpp"
#include "client-cli/line_editor.hpp"
#include "client-cli/picture_files.hpp"
#include "client-cli/sound.hpp"
#include "client-cli/trust.hpp"
#include "client-cli/video.hpp"
#include "lib/base/overloaded.hpp"
#include "lib/client/open_share.hpp"
#include "lib/client/plain_text.hpp"
#include "lib/net/clock.hpp"
#include "lib/net/signals.hpp"

namespace connectsphere::cli {

namespace {

const std::string kPrompt = "> ";
constexpr std::size_t kMaxUnacknowledged = 16;  // chat lines on the way; more input waits

bool is_on_terminal(const GlobalOptions& options) {
    return !options.json && isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
}

// One call, from connecting to leaving.
class Call {
  public:
    Call(const JoinOptions& options, client::Runner::Options runner_options,
         std::unique_ptr<client::ScreenSource> source)
        : options_(options),
          server_(runner_options.server),
          reporter_(options.global.json
                        ? make_json_reporter()
                        : make_text_reporter({.colours = wants_colours()},
                                             [this](auto stream, auto lines) { print(stream, lines); })),
          place_(client::PlaceFile::default_folder(), place_key(runner_options)),
          runner_(loop_, returning(std::move(runner_options)),
                  {.on_event = [this](const client::Event& event) { on_event(event); },
                   .on_picture = [this](const proto::Participant& p,
                                        const client::ReceivedVideo& frame) { return on_picture(p, frame); },
                   .on_network =
                       [this](const client::NetworkFigures& audio) {
                           if (options_.global.json) reporter_->network(audio);
                       }}),
          commands_(loop_, runner_, *reporter_, file_options(), screen_options(),
                    {.on_leave = [this] { leave(); },
                     .on_files_idle = [this] { leave_when_done(); },
                     .on_screen_over = [this](ExitCode code) { on_screen_over(code); }}),
          picture_files_(options.video_out, loop_, *reporter_),
          stay_timer_(loop_.timer([this] { leave(); })),
          patience_timer_(loop_.timer(
              [this] { end(kTimedOut, "nothing answers; is the server up and the port open?"); })),
          signals_(loop_, [this](int signal) { on_signal(signal); }),
          source_(std::move(source)) {}

    // The name that the server suggests, when ours is taken.
    const std::string& suggestion() const { return suggestion_; }

    int run() {
        patience_timer_.set(net::now() + options_.global.timeout);
        runner_.start();
        if (!ended_) loop_.run();
        editor_.reset();  // here, for the call may have ended within one of its callbacks
        return exit_code_;
    }

  private:
    client::Runner::Options returning(client::Runner::Options options);
    void print(Stream stream, std::string_view lines);
    void on_joined(const proto::Joined& joined);
    void read_input();
    void on_event(const client::Event& event);
    bool on_picture(const proto::Participant& participant, const client::ReceivedVideo& frame);
    void on_line(const std::string& line);
    void on_signal(int signal);
    void leave();
    void leave_when_done();
    void end(int exit_code, std::string_view error = {});

    FileRoom::Options file_options();
    ScreenRoom::Options screen_options();
    void begin_screens();
    void on_screen_over(ExitCode code);

    const JoinOptions& options_;
    Address server_;
    net::Loop loop_;
    std::unique_ptr<Reporter> reporter_;
    std::string fingerprint_;
    client::PlaceFile place_;
    client::Runner runner_;
    CallCommands commands_;
    PictureFiles picture_files_;
    net::Timer stay_timer_;
    net::Timer patience_timer_;
    net::Signals signals_;
    std::optional<Input> input_;                      // of a script
    std::optional<LineEditor> editor_;                // of a person
    std::map<std::uint64_t, PictureCount> pictures_;  // by session
    std::string suggestion_;
    std::unique_ptr<client::ScreenSource> source_;  // to be shared from the beginning
    bool has_begun_ = false;
    bool leaving_ = false;
    bool input_ended_ = false;
    bool ended_ = false;
    int exit_code_ = kOk;
};

// With the place of an earlier life that did not leave, and the certificate checked.
client::Runner::Options Call::returning(client::Runner::Options options) {
    options.session.resume_token = place_.token();
    options.verify = [this, server = options.server.text()](const std::string& fingerprint) {
        fingerprint_ = fingerprint;
        return trust(server, fingerprint, options_.global, *reporter_);
    };
    return options;
}

void Call::print(Stream stream, std::string_view lines) {
    if (!editor_) return print_plainly(stream, lines);
    if (stream == Stream::status) {
        return editor_->set_prompt(lines.empty() ? kPrompt : std::string(lines).append(" ").append(kPrompt));
    }
    editor_->print([&] { print_plainly(stream, lines); });
}

void Call::on_event(const client::Event& event) {
    if (commands_.is_own_retry(event)) return commands_.on_event(event);
    // Before anybody hears of it: who is told that it joined can be killed, and comes back.
    if (std::holds_alternative<proto::Joined>(event)) place_.keep(runner_.session().resume_token());
    reporter_->event(event, runner_.session());
    commands_.on_event(event);
    std::visit(Overloaded{[this](const proto::Joined& joined) { on_joined(joined); },
                          [this](const proto::ChatAccepted&) {
                              if (runner_.session().unacknowledged_chats() < kMaxUnacknowledged && input_) {
                                  input_->pause(false);
                              }
                              leave_when_done();
                          },
                          [this](const proto::ParticipantLeft& left) {
                              picture_files_.forget(SessionId{left.session_id()});
                          },
                          [this](const client::RequestFailed& failed) {
                              if (failed.what == "chat") leave_when_done();
                          },
                          [this](const client::Ended& ended) {
                              // Who could not be reached any more may still find its place.
                              if (ended.why != client::Ended::Why::unreachable) place_.remove();
                              if (ended.error.code() == proto::NAME_TAKEN)
                                  suggestion_ = ended.error.suggestion();
                              end(ended.why == client::Ended::Why::left ? exit_code_ : exit_code(ended));
                          },
                          [](const auto&) {}},
               event);
}

void Call::on_joined(const proto::Joined&) {
    if (std::exchange(has_begun_, true)) return;
    patience_timer_.cancel();
    if (options_.push_to_talk) runner_.set_muted(true);
    if (options_.stay) stay_timer_.set(net::now() + *options_.stay);
    begin_screens();
    if (!options_.only_screen) read_input();
}

void Call::begin_screens() {
    if (source_) commands_.share(std::move(source_), *options_.share);
    if (!options_.watch.empty()) commands_.watch(options_.watch);
}

void Call::on_screen_over(ExitCode code) {
    if (!options_.only_screen) return;
    exit_code_ = code;
    leave();
}

FileRoom::Options Call::file_options() {
    return {.server = server_,
            .room = options_.global.room,
            .shows_progress = options_.global.json || is_on_terminal(options_.global),
            .fingerprint = [this] { return fingerprint_; }};
}

ScreenRoom::Options Call::screen_options() {
    return {.server = server_, .fingerprint = [this] { return fingerprint_; }};
}

void Call::read_input() {
    const auto on_end = [this] {
        input_ended_ = true;
        editor_ ? leave() : leave_when_done();
    };
    if (!is_on_terminal(options_.global)) {
        input_.emplace(
            loop_, STDIN_FILENO, [this](std::string line) { on_line(line); }, on_end);
        return;
    }
    const auto on_tab = [this](std::string_view before) {
        std::vector<std::string> names;
        for (const auto& participant : runner_.session().room().participants()) {
            const bool is_other = participant.session_id() != runner_.session().id().value;
            if (is_other && client::plain(participant.name(), '?') == participant.name())
                names.push_back(participant.name());
        }
        return complete(before, names);
    };
    editor_.emplace(
        loop_, kPrompt,
        LineEditor::Handlers{
            .on_line = [this](std::string line) { on_line(line); }, .on_end = on_end, .on_tab = on_tab});
}

// Piped input is a script: at its end the call is over, unless something else gives it a length or a purpose.
void Call::leave_when_done() {
    const bool has_media = options_.audio_in != "none" || options_.audio_out != "none" ||
                           options_.video_in != "none" || options_.video_out != "none" ||
                           commands_.has_screen();
    if (!input_ended_ || options_.stay || has_media) return;
    if (runner_.session().unacknowledged_chats() == 0 && commands_.is_idle()) leave();
}

void Call::on_line(const std::string& line) {
    commands_.run(parse_line(line));
    if (input_ && runner_.session().unacknowledged_chats() >= kMaxUnacknowledged) input_->pause(true);
}

bool Call::on_picture(const proto::Participant& participant, const client::ReceivedVideo& frame) {
    auto& count = pictures_[participant.session_id()];
    count.name = participant.name();
    ++count.frames;
    return picture_files_.write(participant, frame);
}

void Call::on_signal(int signal) {
    if (signal == SIGHUP) return;
    exit_code_ = signal == SIGINT ? kInterrupted : kOk;
    leave();
}

void Call::leave() {
    if (!std::exchange(leaving_, true)) commands_.finish();
    runner_.act([](auto& session, auto& out) { session.leave(out); });
    // The answer should come at once; without it we go all the same.
    stay_timer_.cancel();
    patience_timer_ = loop_.at(net::now() + 2s, [this] { end(exit_code_); });
}

void Call::end(int exit_code, std::string_view error) {
    if (ended_) return;
    ended_ = true;
    exit_code_ = exit_code;
    if (!error.empty()) reporter_->error("connect", error);
    picture_files_.finish();
    if (exit_code == kOk || exit_code == kInterrupted) reporter_->summary(runner_, pictures_);
    loop_.stop();
}

}  // namespace

int join(const JoinOptions& options) {
    const auto fail = [&](std::string_view what, const Error& error) {
        const auto reporter = options.global.json ? make_json_reporter() : make_text_reporter({});
        reporter->error(what, error.what);
        return int{exit_code(error)};
    };
    auto runner = runner_options(options.global);
    if (!runner) return fail("connect", runner.error());
    auto sound = open_sound(options);
    if (!sound) return fail("usage", sound.error());
    runner->sound = std::move(*sound);
    runner->session.srtp_profile = options.srtp_profile;
    auto video_source = open_video_source(options);
    if (!video_source) return fail("usage", video_source.error());
    if (*video_source) {
        runner->session.streams.push_back(
            client::describe_stream(options.video_codec, (*video_source)->format()));
    }
    runner->video_source = std::move(*video_source);
    runner->video_codec = options.video_codec;
    std::unique_ptr<client::ScreenSource> screen;
    if (options.share) {
        auto source = client::open_share(options.share->target, options.share->frame_rate);
        if (!source) return fail("share", source.error());
        screen = std::move(*source);
    }
    Call call(options, std::move(*runner), std::move(screen));
    const int code = call.run();
    if (!options.only_screen || call.suggestion().empty()) return code;
    // The name is taken, perhaps by the same person's call.
    auto renamed = options;
    renamed.global.name = call.suggestion();
    return join(renamed);
}

}  // namespace connectsphere::cli
