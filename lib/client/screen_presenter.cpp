#include "lib/client/screen_presenter.hpp"

#include <algorithm>
#include <utility>

#include "lib/client/screen_cursor.hpp"
#include "lib/media/screen_copies.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::client {

namespace {

constexpr std::uint64_t kStart = 2, kGrant = 3, kStop = 4;  // requests of ours
constexpr std::size_t kCursorBehind = 64 << 10;  // while more waits for the server, the pointer waits too

std::uint32_t microseconds(Duration duration) {
    return static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
}

}  // namespace

ScreenPresenter::ScreenPresenter(net::Loop& loop, std::unique_ptr<ScreenSource> source, Options options,
                                 Handlers handlers)
    : link_(loop, proto::PLANE_SCREEN, options.link,
            {.want_ticket = handlers.want_ticket,
             .on_entered = [this](const auto& entered) { on_entered(entered.screen_entered()); },
             .on_message = [this](const auto& message, Bytes, std::size_t) { on_message(message); },
             .on_lost = [this] { on_lost(); },
             .on_refused =
                 [this](const proto::Error& error) {
                     end({.why = End::refused, .text = error.text(), .code = error.code()});
                 }}),
      options_(std::move(options)),
      handlers_(std::move(handlers)),
      alive_(loop.timer([this] {
          proto::ClientMessage message;
          message.mutable_presenter_alive();
          link_.send(message);
          alive_.set(net::now() + alive_every_);
      })),
      worker_(loop, std::move(source), options_.worker,
              [this](ScreenLook look) { on_look(std::move(look)); }) {}

void ScreenPresenter::start() { link_.open(); }

void ScreenPresenter::stop() {
    proto::ClientMessage message;
    message.set_request_id(kStop);
    message.mutable_stop_presenting();
    link_.send(message);
    end({.why = End::stopped, .text = {}});
}

void ScreenPresenter::grant(SessionId to) {
    proto::ClientMessage message;
    message.set_request_id(kGrant);
    message.mutable_grant_presenting()->set_session_id(to.value);
    link_.send(message);
}

void ScreenPresenter::end(Ended ended) {
    if (std::exchange(has_ended_, true)) return;
    is_presenting_ = false;
    worker_.rest();
    alive_.cancel();
    link_.close();
    handlers_.on_ended(ended);
}

// ---- the broker

void ScreenPresenter::on_entered(const proto::ScreenEntered& entered) {
    part_bytes_ = std::clamp<std::size_t>(entered.part_bytes(), media::kMaxTileBytes, 1 << 20);
    ahead_bytes_ = std::max<std::size_t>(entered.ahead_bytes(), part_bytes_);
    alive_every_ = std::chrono::seconds(std::max(entered.alive_seconds(), 1U));
    proto::ClientMessage message;
    message.set_request_id(kStart);
    auto& start = *message.mutable_start_presenting();
    // A place that was lost while we were away is not taken from who has it now.
    start.set_take_over(options_.take_over && !has_presented_);
    start.set_ask(options_.ask && !has_presented_);
    link_.send(message);
    if (options_.ask && !has_presented_ && entered.presenter_session_id() != 0 && handlers_.on_waiting)
        handlers_.on_waiting();
}

void ScreenPresenter::on_message(const proto::ServerMessage& message) {
    switch (message.arm_case()) {
        case proto::ServerMessage::kDone:
            if (message.request_id() != kStart || has_ended_) return;
            is_presenting_ = has_presented_ = true;
            worker_.begin(++life_);
            alive_.set(net::now() + alive_every_);
            return handlers_.on_started();
        case proto::ServerMessage::kPresentNeed:
            return on_need(message.present_need());
        case proto::ServerMessage::kPresentingEnded: {
            const auto& ended = message.presenting_ended();
            const auto why = ended.why() == proto::GRANTED    ? End::granted
                             : ended.why() == proto::SILENT   ? End::silent
                             : ended.why() == proto::NO_SPACE ? End::no_space
                                                              : End::taken_over;
            return end({.why = why, .text = {}, .by = ended.by_session_id()});
        }
        case proto::ServerMessage::kError:
            return on_error(message);
        default:
            return;
    }
}

void ScreenPresenter::on_error(const proto::ServerMessage& message) {
    if (message.request_id() == kGrant) {
        if (handlers_.on_grant_failed) handlers_.on_grant_failed(message.error());
        return;
    }
    end({.why = End::refused, .text = message.error().text(), .code = message.error().code()});
}

void ScreenPresenter::on_lost() {
    is_presenting_ = false;
    worker_.rest();
    alive_.cancel();
    parts_.clear();
    untaken_.clear();
    untaken_bytes_ = 0;
    number_ = taken_ = 0;
    looks_asked_ = looks_under_way_ = 0;
    viewers_ = 0;
    cursor_shape_ = 0;
    ++life_;  // looks that are on their way to us are void
}

