#include "client-gui/screen_desk.hpp"

#include "client-gui/view.hpp"
#include "lib/client/open_share.hpp"
#include "lib/client/pins.hpp"
#include "lib/client/screen_tickets.hpp"
#include "lib/client/x11_list.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::gui {

namespace {

using End = client::ScreenPresenter::End;

constexpr const char* kOwnTitle = "ConnectSphere";  // a window that shows itself shows nothing
constexpr std::size_t kMostWindows = 8;             // to choose from; the first ones are in front

Result<std::unique_ptr<client::ScreenSource>> open_screen(const std::string& what) {
    const auto target = client::parse_share_target(what);
    if (!target) return target.error();
    return client::open_share(*target);
}

// Why it ended, where the person did not end it.
std::string words_of(const client::ScreenPresenter::Ended& ended) {
    switch (ended.why) {
        case End::stopped:
        case End::granted:
            return {};
        case End::taken_over:
            return "Somebody else shares a screen now";
        case End::source_ended:
            return "What you shared is closed";
        default:
            return ended.text.empty() ? std::string("Your screen is no longer shared") : ended.text;
    }
}

}  // namespace

ScreenDesk::ScreenDesk(net::Loop& loop, client::Runner& runner, Options options, Pictures& pictures,
                       Tell tell)
    : loop_(loop),
      runner_(runner),
      options_(std::move(options)),
      pictures_(pictures),
      tell_(std::move(tell)),
      bury_(loop.deferred([this] { ended_.reset(); })),
      show_timer_(loop.timer([this] { show(); })) {}

ScreenDesk::~ScreenDesk() { stop_watching(); }

client::PlaneLink::Options ScreenDesk::link_options() const {
    return {.server = options_.server, .verify = client::same_certificate("screen", options_.fingerprint)};
}

void ScreenDesk::on_event(const client::Event& event) {
    client::pass_screen_ticket(event, presenter_.get(), viewer_ ? &*viewer_ : nullptr);
    // Opens by itself for those who see it, not for who shows it.
    const auto presenter = runner_.session().presenter();
    const bool is_for_us = static_cast<bool>(presenter) && presenter != runner_.session().id();
    if (is_for_us && !viewer_) watch();
    if (!presenter && viewer_) stop_watching();
    if (presenter == runner_.session().id()) stop_watching();
}

// ---- watching

void ScreenDesk::watch() {
    viewer_ = std::make_unique<client::ScreenViewer>(
        loop_, client::ScreenViewer::Options{.link = link_options()},
        client::ScreenViewer::Handlers{
            .want_ticket = [this] { runner_.open_screen(); },
            .on_update = [this](const auto&) { show_soon(); },
            .on_cursor = [this](const auto&) { show_soon(); },
            .on_cleared =
                [this] {
                    pictures_.forget(kScreenPicture);
                    tell_(ScreenChange{.is_shown = false});
                },
            .on_refused =
                [this](const proto::Error& error) {
                    tell_(DeviceFault{"The shared screen can not be seen: " + error.text()});
                }});
    viewer_->start();
}

void ScreenDesk::stop_watching() {
    if (!viewer_) return;
    show_timer_.cancel();
    viewer_.reset();
    pictures_.forget(kScreenPicture);
    tell_(ScreenChange{.is_shown = false});
}

void ScreenDesk::show_soon() {
    if (!show_timer_.is_armed()) show_timer_.set(std::max(net::now(), shown_ + kShowGap));
}

// A copy: the viewer goes on drawing while the window reads.
void ScreenDesk::show() {
    if (!viewer_ || !viewer_->has_picture()) return;
    shown_ = net::now();
    const auto view = viewer_->picture().view();
    const auto& cursor = viewer_->cursor();
    const auto count = static_cast<std::size_t>(cursor.width) * static_cast<std::size_t>(cursor.height);
    Pictures::Pointer pointer;
    if (cursor.visible && cursor.argb.size() == count)
        pointer = {.at = {cursor.x - cursor.hot_x, cursor.y - cursor.hot_y},
                   .size = {cursor.width, cursor.height},
                   .argb = cursor.argb};
    pictures_.show_screen(kScreenPicture, view.data, {view.width, view.height}, view.stride, pointer, shown_);
    tell_(ScreenChange{.is_shown = true, .presenter = runner_.session().presenter().value});
}

// ---- sharing

void ScreenDesk::share(const ShareScreen& share) {
    stop_sharing();
    auto source = open_screen(share.what);
    if (!source) return tell_(Sharing{.text = "Can not share: " + source.error().what});
    presenter_ = std::make_unique<client::ScreenPresenter>(
        loop_, std::move(*source),
        client::ScreenPresenter::Options{
            .link = link_options(), .worker = {}, .take_over = share.take_over, .ask = !share.take_over},
        client::ScreenPresenter::Handlers{
            .want_ticket = [this] { runner_.open_screen(); },
            .on_started = [this] { tell_(Sharing{.state = Sharing::State::on}); },
            .on_waiting = [this] { tell_(Sharing{.state = Sharing::State::waiting}); },
            .on_ended = [this](const auto& ended) { on_ended(ended); },
            .on_grant_failed =
                [this](const proto::Error& error) {
                    tell_(Sharing{.state = Sharing::State::on, .text = "Not given: " + error.text()});
                }});
    presenter_->start();
}

void ScreenDesk::grant(SessionId to) {
    if (presenter_) presenter_->grant(to);
}

void ScreenDesk::stop_sharing() {
    if (presenter_) presenter_->stop();
}

void ScreenDesk::on_ended(const client::ScreenPresenter::Ended& ended) {
    ended_ = std::move(presenter_);
    bury_.request();
    tell_(Sharing{.text = words_of(ended)});
}

std::vector<Device> screens_to_share() {
    std::vector<Device> out;
    const auto monitors = client::list_x11_monitors({});
    if (!monitors) return out;
    out.push_back({.spec = "screen", .label = "Whole screen"});
    for (std::size_t i = 0; monitors->size() > 1 && i < monitors->size(); ++i) {
        std::string spec = "monitor:";
        out.push_back({.spec = spec += std::to_string(i), .label = "Monitor " + (*monitors)[i].name});
    }
    const auto windows = client::list_x11_windows({});
    if (!windows) return out;
    for (const auto& window : *windows) {
        if (out.size() >= kMostWindows + monitors->size()) break;
        if (!window.title.empty() && window.title != kOwnTitle)
            out.push_back({.spec = "window:" + client::x11_window_text(window.id), .label = window.title});
    }
    return out;
}

}  // namespace connectsphere::gui
