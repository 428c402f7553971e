// The choice of views: which encoding of each stream a receiver gets, and how many of its frames. Chosen when
// something has changed (who is there, what is sent, what is wanted, what fits), never per packet. Senders
// are told which of their encodings somebody needs.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "lib/wire/rtp.hpp"
#include "proto/client.pb.h"
#include "services/common/answers.hpp"
#include "services/video-relay/relay_engine.hpp"

namespace connectsphere::relay {
namespace {

// What an encoding that is not sent now may take, per pixel of its frames.
constexpr double kJpegBitsPerPixel = 1.0;
constexpr double kOtherBitsPerPixel = 0.11;
constexpr double kUsualPixels = 640.0 * 360;
constexpr double kUsualFrameRate = 15;
constexpr std::size_t kMaxSpeakers = 64;
constexpr double kToSpare = 0.8;   // of what a receiver can take, to be given more of a stream,
constexpr Duration kRiseGap = 2s;  // and how long after the last time
// What is left of an encoding's rate with fewer of its frames.
constexpr std::array<double, kMaxLevel + 1> kTemporalShare{0.4, 0.6, 1};
constexpr std::array<double, kMaxLevel + 1> kThinnedShare{0.25, 0.5, 1};

double rate_of(const Source& source, int level, Time now) {
    const auto share = static_cast<std::size_t>(level);
    const bool is_jpeg = source.payload_type == wire::kPayloadTypeJpeg;
    if (source.rates.is_known(now)) {
        return is_jpeg ? source.rates.up_to(kMaxLevel) * kThinnedShare[share] : source.rates.up_to(level);
    }
    const double pixels = source.width == 0 ? kUsualPixels : double{1} * source.width * source.height;
    const double frame_rate = source.frame_rate == 0 ? kUsualFrameRate : source.frame_rate;
    if (is_jpeg) return pixels * frame_rate * kJpegBitsPerPixel * kThinnedShare[share];
    return pixels * frame_rate * kOtherBitsPerPixel * kTemporalShare[share];
}

Wishes wishes_of(const proto::Subscribe& subscribe) {
    Wishes wishes;
    for (const auto codec : subscribe.codecs()) {
        const auto type = payload_type_of(codec);
        if (type && wishes.payload_types.size() < 8) wishes.payload_types.push_back(*type);
    }
    if (subscribe.has_max_streams())
        wishes.max_streams = std::min<std::size_t>(subscribe.max_streams(), Wishes::kMaxStreams);
    for (const auto& tile : subscribe.tiles()) {
        if (wishes.tiles.size() == Wishes::kMaxTiles) break;
        wishes.tiles.push_back(
            {.owner = SessionId{tile.session_id()}, .stream_id = tile.stream_id(), .height = tile.height()});
    }
    return wishes;
}

const Wishes::Tile* tile_of(const Member& receiver, const VideoStream& stream) {
    for (const auto& tile : receiver.wishes.tiles) {
        if (tile.owner == stream.owner && (tile.stream_id == 0 || tile.stream_id == stream.stream_id))
            return &tile;
    }
    return nullptr;
}

// What it has said that it can decode; who has not said it gets JPEG, which every client can show.
bool can_decode(const Member& receiver, std::uint8_t payload_type) {
    const auto& types = receiver.wishes.payload_types;
    if (types.empty()) return payload_type == wire::kPayloadTypeJpeg;
    return std::ranges::find(types, payload_type) != types.end();
}

bool has_place_for(const Member& receiver, Ssrc stream) {
    return receiver.forwardings.size() < kMaxForwardings || receiver.forwardings.contains(stream);
}

}  // namespace

bool VideoRelayEngine::on_subscribe(const proto::ToService& message, Time now, Outbox& out) {
    const auto& request = message.client_request();
    proto::ClientMessage asked;
    if (!asked.ParseFromString(request.client_message()) || !asked.has_subscribe()) return false;
    const SessionId id{request.session_id()};
    const auto* session = sessions_.find(id);
    if (session == nullptr || !session->has_keys()) {
        out.to_gateway.push_back(answer(
            message.request_id(), error_message(asked.request_id(), proto::UNAVAILABLE,
                                                "the keys of this plane are not there yet; try again")));
        return true;
    }
    ++counters_.subscribed;
    Member& member = switchboard_.expect(id);
    member.wishes = wishes_of(asked.subscribe());
    member.must_choose = true;
    proto::ServerMessage reply;
    reply.set_request_id(asked.request_id());
    reply.mutable_done();
    out.to_gateway.push_back(answer(message.request_id(), reply));
    choose_views(now, out);
    return true;
}

void VideoRelayEngine::choose_views(Time now, Outbox& out) {
    choose_at_ = kNever;
    chosen_at_ = now;
    for (auto& [id, member] : switchboard_.all_members()) {
        if (!member.room) continue;
        const bool is_limited = member.estimate.bits_per_second(now) != media::RateEstimate::kUnlimited;
        if (is_limited) choose_at_ = std::min(choose_at_, now + kChoicePeriod);
        if (!member.must_choose && !is_limited) continue;
        member.must_choose = false;
        choose(member, now, out);
        tell_later(member.room);
    }
    for (const RoomId room : rooms_) {
        switchboard_.disconnect(room);
        tell_senders(room, out);
    }
    rooms_.clear();
    renew_keys(now, out);
}

void VideoRelayEngine::tell_later(RoomId room) {
    if (std::ranges::find(rooms_, room) == rooms_.end()) rooms_.push_back(room);
}

void VideoRelayEngine::on_speech(const proto::Speech& speech) {
    std::vector<SessionId> speakers;
    for (const auto id : speech.session_ids()) {
        if (speakers.size() == kMaxSpeakers) break;
        speakers.push_back({id});
    }
    switchboard_.set_speakers(RoomId{speech.room_id()}, std::move(speakers));
}

// The lower, the more important: the tiles that it named, in their order; then by who spoke last; then as
// they came.
std::size_t VideoRelayEngine::importance(const Member& receiver, const VideoStream& stream) const {
    if (const auto* tile = tile_of(receiver, stream))
        return static_cast<std::size_t>(tile - receiver.wishes.tiles.data());
    const auto speakers = switchboard_.speakers(receiver.room);
    const auto place = std::ranges::find(speakers, stream.owner) - speakers.begin();
    return Wishes::kMaxTiles + static_cast<std::size_t>(place);
}

void VideoRelayEngine::choose(Member& receiver, Time now, Outbox& out) {
    candidates_.clear();
    for (const Member* owner : switchboard_.members(receiver.room)) {
        if (owner == &receiver) continue;
        for (const Ssrc ssrc : owner->sources) {
            const Source& source = *switchboard_.source(ssrc);
            if (source.ssrc != source.stream.first_encoding || source.camera_off) continue;
            const auto* tile = tile_of(receiver, source.stream);
            if (tile != nullptr && tile->height == 0) continue;
            candidates_.push_back({.stream = ssrc, .importance = importance(receiver, source.stream)});
        }
    }
    std::ranges::stable_sort(candidates_, {}, &Candidate::importance);
    ladder_count_ = 0;
    ladder_streams_.clear();
    for (const Candidate& candidate : candidates_) {
        if (ladder_count_ >= receiver.wishes.max_streams) break;
        const Member& owner = *switchboard_.member(switchboard_.source(candidate.stream)->stream.owner);
        add_ladder(owner, candidate.stream, receiver, now);
    }
    const double limit = receiver.estimate.bits_per_second(now);
    receiver.is_limited = ladder_count_ < candidates_.size() || limit != media::RateEstimate::kUnlimited;
    allocate(std::span(ladders_).first(ladder_count_), limit);
    if (limit != media::RateEstimate::kUnlimited) climb_slowly(receiver, limit, now);
    take_choice(receiver, now, out);
}

// What a receiver can take goes up and down by itself, and each step to another encoding costs everybody a
// key frame. Down at once; up only where there is room to spare, and to another encoding not again at once.
void VideoRelayEngine::climb_slowly(Member& receiver, double limit, Time now) {
    const auto ladders = std::span(ladders_).first(ladder_count_);
    std::vector<std::size_t>& fitting = choices_;
    fitting.clear();
    for (const Ladder& ladder : ladders) fitting.push_back(ladder.chosen);
    allocate(ladders, limit * kToSpare);
    for (std::size_t i = 0; i < ladders.size(); ++i) {
        Ladder& ladder = ladders[i];
        const std::size_t careful = std::exchange(ladder.chosen, fitting[i]);
        const auto found = receiver.views.find(ladder_streams_[i]);
        if (found == receiver.views.end()) continue;
        View& view = found->second;
        const auto is_shown = [&](const Rung& rung) {
            return rung.encoding == view.target && rung.level == view.level;
        };
        const auto shown = std::ranges::find_if(ladder.rungs, is_shown) - ladder.rungs.begin();
        const auto now_at = static_cast<std::size_t>(shown);
        if (fitting[i] >= now_at) continue;
        const bool may_switch = now - view.risen_at >= kRiseGap;
        ladder.chosen = std::max(fitting[i], std::min(careful, now_at));
        const auto is_switch = [&] {
            return ladder.chosen < now_at && ladder.rungs[ladder.chosen].encoding != view.target;
        };
        while (!may_switch && is_switch()) ++ladder.chosen;
        if (is_switch()) view.risen_at = now;
    }
}

void VideoRelayEngine::add_ladder(const Member& owner, Ssrc first_encoding, const Member& receiver,
                                  Time now) {
    if (ladders_.size() == ladder_count_) ladders_.emplace_back();
    Ladder& ladder = ladders_[ladder_count_];
    ladder.rungs.clear();
    std::array<const Source*, 16> encodings{};
    std::size_t count = 0;
    std::optional<std::uint8_t> type;  // of the first in the sender's order that the receiver can decode
    for (const Ssrc ssrc : owner.sources) {
        const Source* source = switchboard_.source(ssrc);
        if (source->stream.first_encoding != first_encoding) continue;
        if (!type && can_decode(receiver, source->payload_type)) type = source->payload_type;
        if (type == source->payload_type && count < encodings.size()) encodings[count++] = source;
    }
    if (count == 0) {
        // Nothing that it named. Who has named nothing gets what there is: it may be a stock tool.
        if (!receiver.wishes.payload_types.empty()) return;
        encodings[count++] = switchboard_.source(first_encoding);
    }
    const auto usable = std::span(encodings).first(count);
    const auto pixels = [](const Source* source) { return std::uint64_t{source->width} * source->height; };
    std::ranges::stable_sort(usable, std::greater<>{}, pixels);
    // The smallest that fills the tile is large enough.
    const std::uint32_t height = tile_height(receiver, encodings[0]->stream);
    std::size_t largest = 0;
    while (height != 0 && largest + 1 < count && usable[largest + 1]->height >= height) ++largest;
    for (const Source* source : usable.subspan(largest)) {
        for (int level = kMaxLevel; level >= 0; --level) {
            if (level < kMaxLevel && source->payload_type == wire::kPayloadTypeH264) break;
            const double rate = rate_of(*source, level, now);
            if (!ladder.rungs.empty() && rate >= ladder.rungs.back().bits_per_second) continue;
            ladder.rungs.push_back({.encoding = source->ssrc, .level = level, .bits_per_second = rate});
        }
    }
    ++ladder_count_;
    ladder_streams_.push_back(first_encoding);
}

std::uint32_t VideoRelayEngine::tile_height(const Member& receiver, const VideoStream& stream) const {
    const auto* tile = tile_of(receiver, stream);
    return tile == nullptr ? 0 : tile->height;
}

void VideoRelayEngine::take_choice(Member& receiver, Time now, Outbox& out) {
    std::erase_if(receiver.views, [this](const auto& item) {
        return std::ranges::find(ladder_streams_, item.first) == ladder_streams_.end();
    });
    for (std::size_t i = 0; i < ladder_count_; ++i) {
        const Ladder& ladder = ladders_[i];
        if (!has_place_for(receiver, ladder_streams_[i])) continue;
        View& view = receiver.views[ladder_streams_[i]];
        receiver.forwardings.try_emplace(ladder_streams_[i]);
        const bool is_shown = ladder.chosen < ladder.rungs.size();
        const Rung rung = is_shown ? ladder.rungs[ladder.chosen] : Rung{};
        if (switchboard_.source(view.current) == nullptr || !is_shown) view.current = Ssrc{};
        view.level = rung.level;
        if (view.target == rung.encoding && (view.current == rung.encoding || !is_shown)) continue;
        view.target = rung.encoding;
        if (Source* source = switchboard_.source(rung.encoding)) ask_key_frame(*source, now, out);
    }
}

void VideoRelayEngine::tell_senders(RoomId room, Outbox& out) {
    const auto members = switchboard_.members(room);
    for (Member* owner : members) {
        if (owner->sources.empty()) continue;
        proto::ServerMessage message;
        auto& wanted = *message.mutable_wanted_encodings();
        bool is_new = !owner->was_told;
        std::size_t count = 0;
        for (const Ssrc ssrc : owner->sources) {
            const VideoStream& stream = switchboard_.source(ssrc)->stream;
            const bool is_wanted = std::ranges::any_of(members, [&](Member* receiver) {
                const View* view = receiver->view(stream);
                return view != nullptr && (view->target == ssrc || view->current == ssrc);
            });
            if (!is_wanted) continue;
            wanted.add_ssrcs(ssrc.value);
            is_new = is_new || count >= owner->wanted.size() || owner->wanted[count] != ssrc;
            ++count;
        }
        if (!is_new && count == owner->wanted.size()) continue;
        owner->was_told = true;
        owner->wanted.clear();
        for (const auto ssrc : wanted.ssrcs()) owner->wanted.push_back({ssrc});
        auto& deliver = *out.to_gateway.emplace_back().mutable_deliver();
        deliver.add_session_ids(owner->id.value);
        deliver.set_server_message(message.SerializeAsString());
    }
}

}  // namespace connectsphere::relay
