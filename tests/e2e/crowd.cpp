// cs-test-crowd: a room full of senders, each with a stream of its own, in one process. They see nobody, and
// leave together.
//
//     cs-test-crowd --server 127.0.0.1:9000 --room lobby --senders 100 --rate 5 --seconds 6
//
// Every stream is JPEG of the test pattern, tagged with the number that its sender's name ends with. Output:
// {"event":"begin"} when everybody sends, {"event":"end","frames":30} with the pictures that each has sent.
#include <vector>

#include "lib/client/media_out.hpp"
#include "lib/media/jpeg_codec.hpp"
#include "lib/media/pattern.hpp"
#include "lib/net/clock.hpp"
#include "tests/bench/load/member.hpp"
#include "tests/bench/load/program.hpp"

namespace {

using namespace connectsphere;
using namespace connectsphere::bench;

constexpr int kWidth = media::kMinPatternWidth, kHeight = media::kMinPatternHeight;
constexpr int kQuality = 60;
constexpr auto kCodec = client::VideoCodecChoice::jpeg;

// One of them, whose keys and SSRCs may change at any time.
class Sender {
  public:
    Sender(Member& member, std::uint16_t tag, const client::VideoSource::Format& format)
        : member_(member), tag_(tag), plan_(client::plan_encodings(kCodec, format)) {
        out_.set_encodings(plan_, {member.video_ssrc()});
        member.on_event = [this](const client::Event& event) {
            if (std::holds_alternative<proto::Published>(event))
                out_.set_encodings(plan_, {member_.video_ssrc()});
        };
        proto::Subscribe nobody;
        nobody.set_max_streams(0);
        member.act([&](auto& session, auto& out) { session.subscribe(nobody, out); });
    }

    void send(media::JpegEncoder& encoder, DatagramBatch& batch) {
        const auto jpeg = encoder.encode(media::test_pattern({tag_, frame_++}, kWidth, kHeight), kQuality);
        if (!jpeg) give_up(jpeg.error().what);
        const client::EncodedVideo encoded{.data = Buffer(jpeg->begin(), jpeg->end())};
        const auto now = net::now();
        if (const auto sent = out_.picture({&encoded, 1}, now, member_.media().link(), batch); !sent)
            give_up(sent.error().what);
        member_.media().flush();
    }

  private:
    Member& member_;
    std::uint16_t tag_;
    std::uint32_t frame_ = 0;
    std::vector<client::VideoEncoding> plan_;
    client::VideoOut out_;
};

void work(const Arguments& arguments) {
    const auto count = arguments.number("senders", 100), rate = arguments.number("rate", 5);
    const auto frames =
        static_cast<std::size_t>(seconds(arguments.duration("seconds", 6)) * static_cast<double>(rate));
    net::Loop loop;
    DatagramBatch batch(1 << 20);
    const auto tls = net::TlsContext::client();
    const client::VideoSource::Format format{
        .width = kWidth, .height = kHeight, .frame_rate = static_cast<double>(rate)};
    const auto members = join_all(loop, *tls, batch,
                                  alike({.server = arguments.server(),
                                         .room = arguments.text("room", "lobby"),
                                         .name = "sender",
                                         .plane = proto::PLANE_VIDEO,
                                         .streams = {client::describe_stream(kCodec, format)}},
                                        count));
    std::vector<std::unique_ptr<Sender>> senders;
    for (std::size_t i = 0; i < count; ++i)
        senders.push_back(std::make_unique<Sender>(*members[i], static_cast<std::uint16_t>(i), format));
    say("begin");
    // Each at its own moment of the period.
    media::JpegEncoder encoder;
    std::size_t sent = 0;
    const auto gap = Duration(1s) / static_cast<std::int64_t>(rate * count);
    auto due = net::now();
    net::Timer next = loop.at(due, [&] {
        for (; due <= net::now() && sent < frames * count; due += gap)
            senders[sent++ % count]->send(encoder, batch);
        if (sent < frames * count) next.set(due);
    });
    while (sent < frames * count) loop.run_once(20ms);
    run_for(loop, 500ms);  // the last ones arrive, and what was lost is sent again
    say("end", {{"frames", static_cast<double>(frames)}});
}

}  // namespace

int main(int argc, char** argv) { return run_program(argc, argv, work); }
