#include "services/screen-broker/viewer.hpp"

#include <algorithm>

namespace connectsphere::screen_broker {

namespace {

constexpr double kWindowSeconds = 0.08;

}  // namespace

void SendWindow::sent(std::size_t bytes, Time now) {
    sent_ += bytes;
    marks_.push_back({.sent = sent_, .received = received_, .at = now, .is_limited = in_flight() >= size_});
}

bool SendWindow::received(std::uint64_t total, Time now) {
    if (total > sent_) return false;
    if (total <= received_) return true;
    received_ = total;
    while (!marks_.empty() && marks_.front().sent <= total) {
        const auto mark = marks_.front();
        marks_.pop_front();
        const double time = std::max(seconds(now - mark.at), 1e-5);
        const double rate = static_cast<double>(total - mark.received) / time;
        if (rate > bytes_per_second_) {
            bytes_per_second_ = rate;
        } else if (mark.is_limited) {
            bytes_per_second_ += (rate - bytes_per_second_) / 4;
        }
    }
    const auto wanted = static_cast<std::size_t>(std::min(kWindowSeconds * bytes_per_second_, 1e9));
    if (bytes_per_second_ > 0) size_ = std::clamp(wanted, std::min(kLeast, most_), most_);
    return true;
}

void Viewer::start(const media::TileGrid& grid) {
    lack_.assign(grid.count(), kAll);
    lacking_ = grid.count();
    copies.clear();
    needs_size = true;
    next = 0;
}

void Viewer::apply(const media::TileGrid& grid, const SharedScreen::Change& change) {
    if (change.is_new) start(grid);
    for (const auto& copy : change.copies) move(grid, copy);
    for (const auto index : change.tiles) set(index, kAll);
    for (const auto index : change.patches) {
        if (lack_[index] != kAll) set(index, static_cast<std::uint8_t>(lack_[index] + 1));
    }
    for (const auto index : change.backing) {  // one part again, of all
        if (lack_[index] != 0) set(index, kAll);
    }
}

// The copy is worth sending where it brings anything.
void Viewer::move(const media::TileGrid& grid, const media::ScreenCopy& copy) {
    if (copies.size() == kMaxCopies) {  // too far behind: the copies in line are given up with this one
        for (const auto& each : copies) grid.for_each(each.to, [&](std::size_t index) { set(index, kAll); });
        copies.clear();
    } else {
        if (lacking_ > 0) carry(grid, copy);
        bool brings = false;
        grid.for_each(copy.to, [&](std::size_t index) { brings = brings || !lacks(index); });
        if (brings) return copies.push_back(copy);
    }
    grid.for_each(copy.to, [&](std::size_t index) { set(index, kAll); });
}

// What is missing moves along with the rest.
void Viewer::carry(const media::TileGrid& grid, const media::ScreenCopy& copy) {
    media::TileFlags missing(lack_.size());
    for (std::size_t i = 0; i < lack_.size(); ++i) missing[i] = lacks(i);
    media::carry_flags(grid, copy, missing);
    grid.for_each(copy.to, [&](std::size_t index) { set(index, missing[index] ? kAll : 0); });
}

void Viewer::set(std::size_t index, std::uint8_t lack) {
    lacking_ += (lack != 0);
    lacking_ -= lacks(index);
    lack_[index] = lack;
}

void Viewer::has(std::size_t index) { set(index, 0); }

}  // namespace connectsphere::screen_broker
