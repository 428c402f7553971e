#include "client-cli/errand.hpp"

#include <algorithm>
#include <csignal>

#include "client-cli/connect.hpp"
#include "client-cli/trust.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::cli {

namespace {

constexpr Duration kLeavePatience = 2s;
constexpr std::uint32_t kAskAgainMs = 200;

std::unique_ptr<Reporter> make_reporter(const GlobalOptions& options) {
    return options.json ? make_json_reporter() : make_text_reporter({.bare = true});
}

}  // namespace

Errand::Errand(const GlobalOptions& options, client::Runner::Options runner, Task task)
    : options_(options),
      task_(std::move(task)),
      reporter_(make_reporter(options)),
      runner_(loop_, prepared(std::move(runner)),
              {.on_event = [this](const client::Event& event) { on_event(event); }}),
      patience_timer_(loop_.timer([this] {
          if (!code_) {
              reporter_->error("connect", "nothing answers; is the server up and the port open?");
              code_ = kTimedOut;
          }
          stop();
      })),
      ask_timer_(loop_.timer([this] { task_.ask(*this); })),
      signals_(loop_, [this](int signal) {
          if (signal == SIGHUP) return;
          code_ = kInterrupted;
          leave();
      }) {}

client::Runner::Options Errand::prepared(client::Runner::Options options) {
    if (task_.joins) {
        place_.emplace(client::PlaceFile::default_folder(), place_key(options));
        options.session.resume_token = place_->token();
    }
    options.session.visit = !task_.joins;
    options.session.history = 0;
    options.carries_media = false;
    options.verify = [this, server = options.server.text()](const std::string& fingerprint) {
        return trust(server, fingerprint, options_, *reporter_);
    };
    return options;
}

int Errand::run() {
    patience_timer_.set(deadline());
    runner_.start();
    if (!stopped_) loop_.run();
    return code_.value_or(kFailed);
}

Time Errand::deadline() const { return net::now() + options_.timeout; }

void Errand::done(ExitCode code) {
    if (code_) return;
    code_ = code;
    leave();
}

// People want the answer; scripts choose for themselves from everything.
bool Errand::is_shown(const client::Event& event) const {
    if (options_.json) return true;
    return !std::holds_alternative<proto::Joined>(event) &&
           !std::holds_alternative<proto::ParticipantJoined>(event) &&
           !std::holds_alternative<proto::ParticipantLeft>(event) &&
           !std::holds_alternative<proto::ChatMessage>(event) &&
           !std::holds_alternative<proto::Reaction>(event) &&
           !(task_.hides_history && std::holds_alternative<proto::History>(event));
}

void Errand::on_event(const client::Event& event) {
    if (const auto* failed = std::get_if<client::RequestFailed>(&event)) return on_failure(*failed);
    if (is_shown(event)) reporter_->event(event, session());
    if (const auto* ended = std::get_if<client::Ended>(&event)) {
        if (place_ && ended->why != client::Ended::Why::unreachable) place_->remove();
        if (!code_) code_ = exit_code(*ended);
        return stop();
    }
    if (std::holds_alternative<proto::Joined>(event)) {
        if (place_) place_->keep(session().resume_token());
        return task_.ask(*this);
    }
    if (std::holds_alternative<proto::Welcome>(event) && !task_.joins) return task_.ask(*this);
    task_.on_event(*this, event);
}

void Errand::on_failure(const client::RequestFailed& failed) {
    const auto code = failed.error.code();
    if (code == proto::UNAVAILABLE || code == proto::RATE_LIMITED) {  // until patience ends
        return ask_timer_.set(
            net::now() + std::chrono::milliseconds(std::max(failed.error.retry_after_ms(), kAskAgainMs)));
    }
    reporter_->event(failed, session());
    done(exit_code(failed.error));
}

void Errand::leave() {
    ask_timer_.cancel();
    patience_timer_.set(net::now() + kLeavePatience);
    runner_.act([](auto& session, auto& out) { session.leave(out); });
}

void Errand::stop() {
    stopped_ = true;
    loop_.stop();
}

int run_errand(const GlobalOptions& options, Errand::Task task) {
    auto runner = runner_options(options);
    if (!runner) {
        make_reporter(options)->error("connect", runner.error().what);
        return exit_code(runner.error());
    }
    return Errand(options, std::move(*runner), std::move(task)).run();
}

}  // namespace connectsphere::cli
