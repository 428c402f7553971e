// The load of the video plane: one sender, and receivers that get all of it. Packets are full (1,200 bytes)
// and leave evenly spaced or in bursts, as the packets of a frame do.
//
//   load_video --server 127.0.0.1:9000 --receivers 10 --rate 4000 --burst 1 --seconds 8
//   load_video --floor single|batch|burst [--clear 1] …
//                                      the same traffic through the encrypted floor (floor_relay.hpp), or a
//                                      plain one
//   load_video --server … --room 50 --last 9 --rate 50
//                                      a room in which everybody sends, and sees so many of the others
//
// Receivers are looked at every millisecond and not woken by each packet: elsewhere they would be other
// machines, whose waking is not the server's to pay. The first receiver opens what it gets, and tells the
// delay from the time in the packet to the arrival in its kernel.
#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "lib/net/clock.hpp"
#include "lib/net/socket.hpp"
#include "tests/bench/load/floor_relay.hpp"
#include "tests/bench/load/member.hpp"
#include "tests/bench/load/program.hpp"

namespace {

using namespace connectsphere;
using namespace connectsphere::bench;

constexpr std::size_t kPayload = kMaxDatagramSent - wire::kRtpFixedHeaderSize - wire::kSrtpMaxOverhead;
constexpr std::size_t kTimeAt = kPayload - 8;  // of the payload: when it was sent, nanoseconds
constexpr std::size_t kPacketsPerFrame = 10;
constexpr Duration kSettle = 1s;
constexpr Duration kLook = 1ms;
constexpr Duration kLinger = 500ms;  // the driver reads the floor's CPU time after "end"

struct Shape {
    std::size_t receivers, rate, burst;
    Duration seconds;
};

// Sends the packets, on an absolute schedule.
class Sender {
  public:
    Sender(net::Loop& loop, MediaEnd& end, DatagramBatch& batch, Ssrc ssrc, const Shape& shape)
        : end_(end),
          batch_(batch),
          ssrc_(ssrc),
          burst_(shape.burst),
          period_(Duration(1s) * shape.burst / shape.rate),
          due_(net::now()),
          timer_(loop.at(due_, [this] {
              for (; due_ <= net::now(); due_ += period_) send_burst();
              timer_.set(due_);
          })) {}

    std::uint64_t sent() const { return sent_; }

  private:
    void send_burst() {
        for (std::size_t i = 0; i < burst_; ++i, ++sent_) {
            Writer(MutableBytes(payload_).subspan(kTimeAt))
                .u64(static_cast<std::uint64_t>(net::now().time_since_epoch().count()));
            const bool ends_frame = sent_ % kPacketsPerFrame == kPacketsPerFrame - 1;
            const auto frame = static_cast<std::uint32_t>(sent_ / kPacketsPerFrame);
            end_.link().send_rtp({.marker = ends_frame,
                                  .payload_type = wire::kPayloadTypeJpeg,
                                  .seq = 0,
                                  .timestamp = frame * 225,  // 400 frames/s at 90 kHz
                                  .ssrc = ssrc_,
                                  .audio_level = std::nullopt},
                                 payload_, batch_);
        }
        end_.flush();
    }

    MediaEnd& end_;
    DatagramBatch& batch_;
    Ssrc ssrc_;
    std::size_t burst_;
    Duration period_;
    Time due_;
    net::Timer timer_;
    std::array<std::uint8_t, kPayload> payload_{};
    std::uint64_t sent_ = 0;
};

// Looks at what the receivers got.
class Audience {
  public:
    Audience(net::Loop& loop, std::vector<MediaEnd*> ends)
        : ends_(std::move(ends)), timer_(loop.at(net::now(), [this] {
              look();
              timer_.set(net::now() + kLook);
          })) {}

    void start_anew() {
        look();
        received_ = 0;
        delays_.clear();
    }
    std::uint64_t received() const { return received_; }
    const std::vector<Duration>& delays() const { return delays_; }

  private:
    void look() {
        for (auto* end : ends_) {
            for (auto datagrams = end->receive(); !datagrams.empty(); datagrams = end->receive())
                for (auto& datagram : datagrams) take(*end, datagram);
        }
    }
    void take(MediaEnd& end, Datagram& datagram) {
        if (wire::is_rtcp(datagram.payload)) return;
        ++received_;
        if (&end != ends_.front()) return;
        const auto packet = end.link().receive(datagram);
        if (!packet || packet->rtp.payload.size() != kPayload) return;
        Reader reader(packet->rtp.payload.subspan(kTimeAt));
        const Time sent_at{Duration(static_cast<Duration::rep>(reader.u64()))};
        delays_.push_back(packet->arrival - sent_at);
    }

