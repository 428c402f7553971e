// What is left of a voice when a tenth of its packets is lost, with FEC and without: real voice, real Opus,
// the jitter buffer that the mixer and the clients use, and a simulated link. No server takes part.
//
//   load_loss --voice a.wav
#include <map>

#include "lib/media/audio_receiver.hpp"
#include "lib/media/wav.hpp"
#include "tests/bench/load/program.hpp"
#include "tests/support/link.hpp"

namespace {

using namespace connectsphere;
using namespace connectsphere::bench;

constexpr double kLoss = 0.1;

// The share of the spoken frames that had to be guessed, in percent.
double concealed(const std::string& file, bool with_fec) {
    const auto voice = media::load_wav(file);
    if (!voice) give_up(voice.error().what);
    media::OpusEncoder encoder(media::prepared_for({.dtx = true}, with_fec ? kLoss : 0));
    media::AudioReceiver receiver;
    test::Link link({.loss = kLoss, .delay = 5ms, .jitter = 5ms}, 42);
    std::multimap<Time, std::pair<std::int64_t, Buffer>> under_way;
    std::int64_t seq = 0;
    std::map<std::int64_t, std::int64_t> timestamps;
    std::uint64_t spoken = 0;
    const auto frames = static_cast<std::int64_t>(voice->size() / media::kFrame);
    for (std::int64_t n = 0; n < 10 * frames; ++n) {
        media::AudioFrame frame;
        std::copy_n(voice->begin() + n % frames * static_cast<std::int64_t>(media::kFrame), media::kFrame,
                    frame.begin());
        Buffer packet(media::kMaxOpusPacket);
        packet.resize(*encoder.encode(frame, packet));
        const Time now = Time{1h} + n * media::kFrameDuration;
        if (!media::is_dtx(packet)) {
            ++spoken;
            timestamps[seq] = n * static_cast<std::int64_t>(media::kFrame);
            const auto arrivals = link.carry(packet.size(), now);
            if (arrivals.count > 0) under_way.emplace(arrivals.at[0], std::pair(seq, packet));
            ++seq;
        }
        const Time tick = now + 15ms;
        while (!under_way.empty() && under_way.begin()->first <= tick) {
            const auto& [arrival, sent] = *under_way.begin();
            receiver.push({.seq = sent.first,
                           .timestamp = timestamps[sent.first],
                           .payload = sent.second,
                           .arrival = arrival});
            under_way.erase(under_way.begin());
        }
        media::AudioFrame out;
        receiver.pull(tick, out);
    }
    return 100 * static_cast<double>(receiver.jitter().stats().concealed) / static_cast<double>(spoken);
}

void work(const Arguments& arguments) {
    const auto file = arguments.text("voice");
    say("begin");
    say("end", {{"fec", concealed(file, true)}, {"nofec", concealed(file, false)}});
}

}  // namespace

int main(int argc, char** argv) { return run_program(argc, argv, work); }
