// What forwarding costs: CPU time per packet that goes out, of the relay's engine and of the encrypted floor
// of the same shape (open once, seal once per receiver, nothing decided). With and without the kernel: the
// sends go to sockets on loopback, in the batches that the shell would send.
//
//   Engine, Floor          <receivers>/<packets a burst>    computing alone
//   EngineSend, FloorSend  <receivers>/<packets a burst>    and UdpSocket::send
//
// Time is CPU time of this thread; making packets and emptying the receivers' sockets is not counted.
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "lib/net/udp.hpp"
#include "lib/wire/rtcp.hpp"
#include "lib/wire/rtp.hpp"
#include "lib/wire/srtp.hpp"
#include "services/video-relay/relay_engine.hpp"

namespace {

using namespace connectsphere;

constexpr std::size_t kPayload =
    kMaxDatagramSent - wire::kRtpFixedHeaderSize - wire::kSrtpMaxOverhead;  // full packets
constexpr std::size_t kBlock = 128 << 10;  // of what goes out, as the shell has it
constexpr std::uint32_t kCameraSsrc = 0x1000;
constexpr std::uint32_t kRtcpSsrc = 0x2000;  // and the session's id
const Time kStart = Time{} + 1h;

double cpu_seconds() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

// Keys that differ by session and direction.
wire::SrtpKey key_of(std::uint64_t session, bool to_client) {
    wire::SrtpKey key;
    key.key.fill(static_cast<std::uint8_t>(2 * session + (to_client ? 1 : 0)));
    key.salt.fill(static_cast<std::uint8_t>(session));
    return key;
}

void set_master(proto::MasterKey& master, const wire::SrtpKey& key) {
    master.set_key(std::string(as_text(key.key)));
    master.set_salt(std::string(as_text(Bytes(key.salt).first(wire::srtp_salt_size(key.profile)))));
}

// A receiver's socket. Nobody looks at what arrives; it is emptied so that the kernel has to deliver.
class Sink {
  public:
    Sink() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(fd_, generic, size) != 0 || ::getsockname(fd_, generic, &size) != 0) std::abort();
        route.peer = *parse_address("127.0.0.1:" + std::to_string(ntohs(address.sin_port)), 0);
    }
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;
    ~Sink() { ::close(fd_); }
    void empty() {
        std::array<char, 1500> bytes;
        while (::recv(fd_, bytes.data(), bytes.size(), 0) >= 0) {
        }
    }

    Route route;

  private:
    int fd_;
};

// The sender's side of a run: bursts of protected packets as they come from the network.
class Camera {
  public:
    explicit Camera(std::size_t burst) : sender_(key_of(1, false)), buffers_(burst) {}

    std::span<Datagram> next_burst() {
        datagrams_.clear();
        for (auto& buffer : buffers_) {
            const wire::RtpHeader header{.marker = &buffer == &buffers_.back(),
                                         .payload_type = wire::kPayloadTypeJpeg,
                                         .seq = seq_++,
                                         .timestamp = timestamp_,
                                         .ssrc = {kCameraSsrc},
                                         .audio_level = std::nullopt};
            const auto header_size = wire::write_rtp_header(buffer, header);
            const auto size = sender_.protect_rtp(Bytes(buffer).first(header_size + kPayload), buffer);
            datagrams_.push_back(
                {.route = {}, .payload = MutableBytes(buffer).first(*size), .received_at = kStart});
        }
        timestamp_ += 6000;
        return datagrams_;
    }

  private:
    wire::SrtpSender sender_;
    std::vector<std::array<std::uint8_t, kMaxDatagramAccepted>> buffers_;
    std::vector<Datagram> datagrams_;
    std::uint16_t seq_ = 1;
    std::uint32_t timestamp_ = 0;
};

// The engine with a room of one camera and receivers that it has heard of.
class EngineRig {
  public:
    EngineRig(const std::vector<std::unique_ptr<Sink>>& sinks, std::size_t) : engine_(EngineContext{}) {
        proto::StateMessage state;
        state.set_instance_id(1);
        state.set_version(1);
        state.mutable_room()->set_room_id(1);
        for (std::uint64_t id = 1; id <= sinks.size() + 1; ++id) {
            auto& participant = *state.mutable_room()->add_participants();
            participant.set_session_id(id);
            participant.set_video_rtcp_ssrc(static_cast<std::uint32_t>(kRtcpSsrc + id));
            if (id == 1) publish(participant);
            grant(id);
        }
        engine_.on_state(state, kStart, out_);
        for (std::size_t i = 0; i < sinks.size(); ++i) report(i + 2, sinks[i]->route);
        out_.clear();
    }

    DatagramBatch& batch() { return out_.datagrams; }
    void forward(std::span<Datagram> burst) { engine_.on_datagrams(burst, kStart, out_); }

