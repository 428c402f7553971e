// The load of the audio plane: one room in which some talk with real voices and everybody else is muted and
// only reports (RTCP). Each participant has its own control connection and its own UDP port.
//
//   load_audio --server 127.0.0.1:9000 --members 50 --talkers 3 --seconds 20 --linger 3 --voices a.wav,b.wav
//
// After "end" they stay for --linger seconds, so that the server's own figures of the time can be asked for.
#include <algorithm>
#include <sstream>

#include "lib/client/media_out.hpp"
#include "lib/media/wav.hpp"
#include "lib/net/clock.hpp"
#include "tests/bench/load/member.hpp"
#include "tests/bench/load/program.hpp"

namespace {

using namespace connectsphere;
using namespace connectsphere::bench;

constexpr Duration kSettle = 3s;                  // until jitter buffers and encoders are in their stride
constexpr std::size_t kLongestSilence = 16 + 60;  // bytes of a mix in which nobody is heard: header, tag, DTX

// Someone who talks: a recording, over and over.
class Talker {
  public:
    Talker(MediaEnd& end, const std::string& voice, std::size_t start)
        : end_(end), out_({.dtx = true}, end.ssrc()), at_(start * media::kSampleRate) {
        auto samples = media::load_wav(voice);
        if (!samples) give_up(samples.error().what);
        samples_ = std::move(*samples);
    }

    void tick(DatagramBatch& batch) {
        media::AudioFrame frame;
        for (auto& sample : frame) sample = samples_[at_++ % samples_.size()];
        out_.tick(&frame, end_.link(), batch);
        end_.flush();
    }

  private:
    MediaEnd& end_;
    client::AudioOut out_;
    std::vector<std::int16_t> samples_;
    std::size_t at_;
};

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> parts;
    std::istringstream in(list);
    for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
    return parts;
}

void work(const Arguments& arguments) {
    const auto voices = split(arguments.text("voices"));
    const auto talking = arguments.number("talkers", 3);
    if (voices.empty()) give_up("--voices names recordings");
    net::Loop loop;
    DatagramBatch batch(1 << 20);
    const auto tls = net::TlsContext::client();
    const auto members =
        join_all(loop, *tls, batch,
                 alike({.server = arguments.server(), .name = "talker", .plane = proto::PLANE_AUDIO},
                       arguments.number("members", 50)));

    std::uint64_t received = 0, heard = 0;
    for (const auto& member : members) {
        member->media().watch([&](std::span<Datagram> datagrams) {
            received += datagrams.size();
            heard += static_cast<std::uint64_t>(std::count_if(
                datagrams.begin(), datagrams.end(),
                [](const Datagram& datagram) { return datagram.payload.size() > kLongestSilence; }));
        });
    }
    std::vector<Talker> talkers;
    for (std::size_t i = 0; i < talking; ++i)
        talkers.emplace_back(members[i]->media(), voices[i % voices.size()], i);
    Time due = net::now();
    net::Timer tick = loop.at(due, [&] {
        for (; due <= net::now(); due += media::kFrameDuration)
            for (auto& talker : talkers) talker.tick(batch);
        tick.set(due);
    });
    for (std::size_t i = talking; i < members.size(); ++i) {
        members[i]->act([](auto& session, auto& out) { session.set_media_state(true, true, out); });
    }

    run_for(loop, kSettle);
    received = heard = 0;
    say("begin");
    run_for(loop, arguments.duration("seconds", 20));
    say("end", {{"received", static_cast<double>(received)}, {"heard", static_cast<double>(heard)}});
    run_for(loop, arguments.duration("linger", 0));
}

}  // namespace

int main(int argc, char** argv) { return run_program(argc, argv, work); }
