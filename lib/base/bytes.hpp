// Bytes and the only two ways to touch them: Reader takes a format apart, Writer puts one together. Both are
// big-endian (network order), never read or write outside their span, and remember the first overrun, so that
// a parser reads every field and asks once at the end: `if (!r.ok()) return Error{Errc::truncated, "ack"};`
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace connectsphere {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;
using Buffer = std::vector<std::uint8_t>;

inline Bytes as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string to_hex(Bytes bytes);        // "00ff"
Buffer from_hex(std::string_view hex);  // the inverse; stops at the first character that is no hex digit
bool equal_constant_time(Bytes a,
                         Bytes b);  // for tokens and tags: the time says nothing of where they differ

// Reads from the front. After an overrun every further read gives zero and ok() is false.
class Reader {
  public:
    explicit Reader(Bytes bytes) : rest_(bytes) {}

    std::uint8_t u8() { return static_cast<std::uint8_t>(integer<1>()); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(integer<2>()); }
    std::uint32_t u24() { return static_cast<std::uint32_t>(integer<3>()); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(integer<4>()); }
    std::uint64_t u64() { return integer<8>(); }
    // A view of the next `count` bytes, empty on overrun.
    Bytes bytes(std::size_t count) {
        if (count > rest_.size()) {
            ok_ = false;
            rest_ = {};
            return {};
        }
        const Bytes taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }
    void skip(std::size_t count) { (void)bytes(count); }
    Bytes rest() { return bytes(rest_.size()); }  // all that is left

    std::size_t left() const { return rest_.size(); }
    bool ok() const { return ok_; }

  private:
    // Here and not in bytes.cpp, and of a known size: a relay reads and writes headers per receiver, and the
    // compiler makes one load of it.
    template <std::size_t kCount>
    std::uint64_t integer() {
        const Bytes taken = bytes(kCount);
        if (taken.empty()) return 0;
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < kCount; ++i) value = value << 8 | taken[i];
        return value;
    }

    Bytes rest_;
    bool ok_ = true;
};

// Writes to the front of a span that the caller owns. After an overrun nothing more is written.
class Writer {
  public:
    explicit Writer(MutableBytes out) : out_(out) {}

    void u8(std::uint8_t value) { integer<1>(value); }
    void u16(std::uint16_t value) { integer<2>(value); }
    void u24(std::uint32_t value) { integer<3>(value); }
    void u32(std::uint32_t value) { integer<4>(value); }
    void u64(std::uint64_t value) { integer<8>(value); }
    void bytes(Bytes bytes);
    void zeros(std::size_t count);

    std::size_t size() const { return used_; }  // bytes written so far
    std::size_t left() const { return out_.size() - used_; }
    Bytes written() const { return out_.first(used_); }
    bool ok() const { return ok_; }

  private:
    template <std::size_t kCount>
    void integer(std::uint64_t value) {
        if (!claim(kCount)) return;
        for (std::size_t i = 0; i < kCount; ++i)
            out_[used_ + i] = static_cast<std::uint8_t>(value >> (8 * (kCount - 1 - i)));
        used_ += kCount;
    }
    bool claim(std::size_t count) {
        if (!ok_ || count > out_.size() - used_) ok_ = false;
        return ok_;
    }

    MutableBytes out_;
    std::size_t used_ = 0;
    bool ok_ = true;
};

}  // namespace connectsphere
