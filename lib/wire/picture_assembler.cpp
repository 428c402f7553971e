#include "lib/wire/picture_assembler.hpp"

#include <algorithm>
#include <array>

namespace connectsphere::wire {

namespace {

constexpr std::array<std::uint8_t, 4> kStartCode{0, 0, 0, 1};

void append(Buffer& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void append_unit(Buffer& out, Bytes unit) {
    append(out, kStartCode);
    append(out, unit);
}

}  // namespace

Result<PicturePart> Vp8Format::part_of(Bytes payload) {
    const auto parsed = parse_vp8_payload(payload);
    if (!parsed) return parsed.error();
    return PicturePart{.starts_frame = parsed->descriptor.is_start,
                       .starts_key_frame = parsed->starts_key_frame(),
                       .bytes = Buffer(parsed->data.begin(), parsed->data.end())};
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
    if (newest_done_ && timestamp <= *newest_done_) {
        ++stats_.late;
        return {};
    }
    Frame& frame = frames_[timestamp];
    if (frame.parts.contains(seq)) return {};  // a duplicate
    frame.bytes += part->bytes.size();
    if (frame.bytes > kMaxPicture || frame.parts.size() == kMaxPicturePackets) {
        ++stats_.oversized;
        give_up_before(timestamp + 1);
        return {};
    }
    frame.parts.emplace(seq, std::move(*part));
    if (header.marker) frame.last_seq = seq;
    if (frames_.size() > kWindow) give_up_before(std::next(frames_.begin())->first);
    return {};
}

// From the packet that starts it to the one with the marker, every sequence number.
template <class Format>
bool PictureAssembler<Format>::is_whole(const Frame& frame) const {
    if (!frame.last_seq) return false;
    const auto first = frame.parts.begin();
    return first->second.starts_frame && std::prev(frame.parts.end())->first == *frame.last_seq &&
           *frame.last_seq - first->first + 1 == static_cast<std::int64_t>(frame.parts.size());
}

template <class Format>
std::optional<AssembledPicture> PictureAssembler<Format>::next() {
    while (!frames_.empty()) {
        // A whole key frame makes what is older needless, if that is still waiting for something.
        auto at = frames_.begin();
        const auto starts_here = [&](const Frame& frame) {
            return is_whole(frame) && next_seq_ && frame.parts.begin()->first == *next_seq_;
        };
        if (needs_key_frame_ || !starts_here(at->second)) {
            at = std::find_if(frames_.begin(), frames_.end(), [&](const auto& item) {
                return is_whole(item.second) && item.second.parts.begin()->second.starts_key_frame;
            });
            if (at == frames_.end()) return std::nullopt;
        }
        for (auto older = frames_.begin(); older != at; ++older)
            ++(is_whole(older->second) ? stats_.undecodable : stats_.incomplete);
        AssembledPicture picture{.timestamp = static_cast<std::uint32_t>(at->first),
                                 .is_key_frame = at->second.parts.begin()->second.starts_key_frame,
                                 .bytes = {}};
        picture.bytes.reserve(at->second.bytes);
        for (const auto& [seq, part] : at->second.parts) append(picture.bytes, part.bytes);
        next_seq_ = *at->second.last_seq + 1;
        newest_done_ = at->first;
        needs_key_frame_ = false;
        ++stats_.frames;
        frames_.erase(frames_.begin(), std::next(at));
        return picture;
    }
    return std::nullopt;
}

template <class Format>
void PictureAssembler<Format>::give_up_before(std::int64_t timestamp) {
    while (!frames_.empty() && frames_.begin()->first < timestamp) {
        ++(is_whole(frames_.begin()->second) ? stats_.undecodable : stats_.incomplete);
        newest_done_ = frames_.begin()->first;
        frames_.erase(frames_.begin());
    }
    needs_key_frame_ = true;
}

template class PictureAssembler<Vp8Format>;
template class PictureAssembler<H264Format>;

}  // namespace connectsphere::wire
