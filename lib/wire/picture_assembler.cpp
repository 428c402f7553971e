#include "lib/wire/picture_assembler.hpp"

#include <algorithm>
#include <array>

namespace connectsphere::wire {

namespace {

constexpr std::array<std::uint8_t, 4> kStartCode{0, 0, 0, 1};
constexpr unsigned kAllLayers = 0b1110;  // above 0; TID has two bits

// Bits as in whole_layers_; layer 0 has none.
constexpr unsigned layers_below(unsigned layer) { return ((1U << layer) - 1) & kAllLayers; }

void append(Buffer& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void append_unit(Buffer& out, Bytes unit) {
    append(out, kStartCode);
    append(out, unit);
}

}  // namespace

Result<PicturePart> Vp8Format::part_of(Bytes payload) {
    const auto parsed = parse_vp8_payload(payload);
    if (!parsed) return parsed.error();
    const Vp8Descriptor& descriptor = parsed->descriptor;
    PicturePart part{.starts_frame = descriptor.is_start,
                     .starts_key_frame = parsed->starts_key_frame(),
                     .bytes = Buffer(parsed->data.begin(), parsed->data.end())};
    if (descriptor.is_picture_id_long && descriptor.tl0_index && descriptor.temporal_layer) {
        part.links = PictureLinks{.picture_id = *descriptor.picture_id,
                                  .tl0_index = *descriptor.tl0_index,
                                  .temporal_layer = *descriptor.temporal_layer,
                                  .layer_sync = descriptor.layer_sync};
    }
    return part;
}

Result<PicturePart> H264Format::part_of(Bytes payload) {
    const auto parsed = parse_h264_payload(payload);
    if (!parsed) return parsed.error();
    // Any unit may be a frame's first: that its packets are all there says the sequence number alone.
    PicturePart part{
        .starts_frame = parsed->is_start, .starts_key_frame = starts_h264_key_frame(*parsed), .bytes = {}};
    switch (parsed->kind) {
        case H264Payload::Kind::single:
            append_unit(part.bytes, parsed->data);
            break;
        case H264Payload::Kind::aggregate:
            for_each_h264_unit(*parsed, [&](Bytes unit) { append_unit(part.bytes, unit); });
            break;
        case H264Payload::Kind::fragment:
            if (parsed->is_start) append_unit(part.bytes, Bytes(&parsed->header, 1));
            append(part.bytes, parsed->data);
            break;
    }
    return part;
}

template <class Format>
Result<void> PictureAssembler<Format>::push(const RtpHeader& header, Bytes payload) {
    auto part = Format::part_of(payload);
    if (!part) return part.error();
    const std::int64_t seq = seq_.unwrap(header.seq);
    const std::int64_t timestamp = timestamp_.unwrap(header.timestamp);
    if (newest_done_ && timestamp <= *newest_done_) return count_late();
    newest_ = std::max(newest_, timestamp);
    while (frames_.size() >= kWindow && !frames_.contains(timestamp)) {
        if (timestamp < frames_.begin()->first) return count_late();
        (void)give_up_oldest();  // the caller does not take what is ready
    }
    Frame& frame = frames_[timestamp];
    if (frame.parts.contains(seq)) return {};  // a duplicate
    frame.bytes += part->bytes.size();
    if (frame.bytes > kMaxPicture || frame.parts.size() == kMaxPicturePackets) {
        ++stats_.oversized;
        drop_before(std::next(frames_.find(timestamp)));
        needs_key_frame_ = true;
        return {};
    }
    frame.parts.emplace(seq, std::move(*part));
    if (header.marker) frame.last_seq = seq;
    return {};
}

// From the packet that starts it to the one with the marker, every sequence number.
template <class Format>
bool PictureAssembler<Format>::is_whole(const Frame& frame) {
    if (!frame.last_seq || frame.parts.empty()) return false;
    const auto first = frame.parts.begin();
    return first->second.starts_frame && std::prev(frame.parts.end())->first == *frame.last_seq &&
           *frame.last_seq - first->first + 1 == static_cast<std::int64_t>(frame.parts.size());
}

template <class Format>
bool PictureAssembler<Format>::has_waited(std::int64_t timestamp) const {
    return newest_ - timestamp > kPatience || frames_.size() >= kWindow;
}

// A hole between sequence numbers is none between pictures where a packet of a picture that was left out on
// the way stayed behind.
template <class Format>
bool PictureAssembler<Format>::follows(const Frame& frame) const {
    const auto& [seq, first] = *frame.parts.begin();
    if (!first.links || !links_) return next_seq_ && seq == *next_seq_;
    return first.links->picture_id == ((links_->picture_id + 1) & kVp8PictureIdMask);
}

template <class Format>
bool PictureAssembler<Format>::is_decodable(const Frame& frame) const {
    if (is_key(frame)) return true;
    if (needs_key_frame_) return false;
    const auto& links = frame.parts.begin()->second.links;
    if (!links || !links_) return follows(frame);
    if (links->temporal_layer == 0)
        return links->tl0_index == static_cast<std::uint8_t>(links_->tl0_index + 1);
    if (links->tl0_index != links_->tl0_index) return false;
    const unsigned needed = layers_below(links->temporal_layer + 1U);
    return links->layer_sync || (follows(frame) && (whole_layers_ & needed) == needed);
}

template <class Format>
std::optional<AssembledPicture> PictureAssembler<Format>::next() {
    while (!frames_.empty()) {
        if (const auto at = ready(); at != frames_.end()) return take(at);
        if (!give_up_oldest()) break;
    }
    return std::nullopt;
}

// The next frame to come out, if it need not wait.
template <class Format>
typename PictureAssembler<Format>::Frames::iterator PictureAssembler<Format>::ready() {
    if (needs_key_frame_) return whole_key_frame();
    while (!frames_.empty() && is_useless(frames_.begin()->second)) pass(frames_.begin());
    for (auto at = frames_.begin(); at != frames_.end(); ++at) {
        if (!is_whole(at->second) || !is_decodable(at->second)) continue;
        if (follows(at->second) || is_key(at->second) || has_waited(at->first)) return at;
        break;  // what it does not need may still come, and be shown
    }
    return frames_.end();
}

// It lacks nothing that may still come, but something that was given up.
template <class Format>
bool PictureAssembler<Format>::is_useless(const Frame& frame) const {
    return is_whole(frame) && is_upper(frame) && follows(frame) && !is_decodable(frame);
}

// Nothing of layer 0 needs it.
template <class Format>
bool PictureAssembler<Format>::is_upper(const Frame& frame) const {
    const auto& links = frame.parts.begin()->second.links;
    return links && links_ && links->temporal_layer > 0 && links->tl0_index == links_->tl0_index;
}

template <class Format>
void PictureAssembler<Format>::pass(typename Frames::iterator at) {
    links_ = at->second.parts.begin()->second.links;
    whole_layers_ &= layers_below(links_->temporal_layer);
    next_seq_ = *at->second.last_seq + 1;
    drop_before(std::next(at));
}

// Makes what is older needless, if that is still waiting for something.
template <class Format>
typename PictureAssembler<Format>::Frames::iterator PictureAssembler<Format>::whole_key_frame() {
    return std::ranges::find_if(
        frames_, [](const auto& item) { return is_whole(item.second) && is_key(item.second); });
}

// False: the oldest may still wait.
template <class Format>
bool PictureAssembler<Format>::give_up_oldest() {
    const auto oldest = frames_.begin();
    if (!has_waited(oldest->first)) return false;
    if (!is_upper(oldest->second)) needs_key_frame_ = true;
    drop_before(std::next(oldest));
    return true;
}

template <class Format>
AssembledPicture PictureAssembler<Format>::take(typename Frames::iterator at) {
    drop_before(at);
    const Frame& frame = at->second;
    AssembledPicture picture{
        .timestamp = static_cast<std::uint32_t>(at->first), .is_key_frame = is_key(frame), .bytes = {}};
    picture.bytes.reserve(frame.bytes);
    for (const auto& [seq, part] : frame.parts) append(picture.bytes, part.bytes);
    remember(frame);
    newest_done_ = at->first;
    ++stats_.frames;
    frames_.erase(at);
    return picture;
}

template <class Format>
void PictureAssembler<Format>::remember(const Frame& frame) {
    const auto& links = frame.parts.begin()->second.links;
    if (is_key(frame)) {
        whole_layers_ = kAllLayers;  // all references are this frame
    } else if (links) {
        if (!follows(frame)) whole_layers_ = 0;
        if (links->layer_sync) whole_layers_ |= 1U << links->temporal_layer;
    }
    needs_key_frame_ = false;
    links_ = links;
    next_seq_ = *frame.last_seq + 1;
}

template <class Format>
void PictureAssembler<Format>::drop_before(typename Frames::iterator end) {
    for (auto at = frames_.begin(); at != end; at = frames_.erase(at)) {
        ++(is_whole(at->second) ? stats_.undecodable : stats_.incomplete);
        newest_done_ = at->first;
    }
}

template class PictureAssembler<Vp8Format>;
template class PictureAssembler<H264Format>;

}  // namespace connectsphere::wire
