#include "lib/client/runner.hpp"
#include "lib/base/overloaded.hpp"

#include <utility>

#include "lib/net/clock.hpp"
#include "lib/net/tcp.hpp"

namespace connectsphere::client {

namespace {

constexpr std::size_t kMaxFrame =
    1 << 20;  // of the control plane, as the server sends it: a room of 1,000 fits
constexpr std::size_t kBatchBytes = 2 << 20;  // outgoing datagrams of one turn
constexpr int kMaxTicksBehind = 5;            // late ticks that are made up; what is older is skipped
constexpr Duration kNetworkPeriod = 2s;       // how often the user is told of the network

}  // namespace

Runner::Runner(net::Loop& loop, Options options, Handlers handlers)
    : loop_(loop),
      options_(std::move(options)),
      handlers_(std::move(handlers)),
      session_(options_.session),
      parser_(kMaxFrame),
      session_timer_(loop.timer([this] {
          Session::Output out;
          session_.on_time(net::now(), out);
          carry_out(out);
      })),
      reconnect_timer_(loop.timer([this] { connect(); })),
      report_timer_(loop.timer([this] {
          for (auto* plane : {&audio_, &video_}) {
              plane->link.on_time(net::now(), batch_);
              flush(*plane);
          }
          arm();
      })),
      tick_timer_(loop.timer([this] { on_tick(); })),
      network_timer_(loop.timer([this] {
          network_timer_.set(net::now() + kNetworkPeriod);
          if (handlers_.on_network) handlers_.on_network(audio_call_.network());
      })),
      hang_up_(loop.deferred([this] {
          if (auto error = std::exchange(hang_up_error_, std::nullopt)) drop_connection(*error);
      })),
      audio_(options_.entropy),
      video_(options_.entropy),
      batch_(kBatchBytes),
      audio_call_(std::move(options_.sound)),
      video_in_([this](Ssrc ssrc, std::uint32_t, Bytes jpeg) {
          if (!handlers_.on_picture) return;
          for (const auto& participant : session_.room().participants()) {
              for (const auto& stream : participant.streams()) {
                  for (const auto& encoding : stream.encodings()) {
                      if (encoding.ssrc() == ssrc.value) handlers_.on_picture(participant, jpeg);
                  }
              }
          }
      }) {
    audio_.link.set_rtcp(
        {.write = [this](Writer& w, Time now) { audio_call_.write_report(w, now, net::wall_now()); },
         .read = [this](Bytes compound,
                        Time arrival) { audio_call_.report(compound, arrival, net::wall_now()); }});
}

Runner::~Runner() = default;

void Runner::start() { connect(); }

// ---- the connection

void Runner::connect() {
    if (!tls_) {
        auto context = net::TlsContext::client();
        if (!context) return drop_connection(context.error());
        tls_ = std::move(*context);
    }
    auto fd = net::connect_tcp(options_.server);
    if (!fd) return drop_connection(fd.error());
    parser_ = wire::FrameParser(kMaxFrame);
    connection_.emplace(loop_, *tls_, std::move(*fd), options_.server,
                        net::TlsConnection::Handlers{
                            .on_open =
                                [this] {
                                    if (const auto trusted = options_.verify(connection_->peer_fingerprint());
                                        !trusted) {
                                        Session::Output out;
                                        session_.distrust(trusted.error(), out);
                                        return carry_out(out);
                                    }
                                    Session::Output out;
                                    session_.connected(net::now(), out);
                                    carry_out(out);
                                },
                            .on_bytes = [this](Bytes bytes) { on_bytes(bytes); },
                            .on_close = [this](const Error& error) { drop_connection(error); }});
}

void Runner::on_bytes(Bytes bytes) {
    Session::Output out;
    auto fits = parser_.append(bytes);
    for (auto frame = parser_.next();; frame = parser_.next()) {
        if (!frame || !fits) {
            hang_up_error_ = frame ? fits.error() : frame.error();
            break;
        }
        if (!*frame) break;
        session_.frame(**frame, net::now(), out);
    }
    if (hang_up_error_) hang_up_.request();
    carry_out(out);
}

void Runner::drop_connection(const Error& error) {
    connection_.reset();
    Session::Output out;
    session_.disconnected(error, net::now(), out);
    carry_out(out);
}

void Runner::carry_out(Session::Output& out) {
    if (!out.bytes.empty() && connection_ && !connection_->send(out.bytes)) {
        hang_up_error_ = Error{Errc::full, "the server does not read"};
        hang_up_.request();
    }
    if (out.disconnect && connection_) {
        if (session_.is_over()) {
            connection_->close();
        } else {
            hang_up_error_ = Error{Errc::timed_out, "the server does not answer"};
            hang_up_.request();
        }
    }
    // Events may lead to further actions, whose output has its own turn.
    for (const auto& event : std::exchange(out.events, {})) {
        on_own_event(event);
        if (handlers_.on_event) handlers_.on_event(event);
    }
    arm();
}

void Runner::arm() {
    session_timer_.set(session_.deadline());
    reconnect_timer_.set(session_.reconnect_at());
    report_timer_.set(std::min(audio_.link.deadline(), video_.link.deadline()));
}

// ---- media

void Runner::on_own_event(const Event& event) {
    std::visit(Overloaded{[this](const proto::MediaKeys& keys) { install_keys(keys); },
                          [this](const proto::Published& published) {
                              for (const auto& stream : published.streams()) {
                                  if (stream.kind() != proto::VIDEO || stream.encodings().empty()) continue;
                                  const Ssrc ssrc{stream.encodings(0).ssrc()};
                                  video_out_ ? video_out_->set_ssrc(ssrc) : (void)video_out_.emplace(ssrc);
                              }
                          },
                          [this](const proto::Muted& muted) {
                              if (muted.microphone()) audio_call_.set_muted(true);
                          },
                          [this](const Ended&) {
                              tick_timer_.cancel();
                              network_timer_.cancel();
                              capture_.reset();
                          },
                          [](const auto&) {}},
               event);
}

void Runner::install_keys(const proto::MediaKeys& keys) {
    const auto* self = session_.self();
    if (!self || !options_.carries_media) return;
    const bool is_audio = keys.plane() == proto::PLANE_AUDIO;
    auto& plane = is_audio ? audio_ : video_;
    const Ssrc own{is_audio ? self->audio_ssrc() : self->video_rtcp_ssrc()};
    if (!plane.link.install(keys, options_.server, own, net::now())) return;
    if (is_audio) {
        audio_call_.restart(own, {self->mix_ssrc()});
        open_plane(plane, [this](Datagram& datagram) {
            if (const auto packet = audio_.link.receive(datagram)) audio_call_.packet(*packet);
        });
        if (!tick_timer_.is_armed() && audio_call_.has_devices()) {
            tick_due_ = net::now() + media::kFrameDuration;
            tick_timer_.set(tick_due_);
            network_timer_.set(net::now() + kNetworkPeriod);
        }
    } else {
        video_in_.restart();
        open_plane(plane, [this](Datagram& datagram) {
            if (const auto packet = video_.link.receive(datagram)) video_in_.packet(*packet);
        });
        if (!capture_ && options_.video_source) {
            capture_ = std::make_unique<VideoCapture>(
                loop_, std::move(options_.video_source), options_.jpeg_quality,
                [this](Bytes jpeg, Time captured_at) { on_picture(jpeg, captured_at); });
        }
    }
    plane.link.on_time(net::now(), batch_);
    flush(plane);
}

void Runner::open_plane(Plane& plane, std::function<void(Datagram&)> on_datagram) {
    if (plane.socket) return;
    auto fd = net::bind_udp({});
    if (!fd) return;
    plane.socket.emplace(std::move(*fd));
    plane.watch =
        loop_.watch(plane.socket->fd(), EPOLLIN, [&plane, on_datagram = std::move(on_datagram)](auto) {
            for (auto& datagram : plane.socket->receive(net::now())) on_datagram(datagram);
        });
}

void Runner::on_tick() {
    const auto now = net::now();
    if (now - tick_due_ > kMaxTicksBehind * media::kFrameDuration) tick_due_ = now;
    for (; tick_due_ <= now; tick_due_ += media::kFrameDuration) {
        audio_call_.tick(tick_due_, audio_.link, batch_);
    }
    flush(audio_);
    tick_timer_.set(tick_due_);
}

void Runner::on_picture(Bytes jpeg, Time captured_at) {
    if (!video_out_) return;
    if (!video_out_->frame(jpeg, captured_at, video_.link, batch_)) return;
    flush(video_);
}

void Runner::flush(Plane& plane) {
    if (plane.socket && !batch_.empty()) plane.socket->send(batch_);
    batch_.clear();
}

void Runner::set_muted(bool muted) {
    audio_call_.set_muted(muted);
    act([&](Session& session, auto& out) { session.set_media_state(muted, false, out); });
}

}  // namespace connectsphere::client
