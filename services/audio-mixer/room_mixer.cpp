#include "services/audio-mixer/room_mixer.hpp"

#include <algorithm>
#include <utility>

namespace connectsphere::mixer {
namespace {

constexpr int kRejoinTicks = 20;  // 400 ms of its own silence: longer than between words
// After so much of the same input two encoders are as good as alike, and a change of stream is not heard even
// where the mix never pauses. The model of speech remembers longer than the transform does.
constexpr int kAlikeSpeechTicks = 30;
constexpr int kAlikeTransformTicks = 10;
constexpr int kAdaptTicks = 50;         // reports come about once a second
constexpr std::uint8_t kQuietMix = 50;  // -dBov: here a change of stream is not heard

}  // namespace

RoomMixer::~RoomMixer() {
    for (const auto& member : members_) retire_voice(*member);
}

Member& RoomMixer::add(SessionId id, MediaSession& media) {
    auto& member = members_.emplace_back(std::make_unique<Member>());
    member->id = id;
    member->media = &media;
    candidates_.reserve(members_.size());
    return *member;
}

void RoomMixer::remove(SessionId id) {
    const auto found = std::ranges::find_if(members_, [id](const auto& m) { return m->id == id; });
    if (found == members_.end()) return;
    retire_voice(**found);
    speakers_.remove(id);
    shared_.streams.give_back(std::move((*found)->private_stream));
    members_.erase(found);
}

void RoomMixer::mute(Member& member, bool muted) {
    if (muted && !member.muted) {
        retire_voice(member);
        speakers_.remove(member.id);
    }
    member.muted = muted;
}

void RoomMixer::restart(Member& member, std::uint16_t random_seq) {
    retire_voice(member);
    member.sender.restart(random_seq);
    member.feedback = {};
}

void RoomMixer::retire_voice(Member& member) {
    if (!member.voice) return;
    member.voice->add_to(shared_.counters);
    member.voice.reset();
}

bool RoomMixer::push(Member& member, const wire::RtpView& packet, Time arrival) {
    if (member.muted) {
        ++shared_.counters.muted;
        return false;
    }
    if (!has_audience()) {
        ++shared_.counters.alone;
        return false;
    }
    if (!member.voice) member.voice = std::make_unique<Voice>();
    member.voice->push(packet, arrival);
    return !std::exchange(is_active_, true);
}

bool RoomMixer::tick(Time tick, std::uint32_t timestamp, DatagramBatch& out) {
    if (!has_audience()) {
        for (const auto& member : members_) retire_voice(*member);
    }
    listen(tick);
    note_speakers(tick);
    choose_streams();
    if (stream_ && --until_adapt_ < 0) adapt_to_loss();
    render(timestamp, out);
    is_active_ = has_more();
    return is_active_;
}

// Two who can be reached: one to talk, one to hear it.
bool RoomMixer::has_audience() const {
    int reachable = 0;
    return std::ranges::any_of(members_,
                               [&](const auto& m) { return m->media->reachable() && ++reachable == 2; });
}

void RoomMixer::listen(Time tick) {
    candidates_.clear();
    for (std::size_t i = 0; i < members_.size(); ++i) {
        const Voice* voice = members_[i]->voice.get();
        if (!voice || !voice->is_candidate() || !members_[i]->media->reachable()) continue;
        candidates_.push_back({i, voice->loudness(), voice->is_heard()});
    }
    const std::size_t count = select_loudest(candidates_, shared_.max_talkers);
    candidates_.resize(count);

    mix_.clear();
    std::ranges::sort(candidates_, {}, &Candidate::index);
    auto heard = candidates_.begin();
    for (std::size_t i = 0; i < members_.size(); ++i) {
        Voice* voice = members_[i]->voice.get();
        const bool is_heard = heard != candidates_.end() && heard->index == i;
        if (is_heard) ++heard;
        if (!voice) continue;
        voice->play(tick, is_heard, shared_.counters);
        if (voice->frame()) mix_.add(*voice->frame());
    }
}

void RoomMixer::note_speakers(Time tick) {
    for (const auto& member : members_) {
        const Voice* voice = member->voice.get();
        if (voice && voice->frame()) speakers_.hear(member->id, voice->loudness(), tick);
    }
    speakers_changed_ = speakers_.update(tick);
}

void RoomMixer::choose_streams() {
    if (!stream_) {
        if (mix_.voices() == 0) return;
        stream_ = shared_.streams.make();
    }
    for (const auto& member : members_) {
        const bool sounds = member->voice && member->voice->frame();
        if (sounds && !member->private_stream) leave_shared_stream(*member);
        if (!member->private_stream) continue;
        member->silent_ticks = sounds ? 0 : member->silent_ticks + 1;
        if (may_rejoin(*member)) rejoin_shared_stream(*member);
    }
    is_stream_heard_ = std::ranges::any_of(
        members_, [](const auto& m) { return !m->private_stream && m->media->reachable(); });
}

void RoomMixer::leave_shared_stream(Member& member) {
    member.private_stream = shared_.streams.take();
    member.private_stream->continue_from(*stream_);
}

bool RoomMixer::may_rejoin(const Member& member) const {
    if (member.silent_ticks == 0) return false;
    if (mix_.voices() == 0 && member.private_stream->is_paused()) return true;
    const bool is_unnoticed = !is_stream_heard_ || member.private_stream->level() >= kQuietMix;
    const int alike = member.private_stream->by_transform() ? kAlikeTransformTicks : kAlikeSpeechTicks;
    return member.silent_ticks >= (is_unnoticed ? std::min(kRejoinTicks, alike) : alike);
}

void RoomMixer::rejoin_shared_stream(Member& member) {
    if (!is_stream_heard_) stream_->continue_from(*member.private_stream);
    is_stream_heard_ = true;
    shared_.streams.give_back(std::move(member.private_stream));
}

// Each stream carries FEC for the worst of those who hear it, as their reports tell.
void RoomMixer::adapt_to_loss() {
    until_adapt_ = kAdaptTicks;
    double worst = 0;
    for (const auto& member : members_) {
        const double loss = member->feedback.reports().expected_loss();
        if (member->private_stream) {
            member->private_stream->expect_loss(loss);
        } else {
            worst = std::max(worst, loss);
        }
    }
    stream_->expect_loss(worst);
}

void RoomMixer::render(std::uint32_t timestamp, DatagramBatch& out) {
    if (!stream_) return;
    MixStream::Packet shared;
    if (is_stream_heard_) shared = stream_->encode(mix_, nullptr);
    shared_.counters.shared_encodes += shared.encoded ? 1U : 0U;
    for (const auto& member : members_) {
        MixStream::Packet packet = shared;
        if (member->private_stream) {
            packet = member->private_stream->encode(mix_, member->voice ? member->voice->frame() : nullptr);
            shared_.counters.private_encodes += packet.encoded ? 1U : 0U;
        }
        member->sender.send(*member->media, packet.payload, timestamp, out, shared_.counters);
    }
}

bool RoomMixer::has_more() const {
    if (!speakers_.is_settled()) return true;
    if (is_stream_heard_ && !stream_->is_paused()) return true;
    return std::ranges::any_of(
        members_, [](const auto& m) { return (m->voice && m->voice->is_pending()) || m->private_stream; });
}

}  // namespace connectsphere::mixer
