#include "services/common/shell.hpp"

#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "lib/net/clock.hpp"
#include "services/common/entropy.hpp"
#include "services/common/log.hpp"
#include "services/common/metrics.hpp"
#include "services/common/ports.hpp"
#include "services/common/service_name.hpp"
#include "services/common/tls_identity.hpp"

namespace connectsphere {

namespace {

constexpr std::size_t kDatagramBlock = 128 << 10;  // bytes: sent from the cache that they were encrypted into
constexpr Duration kBeatRetry = 100ms;             // while status is not there
constexpr int kBatchesPerTurn = 4;                 // of datagrams, before timers and links have theirs

bool is_udp_plane(proto::Service service) {
    return service == proto::VIDEO_RELAY || service == proto::AUDIO_MIXER;
}
bool is_tcp_plane(proto::Service service) {
    return service == proto::SCREEN_BROKER || service == proto::FILE_STORE;
}

WallTime to_wall(Time time) {
    const auto ago = std::chrono::duration_cast<std::chrono::microseconds>(net::now() - time);
    return net::wall_now() - ago;
}

template <class T>
T or_throw(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().what);
    return std::move(*result);
}

}  // namespace

Shell::Shell(net::Loop& loop, const ServiceSpec& spec, Config config)
    : loop_(loop),
      spec_(spec),
      context_{.config = std::move(config),
               .instance = {random_id()},
               .ports = {},
               .entropy = fill_random,
               .to_wall = to_wall,
               .offload =
                   [this](std::function<void()> job, std::function<void(Time, Outbox&)> done) {
                       worker_.submit(std::move(job), [this, done = std::move(done)] {
                           run([&](Time now) { done(now, out_); });
                       });
                   }},
      out_(is_udp_plane(spec.service) ? kDatagramBlock : 0),
      bus_(loop, context_.config.run_dir),
      gather_timer_(loop.timer([this] { on_readable(); })),
      timer_(loop.timer([this] {
          timer_at_ = kNever;
          if (is_gathering_) serve_datagrams();
          run([&](Time now) { hooks_.on_time(now, out_); });
      })),
      worker_(loop) {
    using std::chrono::milliseconds;
    const auto since_1970 = net::wall_now().time_since_epoch();
    started_at_ = static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(since_1970).count());
    out_.datagrams.when_full([this](const DatagramBatch& full) {
        if (udp_) udp_->send(full);
    });
    if (spec.service == proto::GATEWAY) {
        open_gateway();
    } else {
        open_service();
    }
    open_state();
    open_beat();
    arm_timer();
    if (spec.started) spec.started(loop, context_);  // may fail: nobody is told "ready" before
    announce_ready();
}

void Shell::reload(const Config& config) {
    if (!lender_) return;
    const auto identity = load_or_make_identity(config);
    if (!identity) return log::error("identity-refused", {{"why", identity.error().what}});
    auto context = net::TlsContext::server(*identity);
    if (!context) return log::error("identity-refused", {{"why", context.error()}});
    lender_->set_identity(*identity);
    if (frames_) frames_->set_identity(std::move(*context));
}

bool Shell::is_ready() const { return !borrower_ || borrower_->has_socket(); }

// ---- opening

void Shell::open_gateway() {
    const auto identity = or_throw(load_or_make_identity(context_.config));
    lender_.emplace(loop_, context_.config, identity);
    context_.ports = lender_->ports();
    const auto& ports = context_.ports;
    const auto written = write_ports(context_.config.run_dir, service_name(proto::GATEWAY),
                                     {{"control", ports.control},
                                      {"screen", ports.screen},
                                      {"files", ports.files},
                                      {"video", ports.video},
                                      {"audio", ports.audio}});
    if (!written) log::warn("ports-not-written", {{"why", written.error()}});
    hooks_ = spec_.make(context_);
    serve_frames(lender_->control_socket(), or_throw(net::TlsContext::server(identity)));
    gateway_links_.emplace(
        loop_, bus_, context_.instance,
        GatewayLinks::Handlers{.on_message =
                                   [this](proto::Service from, const proto::ToGateway& message) {
                                       if (!hooks_.on_service) return;
                                       run([&](Time now) { hooks_.on_service(from, message, now, out_); });
                                   },
                               .fill_hello = hooks_.fill_gateway_hello});
}

void Shell::open_service() {
    hooks_ = spec_.make(context_);
    const auto service = spec_.service;
    // The answer to GatewayHello goes before what the engine has to say to that gateway.
    const auto on_message = [this](const proto::ToService& message) {
        run([&](Time now) {
            if (hooks_.on_ctl) hooks_.on_ctl(message, now, out_);
            if (message.has_hello()) service_link_->answer(message.hello());
        });
    };
    if (service != proto::STATUS) {
        service_link_.emplace(
            loop_, bus_, service, context_.instance,
            ServiceLink::Handlers{.on_message = on_message, .fill_hello = hooks_.fill_hello});
    }
    if (is_udp_plane(service) || is_tcp_plane(service)) {
        borrower_.emplace(loop_, context_.config.run_dir, service, context_.instance,
                          [this](const auto& lent) { on_lent(lent); });
    }
}

