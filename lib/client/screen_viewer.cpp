#include "lib/client/screen_viewer.hpp"

#include "lib/client/screen_cursor.hpp"
#include "lib/media/screen_copies.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::client {

namespace {

// Small updates need no answer of their own: the window of the broker holds many of them.
constexpr std::uint64_t kAcknowledgeBytes = 8 << 10;
constexpr Duration kAcknowledgeGap = 20ms;

}  // namespace

ScreenViewer::ScreenViewer(net::Loop& loop, Options options, Handlers handlers)
    : link_(loop, proto::PLANE_SCREEN, std::move(options.link),
            {.want_ticket = handlers.want_ticket,
             .on_entered =
                 [this](const proto::ServerMessage&) {
                     received_ = acknowledged_ = 0;
                     proto::ClientMessage message;
                     message.mutable_watch_screen();
                     link_.send(message);
                 },
             .on_message = [this](const auto& message, Bytes data,
                                  std::size_t size) { on_message(message, data, size); },
             .on_lost =
                 [this] {
                     acknowledge_.cancel();
                     if (handlers_.on_lost) handlers_.on_lost();
                 },
             .on_batch =
                 [this] {
                     if (received_ - acknowledged_ >= kAcknowledgeBytes) return acknowledge();
                     if (received_ > acknowledged_ && !acknowledge_.is_armed())
                         acknowledge_.set(net::now() + kAcknowledgeGap);
                 },
             .on_refused = [this](const proto::Error& error) { handlers_.on_refused(error); }}),
      handlers_(std::move(handlers)),
      acknowledge_(loop.timer([this] { acknowledge(); })) {}

void ScreenViewer::acknowledge() {
    acknowledge_.cancel();
    proto::ClientMessage message;
    message.mutable_screen_received()->set_bytes(received_);
    if (link_.send(message)) acknowledged_ = received_;
}

void ScreenViewer::on_message(const proto::ServerMessage& message, Bytes data, std::size_t size) {
    if (message.has_screen_delta() || message.has_screen_cursor() || message.has_screen_cleared())
        received_ += size;
    switch (message.arm_case()) {
        case proto::ServerMessage::kScreenDelta:
            return on_delta(message.screen_delta(), data, size);
        case proto::ServerMessage::kScreenCursor:
            if (take(message.screen_cursor(), data, cursor_) && handlers_.on_cursor)
                handlers_.on_cursor(cursor_);
            return;
        case proto::ServerMessage::kScreenCleared:
            picture_ = {};
            cursor_ = {};
            if (handlers_.on_cleared) handlers_.on_cleared();
            return;
        case proto::ServerMessage::kError:
            link_.close();
            return handlers_.on_refused(message.error());
        default:
            return;
    }
}

void ScreenViewer::on_delta(const proto::ScreenDelta& delta, Bytes data, std::size_t size) {
    const auto begun = net::now();
    ++counters_.updates;
    counters_.bytes += size;
    if (const auto drawn = draw(delta, data); !drawn) {  // not a broker that we understand
        proto::Error error;
        error.set_code(proto::BAD_REQUEST);
        error.set_text("the server sent a picture that can not be: " + drawn.error().text());
        link_.close();
        return handlers_.on_refused(error);
    }
    handlers_.on_update({.version = delta.version(),
                         .width = picture_.grid().width(),
                         .height = picture_.grid().height(),
                         .bytes = size,
                         .tiles = static_cast<std::size_t>(delta.tiles_size()),
                         .copies = static_cast<std::size_t>(delta.copies_size()),
                         .age = std::chrono::microseconds(delta.age_us()) + (net::now() - begun),
                         .whole = delta.whole(),
                         .exact = delta.whole() && picture_.is_exact() && !has_bad_tiles_,
                         .captured_at = delta.captured_at()});
}

// The broker has checked what it could without decoding; a tile that can not be decoded is the presenter's
// fault, and only that tile is missing.
Result<void> ScreenViewer::draw(const proto::ScreenDelta& delta, Bytes data) {
    if (delta.width() != 0 || delta.height() != 0) {
        if (const auto resized = picture_.resize(delta.width(), delta.height()); !resized)
            return resized.error();
        has_bad_tiles_ = false;
    }
    for (const auto& copy : delta.copies()) {
        if (const auto copied = picture_.copy(media::copy_of(copy)); !copied) return copied.error();
    }
    Reader rest(data);
    for (const auto& tile : delta.tiles()) {
        const auto bytes = rest.bytes(tile.bytes());
        if (!rest.ok() || tile.index() >= picture_.grid().count()) return Error{Errc::malformed, "tile"};
        if (picture_.draw(tile.index(), static_cast<media::TileEncoding>(tile.encoding()), bytes)) continue;
        ++counters_.bad_tiles;
        has_bad_tiles_ = true;
    }
    return {};
}

}  // namespace connectsphere::client
