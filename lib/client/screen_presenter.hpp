// ScreenPresenter: shows a ScreenSource to the room. It asks for the presenter's place, works while somebody
// watches and as fast as they take it, and comes back after any break: the place is kept for 10 s, and the
// picture begins anew. It needs somebody who asks for tickets (plane_link.hpp).
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "lib/base/id.hpp"
#include "lib/client/plane_link.hpp"
#include "lib/client/screen_worker.hpp"

namespace connectsphere::client {

class ScreenPresenter {
  public:
    struct Options {
        PlaneLink::Options link;
        ScreenWorker::Options worker;
        bool take_over = false;  // host and moderators
        bool ask = false;        // wait for the place when somebody holds it
    };
    enum class End { stopped, source_ended, source_failed, refused, taken_over, granted, silent, no_space };
    struct Ended {
        End why;
        std::string text;                                       // for people, of what failed or was refused
        std::uint64_t by = 0;                                   // session that took the place or got it
        proto::ErrorCode code = proto::ERROR_CODE_UNSPECIFIED;  // refused
    };
    struct Handlers {
        std::function<void()> want_ticket;
        std::function<void()> on_started;            // the place is ours (again)
        std::function<void()> on_waiting = nullptr;  // somebody else holds it; we are in line
        std::function<void(std::uint32_t)> on_viewers = nullptr;
        std::function<void(const Ended&)> on_ended;  // once; nothing follows
        std::function<void(const proto::Error&)> on_grant_failed = nullptr;
    };
    struct Counters {
        std::uint64_t looks = 0;    // that found something
        std::uint64_t updates = 0;  // messages
        std::uint64_t bytes = 0;    // of tiles
    };

    ScreenPresenter(net::Loop& loop, std::unique_ptr<ScreenSource> source, Options options,
                    Handlers handlers);

    void start();
    void stop();
    void grant(SessionId to);
    PlaneLink& link() { return link_; }
    bool is_presenting() const { return is_presenting_; }
    const Counters& counters() const { return counters_; }

  private:
    // A part of a look, as it is sent.
    struct Part {
        proto::ClientMessage message;
        Buffer data;
        Time captured_at;
        bool is_last = false;  // of its look
    };

    void on_entered(const proto::ScreenEntered& entered);
    void on_message(const proto::ServerMessage& message);
    void on_error(const proto::ServerMessage& message);
    void on_need(const proto::PresentNeed& need);
    void on_lost();
    void on_look(ScreenLook look);
    void cut(const ScreenLook& look);
    void send_parts();
    void send_cursor();
    void ask_for_looks();
    void end(Ended ended);

    PlaneLink link_;
    Options options_;
    Handlers handlers_;
    net::Timer alive_;
    Duration alive_every_ = 3s;
    std::size_t part_bytes_ = 64 << 10;
    std::size_t ahead_bytes_ = 256 << 10;
    bool is_presenting_ = false;
    bool has_presented_ = false;
    bool has_ended_ = false;
    std::uint32_t viewers_ = 0;
    std::uint64_t life_ = 0;
    std::uint64_t number_ = 0;  // of the newest update sent
    std::uint64_t taken_ = 0;
    int looks_asked_ = 0;     // and not come yet
    std::deque<Part> parts_;  // of at most kLooksAhead looks
    struct Sent {
        std::uint64_t number;
        std::size_t bytes;
        bool ends_look;
    };
    std::deque<Sent> untaken_;
    std::size_t untaken_bytes_ = 0;
    int looks_under_way_ = 0;             // cut, and not taken by the broker yet
    std::optional<ScreenCursor> cursor_;  // the newest, not sent
    std::uint64_t cursor_shape_ = 0;      // whose image the broker has
    Counters counters_;
    ScreenWorker worker_;  // last: it ends first

    static constexpr int kLooksAhead = 2;  // one is on the way while the next is made
};

}  // namespace connectsphere::client
