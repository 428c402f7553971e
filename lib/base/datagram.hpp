// Datagrams as values, so that engines take and give them without knowing a socket. Datagram is one that came
// in, its bytes in the receiver's buffer (writable: SRTP removes its tag in place). DatagramBatch collects
// what goes out, in one block that is allocated once: consecutive datagrams of one route and one size leave
// in a single system call (UDP GSO). Its owner may have it emptied whenever it is full: then a small one,
// that stays in the processor's cache, takes everything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "lib/base/address.hpp"
#include "lib/base/bytes.hpp"
#include "lib/base/time.hpp"

namespace connectsphere {

constexpr std::size_t kMaxDatagramSent =
    1200;  // bytes with the SRTP tag: passes every LAN, tunnel and VPN whole
constexpr std::size_t kMaxDatagramAccepted = 1500;  // a longer one is dropped and counted

struct Datagram {
    Route route;
    MutableBytes payload;
    Time received_at;  // when it arrived, not when we looked: queues before the engine must not bias its
                       // estimates
};

class DatagramBatch {
  public:
    struct Entry {
        Route route;
        std::size_t offset;
        std::size_t size;
    };

    explicit DatagramBatch(std::size_t max_bytes = 8 << 20) : block_(max_bytes) {}

    // Called with the full batch, which goes on empty.
    void when_full(std::function<void(const DatagramBatch&)> take) { take_ = std::move(take); }

    // Room for a datagram of up to `max_size` bytes; empty when the batch is full (the drop is counted). Fill
    // it, then commit the size that was used; without a commit nothing was added.
    MutableBytes claim(std::size_t max_size) {
        if (max_size > block_.size() - used_) hand_over();
        if (max_size > block_.size() - used_) {
            ++dropped_;
            return {};
        }
        return MutableBytes(block_).subspan(used_, max_size);
    }
    void commit(const Route& route, std::size_t size) {
        entries_.push_back({route, used_, size});
        used_ += size;
    }
    // What follows goes elsewhere: one that is half full is rather taken here than in the middle of a train.
    void end_train() {
        if (used_ >= block_.size() / 2) hand_over();
    }
    void clear() {
        entries_.clear();
        used_ = 0;
    }

    std::size_t size() const { return entries_.size(); }
    bool empty() const { return entries_.empty(); }
    const Entry& entry(std::size_t i) const { return entries_[i]; }
    Bytes bytes(std::size_t i) const { return Bytes(block_).subspan(entries_[i].offset, entries_[i].size); }
    std::uint64_t dropped() const { return dropped_; }  // claims refused since the start: the batch was full

  private:
    void hand_over() {
        if (!take_) return;
        take_(*this);
        clear();
    }

    Buffer block_;
    std::vector<Entry> entries_;
    std::function<void(const DatagramBatch&)> take_;
    std::size_t used_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace connectsphere
