// Viewer: how far one viewer is behind the shared screen, in a size that does not grow: which tiles it lacks,
// which copies it has yet to apply (few, else it gets tiles), and how many bytes may be on the way to it.
// What was sent counts as there: TCP keeps the order.
#pragma once

#include <deque>
#include <vector>

#include "services/screen-broker/shared_screen.hpp"

namespace connectsphere::screen_broker {

// How much may be on the way: about 80 ms of what the viewer takes, by its own acknowledgements.
class SendWindow {
  public:
    static constexpr std::size_t kFirst = 128 << 10, kLeast = 24 << 10;

    explicit SendWindow(std::size_t most) : most_(most), size_(std::min(kFirst, most)) {}

    std::size_t in_flight() const { return static_cast<std::size_t>(sent_ - received_); }
    std::size_t open() const { return size_ - std::min(size_, in_flight()); }
    void sent(std::size_t bytes, Time now);
    void sent_aside(std::size_t bytes) { sent_ += bytes; }  // says nothing of the way's speed
    // False: more than was sent.
    bool received(std::uint64_t total, Time now);

  private:
    struct Mark {
        std::uint64_t sent;      // in total, with this one
        std::uint64_t received;  // when it was sent
        Time at;
        bool is_limited;  // the window was full: what is measured is the way, not the screen
    };

    std::size_t most_;
    std::size_t size_;
    std::uint64_t sent_ = 0;
    std::uint64_t received_ = 0;
    double bytes_per_second_ = 0;
    std::deque<Mark> marks_;  // one a frame on the way: bounded as the window is
};

class Viewer {
  public:
    static constexpr std::size_t kMaxCopies = media::kMaxScreenCopies;

    Viewer(const media::TileGrid& grid, std::size_t most_on_the_way) : window(most_on_the_way) {
        start(grid);
    }

    // It has to get the whole picture.
    void start(const media::TileGrid& grid);
    void apply(const media::TileGrid& grid, const SharedScreen::Change& change);

    bool lacks(std::size_t index) const { return missing_[index]; }
    bool lacks_nothing() const { return missing_count_ == 0; }
    void has(std::size_t index);
    const media::TileFlags& missing() const { return missing_; }

    SendWindow window;
    std::vector<media::ScreenCopy> copies;  // to be sent before tiles; at most kMaxCopies
    bool needs_size = true;
    std::size_t next = 0;            // tile to go on with, so that none waits for ever behind busy ones
    std::uint64_t version = 0;       // of the newest delta
    std::uint64_t cursor = 0;        // the newest change of the pointer that it knows
    std::uint64_t cursor_shape = 0;  // the image that it has

  private:
    void lack(std::size_t index);
    void move(const media::TileGrid& grid, const media::ScreenCopy& copy);

    media::TileFlags missing_;
    std::size_t missing_count_ = 0;
};

}  // namespace connectsphere::screen_broker
