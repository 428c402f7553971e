#include "lib/wire/jpeg_payload.hpp"

#include <algorithm>
#include <cassert>

namespace connectsphere::wire {

namespace {

constexpr std::size_t kMainHeaderSize = 8;
constexpr std::size_t kRestartHeaderSize = 4;
constexpr std::size_t kTableSize = 64;
constexpr std::size_t kTablesHeaderSize = 4 + 2 * kTableSize;

constexpr std::uint8_t kRestartTypes = 64;  // added to the type when there are restart markers
constexpr std::uint8_t kQTablesEachFrame = 255;
constexpr std::uint8_t kQTables = 128;  // from here on, tables travel with the frame

// RFC 2435 section 3.1.7: first and last of an interval, and a count that says "not aligned to intervals".
constexpr std::uint16_t kWholeFrame = 0xFFFF;

Error malformed(const char* what) { return {Errc::malformed, what}; }
Error unsupported(const char* what) { return {Errc::unsupported, what}; }

// Stock senders have one table for all components, or luma and chroma apart.
Result<std::optional<QuantTables>> parse_tables(Reader& r, std::uint8_t q) {
    r.skip(1);
    const std::uint8_t precision = r.u8();
    const std::size_t length = r.u16();
    const Bytes tables = r.bytes(length);
    if (!r.ok()) return Error{Errc::truncated, "jpeg tables"};
    if (length == 0) {
        if (q == kQTablesEachFrame) return malformed("jpeg tables");
        return std::optional<QuantTables>{};  // as in an earlier frame with this Q
    }
    if (precision != 0) return unsupported("jpeg tables");
    if (length != kTableSize && length != 2 * kTableSize) return malformed("jpeg tables");
    QuantTables parsed;
    const Bytes luma = tables.first(kTableSize);
    const Bytes chroma = tables.last(kTableSize);
    std::copy(luma.begin(), luma.end(), parsed.luma.begin());
    std::copy(chroma.begin(), chroma.end(), parsed.chroma.begin());
    return std::optional<QuantTables>(parsed);
}

}  // namespace

JpegPacketizer::JpegPacketizer(const JpegFrame& frame, std::size_t max_payload) : frame_(frame) {
    assert(!frame.scan.empty() && frame.scan.size() <= kMaxJpegScan);
    const std::size_t restart = frame.restart_interval != 0 ? kRestartHeaderSize : 0;
    other_size_ = std::max(max_payload, kMinJpegPayload) - kMainHeaderSize - restart;
    first_size_ = std::min(other_size_ - kTablesHeaderSize, frame.scan.size());
    count_ = 1 + (frame.scan.size() - first_size_ + other_size_ - 1) / other_size_;
}

std::size_t JpegPacketizer::offset_of(std::size_t i) const {
    return i == 0 ? 0 : std::min(first_size_ + (i - 1) * other_size_, frame_.scan.size());
}

std::size_t JpegPacketizer::write(std::size_t i, MutableBytes out) const {
    assert(i < count_);
    const std::size_t offset = offset_of(i);
    const bool has_restarts = frame_.restart_interval != 0;
    Writer w(out);
    w.u8(0);
    w.u24(static_cast<std::uint32_t>(offset));
    w.u8(static_cast<std::uint8_t>(static_cast<int>(frame_.sampling) + (has_restarts ? kRestartTypes : 0)));
    w.u8(kQTablesEachFrame);
    w.u8(static_cast<std::uint8_t>(frame_.width / 8));
    w.u8(static_cast<std::uint8_t>(frame_.height / 8));
    if (has_restarts) {
        w.u16(frame_.restart_interval);
        w.u16(kWholeFrame);
    }
    if (i == 0) {
        w.u16(0);
        w.u16(2 * kTableSize);
        w.bytes(frame_.tables.luma);
        w.bytes(frame_.tables.chroma);
    }
    w.bytes(frame_.scan.subspan(offset, offset_of(i + 1) - offset));
    return w.ok() ? w.size() : 0;
}

Result<JpegPayload> parse_jpeg_payload(Bytes bytes) {
    Reader r(bytes);
    const std::uint8_t type_specific = r.u8();
    JpegPayload payload{};
    payload.offset = r.u24();
    const std::uint8_t type = r.u8();
    JpegParameters& parameters = payload.parameters;
    parameters.q = r.u8();
    parameters.width = static_cast<std::uint16_t>(r.u8() * 8);
    parameters.height = static_cast<std::uint16_t>(r.u8() * 8);
    const bool has_restarts = (type & kRestartTypes) != 0;
    if (has_restarts) {
        parameters.restart_interval = r.u16();
        r.skip(2);  // which intervals these are would help only who shows broken frames
    }
    if (!r.ok()) return Error{Errc::truncated, "jpeg header"};
    if (type_specific != 0) return unsupported("jpeg interlaced");
    if ((type & ~kRestartTypes) > 1) return unsupported("jpeg type");
    parameters.sampling = static_cast<JpegSampling>(type & ~kRestartTypes);
    if (parameters.q == 0) return malformed("jpeg q");
    if (parameters.width == 0 || parameters.height == 0) return malformed("jpeg size");
    if (has_restarts && parameters.restart_interval == 0) return malformed("jpeg interval");

    if (payload.offset == 0 && parameters.q >= kQTables) {
        const auto tables = parse_tables(r, parameters.q);
        if (!tables) return tables.error();
        payload.tables = *tables;
    }
    payload.scan = r.rest();
    if (payload.scan.empty()) return Error{Errc::truncated, "jpeg data"};
    if (payload.offset + payload.scan.size() > kMaxJpegScan) return Error{Errc::oversized, "jpeg frame"};
    return payload;
}

}  // namespace connectsphere::wire
