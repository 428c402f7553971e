#include "client-cli/sdp.hpp"

#include <csignal>

#include "client-cli/connect.hpp"
#include "client-cli/report.hpp"
#include "client-cli/sdp_text.hpp"
#include "client-cli/trust.hpp"
#include "lib/client/runner.hpp"
#include "lib/net/clock.hpp"
#include "lib/net/signals.hpp"

namespace connectsphere::cli {

namespace {

class Place {
  public:
    Place(const SdpOptions& options, client::Runner::Options runner_options)
        : options_(options),
          server_(runner_options.server),
          reporter_(options.global.json ? make_json_reporter() : make_text_reporter({})),
          runner_(loop_, with_trust(std::move(runner_options)),
                  {.on_event = [this](const client::Event& event) { on_event(event); }}),
          stay_timer_(loop_.timer([this] { leave(kOk); })),
          patience_timer_(loop_.timer([this] { end(kTimedOut, "nothing answers; is the server up?"); })),
          signals_(loop_, [this](int signal) { leave(signal == SIGINT ? kInterrupted : kOk); }) {}

    int run() {
        patience_timer_.set(net::now() + options_.global.timeout);
        runner_.start();
        if (!ended_) loop_.run();
        return exit_code_;
    }

  private:
    client::Runner::Options with_trust(client::Runner::Options runner_options) {
        runner_options.verify = [this](const std::string& fingerprint) {
            return trust(server_.text(), fingerprint, options_.global, *reporter_);
        };
        return runner_options;
    }

    void on_event(const client::Event& event) {
        if (const auto* ended = std::get_if<client::Ended>(&event)) {
            const bool has_left = ended->why == client::Ended::Why::left;
            return end(has_left ? exit_code_ : exit_code(*ended), ended->text);
        }
        if (std::holds_alternative<client::RequestFailed>(event)) reporter_->event(event, runner_.session());
        if (const auto* joined = std::get_if<proto::Joined>(&event)) {
            patience_timer_.cancel();
            if (options_.stay && !joined->resumed()) stay_timer_.set(net::now() + *options_.stay);
            reporter_->event(event, runner_.session());
        }
        const auto* keys = std::get_if<proto::MediaKeys>(&event);
        if (!keys || keys->plane() != proto::PLANE_AUDIO || !runner_.session().self()) return;
        if (options_.receive_at != 0) {
            runner_.act(
                [&](auto& session, auto& out) { session.receive_audio_at(options_.receive_at, out); });
        }
        print(*keys);
    }

    // Once per key epoch: after a restart of the mixer the tool must be started again with the new keys.
    void print(const proto::MediaKeys& keys) {
        const auto& self = *runner_.session().self();
        const AudioOffer offer{.room = runner_.session().room().name(),
                               .server = server_.ip_text(),
                               .receive_ip = server_.is_loopback() ? "127.0.0.1" : "0.0.0.0",
                               .receive_port = options_.receive_at,
                               .voice = {self.audio_ssrc()},
                               .mix = {self.mix_ssrc()},
                               .keys = keys};
        reporter_->offer(offer);
    }

    void leave(int exit_code) {
        exit_code_ = exit_code;
        runner_.act([](auto& session, auto& out) { session.leave(out); });
        stay_timer_.cancel();
        patience_timer_ = loop_.at(net::now() + 2s, [this] { end(exit_code_, {}); });
    }

    void end(int exit_code, std::string_view error) {
        if (std::exchange(ended_, true)) return;
        exit_code_ = exit_code;
        if (!error.empty()) reporter_->error("connect", error);
        loop_.stop();
    }

    const SdpOptions& options_;
    Address server_;
    net::Loop loop_;
    std::unique_ptr<Reporter> reporter_;
    client::Runner runner_;
    net::Timer stay_timer_;
    net::Timer patience_timer_;
    net::Signals signals_;
    bool ended_ = false;
    int exit_code_ = kOk;
};

}  // namespace

int sdp(const SdpOptions& options) {
    auto runner = runner_options(options.global);
    if (!runner) {
        make_text_reporter({})->error("connect", runner.error().what);
        return exit_code(runner.error());
    }
    runner->carries_media = false;
    runner->session.srtp_profile = options.srtp_profile;
    Place place(options, std::move(*runner));
    return place.run();
}

}  // namespace connectsphere::cli
