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
    // However small they are: who stalls has few old ones to draw when it goes on.
    static constexpr std::size_t kMostFrames = 16;

    explicit SendWindow(std::size_t most) : most_(most), size_(std::min(kFirst, most)) {}

    std::size_t in_flight() const { return static_cast<std::size_t>(sent_ - received_); }
    std::size_t open() const {
        return marks_.size() < kMostFrames ? size_ - std::min(size_, in_flight()) : 0;
    }
    // The pointer is small, and may go ahead of pixels that wait.
    bool is_open_for_pointer() const { return marks_.size() < 2 * kMostFrames; }
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
    std::deque<Mark> marks_;  // one a frame on the way: at most 2 * kMostFrames
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

    // How many of the newest parts of each tile it lacks: 0, some patches, or kAll.
    using Lack = std::vector<std::uint8_t>;
    static constexpr std::uint8_t kAll = 255;

    bool lacks(std::size_t index) const { return lack_[index] != 0; }
    bool lacks_nothing() const { return lacking_ == 0; }
    void has(std::size_t index);
    const Lack& lack() const { return lack_; }

    SendWindow window;
    std::vector<media::ScreenCopy> copies;  // to be sent before tiles; at most kMaxCopies
    bool needs_size = true;
    std::size_t next = 0;            // tile to go on with, so that none waits for ever behind busy ones
    std::uint64_t version = 0;       // of the newest delta
    std::uint64_t cursor = 0;        // the newest change of the pointer that it knows
    std::uint64_t cursor_shape = 0;  // the image that it has

  private:
    void set(std::size_t index, std::uint8_t lack);
    void move(const media::TileGrid& grid, const media::ScreenCopy& copy);
    void carry(const media::TileGrid& grid, const media::ScreenCopy& copy);

    Lack lack_;
    std::size_t lacking_ = 0;  // tiles
};

}  // namespace connectsphere::screen_broker
