// Mouth to ear: two real clients in a call, one says "tick" now and then, the other hears it. The delay is
// from the moment at which the frame was taken from the microphone to the moment at which the frame that
// carries it was given to the loudspeaker. Each client has a thread and a loop of its own.
//
//   load_ear --server 127.0.0.1:9000 --seconds 30
#include <atomic>
#include <cstdlib>
#include <thread>

#include "lib/client/runner.hpp"
#include "lib/net/clock.hpp"
#include "tests/bench/load/program.hpp"

namespace {

using namespace connectsphere;
using namespace connectsphere::bench;

constexpr int kPeriod = 47;  // frames between ticks: 0.94 s, beside every other period
constexpr int kTickHeight = 4'000;
constexpr Duration kSettle = 5s;

// When the last tick was said, in nanoseconds; 0: it was heard.
using Said = std::atomic<std::int64_t>;

// A voice that hums softly, so that it never pauses, and says "tick".
class Mouth : public client::AudioSource {
  public:
    explicit Mouth(Said& said) : said_(said) {}
    bool read(media::AudioFrame& out) override {
        const bool is_tick = ++frame_ % kPeriod == 0;
        const int height = is_tick ? 15'000 : 300;
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = static_cast<std::int16_t>(i / 40 % 2 == 0 ? height : -height);
        }
        if (is_tick) said_ = net::now().time_since_epoch().count();
        return true;
    }

  private:
    Said& said_;
    int frame_ = 0;
};

class Ear : public client::AudioSink {
  public:
    Ear(Said& said, std::vector<Duration>& delays) : said_(said), delays_(delays) {}
    void write(const media::AudioFrame& frame) override {
        const auto is_loud = [](std::int16_t sample) { return std::abs(sample) > kTickHeight; };
        if (std::none_of(frame.begin(), frame.end(), is_loud)) return;
        const auto said = said_.exchange(0);
        if (said != 0) delays_.push_back(net::now() - Time{Duration{said}});
    }

  private:
    Said& said_;
    std::vector<Duration>& delays_;
};

client::Runner::Options options_of(const Arguments& arguments, const char* name) {
    client::Runner::Options options;
    options.server = arguments.server();
    options.entropy = [](MutableBytes bytes) {
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(std::rand());
    };
    options.verify = [](const std::string&) { return Result<void>(); };
    options.session.name = name;
    options.session.room = "ear";
    return options;
}

void work(const Arguments& arguments) {
    Said said = 0;
    std::vector<Duration> delays;
    auto mouth_options = options_of(arguments, "mouth");
    mouth_options.sound.source = std::make_unique<Mouth>(said);
    auto ear_options = options_of(arguments, "ear");
    ear_options.sound.sink = std::make_unique<Ear>(said, delays);

    std::atomic<bool> over = false;
    std::thread mouth_thread([&] {
        net::Loop loop;
        client::Runner mouth(loop, std::move(mouth_options), {});
        mouth.start();
        while (!over) loop.run_once(20ms);
    });
    net::Loop loop;
    client::Runner ear(loop, std::move(ear_options), {});
    ear.start();
    run_for(loop, kSettle);
    delays.clear();
    say("begin");
    run_for(loop, arguments.duration("seconds", 30));
    over = true;
    mouth_thread.join();
    if (delays.empty()) give_up("nothing was heard");
    say("end", {{"ticks", static_cast<double>(delays.size())},
                {"p50_ms", 1e3 * seconds(quantile(delays, 0.5))},
                {"p99_ms", 1e3 * seconds(quantile(delays, 0.99))},
                {"client_buffer_ms", 1e3 * seconds(ear.audio_in().delay())},
                {"rtt_ms", 1e3 * seconds(ear.audio().network().round_trip.value_or(Duration{}))}});
}

}  // namespace

int main(int argc, char** argv) { return run_program(argc, argv, work); }
