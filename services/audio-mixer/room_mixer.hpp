// One room: who is in it, who is heard in this tick, and who gets which stream.
//
//     voices ─► the loudest few are decoded ─► Mix ─┬─► shared stream ─► everybody who is not heard
//                                                   ├─► without Ann ─► private stream ─► Ann
//                                                   └─► without Bob ─► private stream ─► Bob
//
// So a tick costs one encode for each talker and one for all others, however many they are. Who starts to
// talk leaves the shared stream in that very tick, with a copy of its encoder; it comes back after 400 ms of
// its own silence, where the mix is quiet or at the latest after 600 ms, or when the streams pause. If nobody
// is left in the shared stream, the first to come back brings its own along.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "lib/base/id.hpp"
#include "services/audio-mixer/counters.hpp"
#include "services/audio-mixer/feedback.hpp"
#include "services/audio-mixer/mix.hpp"
#include "services/audio-mixer/mix_sender.hpp"
#include "services/audio-mixer/mix_stream.hpp"
#include "services/audio-mixer/speakers.hpp"
#include "services/audio-mixer/talkers.hpp"
#include "services/audio-mixer/voice.hpp"
#include "services/common/media_plane.hpp"

namespace connectsphere::mixer {

// A participant in the mixer's eyes.
struct Member {
    SessionId id;
    MediaSession* media = nullptr;  // MediaSessions keeps it for as long as the membership lasts
    bool muted = false;
    Ssrc voice_ssrc;

    std::unique_ptr<Voice> voice;               // from its first packet on: who only listens needs none
    std::unique_ptr<MixStream> private_stream;  // while it is heard, and a little longer
    int silent_ticks = 0;                       // since it was last heard, while it has a private stream
    MixSender sender;
    Feedback feedback;
};

class RoomMixer {
  public:
    // What all rooms of the process share.
    struct Shared {
        std::size_t max_talkers;
        MixStreamPool streams;
        Counters counters;
    };

    explicit RoomMixer(Shared& shared) : shared_(shared) {}
    ~RoomMixer();
    RoomMixer(const RoomMixer&) = delete;
    RoomMixer& operator=(const RoomMixer&) = delete;

    Member& add(SessionId id, MediaSession& media);
    void remove(SessionId id);
    void mute(Member& member, bool muted);  // at once, with what waits in its jitter buffer
    // New keys: nothing of the older epoch is played, and what is sent starts anew.
    void restart(Member& member, std::uint16_t random_seq);
    bool empty() const { return members_.empty(); }

    // A packet of a member's voice. True: from now on there is something to mix, tick by tick.
    bool push(Member& member, const wire::RtpView& packet, Time arrival);
    // Mixes one tick and sends it. False: there is nothing to do until a push says so.
    bool tick(Time tick, std::uint32_t timestamp, DatagramBatch& out);

    // Who speaks now is news: tell the members. Once after each tick.
    bool take_speakers_changed() { return std::exchange(speakers_changed_, false); }
    const std::vector<SessionId>& speakers() const { return speakers_.list(); }
    const std::vector<SessionId>& recent_speakers() const { return speakers_.recent(); }
    const std::vector<std::unique_ptr<Member>>& members() const { return members_; }

  private:
    bool has_audience() const;
    void listen(Time tick);
    void note_speakers(Time tick);
    void choose_streams();
    void leave_shared_stream(Member& member);
    bool may_rejoin(const Member& member) const;
    void rejoin_shared_stream(Member& member);
    void adapt_to_loss();
    void render(std::uint32_t timestamp, DatagramBatch& out);
    bool has_more() const;
    void retire_voice(Member& member);

    Shared& shared_;
    std::vector<std::unique_ptr<Member>> members_;
    Mix mix_;
    Speakers speakers_;
    bool speakers_changed_ = false;
    std::unique_ptr<MixStream> stream_;  // the shared one, from the first sound on
    bool is_stream_heard_ = false;       // somebody is in it
    bool is_active_ = false;             // push has said so
    int until_adapt_ = 0;                // ticks
    std::vector<Candidate> candidates_;  // scratch, as large as the room
};

}  // namespace connectsphere::mixer
