#include "lib/wire/jpeg_assembler.hpp"

#include <algorithm>

namespace connectsphere::wire {

namespace {

constexpr std::uint8_t kQTables = 128;
constexpr std::uint8_t kQTablesEachFrame = 255;

}  // namespace

Result<std::optional<AssembledJpeg>> JpegAssembler::push(const RtpHeader& header, Bytes payload) {
    const auto parsed = parse_jpeg_payload(payload);
    if (!parsed) return parsed.error();
    const std::int64_t seq = seq_.unwrap(header.seq);
    Frame* frame = frame_of(timestamp_.unwrap(header.timestamp), *parsed);
    if (frame == nullptr) {
        ++stats_.late;
        return std::optional<AssembledJpeg>{};
    }
    add(*frame, seq, header.marker, *parsed);
    if (!has_all_packets(*frame)) return std::optional<AssembledJpeg>{};
    return finish(*frame);
}

// The frame with this timestamp, or a place for it: a free one, or the older one's when this one is newer.
JpegAssembler::Frame* JpegAssembler::frame_of(std::int64_t timestamp, const JpegPayload& payload) {
    if (newest_done_ && timestamp <= *newest_done_) return nullptr;
    for (auto& frame : frames_) {
        if (frame.in_use && frame.timestamp == timestamp) return &frame;
    }
    const auto place = std::min_element(frames_.begin(), frames_.end(), [](const Frame& a, const Frame& b) {
        return a.in_use != b.in_use ? !a.in_use : a.timestamp < b.timestamp;
    });
    if (place->in_use) {
        if (timestamp < place->timestamp) return nullptr;
        drop(*place);
    }
    place->in_use = true;
    place->is_corrupt = false;
    place->timestamp = timestamp;
    place->parameters = payload.parameters;
    place->tables.reset();
    place->last_seq.reset();
    place->fragments.clear();
    return &*place;
}

void JpegAssembler::add(Frame& frame, std::int64_t seq, bool marker, const JpegPayload& payload) {
    const auto after = [](const Fragment& fragment, std::int64_t value) { return fragment.seq < value; };
    const auto at = std::lower_bound(frame.fragments.begin(), frame.fragments.end(), seq, after);
    if (at != frame.fragments.end() && at->seq == seq) return;  // a duplicate
    if (!(payload.parameters == frame.parameters) || frame.fragments.size() == kMaxJpegFragments) {
        spoil(frame);
        return;
    }
    frame.fragments.insert(at, {seq, payload.offset, payload.scan.size()});
    if (marker) frame.last_seq = seq;
    if (payload.tables) frame.tables = payload.tables;
    const std::size_t end = payload.offset + payload.scan.size();
    if (frame.scan.size() < end) frame.scan.resize(end);
    std::copy(payload.scan.begin(), payload.scan.end(),
              frame.scan.begin() + static_cast<std::ptrdiff_t>(payload.offset));
}

// From the fragment with offset 0 to the one with the marker, every sequence number.
bool JpegAssembler::has_all_packets(const Frame& frame) {
    if (frame.is_corrupt || !frame.last_seq || frame.fragments.empty()) return false;
    const Fragment& first = frame.fragments.front();
    return first.offset == 0 &&
           *frame.last_seq - first.seq + 1 == static_cast<std::int64_t>(frame.fragments.size());
}

// The size of the scan where the fragments lie end to end; nothing where they overlap or leave a gap, which
// no honest sender does.
std::optional<std::size_t> JpegAssembler::scan_size(const Frame& frame) {
    std::size_t end = 0;
    for (const auto& fragment : frame.fragments) {
        if (fragment.offset != end) return std::nullopt;
        end += fragment.size;
    }
    if (frame.fragments.back().seq != *frame.last_seq) return std::nullopt;
    return end;
}

std::optional<QuantTables> JpegAssembler::tables_of(const Frame& frame) {
    const std::uint8_t q = frame.parameters.q;
    if (q < kQTables) return standard_quant_tables(q);
    if (frame.tables) {
        if (q != kQTablesEachFrame) known_tables_ = {q, *frame.tables};
        return frame.tables;
    }
    if (known_tables_ && known_tables_->first == q) return known_tables_->second;
    return std::nullopt;
}

std::optional<AssembledJpeg> JpegAssembler::finish(Frame& frame) {
    const auto size = scan_size(frame);
    const auto tables = size ? tables_of(frame) : std::nullopt;
    if (!tables) {
        spoil(frame);
        return std::nullopt;
    }
    for (auto& other : frames_) {
        if (other.in_use && other.timestamp < frame.timestamp) drop(other);
    }
    frame.in_use = false;
    newest_done_ = frame.timestamp;
    ++stats_.frames;
    return AssembledJpeg{.timestamp = static_cast<std::uint32_t>(frame.timestamp),
                         .frame = {.sampling = frame.parameters.sampling,
                                   .width = frame.parameters.width,
                                   .height = frame.parameters.height,
                                   .restart_interval = frame.parameters.restart_interval,
                                   .tables = *tables,
                                   .scan = Bytes(frame.scan).first(*size)}};
}

// A spoilt frame keeps its place, so that the rest of its packets find it, until a newer one takes it.
void JpegAssembler::spoil(Frame& frame) {
    if (!frame.is_corrupt) ++stats_.corrupt;
    frame.is_corrupt = true;
}

void JpegAssembler::drop(Frame& frame) {
    if (!frame.is_corrupt) ++stats_.incomplete;
    frame.in_use = false;
    newest_done_ = std::max(newest_done_.value_or(frame.timestamp), frame.timestamp);
}

}  // namespace connectsphere::wire
