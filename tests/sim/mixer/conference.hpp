// A conference in virtual time: clients with real Opus and SRTP around one mixer engine. Nothing waits, and
// every run is the same.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "lib/media/audio_receiver.hpp"
#include "lib/media/opus.hpp"
#include "lib/wire/rtcp.hpp"
#include "lib/wire/srtp.hpp"
#include "services/audio-mixer/mixer_engine.hpp"
#include "tests/support/link.hpp"

namespace connectsphere::test {

// What a client says in frame `n`; no value: nothing is sent (DTX).
using Speech = std::function<std::optional<media::AudioFrame>(std::size_t n)>;
Speech tone(double hertz, double amplitude = 6000);
Speech recording(std::span<const std::int16_t> samples);
Speech silence();

// The amplitude of one frequency in a piece of sound (Goertzel).
double amplitude_at(std::span<const std::int16_t> samples, double hertz);
// The largest step between two samples: what a click is made of.
int largest_step(std::span<const std::int16_t> samples);

struct Client {
    explicit Client(SessionId session) : id(session) {}

    proto::GrantKeys new_keys(std::mt19937& rng);  // the next epoch

    SessionId id;
    Ssrc audio_ssrc, mix_ssrc;
    Route route;
    bool muted = false;
    bool present = true;  // in the room
    Speech speech = silence();
    double loss = 0;  // 0 to 1, each way
    // A worse network than `loss` alone, one link each way.
    std::optional<Link> up_link, down_link;

    std::uint32_t epoch = 0;
    std::optional<wire::SrtpSender> up;
    std::optional<wire::SrtpReceiver> down;
    media::OpusEncoder encoder{media::OpusConfig{.inband_fec = true, .expected_loss_percent = 5}};
    std::uint16_t seq = 100;
    std::uint32_t timestamp = 0;
    std::size_t frame = 0;

    media::AudioReceiver ear;
    SeqUnwrapper heard_seq;
    TimestampUnwrapper heard_timestamp;
    std::vector<std::int16_t> heard;  // 20 ms a step
    std::vector<wire::RtpHeader> headers;
    std::vector<Buffer> payloads;
    std::vector<Buffer> rtcp;
    std::uint64_t undecipherable = 0;
};

class Conference {
  public:
    explicit Conference(std::size_t clients, std::uint32_t max_talkers = 6);

    Client& operator[](std::size_t i) { return *clients_[i]; }
    mixer::AudioMixerEngine& engine() { return *engine_; }
    Time now() const { return now_; }

    void publish();          // signaling's snapshot of the one room
    void grant(Client& to);  // a new epoch for one client
    void ring();             // everybody reports in with RTCP, as listeners do each second
    void restart_engine();   // as after kill -9: nothing is left but what others say again
    void run(Duration time);
    void run_frames(int frames) { run(frames * media::kFrameDuration); }

    void deliver(Client& from, Buffer datagram);  // to the engine, at once
    Buffer voice_packet(Client& from, const media::AudioFrame& frame);
    // What the mixer announced last, and how often it did.
    const std::vector<SessionId>& speakers() const { return speakers_; }
    int announcements() const { return announcements_; }
    const std::vector<SessionId>& told() const { return told_; }  // whom, the last time
    // What the mixer published last: who spoke, the newest first.
    const std::vector<SessionId>& published() const { return published_; }
    void subscribe();                                                   // somebody wants its state
    bool has_announcement() const { return !out_.to_gateway.empty(); }  // of the call that ended just now
    double metric(const std::string& name, const std::string& label = "");
    // Called around every call of the engine on the media path.
    std::function<void(bool inside)> on_engine_call = [](bool) {};
    bool records = true;  // clients hear, and keep what they heard

  private:
    void step();
    void speak(Client& client);
    void happen_until(Time end);
    void carry_out();
    void note_announcements();
    bool is_lost(const Client& client);
    void hear(Client& client, Buffer datagram);

    std::mt19937 rng_{1};
    Time now_{1s + 13ms};  // clients speak 7 ms before the tick
    std::unique_ptr<mixer::AudioMixerEngine> engine_;
    std::uint32_t max_talkers_;
    std::vector<std::unique_ptr<Client>> clients_;
    Outbox out_{1 << 20};
    std::multimap<Time, std::function<void()>> under_way_;  // datagrams in links
    std::uint64_t version_ = 0;
    std::vector<SessionId> speakers_, published_, told_;
    int announcements_ = 0;
};

}  // namespace connectsphere::test
