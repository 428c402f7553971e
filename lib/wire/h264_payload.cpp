#include "lib/wire/h264_payload.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace connectsphere::wire {

namespace {

constexpr std::uint8_t kAggregate = 24;
constexpr std::uint8_t kFragment = 28;
constexpr std::uint8_t kForbiddenAndNri = 0xE0;
constexpr std::uint8_t kNri = 0x60;
constexpr std::uint8_t kFragmentStart = 0x80;
constexpr std::uint8_t kFragmentEnd = 0x40;
constexpr std::uint8_t kType = 0x1F;
constexpr std::size_t kFragmentHeaders = 2;
constexpr std::size_t kAggregateHeader = 1;
constexpr std::size_t kUnitSize = 2;

bool is_key_type(std::uint8_t type) { return type == kH264Idr || type == kH264Sps; }

Error truncated() { return {Errc::truncated, "h264 payload"}; }

Result<H264Payload> parse_aggregate(Bytes bytes) {
    Reader r(bytes);
    r.skip(kAggregateHeader);
    H264Payload payload;
    payload.kind = H264Payload::Kind::aggregate;
    payload.header = bytes[0];
    payload.data = r.rest();
    Reader units(payload.data);
    if (units.left() == 0) return truncated();
    while (units.left() > 0) {
        const Bytes unit = units.bytes(units.u16());
        if (!units.ok()) return truncated();
        if (unit.empty()) return Error{Errc::malformed, "h264 aggregate"};
    }
    return payload;
}

Result<H264Payload> parse_fragment(Bytes bytes) {
    if (bytes.size() <= kFragmentHeaders) return truncated();
    const std::uint8_t flags = bytes[1];
    H264Payload payload{.kind = H264Payload::Kind::fragment,
                        .is_start = (flags & kFragmentStart) != 0,
                        .is_end = (flags & kFragmentEnd) != 0,
                        .header = static_cast<std::uint8_t>((bytes[0] & kForbiddenAndNri) | (flags & kType)),
                        .data = bytes.subspan(kFragmentHeaders)};
    // RFC 6184 section 5.8: a unit in one fragment is not allowed.
    if (payload.is_start && payload.is_end) return Error{Errc::malformed, "h264 fragment"};
    return payload;
}

}  // namespace

void split_h264(Bytes stream, std::vector<Bytes>& out) {
    out.clear();
    constexpr std::array<std::uint8_t, 3> kStartCode{0, 0, 1};
    const auto next = [&](Bytes::iterator from) {
        return std::search(from, stream.end(), kStartCode.begin(), kStartCode.end());
    };
    for (auto at = next(stream.begin()); at != stream.end();) {
        const auto begin = at + static_cast<std::ptrdiff_t>(kStartCode.size());
        at = next(begin);
        auto end = at;
        while (end != begin && *(end - 1) == 0) --end;  // of a start code of four, or trailing zeros
        if (end != begin) out.emplace_back(begin, end);
    }
}

Result<H264Payload> parse_h264_payload(Bytes payload) {
    if (payload.empty()) return truncated();
    const std::uint8_t type = h264_unit_type(payload[0]);
    if (type == kAggregate) return parse_aggregate(payload);
    if (type == kFragment) return parse_fragment(payload);
    if (type == 0 || type > 23) return Error{Errc::unsupported, "h264 packetization"};
    H264Payload single;
    single.header = payload[0];
    single.data = payload;
    return single;
}

bool starts_h264_key_frame(const H264Payload& payload) {
    if (payload.kind == H264Payload::Kind::aggregate) {
        bool is_key = false;
        for_each_h264_unit(payload,
                           [&](Bytes unit) { is_key = is_key || is_key_type(h264_unit_type(unit[0])); });
        return is_key;
    }
    return payload.is_start && is_key_type(h264_unit_type(payload.header));
}

H264Packetizer::H264Packetizer(std::span<const Bytes> units, std::size_t max_payload) : units_(units) {
    assert(max_payload > kFragmentHeaders);
    for (std::size_t i = 0; i < units.size();) {
        assert(!units[i].empty());
        if (units[i].size() > max_payload) {
            add_fragments(i++, max_payload);
            continue;
        }
        // Parameter sets and small slices share a packet.
        std::size_t count = 1;
        std::size_t size = kAggregateHeader + kUnitSize + units[i].size();
        while (i + count < units.size() && size + kUnitSize + units[i + count].size() <= max_payload) {
            size += kUnitSize + units[i + count].size();
            ++count;
        }
        pieces_.push_back({.first_unit = i, .units = count, .offset = 0, .size = 0});
        i += count;
    }
}

void H264Packetizer::add_fragments(std::size_t unit, std::size_t max_payload) {
    const std::size_t size = units_[unit].size() - 1;  // the first byte travels in the headers
    const std::size_t room = max_payload - kFragmentHeaders;
    const std::size_t count = (size + room - 1) / room;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t begin = size * i / count;
        const std::size_t end = size * (i + 1) / count;
        pieces_.push_back({.first_unit = unit, .units = 1, .offset = begin, .size = end - begin});
    }
}

std::size_t H264Packetizer::write(std::size_t i, MutableBytes out) const {
    assert(i < count());
    const Piece& piece = pieces_[i];
    const Bytes first = units_[piece.first_unit];
    Writer w(out);
    if (piece.size > 0) {
        const bool is_end = 1 + piece.offset + piece.size == first.size();
        w.u8(static_cast<std::uint8_t>((first[0] & kForbiddenAndNri) | kFragment));
        w.u8(static_cast<std::uint8_t>((piece.offset == 0 ? kFragmentStart : 0) |
                                       (is_end ? kFragmentEnd : 0) | h264_unit_type(first[0])));
        w.bytes(first.subspan(1 + piece.offset, piece.size));
    } else if (piece.units == 1) {
        w.bytes(first);
    } else {
        std::uint8_t importance = 0;  // the highest of its units
        for (const Bytes unit : units_.subspan(piece.first_unit, piece.units))
            importance = std::max(importance, static_cast<std::uint8_t>(unit[0] & kNri));
        w.u8(static_cast<std::uint8_t>(importance | kAggregate));
        for (const Bytes unit : units_.subspan(piece.first_unit, piece.units)) {
            w.u16(static_cast<std::uint16_t>(unit.size()));
            w.bytes(unit);
        }
    }
    return w.ok() ? w.size() : 0;
}

}  // namespace connectsphere::wire
