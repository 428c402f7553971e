// ScreenWatcher: a member who watches the room's screen, either as a client does, or only reading and
// acknowledging, so that many of them are cheap beside the server that is measured.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "lib/client/screen_viewer.hpp"
#include "tests/bench/load/member.hpp"

namespace connectsphere::bench {

class ScreenWatcher {
  public:
    using OnUpdate = std::function<void(std::size_t bytes)>;  // a picture is whole; bytes since the last

    // The member has joined; it belongs to this watcher's loop and outlives it.
    ScreenWatcher(net::Loop& loop, Member& member, const Address& server, bool decodes, OnUpdate on_update);
    ScreenWatcher(const ScreenWatcher&) = delete;
    ScreenWatcher& operator=(const ScreenWatcher&) = delete;

  private:
    client::PlaneLink& link() { return viewer_ ? viewer_->link() : *link_; }
    void open_viewer(net::Loop& loop, client::PlaneLink::Options options);
    void open_link(net::Loop& loop, client::PlaneLink::Options options);
    void on_message(const proto::ServerMessage& message, std::size_t size);
    void acknowledge();
    void count(std::size_t bytes, bool is_whole);

    Member& member_;
    OnUpdate on_update_;
    std::size_t bytes_ = 0;  // since the picture was whole
    std::uint64_t received_ = 0;
    std::uint64_t acknowledged_ = 0;
    net::Timer acknowledge_;
    std::optional<client::ScreenViewer> viewer_;  // one of these
    std::optional<client::PlaneLink> link_;
};

}  // namespace connectsphere::bench
