#include "tests/bench/load/screen_watcher.hpp"

#include <utility>
#include <variant>

#include "lib/net/clock.hpp"
#include "tests/bench/load/program.hpp"

namespace connectsphere::bench {

namespace {

// As client::ScreenViewer does.
constexpr std::uint64_t kAcknowledgeBytes = 8 << 10;
constexpr Duration kAcknowledgeGap = 20ms;

}  // namespace

ScreenWatcher::ScreenWatcher(net::Loop& loop, Member& member, const Address& server, bool decodes,
                             OnUpdate on_update)
    : member_(member), on_update_(std::move(on_update)), acknowledge_(loop.timer([this] { acknowledge(); })) {
    client::PlaneLink::Options options{.server = server,
                                       .verify = [](const std::string&) -> Result<void> { return {}; }};
    decodes ? open_viewer(loop, std::move(options)) : open_link(loop, std::move(options));
    member_.on_event = [this](const client::Event& event) {
        if (const auto* ticket = std::get_if<proto::Ticket>(&event)) link().ticket(*ticket);
        if (const auto* failed = std::get_if<client::RequestFailed>(&event))
            link().ticket_refused(failed->error);  // a server that learns of us asks for a moment
    };
    viewer_ ? viewer_->start() : link_->open();
}

void ScreenWatcher::open_viewer(net::Loop& loop, client::PlaneLink::Options options) {
    viewer_.emplace(
        loop, client::ScreenViewer::Options{.link = std::move(options)},
        client::ScreenViewer::Handlers{
            .want_ticket = [this] { member_.act([](auto& s, auto& out) { s.open_screen(out); }); },
            .on_update = [this](const auto& seen) { count(seen.bytes, seen.whole); },
            .on_refused = [](const proto::Error& error) { give_up(error.text()); }});
}

void ScreenWatcher::open_link(net::Loop& loop, client::PlaneLink::Options options) {
    link_.emplace(loop, proto::PLANE_SCREEN, std::move(options),
                  client::PlaneLink::Handlers{
                      .want_ticket = [this] { member_.act([](auto& s, auto& out) { s.open_screen(out); }); },
                      .on_entered =
                          [this](const proto::ServerMessage&) {
                              received_ = acknowledged_ = 0;
                              proto::ClientMessage message;
                              message.mutable_watch_screen();
                              link_->send(message);
                          },
                      .on_message = [this](const proto::ServerMessage& message, Bytes,
                                           std::size_t size) { on_message(message, size); },
                      .on_batch =
                          [this] {
                              if (received_ - acknowledged_ >= kAcknowledgeBytes) return acknowledge();
                              if (received_ > acknowledged_ && !acknowledge_.is_armed())
                                  acknowledge_.set(net::now() + kAcknowledgeGap);
                          },
                      .on_refused = [](const proto::Error& error) { give_up(error.text()); }});
}

void ScreenWatcher::on_message(const proto::ServerMessage& message, std::size_t size) {
    if (message.has_screen_delta() || message.has_screen_cursor() || message.has_screen_cleared())
        received_ += size;
    if (message.has_screen_delta()) count(size, message.screen_delta().whole());
}

void ScreenWatcher::acknowledge() {
    acknowledge_.cancel();
    proto::ClientMessage message;
    message.mutable_screen_received()->set_bytes(received_);
    if (link_->send(message)) acknowledged_ = received_;
}

void ScreenWatcher::count(std::size_t bytes, bool is_whole) {
    bytes_ += bytes;
    if (is_whole) on_update_(std::exchange(bytes_, 0));
}

}  // namespace connectsphere::bench
