// ScreenViewer: sees the room's screen. It keeps the picture as the broker brings it on, acknowledges what
// has arrived, and comes back after any break. It needs somebody who asks for tickets (plane_link.hpp).
#pragma once

#include <functional>

#include "lib/client/plane_link.hpp"
#include "lib/client/screen_source.hpp"
#include "lib/media/screen_picture.hpp"

namespace connectsphere::client {

class ScreenViewer {
  public:
    // One update, drawn.
    struct Seen {
        std::uint64_t version = 0;
        int width = 0;  // of the picture
        int height = 0;
        std::size_t bytes = 0;  // of the frame
        std::size_t tiles = 0;
        std::size_t copies = 0;
        Duration age{};  // of the newest pixels: from the presenter's look at its screen until now, without
                         // the time on the network
        bool whole = false;  // nothing of this version is missing
        bool exact = false;  // and all of it is as the presenter has it
        std::uint64_t captured_at =
            0;  // by the presenter's clock, microseconds; for measuring on one machine
    };
    struct Options {
        PlaneLink::Options link;
    };
    struct Handlers {
        std::function<void()> want_ticket;
        std::function<void(const Seen&)> on_update;
        std::function<void(const ScreenCursor&)> on_cursor = nullptr;
        std::function<void()> on_cleared = nullptr;  // there is no picture now
        std::function<void()> on_lost = nullptr;     // the connection; the picture stays, and it comes back
        std::function<void(const proto::Error&)> on_refused;
    };
    struct Counters {
        std::uint64_t updates = 0;
        std::uint64_t bytes = 0;
        std::uint64_t bad_tiles = 0;  // of a presenter that sends nonsense: not drawn
    };

    ScreenViewer(net::Loop& loop, Options options, Handlers handlers);

    void start() { link_.open(); }
    void stop() { link_.close(); }
    PlaneLink& link() { return link_; }

    bool has_picture() const { return picture_.grid().count() > 0; }
    const media::ScreenPicture& picture() const { return picture_; }
    const ScreenCursor& cursor() const { return cursor_; }
    const Counters& counters() const { return counters_; }

  private:
    void on_message(const proto::ServerMessage& message, Bytes data, std::size_t size);
    void on_delta(const proto::ScreenDelta& delta, Bytes data, std::size_t size);
    Result<void> draw(const proto::ScreenDelta& delta, Bytes data);
    void acknowledge();

    PlaneLink link_;
    Handlers handlers_;
    net::Timer acknowledge_;
    media::ScreenPicture picture_;
    bool has_bad_tiles_ = false;  // since the last whole picture began
    ScreenCursor cursor_;
    std::uint64_t received_ = 0;  // bytes on this connection
    std::uint64_t acknowledged_ = 0;
    Counters counters_;
};

}  // namespace connectsphere::client
