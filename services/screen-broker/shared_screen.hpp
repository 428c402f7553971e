// SharedScreen: the newest state of one shared screen, as encoded tiles that nobody here decodes. An update
// of the presenter is checked completely, then applied; what it says is what viewers are brought to.
#pragma once

#include <vector>

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/base/time.hpp"
#include "lib/media/screen_tiles.hpp"
#include "proto/screen.pb.h"

namespace connectsphere::screen_broker {

class SharedScreen {
  public:
    struct Part {
        proto::TileEncoding encoding;
        Buffer bytes;
    };
    struct Tile {
        std::vector<Part> parts;  // a whole tile and its patches; empty: nothing came yet
        bool is_moved = false;    // copies have moved other pixels here: the parts are not of now

        bool is_current() const { return !parts.empty() && !is_moved; }
    };
    // What an update changed for viewers that had everything before.
    struct Change {
        bool is_new = false;  // another picture: all that was is void
        std::vector<media::ScreenCopy> copies;
        std::vector<std::size_t> tiles;    // new pixels for everybody
        std::vector<std::size_t> patches;  // the same, of a part of the tile
        std::vector<std::size_t> backing;  // for those who lack them
    };

    // An error changes nothing: the update breaks a rule of the schema.
    Result<Change> apply(const proto::ScreenUpdate& update, Bytes data, Time now);
    // The next update is number 1 of another presenter, or of another life of the same.
    void expect_first() { number_ = 0; }
    void clear();

    bool is_empty() const { return grid_.count() == 0; }
    const media::TileGrid& grid() const { return grid_; }
    const Tile& tile(std::size_t index) const { return tiles_[index]; }
    std::uint64_t number() const { return number_; }    // of the newest update
    std::uint64_t version() const { return version_; }  // counts on, whoever presents
    bool has_more() const { return has_more_; }         // the newest update is not the last of its look
    Time captured_at() const { return captured_at_; }   // by our clock
    std::uint64_t presenter_clock() const { return presenter_clock_; }
    std::size_t bytes() const { return bytes_; }  // of all tiles

  private:
    Result<void> check(const proto::ScreenUpdate& update, const media::TileGrid& grid,
                       std::size_t size) const;
    bool takes_patch(const proto::ScreenUpdate& update, std::size_t index) const;
    void store(const proto::ScreenTile& tile, Bytes bytes);

    media::TileGrid grid_;
    std::vector<Tile> tiles_;
    std::uint64_t number_ = 0;
    std::uint64_t version_ = 0;
    bool has_more_ = false;
    Time captured_at_{};
    std::uint64_t presenter_clock_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace connectsphere::screen_broker
