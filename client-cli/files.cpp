#include "client-cli/files.hpp"

#include <unistd.h>

#include <csignal>
#include <memory>
#include <optional>

#include "client-cli/connect.hpp"
#include "client-cli/file_room.hpp"
#include "client-cli/report.hpp"
#include "client-cli/trust.hpp"
#include "lib/client/random.hpp"
#include "lib/client/resolve.hpp"
#include "lib/net/clock.hpp"
#include "lib/net/signals.hpp"

namespace connectsphere::cli {

namespace {

constexpr std::uint16_t kControlPort = 9000;

// One visit to a room. A name that is taken there, perhaps by the same person's call, gets a number.
class Visit {
  public:
    Visit(const FilesOptions& options, const Address& server)
        : options_(options),
          server_(server),
          name_(options.global.name),
          reporter_(options.global.json ? make_json_reporter()
                                        : make_text_reporter({.colours = wants_colours()})),
          patience_(loop_.timer(
              [this] { end(kTimedOut, "nothing answers; is the server up and the port open?"); })),
          again_(loop_.deferred([this] { start(); })),
          signals_(loop_, [this](int signal) { on_signal(signal); }) {}

    int run() {
        patience_.set(net::now() + options_.global.timeout);
        start();
        if (!ended_) loop_.run();
        return exit_code_;
    }

  private:
    void start();
    void on_event(const client::Event& event);
    void on_refused(const client::Ended& ended);
    void begin();
    void leave();
    void on_signal(int signal);
    void end(int exit_code, std::string_view error = {});

    const FilesOptions& options_;
    Address server_;
    std::string name_;
    net::Loop loop_;
    std::unique_ptr<Reporter> reporter_;
    std::string fingerprint_;
    std::optional<client::Runner> runner_;
    std::optional<FileRoom> room_;
    net::Timer patience_;
    net::Deferred again_;
    net::Signals signals_;
    int exit_code_ = kOk;
    bool leaving_ = false;
    bool ended_ = false;
};

void Visit::start() {
    auto found = runner_options(options_.global);
    if (!found) return end(exit_code(found.error()), found.error().what);
    auto options = std::move(*found);
    options.session.name = name_;
    options.carries_media = false;
    options.verify = [this](const std::string& shown) -> Result<void> {
        if (shown == fingerprint_) return {};
        fingerprint_ = shown;
        return trust(server_.text(), shown, options_.global, *reporter_);
    };
    runner_.reset();
    runner_.emplace(
        loop_, std::move(options),
        client::Runner::Handlers{.on_event = [this](const client::Event& event) { on_event(event); }});
    runner_->start();
}

void Visit::on_event(const client::Event& event) {
    if (room_) room_->on_event(event);
    if (const auto* joined = std::get_if<proto::Joined>(&event); joined && !room_) begin();
    const auto* ended = std::get_if<client::Ended>(&event);
    if (!ended) return;
    switch (ended->why) {
        case client::Ended::Why::left:
            return end(exit_code_);
        case client::Ended::Why::refused:
            return on_refused(*ended);
        case client::Ended::Why::dismissed:
            return end(kRefused, ended->text);
        case client::Ended::Why::unreachable:
            return end(room_ ? kIncomplete : kCanNotConnect, ended->text);
        case client::Ended::Why::distrusted:
            return end(kCertificateChanged, ended->text);
    }
}

void Visit::on_refused(const client::Ended& ended) {
    if (ended.error.code() != proto::NAME_TAKEN || ended.error.suggestion().empty())
        return end(kRefused, ended.text);
    name_ = ended.error.suggestion();
    again_.request();  // the runner that speaks can not be replaced in the middle of its sentence
}

void Visit::begin() {
    patience_.cancel();
    room_.emplace(loop_, *runner_, *reporter_,
                  FileRoom::Options{.server = server_,
                                    .room = options_.global.room,
                                    .patience = options_.patience,
                                    .force = options_.force,
                                    .shows_progress = options_.global.json || isatty(STDERR_FILENO) != 0,
                                    .fingerprint = [this] { return fingerprint_; }},
                  [this] { leave(); });
    switch (options_.action) {
        case FilesOptions::Action::send:
            for (const auto& path : options_.what) room_->send(path, options_.to);
            return;
        case FilesOptions::Action::get:
            return room_->get(options_.what, options_.output);
        case FilesOptions::Action::list:
            return room_->list(options_.search);
        case FilesOptions::Action::remove:
            return room_->remove(options_.what);
    }
}

void Visit::leave() {
    if (std::exchange(leaving_, true)) return;
    exit_code_ = std::max<int>(exit_code_, room_->exit_code());
    runner_->act([](auto& session, auto& out) { session.leave(out); });
    // The answer should come at once; without it we go all the same.
    patience_ = loop_.at(net::now() + 2s, [this] { end(exit_code_); });
}

void Visit::on_signal(int signal) {
    if (signal == SIGHUP) return;
    exit_code_ = signal == SIGINT ? kInterrupted : kIncomplete;
    if (leaving_ || !room_) return end(exit_code_);
    leave();
}

void Visit::end(int exit_code, std::string_view error) {
    if (std::exchange(ended_, true)) return;
    exit_code_ = exit_code;
    if (!error.empty()) reporter_->error("connect", error);
    loop_.stop();
}

}  // namespace

int files(const FilesOptions& options) {
    const auto server = client::resolve(options.global.server, kControlPort);
    if (!server) {
        const auto reporter =
            options.global.json ? make_json_reporter() : make_text_reporter({.colours = wants_colours()});
        reporter->error("connect", server.error().what);
        return kCanNotConnect;
    }
    return Visit(options, *server).run();
}

}  // namespace connectsphere::cli
