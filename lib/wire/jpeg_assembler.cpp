#include "lib/wire/jpeg_assembler.hpp"

#include <algorithm>

namespace connectsphere::wire {

namespace {

constexpr std::uint8_t kQTables = 128;
constexpr std::uint8_t kQTablesEachFrame = 255;

}  // namespace

Result<void> JpegAssembler::push(const RtpHeader& header, Bytes payload) {
    const auto parsed = parse_jpeg_payload(payload);
    if (!parsed) return parsed.error();
    const std::int64_t seq = seq_.unwrap(header.seq);
    const std::int64_t timestamp = timestamp_.unwrap(header.timestamp);
    newest_ = std::max(newest_, timestamp);
    Frame* frame = frame_of(timestamp, *parsed);
    if (frame == nullptr) {
        ++stats_.late;
        patience_ = kPatience;
        return {};
    }
    if (timestamp < newest_) patience_ = kPatience;
    if (!frame->is_corrupt) add(*frame, seq, header.marker, *parsed);
    return {};
}

std::optional<AssembledJpeg> JpegAssembler::next() {
    while (Frame* frame = oldest()) {
        if (!has_begun_) {
            if (Frame* first = oldest_whole()) frame = first;
        }
        if (is_whole(*frame) && (follows(*frame) || has_waited(*frame))) {
            if (auto picture = finish(*frame)) return picture;
        } else if (!frame->is_corrupt && !has_waited(*frame)) {
            return std::nullopt;
        } else {
            if (has_begun_) patience_ = std::max(patience_ / 2, kLeastPatience);
            drop(*frame);
        }
    }
    return std::nullopt;
}

JpegAssembler::Frame* JpegAssembler::oldest() {
    Frame* found = nullptr;
    for (auto& frame : frames_)
        if (frame.in_use && (found == nullptr || frame.timestamp < found->timestamp)) found = &frame;
    return found;
}

JpegAssembler::Frame* JpegAssembler::oldest_whole() {
    Frame* found = nullptr;
    for (auto& frame : frames_)
        if (is_whole(frame) && (found == nullptr || frame.timestamp < found->timestamp)) found = &frame;
    return found;
}

bool JpegAssembler::has_waited(const Frame& frame) const {
    return newest_ - frame.timestamp > patience_ ||
           std::ranges::all_of(frames_, [](const Frame& each) { return each.in_use; });
}

bool JpegAssembler::follows(const Frame& frame) const {
    return !has_begun_ || !next_seq_ || frame.fragments.front().seq == *next_seq_;
}

// The frame with this timestamp, or a place for it: a free one, or the oldest one's when this one is newer.
JpegAssembler::Frame* JpegAssembler::frame_of(std::int64_t timestamp, const JpegPayload& payload) {
    if (newest_done_ && timestamp <= *newest_done_) return nullptr;
    for (auto& frame : frames_) {
        if (frame.in_use && frame.timestamp == timestamp) return &frame;
    }
    auto place = std::ranges::find_if(frames_, [](const Frame& frame) { return !frame.in_use; });
    if (place == frames_.end()) {
        Frame* old = oldest();
        if (timestamp < old->timestamp) return nullptr;
        drop(*old);
        place = frames_.begin() + (old - frames_.data());
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
bool JpegAssembler::is_whole(const Frame& frame) {
    if (!frame.in_use || frame.is_corrupt || !frame.last_seq || frame.fragments.empty()) return false;
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
    end(frame);
    has_begun_ = true;
    ++stats_.frames;
    return AssembledJpeg{.timestamp = static_cast<std::uint32_t>(frame.timestamp),
                         .frame = {.sampling = frame.parameters.sampling,
                                   .width = frame.parameters.width,
                                   .height = frame.parameters.height,
                                   .restart_interval = frame.parameters.restart_interval,
                                   .tables = *tables,
                                   .scan = Bytes(frame.scan).first(*size)}};
}

// A spoilt frame keeps its place until it is the oldest, so that the rest of its packets find it.
void JpegAssembler::spoil(Frame& frame) {
    if (!frame.is_corrupt) ++stats_.corrupt;
    frame.is_corrupt = true;
}

void JpegAssembler::drop(Frame& frame) {
    if (!frame.is_corrupt) ++stats_.incomplete;
    end(frame);
}

void JpegAssembler::end(Frame& frame) {
    frame.in_use = false;
    newest_done_ = std::max(newest_done_.value_or(frame.timestamp), frame.timestamp);
    next_seq_.reset();
    if (frame.last_seq) next_seq_ = *frame.last_seq + 1;
}

}  // namespace connectsphere::wire