void Shell::open_state() {
    if (hooks_.on_subscriber) {
        state_out_.emplace(bus_, spec_.service,
                           [this] { run([&](Time now) { hooks_.on_subscriber(now, out_); }); });
    }
    if (!hooks_.on_state) return;
    for (const proto::Service owner : hooks_.state_owners) {
        state_in_.push_back(
            std::make_unique<StateSubscriber>(bus_, owner, [this](const proto::StateMessage& message) {
                run([&](Time now) { hooks_.on_state(message, now, out_); });
            }));
    }
}

void Shell::open_beat() {
    if (hooks_.on_beat) {
        beat_in_.emplace(bus_, [this](const proto::Beat& got) { hooks_.on_beat(got, net::now()); });
    }
    beat_out_.emplace(bus_);
    beat_at_ = net::now();
    beat_timer_ = loop_.at(beat_at_, [this] { beat(); });

    std::uint64_t watchdog = 0;
    if (sd_watchdog_enabled(0, &watchdog) <= 0) return;
    const Duration half = std::chrono::microseconds(watchdog / 2);
    watchdog_timer_ = loop_.at(net::now(), [this, half] {
        sd_notify(0, "WATCHDOG=1");
        watchdog_timer_.set(net::now() + half);
    });
}

void Shell::on_lent(const SocketBorrower::Lent& lent) {
    if (lent.is_new) log::info("socket-borrowed", {{"port", lent.port}});
    if (hooks_.on_port) hooks_.on_port(lent.port);
    if (is_udp_plane(spec_.service)) {
        if (!lent.is_new) return;
        readable_.reset();
        udp_.emplace(lent.socket);
        udp_->drain();  // what waited for a predecessor is stale
        is_gathering_ = false;
        readable_ = loop_.watch(lent.socket, EPOLLIN, [this](std::uint32_t) { on_readable(); });
    } else if (lent.identity) {
        auto identity = net::TlsContext::server(*lent.identity);
        if (!identity) return log::error("identity-refused", {{"why", identity.error()}});
        if (!frames_) {
            serve_frames(lent.socket, std::move(*identity));
        } else {
            frames_->set_identity(std::move(*identity));
            if (lent.is_new) frames_->set_listener(lent.socket);
        }
    }
    announce_ready();
}

void Shell::serve_frames(int listener, net::TlsContext identity) {
    if (!hooks_.on_frame) return;
    const auto& limits = context_.config.limits;
    frames_.emplace(
        loop_, listener, std::move(identity),
        FramedServer::Limits{.connections = limits.connections,
                             .strangers_per_address = limits.unjoined_per_address,
                             .handshake = limits.handshake,
                             .output_bytes = limits.output_buffer_bytes,
                             .frame_bytes = spec_.frame_bytes,
                             .stranger_frame_bytes = limits.control_frame_bytes},
        FramedServer::Handlers{.on_open =
                                   [this](ConnectionId id, const Address& peer) {
                                       if (hooks_.on_open)
                                           run([&](Time now) { hooks_.on_open(id, peer, now, out_); });
                                   },
                               .on_frame =
                                   [this](ConnectionId id, wire::FrameView frame) {
                                       run([&](Time now) { hooks_.on_frame(id, frame, now, out_); });
                                   },
                               .on_close =
                                   [this](ConnectionId id) {
                                       if (hooks_.on_close)
                                           run([&](Time now) { hooks_.on_close(id, now, out_); });
                                   }});
}

// The socket is read even where no engine wants it, so that nothing stale piles up.
bool Shell::serve_datagrams() {
    bool any = false;
    for (int i = 0; i < kBatchesPerTurn; ++i) {
        const auto batch = udp_->receive(net::now());
        any = any || !batch.empty();
        if (hooks_.on_datagrams && !batch.empty())
            run([&](Time now) { hooks_.on_datagrams(batch, now, out_); });
        if (!udp_->may_have_more()) break;
    }
    return any;
}

void Shell::on_readable() {
    const Time now = net::now();
    const bool came = serve_datagrams();
    const bool gathers = came && (is_gathering_ || now - taken_at_ < spec_.gather);
    if (came) taken_at_ = now;
    if (gathers) gather_timer_.set(now + spec_.gather);
    if (gathers != is_gathering_) readable_.set(gathers ? 0 : std::uint32_t{EPOLLIN});
    is_gathering_ = gathers;
}

// ---- running

template <class Call>
void Shell::run(Call&& call) {
    call(net::now());
    flush();
    arm_timer();
}

