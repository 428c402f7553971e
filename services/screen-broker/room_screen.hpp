// RoomScreen: one room's screen and its viewers. Each viewer is brought from what it has to the newest state
// as its window allows; viewers that lack the same get the same frame, made once. What the presenter has to
// do for them (go on, send what copies have moved, rest) is counted here.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "services/common/outbox.hpp"
#include "services/screen-broker/viewer.hpp"

namespace connectsphere::screen_broker {

class RoomScreen {
  public:
    static constexpr std::size_t kDeltaBytes = 64 << 10;  // tile data in a delta
    static constexpr Duration kAskGap = 250ms;            // between two requests for what copies have moved

    explicit RoomScreen(std::size_t window) : window_(window) {}

    // From the presenter.
    Result<void> update(const proto::ScreenUpdate& update, Bytes data, Time now, Outbox& out);
    Result<void> cursor(const proto::ScreenCursor& cursor, Bytes image, Time now, Outbox& out);
    void expect_first();  // of a presenter that begins
    void clear(Outbox& out);

    void add_viewer(ConnectionId id, Time now, Outbox& out);
    void remove_viewer(ConnectionId id) { viewers_.erase(id); }
    bool has_viewer(ConnectionId id) const { return viewers_.contains(id); }
    // False: a number that can not be.
    bool received(ConnectionId id, std::uint64_t bytes, Time now, Outbox& out);

    // What the presenter has to be told, when it is not what it was told last.
    std::optional<proto::PresentNeed> need(Time now);
    // When need() may have something new without anything else happening.
    Time deadline() const { return ask_at_; }

    std::size_t viewers() const { return viewers_.size(); }
    std::size_t bytes() const { return screen_.bytes() + cursor_image_.size(); }
    std::uint64_t deltas() const { return deltas_; }
    std::uint64_t deltas_made() const { return deltas_made_; }

  private:
    // A delta as some viewer got it: for those who lack the same.
    struct Made {
        Viewer::Lack lack;
        std::vector<media::ScreenCopy> copies;
        bool needs_size;
        std::size_t first;
        std::size_t room;
        std::shared_ptr<const Buffer> frame;  // shared with output queues
        std::vector<std::size_t> tiles;
        std::size_t next;
    };

    void pump(ConnectionId id, Viewer& viewer, Time now, Outbox& out);
    void pump_all(Time now, Outbox& out);
    bool has_delta(const Viewer& viewer) const;
    const Made& delta(const Viewer& viewer, Time now);
    Made make(const Viewer& viewer, std::size_t room, Time now) const;
    std::span<const SharedScreen::Part> parts_for(const Viewer& viewer, std::size_t index) const;
    void send_cursor(ConnectionId id, Viewer& viewer, Time now, Outbox& out);

    std::size_t window_;
    SharedScreen screen_;
    std::map<ConnectionId, Viewer> viewers_;
    std::vector<Made> made_;  // of this version, within kReuse of made_at_; few
    std::uint64_t made_version_ = 0;
    Time made_at_{};
    proto::ScreenCursor cursor_;
    Buffer cursor_image_;
    std::uint64_t cursor_change_ = 0;  // counts up
    std::optional<proto::PresentNeed> told_;
    Time asked_at_{};
    Time ask_at_ = kNever;
    std::uint64_t deltas_ = 0, deltas_made_ = 0;
};

}  // namespace connectsphere::screen_broker