  private:
    static void publish(proto::Participant& participant) {
        auto& stream = *participant.add_streams();
        stream.set_stream_id(1);
        stream.set_kind(proto::VIDEO);
        auto& encoding = *stream.add_encodings();
        encoding.set_codec(proto::JPEG);
        encoding.set_ssrc(kCameraSsrc);
    }
    void grant(std::uint64_t id) {
        proto::ToService message;
        auto& keys = *message.mutable_grant_keys();
        keys.set_session_id(id);
        keys.set_epoch(1);
        keys.set_profile(proto::AEAD_AES_128_GCM);
        set_master(*keys.mutable_from_client(), key_of(id, false));
        set_master(*keys.mutable_to_client(), key_of(id, true));
        engine_.on_ctl(message, kStart, out_);
    }
    void report(std::uint64_t id, const Route& route) {
        std::array<std::uint8_t, 100> bytes;
        Writer writer(bytes);
        wire::write_receiver_report(writer, {static_cast<std::uint32_t>(kRtcpSsrc + id)});
        wire::SrtpSender sender(key_of(id, false));
        const auto size = sender.protect_rtcp(Bytes(bytes).first(writer.size()), bytes);
        Datagram datagram{.route = route, .payload = MutableBytes(bytes).first(*size), .received_at = kStart};
        engine_.on_datagrams({&datagram, 1}, kStart, out_);
    }

    relay::VideoRelayEngine engine_;
    Outbox out_{kBlock};
};

// The least that any relay with a key per receiver has to do.
class FloorRig {
  public:
    FloorRig(const std::vector<std::unique_ptr<Sink>>& sinks, std::size_t burst)
        : from_camera_(key_of(1, false)) {
        for (std::size_t i = 0; i < sinks.size(); ++i) {
            routes_.push_back(sinks[i]->route);
            to_receiver_.emplace_back(key_of(i + 2, true));
        }
        plain_.reserve(burst);
    }

    DatagramBatch& batch() { return batch_; }
    void forward(std::span<Datagram> burst) {
        plain_.clear();
        for (const Datagram& datagram : burst)
            plain_.push_back(datagram.payload.first(*from_camera_.unprotect_rtp(datagram.payload)));
        for (std::size_t i = 0; i < to_receiver_.size(); ++i)
            for (const Bytes packet : plain_)
                batch_.commit(routes_[i], *to_receiver_[i].protect_rtp(
                                              packet, batch_.claim(packet.size() + wire::kSrtpMaxOverhead)));
    }

  private:
    wire::SrtpReceiver from_camera_;
    std::vector<wire::SrtpSender> to_receiver_;
    std::vector<Route> routes_;
    std::vector<Bytes> plain_;
    DatagramBatch batch_{kBlock};
};

template <class Rig, bool kSend>
void run(benchmark::State& state) {
    const auto receivers = static_cast<std::size_t>(state.range(0));
    const auto burst = static_cast<std::size_t>(state.range(1));
    std::vector<std::unique_ptr<Sink>> sinks;
    for (std::size_t i = 0; i < receivers; ++i) sinks.push_back(std::make_unique<Sink>());
    Camera camera(burst);
    Rig rig(sinks, burst);
    auto socket = net::UdpSocket(*net::bind_udp(*parse_address("127.0.0.1:0", 0)));

    double total = 0;
    std::uint64_t packets = 0;
    const auto take = [&](const DatagramBatch& batch) {
        if constexpr (kSend) socket.send(batch);
        packets += batch.size();
    };
    rig.batch().when_full(take);
    for (auto _ : state) {
        const auto datagrams = camera.next_burst();
        const auto before = packets;
        const double start = cpu_seconds();
        rig.forward(datagrams);
        take(rig.batch());
        rig.batch().clear();
        const double spent = cpu_seconds() - start;
        if (packets - before != receivers * burst) return state.SkipWithError("not everything was forwarded");
        state.SetIterationTime(spent);
        total += spent;
        if constexpr (kSend)
            for (auto& sink : sinks) sink->empty();
    }
    state.counters["ns/packet"] = total / static_cast<double>(packets) * 1e9;
    if (kSend)
        state.counters["calls/packet"] =
            static_cast<double>(socket.counters().send_calls) / static_cast<double>(packets);
}

void shapes(benchmark::internal::Benchmark* each) {
    // Ten receivers evenly spaced (one packet a wake-up) and in bursts of a frame; fifty in bursts.
    each->Args({10, 1})->Args({10, 10})->Args({50, 10})->UseManualTime()->Unit(benchmark::kMicrosecond);
}

BENCHMARK_TEMPLATE(run, EngineRig, false)->Name("Engine")->Apply(shapes);
BENCHMARK_TEMPLATE(run, FloorRig, false)->Name("Floor")->Apply(shapes);
BENCHMARK_TEMPLATE(run, EngineRig, true)->Name("EngineSend")->Apply(shapes);
BENCHMARK_TEMPLATE(run, FloorRig, true)->Name("FloorSend")->Apply(shapes);

}  // namespace

BENCHMARK_MAIN();