void ScreenPresenter::on_need(const proto::PresentNeed& need) {
    if (!is_presenting_) return;
    taken_ = std::max(taken_, need.taken());
    while (!untaken_.empty() && untaken_.front().number <= taken_) {
        untaken_bytes_ -= untaken_.front().bytes;
        looks_under_way_ -= untaken_.front().ends_look;
        untaken_.pop_front();
    }
    if (std::exchange(viewers_, need.viewers()) != need.viewers() && handlers_.on_viewers)
        handlers_.on_viewers(viewers_);
    if (viewers_ == 0) return worker_.rest();
    if (need.backing()) worker_.want_backing();
    send_parts();
    ask_for_looks();
}

// ---- what is sent

void ScreenPresenter::ask_for_looks() {
    if (viewers_ == 0) return;
    for (; looks_asked_ + looks_under_way_ < kLooksAhead; ++looks_asked_) worker_.want_look();
    if (looks_asked_ > 0) worker_.go_on();
}

void ScreenPresenter::on_look(ScreenLook look) {
    if (look.ended) {
        const auto why = look.fault.empty() ? End::source_ended : End::source_failed;
        if (is_presenting_) {
            proto::ClientMessage message;
            message.mutable_stop_presenting();
            link_.send(message);
        }
        return end({.why = why, .text = look.fault});
    }
    if (look.life != life_ || !is_presenting_) return;
    if (look.has_cursor) cursor_ = std::move(look.cursor);
    if (!look.frame.is_empty()) {
        ++counters_.looks;
        if (!look.is_backing && looks_asked_ > 0) --looks_asked_;
        ++looks_under_way_;
        cut(look);
        send_parts();
        ask_for_looks();
    }
    send_cursor();
}

// Cuts a look into updates; the copies and the size go with the first.
void ScreenPresenter::cut(const ScreenLook& look) {
    const auto& frame = look.frame;
    std::size_t next = 0;
    do {
        Part part{.message = {}, .data = {}, .captured_at = look.captured_at};
        auto& update = *part.message.mutable_screen_update();
        if (next == 0 && frame.is_new) {
            update.set_width(static_cast<std::uint32_t>(frame.grid.width()));
            update.set_height(static_cast<std::uint32_t>(frame.grid.height()));
        }
        if (next == 0) {
            for (const auto& copy : frame.copies) media::describe(copy, *update.add_copies());
        }
        while (next < frame.tiles.size() && part.data.size() + frame.tiles[next].size <= part_bytes_) {
            const auto& tile = frame.tiles[next++];
            auto& out = *update.add_tiles();
            out.set_index(static_cast<std::uint32_t>(tile.index));
            out.set_encoding(static_cast<proto::TileEncoding>(tile.encoding));
            out.set_bytes(static_cast<std::uint32_t>(tile.size));
            out.set_backing(tile.backing);
            const auto bytes = frame.bytes(tile);
            part.data.insert(part.data.end(), bytes.begin(), bytes.end());
        }
        part.is_last = next == frame.tiles.size();
        update.set_more(!part.is_last);
        parts_.push_back(std::move(part));
    } while (next < frame.tiles.size());
}

void ScreenPresenter::send_parts() {
    while (!parts_.empty()) {
        auto& part = parts_.front();
        if (!untaken_.empty() && untaken_bytes_ + part.data.size() > ahead_bytes_) return;
        auto& update = *part.message.mutable_screen_update();
        update.set_number(++number_);
        update.set_age_us(microseconds(net::now() - part.captured_at));
        update.set_captured_at(static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::microseconds>(part.captured_at.time_since_epoch())
                .count()));
        if (!link_.send(part.message, part.data)) return;
        ++counters_.updates;
        counters_.bytes += part.data.size();
        untaken_.push_back({number_, part.data.size(), part.is_last});
        untaken_bytes_ += part.data.size();
        parts_.pop_front();
    }
    alive_.set(net::now() + alive_every_);
}

void ScreenPresenter::send_cursor() {
    if (!cursor_ || number_ == 0 || link_.buffered() > kCursorBehind) return;
    proto::ClientMessage message;
    Buffer image;
    fill(*message.mutable_screen_cursor(), *cursor_);
    if (cursor_->shape != cursor_shape_) image = pack_cursor_image(*cursor_);
    if (cursor_->shape != cursor_shape_ && image.empty())
        message.mutable_screen_cursor()->set_shape(cursor_shape_);
    if (!link_.send(message, image)) return;
    if (!image.empty()) cursor_shape_ = cursor_->shape;
    cursor_.reset();
}

}  // namespace connectsphere::client
