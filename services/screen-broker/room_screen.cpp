#include "services/screen-broker/room_screen.hpp"

#include <algorithm>

#include "lib/media/screen_copies.hpp"
#include "lib/wire/frame.hpp"
#include "services/common/answers.hpp"

namespace connectsphere::screen_broker {

namespace {

constexpr Duration kReuse = 2ms;     // a delta is stamped with its age when it is made
constexpr std::size_t kMaxMade = 4;  // deltas that are kept for others
constexpr std::uint32_t kMaxCursorSide = 256;
constexpr std::size_t kMaxCursorBytes = 64 << 10;

std::shared_ptr<const Buffer> frame_with(const proto::ServerMessage& message, Bytes data) {
    auto frame = std::make_shared<Buffer>();
    wire::append_frame(*frame, as_bytes(message.SerializeAsString()), data);
    return frame;
}

}  // namespace

// ---- the presenter

Result<void> RoomScreen::update(const proto::ScreenUpdate& update, Bytes data, Time now, Outbox& out) {
    const auto change = screen_.apply(update, data, now);
    if (!change) return change.error();
    for (auto& [id, viewer] : viewers_) viewer.apply(screen_.grid(), *change);
    pump_all(now, out);
    return {};
}

Result<void> RoomScreen::cursor(const proto::ScreenCursor& cursor, Bytes image, Time now, Outbox& out) {
    const bool has_image = !image.empty();
    if (image.size() > kMaxCursorBytes || cursor.width() > kMaxCursorSide || cursor.height() > kMaxCursorSide)
        return Error{Errc::oversized, "cursor"};
    if (!has_image && cursor.shape() != cursor_.shape() && cursor.shape() != 0)
        return Error{Errc::malformed, "cursor without its image"};
    const auto old = std::exchange(cursor_, cursor);
    if (has_image) {
        cursor_image_.assign(image.begin(), image.end());
    } else {  // the image that is known keeps what belongs to it
        cursor_.set_hot_x(old.hot_x());
        cursor_.set_hot_y(old.hot_y());
        cursor_.set_width(old.width());
        cursor_.set_height(old.height());
    }
    ++cursor_change_;
    for (auto& [id, viewer] : viewers_) send_cursor(id, viewer, now, out);
    return {};
}

void RoomScreen::expect_first() {
    screen_.expect_first();
    cursor_.Clear();
    cursor_image_.clear();
    ++cursor_change_;
    told_.reset();
}

void RoomScreen::clear(Outbox& out) {
    if (!screen_.is_empty()) {
        proto::ServerMessage message;
        message.mutable_screen_cleared();
        FrameOut frame{.to = {}, .frame = frame_of(message)};
        for (auto& [id, viewer] : viewers_) {
            frame.to.push_back(id);
            viewer.window.sent_aside(frame.frame->size());
        }
        if (!frame.to.empty()) out.frames.push_back(std::move(frame));
    }
    screen_.clear();
    expect_first();
    for (auto& [id, viewer] : viewers_) viewer.start({});
}

std::optional<proto::PresentNeed> RoomScreen::need(Time now) {
    proto::PresentNeed need = told_.value_or(proto::PresentNeed());
    need.set_viewers(static_cast<std::uint32_t>(viewers_.size()));
    need.set_backing(false);
    bool is_taken = viewers_.empty();
    bool lacks_moved = false;
    for (const auto& [id, viewer] : viewers_) {
        is_taken = is_taken || !has_delta(viewer);
        for (std::size_t i = 0; !lacks_moved && !viewer.lacks_nothing() && i < screen_.grid().count(); ++i)
            lacks_moved = viewer.lacks(i) && screen_.tile(i).is_moved;
    }
    if (is_taken) need.set_taken(screen_.number());
    ask_at_ = kNever;
    if (lacks_moved) {
        if (asked_at_ == Time{} || now - asked_at_ >= kAskGap) {
            need.set_backing(true);
            asked_at_ = now;
        }
        ask_at_ = asked_at_ + kAskGap;
    }
    const bool is_new =
        !told_ || need.backing() || told_->viewers() != need.viewers() || told_->taken() != need.taken();
    if (!is_new) return std::nullopt;
    told_ = need;
    return need;
}

// ---- viewers

void RoomScreen::add_viewer(ConnectionId id, Time now, Outbox& out) {
    const auto [place, is_new] = viewers_.try_emplace(id, screen_.grid(), window_);
    if (is_new) pump(id, place->second, now, out);
}

bool RoomScreen::received(ConnectionId id, std::uint64_t bytes, Time now, Outbox& out) {
    auto& viewer = viewers_.at(id);
    if (!viewer.window.received(bytes, now)) return false;
    pump(id, viewer, now, out);
    return true;
}

void RoomScreen::pump_all(Time now, Outbox& out) {
    for (auto& [id, viewer] : viewers_) pump(id, viewer, now, out);
}

bool RoomScreen::has_delta(const Viewer& viewer) const {
    if (screen_.is_empty()) return false;
    if (viewer.needs_size || !viewer.copies.empty()) return true;
    if (viewer.lacks_nothing()) return false;
    for (std::size_t i = 0; i < screen_.grid().count(); ++i) {
        if (viewer.lacks(i) && screen_.tile(i).is_current()) return true;
    }
    return false;
}

void RoomScreen::pump(ConnectionId id, Viewer& viewer, Time now, Outbox& out) {
    send_cursor(id, viewer, now, out);
    while (viewer.window.open() > 0 && has_delta(viewer)) {
        const auto& made = delta(viewer, now);
        for (const auto index : made.tiles) viewer.has(index);
        viewer.next = made.next;
        viewer.copies.clear();
        viewer.needs_size = false;
        viewer.window.sent(made.frame->size(), now);
        if (!out.frames.empty() && out.frames.back().frame == made.frame) {
            out.frames.back().to.push_back(id);
        } else {
            out.frames.push_back({.to = {id}, .frame = made.frame});
        }
        ++deltas_;
    }
}

const RoomScreen::Made& RoomScreen::delta(const Viewer& viewer, Time now) {
    if (made_version_ != screen_.version() || now - made_at_ > kReuse) {
        made_.clear();
        made_version_ = screen_.version();
        made_at_ = now;
    }
    const auto room = std::min(kDeltaBytes, viewer.window.open());
    for (const auto& made : made_) {
        const bool is_same = made.first == viewer.next && made.needs_size == viewer.needs_size &&
                             made.frame->size() <= viewer.window.open() && made.copies == viewer.copies &&
                             made.lack == viewer.lack();
        if (is_same) return made;
    }
    if (made_.size() == kMaxMade) made_.erase(made_.begin());
    made_.push_back(make(viewer, room, now));
    ++deltas_made_;
    return made_.back();
}

std::span<const SharedScreen::Part> RoomScreen::parts_for(const Viewer& viewer, std::size_t index) const {
    const std::span<const SharedScreen::Part> parts = screen_.tile(index).parts;
    return parts.last(std::min<std::size_t>(viewer.lack()[index], parts.size()));
}

RoomScreen::Made RoomScreen::make(const Viewer& viewer, std::size_t room, Time now) const {
    Made made{.lack = viewer.lack(),
              .copies = viewer.copies,
              .needs_size = viewer.needs_size,
              .first = viewer.next,
              .room = room,
              .frame = nullptr,
              .tiles = {},
              .next = 0};
    const auto count = screen_.grid().count();
    std::size_t size = 0, lacking = 0, at = viewer.next;
    for (std::size_t i = 0; i < count; ++i) lacking += viewer.lacks(i);
    for (std::size_t seen = 0; seen < count; ++seen, at = (at + 1) % count) {
        if (!viewer.lacks(at) || !screen_.tile(at).is_current()) continue;
        std::size_t bytes = 0;
        for (const auto& part : parts_for(viewer, at)) bytes += part.bytes.size();
        if (!made.tiles.empty() && size + bytes > room) break;
        made.tiles.push_back(at);
        size += bytes;
    }
    made.next = at % count;
    std::sort(made.tiles.begin(), made.tiles.end());

    proto::ServerMessage message;
    auto& delta = *message.mutable_screen_delta();
    delta.set_version(screen_.version());
    if (viewer.needs_size) {
        delta.set_width(static_cast<std::uint32_t>(screen_.grid().width()));
        delta.set_height(static_cast<std::uint32_t>(screen_.grid().height()));
    }
    for (const auto& copy : viewer.copies) media::describe(copy, *delta.add_copies());
    for (const auto index : made.tiles) {
        for (const auto& part : parts_for(viewer, index)) {
            auto& tile = *delta.add_tiles();
            tile.set_index(static_cast<std::uint32_t>(index));
            tile.set_encoding(part.encoding);
            tile.set_bytes(static_cast<std::uint32_t>(part.bytes.size()));
        }
    }
    delta.set_whole(lacking == made.tiles.size() && !screen_.has_more());
    delta.set_age_us(static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                                    std::max(now - screen_.captured_at(), Duration{}))
                                                    .count()));
    delta.set_captured_at(screen_.presenter_clock());
    auto frame = std::make_shared<Buffer>();
    auto data = wire::lay_out_frame(*frame, as_bytes(message.SerializeAsString()), size);
    for (const auto index : made.tiles) {
        for (const auto& part : parts_for(viewer, index)) {
            std::copy(part.bytes.begin(), part.bytes.end(), data.begin());
            data = data.subspan(part.bytes.size());
        }
    }
    made.frame = std::move(frame);
    return made;
}

// The newest place of the pointer only, and its image once.
void RoomScreen::send_cursor(ConnectionId id, Viewer& viewer, Time now, Outbox& out) {
    if (viewer.cursor == cursor_change_ || screen_.is_empty()) return;
    if (!viewer.window.is_open_for_pointer()) return;
    const bool knows_image = viewer.cursor_shape == cursor_.shape();
    if (!knows_image && viewer.window.open() == 0) return;
    proto::ServerMessage message;
    *message.mutable_screen_cursor() = cursor_;
    const auto frame = frame_with(message, knows_image ? Bytes() : Bytes(cursor_image_));
    out.frames.push_back({.to = {id}, .frame = frame});
    viewer.window.sent(frame->size(), now);
    viewer.cursor = cursor_change_;
    viewer.cursor_shape = cursor_.shape();
}

}  // namespace connectsphere::screen_broker
