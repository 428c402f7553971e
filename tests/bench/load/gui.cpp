// The window without a server: a grid of people whose pictures arrive as JPEG, spread over time as a network
// would, decoded, scaled, drawn and shown on a real display.
//
//   load_gui --tiles 30 --rate 15 --seconds 8 --width 1280 --height 720
//
// "cpu_draw" is the share of one core that the window's thread took, "cpu_all" that of the whole process
// without the sender.
#include <sys/resource.h>

#include <ctime>
#include <thread>

#include "client-gui/renderer.hpp"
#include "lib/media/jpeg_codec.hpp"
#include "lib/media/pattern.hpp"
#include "lib/net/clock.hpp"
#include "tests/bench/load/program.hpp"

namespace {

using namespace connectsphere;
using namespace connectsphere::bench;
using namespace connectsphere::gui;

constexpr Duration kSettle = 2s;
constexpr std::size_t kDifferent = 30;  // pictures, over and over

double cpu_seconds(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Resident, of this process since its beginning.
double most_mebibytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

State room_of(std::size_t people) {
    State state;
    proto::Joined joined;
    joined.set_session_id(1'000'000);
    joined.mutable_room()->set_name("bench");
    for (std::size_t i = 0; i < people; ++i) {
        auto& person = *joined.mutable_room()->add_participants();
        person.set_session_id(i + 1);
        std::string name = "Person ";
        person.set_name(name += std::to_string(i + 1));
        person.set_connected(true);
        person.set_joined_at(i + 1);
    }
    Commands ignored;
    notice(state, client::Event(joined), net::now(), ignored);
    return state;
}

std::vector<Buffer> coded_pictures(int width, int height) {
    media::JpegEncoder encoder;
    std::vector<Buffer> out;
    for (std::size_t i = 0; i < kDifferent; ++i) {
        const auto image = media::test_pattern({1, static_cast<std::uint32_t>(i)}, width, height);
        const auto jpeg = encoder.encode(image, 75);
        if (!jpeg) give_up(jpeg.error().what);
        out.emplace_back(jpeg->begin(), jpeg->end());
    }
    return out;
}

// Pictures for all tiles, each at its own moment of the period.
class Sender {
  public:
    Sender(Pictures& pictures, std::size_t tiles, double rate, std::vector<Buffer> coded)
        : thread_([this, &pictures, tiles, rate, coded = std::move(coded)] {
              const auto gap = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / rate)) /
                               static_cast<std::int64_t>(tiles);
              net::Loop loop;
              auto due = net::now();
              std::size_t sent = 0;
              net::Timer next = loop.at(due, [&] {
                  pictures.push(sent % tiles + 1,
                                {.bytes = coded[sent / tiles % coded.size()], .arrival = net::now()});
                  ++sent;
                  next.set(due += gap);
              });
              while (!is_over_) loop.run_once(10ms);
              cpu_ = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
          }) {}
    double stop() {
        is_over_ = true;
        thread_.join();
        return cpu_;
    }

  private:
    std::atomic<bool> is_over_{false};
    double cpu_ = 0;
    std::thread thread_;
};

void work(const Arguments& arguments) {
    const auto tiles = arguments.number("tiles", 16), rate = arguments.number("rate", 15);
    const Size size{static_cast<int>(arguments.number("width", 1280)),
                    static_cast<int>(arguments.number("height", 720))};
    auto state = room_of(tiles);
    // A sender's picture is about as large as its tile: the server forwards the layer that fits.
    const bool is_small = tiles > 4;
    auto coded = coded_pictures(is_small ? 320 : 640, is_small ? 184 : 360);
    Window* shown = nullptr;
    Renderer* renderer = nullptr;
    const auto begin = net::now() + kSettle, end = begin + arguments.duration("seconds", 8);
    bool is_counting = false;
    double draw_before = 0, all_before = 0;
    const auto draw = [&] {
        const auto now = net::now();
        if (!is_counting && now >= begin) {
            is_counting = true;
            renderer->statistics() = {};
            draw_before = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
            all_before = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
        }
        if (now >= end) return shown->quit();
        if (renderer->may_draw(now)) return renderer->draw(state);
        shown->set_timer(renderer->next_frame());
    };
    Window window("bench", size,
                  {.on_key = [](const Key&) {},
                   .on_pointer = [](std::optional<Point>) {},
                   .on_press = [](Point, bool) {},
                   .on_drag = [](Point, Point) {},
                   .on_wheel = [](Point, int) {},
                   .on_resize = [](Size) {},
                   .on_drag_files = [](bool) {},
                   .on_drop = [](const std::vector<std::string>&) {},
                   .on_blur = [] {},
                   .on_wake = draw,
                   .on_time = draw,
                   .on_close = [] {}});
    shown = &window;
    Pictures pictures([&] { window.wake(); }, 1);
    Renderer made(window, pictures, 1.0);
    renderer = &made;
    made.draw(state);
    Sender sender(pictures, tiles, static_cast<double>(rate), std::move(coded));
    say("begin");
    window.run();
    const double seconds_counted = seconds(net::now() - begin);
    const double draw_cpu = cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - draw_before;
    const double all_cpu = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - all_before;
    const double sender_cpu = sender.stop() * seconds_counted / (seconds_counted + seconds(kSettle));
    auto& statistics = made.statistics();
    say("end", {{"frames", static_cast<double>(statistics.drawing.count()) / seconds_counted},
                {"pictures", static_cast<double>(statistics.delay.count()) / seconds_counted},
                {"draw_p50", statistics.drawing.percentile_ms(0.5)},
                {"draw_p95", statistics.drawing.percentile_ms(0.95)},
                {"delay_p50", statistics.delay.percentile_ms(0.5)},
                {"delay_p95", statistics.delay.percentile_ms(0.95)},
                {"memory", most_mebibytes()},
                {"cpu_draw", draw_cpu / seconds_counted},
                {"cpu_all", (all_cpu - sender_cpu) / seconds_counted},
                {"dropped", static_cast<double>(pictures.dropped())}});
}

}  // namespace

int main(int argc, char** argv) { return run_program(argc, argv, work); }