    std::vector<MediaEnd*> ends_;
    std::uint64_t received_ = 0;
    std::vector<Duration> delays_;
    net::Timer timer_;
};

using Senders = std::vector<std::unique_ptr<Sender>>;

// `copies`: of each packet that is sent, how many should arrive.
void measure(net::Loop& loop, const Senders& senders, Audience& audience, double copies, Duration duration,
             int floor_pid) {
    const auto sent_by_all = [&] {
        std::uint64_t sum = 0;
        for (const auto& sender : senders) sum += sender->sent();
        return sum;
    };
    run_for(loop, kSettle);
    audience.start_anew();
    const auto before = sent_by_all();
    say("begin", {{"pid", floor_pid}});
    run_for(loop, duration);
    const auto sent = sent_by_all() - before;
    const auto received = audience.received();
    say("end", {{"sent", static_cast<double>(sent)},
                {"received", static_cast<double>(received)},
                {"expected", static_cast<double>(sent) * copies},
                {"delay_p50", seconds(quantile(audience.delays(), 0.5)) * 1000},
                {"delay_p99", seconds(quantile(audience.delays(), 0.99)) * 1000}});
    run_for(loop, kLinger);
}

// ---- through the server

proto::Stream picture() {
    proto::Stream stream;
    stream.set_stream_id(2);
    stream.set_kind(proto::VIDEO);
    auto& encoding = *stream.add_encodings();
    encoding.set_codec(proto::JPEG);
    encoding.set_width(1280);
    encoding.set_height(720);
    encoding.set_frame_rate(60);
    return stream;
}

void through_server(const Address& server, const Shape& shape) {
    net::Loop loop;
    DatagramBatch batch(1 << 20);
    const auto tls = net::TlsContext::client();
    auto options = alike({.server = server, .plane = proto::PLANE_VIDEO}, shape.receivers + 1);
    options.front().streams.push_back(picture());
    const auto members = join_all(loop, *tls, batch, options);
    std::vector<MediaEnd*> ends;
    for (std::size_t i = 1; i < members.size(); ++i) ends.push_back(&members[i]->media());
    Audience audience(loop, ends);
    Senders senders;
    senders.push_back(std::make_unique<Sender>(loop, members.front()->media(), batch,
                                               members.front()->video_ssrc(), shape));
    measure(loop, senders, audience, static_cast<double>(shape.receivers), shape.seconds, 0);
}

// Everybody sends, and sees `last` of the others.
void room_through_server(const Address& server, std::size_t size, std::size_t last, const Shape& shape) {
    net::Loop loop;
    DatagramBatch batch(1 << 20);
    const auto tls = net::TlsContext::client();
    const auto members =
        join_all(loop, *tls, batch,
                 alike({.server = server, .plane = proto::PLANE_VIDEO, .streams = {picture()}}, size));
    std::vector<MediaEnd*> ends;
    proto::Subscribe wishes;
    wishes.add_codecs(proto::JPEG);
    wishes.set_max_streams(static_cast<std::uint32_t>(last));
    Senders senders;
    for (const auto& member : members) {
        member->act([&](auto& session, auto& out) { session.subscribe(wishes, out); });
        ends.push_back(&member->media());
        senders.push_back(
            std::make_unique<Sender>(loop, member->media(), batch, member->video_ssrc(), shape));
    }
    Audience audience(loop, ends);
    // Of what all send, each gets the same share; who is not shown is sent for nothing.
    measure(loop, senders, audience, static_cast<double>(std::min(last, size - 1)), shape.seconds, 0);
}

// ---- through the floor

proto::MasterKey master_key(std::size_t number) {
    proto::MasterKey master;
    master.set_key(std::string(wire::kSrtpKeySize, static_cast<char>(number)));
    master.set_salt(std::string(wire::srtp_salt_size(wire::SrtpProfile::aead_aes_128_gcm), 's'));
    return master;
}

wire::SrtpKey srtp_key(const proto::MasterKey& master) {
    wire::SrtpKey key;
    std::copy(master.key().begin(), master.key().end(), key.key.begin());
    std::copy(master.salt().begin(), master.salt().end(), key.salt.begin());
    return key;
}

proto::MediaKeys media_keys(std::size_t number, std::uint32_t port) {
    proto::MediaKeys keys;
    keys.set_plane(proto::PLANE_VIDEO);
    keys.set_epoch(1);
    keys.set_profile(proto::AEAD_AES_128_GCM);
    *keys.mutable_to_server() = master_key(number);
    *keys.mutable_to_client() = master_key(100 + number);
    keys.set_port(port);
    return keys;
}

FloorRelay::How floor_of(std::string_view name) {
    if (name == "single") return FloorRelay::How::single;
    if (name == "batch") return FloorRelay::How::batch;
    if (name == "burst") return FloorRelay::How::burst;
    give_up("no such floor");
}

void through_floor(FloorRelay::How how, bool is_clear, const Shape& shape) {
    net::Loop loop;
    DatagramBatch batch(1 << 20);
    FloorRelay relay{.how = how,
                     .is_clear = is_clear,
                     .socket = bind_floor_socket(),
                     .from_sender = srtp_key(master_key(0)),
                     .receivers = {}};
    const Address server = *net::local_address(relay.socket.get());
    std::vector<std::unique_ptr<MediaEnd>> ends;
    std::vector<MediaEnd*> receivers;
    for (std::size_t i = 0; i <= shape.receivers; ++i) {
        auto& end = *ends.emplace_back(std::make_unique<MediaEnd>(loop, batch));
        end.install(media_keys(i, server.port), server, {static_cast<std::uint32_t>(100 + i)});
        if (i == 0) continue;
        relay.receivers.push_back({.key = srtp_key(master_key(100 + i)), .address = end.address()});
        receivers.push_back(&end);
    }
    const Child child([&] { return run_floor_relay(std::move(relay)); });
    Audience audience(loop, receivers);
    Senders senders;
    senders.push_back(std::make_unique<Sender>(loop, *ends.front(), batch, Ssrc{1}, shape));
    measure(loop, senders, audience, static_cast<double>(shape.receivers), shape.seconds, child.pid());
}

void work(const Arguments& arguments) {
    const Shape shape{.receivers = arguments.number("receivers", 10),
                      .rate = arguments.number("rate", 4000),
                      .burst = arguments.number("burst", 1),
                      .seconds = arguments.duration("seconds", 8)};
    const auto floor = arguments.text("floor");
    if (const auto size = arguments.number("room", 0); size != 0)
        return room_through_server(arguments.server(), size, arguments.number("last", 9), shape);
    if (floor.empty()) return through_server(arguments.server(), shape);
    through_floor(floor_of(floor), arguments.number("clear", 0) != 0, shape);
}

}  // namespace

int main(int argc, char** argv) { return run_program(argc, argv, work); }