void Shell::flush() {
    if (udp_ && !out_.datagrams.empty()) udp_->send(out_.datagrams);
    out_.datagrams.clear();
    flush_frames();
    flush_ctl();
    if (state_out_) {
        for (auto& message : out_.state) {
            message.set_instance_id(context_.instance.value);
            state_out_->publish(message);
        }
    }
    out_.clear();
}

void Shell::flush_frames() {
    if (!frames_) return;
    for (const auto id : out_.trusted) frames_->trust(id);
    for (const auto& frame : out_.frames) {
        for (const auto id : frame.to) frames_->send(id, frame.frame);
    }
    for (const auto id : out_.closes) frames_->close(id);
    for (const auto id : out_.drops) frames_->drop(id);
    out_.trusted.clear();
    out_.frames.clear();
    out_.closes.clear();
    out_.drops.clear();
}

// What can not be sent comes back to the engine, which may then answer "try later" to whoever asked.
void Shell::flush_ctl() {
    for (const auto& message : out_.to_gateway) {
        if (!service_link_ || !service_link_->send(message)) log::count("gateway-away");
    }
    if (out_.to_service.empty() || !gateway_links_) return;
    const auto messages = std::exchange(out_.to_service, {});
    for (const auto& [service, message] : messages) {
        if (gateway_links_->send(service, message)) continue;
        log::count("service-away", {{"peer", service_name(service)}});
        if (hooks_.on_unsent) hooks_.on_unsent(service, message, net::now(), out_);
    }
    out_.to_service.clear();  // an engine that tries the same again at once would do so for ever
    flush_frames();
}

void Shell::arm_timer() {
    if (!hooks_.on_time || !hooks_.deadline) return;
    const Time deadline = hooks_.deadline();
    if (deadline == timer_at_) return;
    timer_at_ = deadline;
    timer_.set(deadline);
}

// ---- telling

void Shell::beat() {
    log::report_counts();
    proto::Beat message;
    message.set_service(spec_.service);
    message.set_instance_id(context_.instance.value);
    message.set_pid(static_cast<std::uint32_t>(getpid()));
    message.set_version(CS_VERSION);
    message.set_started_at(started_at_);
    message.set_ready(is_ready());
    if (!is_ready()) message.set_reason("waiting for the gateway to lend its socket");
    add_process_figures(message);
    fill_transport(message);
    if (hooks_.fill_beat) hooks_.fill_beat(message);
    const bool is_taken = beat_out_->send(message);
    // A process that was stopped for a while does not send what it missed.
    const Time now = net::now();
    while (beat_at_ <= now) beat_at_ += 1s;
    // Status may start after us: then it hears of us soon, and not a whole period later.
    beat_timer_.set(is_taken ? beat_at_ : std::min(beat_at_, now + kBeatRetry));
}

void Shell::fill_transport(proto::Beat& beat) const {
    const auto counter = [&](const char* name, const char* help, std::uint64_t value) {
        add_counter(beat, name, help, static_cast<double>(value));
    };
    if (frames_) {
        const auto& c = frames_->counters();
        add_gauge(beat, "tcp_connections", "Client connections", static_cast<double>(frames_->size()));
        counter("tcp_accepted_total", "Client connections accepted", c.accepted);
        counter("tcp_refused_total", "Client connections over a limit", c.refused);
        counter("tcp_timed_out_total", "Connections without a first frame in time", c.timed_out);
        counter("tcp_malformed_total", "Connections closed for bytes that are no frame", c.malformed);
        counter("tcp_too_slow_total", "Connections cut for reading too slowly", c.too_slow);
        counter("tcp_received_bytes_total", "Bytes of frames from clients", c.bytes_in);
        counter("tcp_sent_bytes_total", "Bytes of frames to clients", c.bytes_out);
    }
    if (udp_) {
        const auto& c = udp_->counters();
        counter("udp_received_datagrams_total", "Datagrams from clients", c.received_datagrams);
        counter("udp_received_bytes_total", "Bytes from clients", c.received_bytes);
        counter("udp_sent_datagrams_total", "Datagrams to clients", c.sent_datagrams);
        counter("udp_sent_bytes_total", "Bytes to clients", c.sent_bytes);
        counter("udp_refused_total", "Datagrams too long to be ours", c.oversized + c.truncated);
        counter("udp_send_dropped_total", "Datagrams that the kernel did not take",
                c.send_dropped + c.send_failed + out_.datagrams.dropped());
        counter("udp_kernel_dropped_total", "Datagrams lost for a full receive buffer", udp_->kernel_drops());
    }
    if (state_out_)
        counter("state_dropped_total", "State messages that a stuck subscriber missed",
                state_out_->dropped());
}

void Shell::announce_ready() {
    if (announced_ || !is_ready()) return;
    announced_ = true;
    beat_timer_.set(net::now());  // status knows at once, and not at the next beat
    sd_notify(0, "READY=1");
    log::info("ready", {{"pid", getpid()}, {"version", CS_VERSION}});
}

}  // namespace connectsphere
