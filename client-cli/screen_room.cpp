#include "client-cli/screen_room.hpp"

#include "lib/client/open_share.hpp"
#include "lib/client/pins.hpp"
#include "lib/client/screen_tickets.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::cli {

namespace {

using End = client::ScreenPresenter::End;

const char* word_of(End why) {
    switch (why) {
        case End::stopped:
            return "stopped";
        case End::source_ended:
            return "source_ended";
        case End::source_failed:
            return "source_failed";
        case End::refused:
            return "refused";
        case End::taken_over:
            return "taken_over";
        case End::granted:
            return "granted";
        case End::silent:
            return "silent";
        case End::no_space:
            return "no_space";
    }
    return "unknown";
}

ExitCode exit_code_of(End why) {
    if (why == End::stopped || why == End::source_ended || why == End::granted) return kOk;
    return why == End::source_failed ? kFailed : kRefused;
}

}  // namespace

ScreenRoom::ScreenRoom(net::Loop& loop, client::Runner& runner, Reporter& reporter, Options options,
                       std::function<void(ExitCode)> on_over)
    : loop_(loop),
      runner_(runner),
      reporter_(reporter),
      options_(std::move(options)),
      on_over_(std::move(on_over)),
      bury_(loop.deferred([this] { ended_.reset(); })) {}

ScreenRoom::~ScreenRoom() = default;

client::PlaneLink::Options ScreenRoom::link_options() const {
    return {.server = options_.server, .verify = client::same_certificate("screen", options_.fingerprint)};
}

// ---- sharing

void ScreenRoom::share(const ShareOptions& options) {
    auto source = client::open_share(options.target, options.frame_rate);
    if (!source) return reporter_.error("share", source.error().what);
    share(std::move(*source), options);
}

void ScreenRoom::share(std::unique_ptr<client::ScreenSource> source, const ShareOptions& options) {
    stop_sharing();
    client::ScreenPresenter::Options presenting{
        .link = link_options(), .worker = {}, .take_over = options.take_over, .ask = options.ask};
    if (options.frame_rate > 0 && options.target.input.empty())
        presenting.worker.frame_rate = options.frame_rate;
    presenting.worker.encoder.jpeg_quality = options.quality;
    presenter_ = std::make_unique<client::ScreenPresenter>(
        loop_, std::move(source), std::move(presenting),
        client::ScreenPresenter::Handlers{
            .want_ticket = [this] { runner_.open_screen(); },
            .on_started = [this] { reporter_.presenting({.state = "started", .why = {}, .text = {}}); },
            .on_waiting = [this] { reporter_.presenting({.state = "waiting", .why = {}, .text = {}}); },
            .on_viewers =
                [this](std::uint32_t viewers) {
                    reporter_.presenting({.state = "viewers", .why = {}, .text = {}, .viewers = viewers});
                },
            .on_ended = [this](const auto& ended) { on_presenting_ended(ended); },
            .on_grant_failed =
                [this](const proto::Error& error) { reporter_.error("grant", error.text()); }});
    presenter_->start();
}

void ScreenRoom::on_presenting_ended(const client::ScreenPresenter::Ended& ended) {
    figures_.presented += presenter_->counters();
    ended_ = std::move(presenter_);
    bury_.request();
    const auto* by = runner_.session().participant({ended.by});
    reporter_.presenting({.state = "ended",
                          .why = word_of(ended.why),
                          .text = ended.text,
                          .by = by ? by->name() : std::string()});
    if (ended.why != End::stopped) on_over_(exit_code_of(ended.why));
}

void ScreenRoom::grant(const std::string& name) {
    const auto* to = runner_.session().participant_by_name(name);
    if (!to) return reporter_.error("grant", "nobody here is called \"" + name + "\"");
    if (!presenter_) return reporter_.error("grant", "you are not presenting");
    presenter_->grant({to->session_id()});
}

void ScreenRoom::stop_sharing() {
    if (presenter_) presenter_->stop();
}

// ---- watching

void ScreenRoom::watch(const std::string& out) {
    stop_watching();
    recorder_.emplace(loop_, out, [this](const std::string& text) { reporter_.error("watch", text); });
    viewer_.emplace(loop_, client::ScreenViewer::Options{.link = link_options()},
                    client::ScreenViewer::Handlers{
                        .want_ticket = [this] { runner_.open_screen(); },
                        .on_update = [this](const auto& seen) { on_update(seen); },
                        .on_cursor = [this](const auto& cursor) { reporter_.screen_pointer(cursor); },
                        .on_cleared = [this] { reporter_.screen_cleared(); },
                        .on_refused =
                            [this](const proto::Error& error) {
                                reporter_.error("watch", error.text());
                                on_over_(kRefused);
                            }});
    viewer_->start();
}

void ScreenRoom::on_update(const client::ScreenViewer::Seen& seen) {
    reporter_.screen_update(seen);
    if (seen.whole) recorder_->see(viewer_->picture().view());
}

void ScreenRoom::stop_watching() {
    if (!viewer_) return;
    figures_.watched += viewer_->counters();
    if (viewer_->has_picture()) recorder_->finish(viewer_->picture().view());
    recorder_.reset();
    viewer_.reset();
}

// ---- the session

void ScreenRoom::on_event(const client::Event& event) {
    client::pass_screen_ticket(event, presenter_.get(), viewer_ ? &*viewer_ : nullptr);
}

void ScreenRoom::finish() {
    stop_sharing();
    stop_watching();
    reporter_.screen_summary(figures_);
}

}  // namespace connectsphere::cli
