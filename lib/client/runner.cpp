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
constexpr std::size_t kHistoryPackets = 512;  // of each encoding, to be sent again
constexpr Duration kUnknownRoundTrip = 30ms;  // until the first Pong
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
          if (video_out_ && net::now() >= video_.link.deadline())
              video_out_->report(net::now(), net::wall_now(), video_.link, batch_);
          flush(video_);
          for (auto* plane : {&audio_, &video_}) {
              plane->link.on_time(net::now(), batch_);
              flush(*plane);
          }
          arm();
      })),
      request_timer_(loop.timer([this] { send_requests(); })),
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
      inbox_([this](Ssrc ssrc, const ReceivedVideo& frame) {
          if (!handlers_.on_picture) return true;
          for (const auto& participant : session_.room().participants()) {
              for (const auto& stream : participant.streams()) {
                  for (const auto& encoding : stream.encodings()) {
                      if (encoding.ssrc() == ssrc.value) return handlers_.on_picture(participant, frame);
                  }
              }
          }
          return true;  // nobody's, yet
      }) {
    audio_.link.set_rtcp(
        {.write = [this](Writer& w, Time now) { audio_call_.write_report(w, now, net::wall_now()); },
         .read = [this](Bytes compound,
                        Time arrival) { audio_call_.report(compound, arrival, net::wall_now()); }});
    if (options_.video_source) plan_ = plan_encodings(options_.video_codec, options_.video_source->format());
    video_.link.keep_history(kHistoryPackets);
    video_.link.set_rtcp(
        {.write =
             [this](Writer& w, Time now) {
                 inbox_.feedback().write_report(w, video_.link.own(), now);
                 wire::write_cname(w, video_.link.own(), "connectsphere");
             },
         .read = [this](Bytes compound, Time arrival) { on_video_rtcp(compound, arrival); }});
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
                          [this](const proto::Published& published) { on_published(published); },
                          [this](const proto::WantedEncodings& wanted) { on_wanted(wanted); },
                          [this](const proto::Joined&) { inbox_.update(session_.room(), true); },
                          [this](const proto::Room&) { inbox_.update(session_.room(), true); },
                          [this](const proto::ParticipantJoined&) { inbox_.update(session_.room(), false); },
                          [this](const proto::ParticipantUpdated&) { inbox_.update(session_.room(), false); },
                          [this](const proto::ParticipantLeft&) { inbox_.update(session_.room(), false); },
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
        open_plane(plane, [this](std::span<Datagram> datagrams) {
            for (auto& datagram : datagrams)
                if (const auto packet = audio_.link.receive(datagram)) audio_call_.packet(*packet);
        });
        start_ticks();
    } else {
        inbox_.restart();
        open_plane(plane, [this](std::span<Datagram> datagrams) { on_video_datagrams(datagrams); });
        if (!capture_ && options_.video_source) {
            capture_ = std::make_unique<VideoCapture>(
                loop_, std::move(options_.video_source), VideoEncoders(plan_, options_.jpeg_quality),
                VideoCapture::Handlers{
                    .on_picture = [this](auto encoded,
                                         Time captured_at) { on_picture(encoded, captured_at); },
                    .on_end = [this](const Error& error) { on_capture_end(error); }});
            capture_->set_wanted(wanted_);
        }
        subscribe();
    }
    plane.link.on_time(net::now(), batch_);
    flush(plane);
}

void Runner::open_plane(Plane& plane, std::function<void(std::span<Datagram>)> on_datagrams) {
    if (plane.socket) return;
    auto fd = net::bind_udp({});
    if (!fd) return;
    plane.socket.emplace(std::move(*fd));
    plane.watch =
        loop_.watch(plane.socket->fd(), EPOLLIN, [&plane, on_datagrams = std::move(on_datagrams)](auto) {
            on_datagrams(plane.socket->receive(net::now()));
        });
}

void Runner::on_video_datagrams(std::span<Datagram> datagrams) {
    for (auto& datagram : datagrams) {
        if (const auto packet = video_.link.receive(datagram))
            inbox_.packet(*packet, datagram.payload.size());
    }
    send_requests();
}

void Runner::on_video_rtcp(Bytes compound, Time arrival) {
    inbox_.feedback().on_rtcp(compound, arrival);
    auto parsed = wire::parse_rtcp(compound);
    if (!parsed) return;
    while (const auto packet = parsed->next()) {
        const auto* feedback = std::get_if<wire::Feedback>(&*packet);
        if (feedback == nullptr) continue;
        if (feedback->is_pli() && video_out_ && capture_) {
            if (const auto place = video_out_->place_of(feedback->media))
                capture_->want_key_frames(EncodingMask{1} << *place);
        }
        wire::for_each_nack(*feedback,
                            [&](std::uint16_t seq) { video_.link.send_again(feedback->media, seq, batch_); });
    }
    flush(video_);
}

void Runner::send_requests() {
    std::array<std::uint8_t, kMaxDatagramSent - wire::kSrtcpMaxOverhead> plain;
    Writer writer(plain);
    const auto round_trip = session_.round_trip().value_or(kUnknownRoundTrip);
    auto& feedback = inbox_.feedback();
    if (feedback.write_requests(writer, video_.link.own(), net::now(), round_trip))
        (void)video_.link.send_rtcp(writer.written(), batch_);
    flush(video_);
    request_timer_.set(feedback.deadline());
}

// From the moment when there are both: a plane, and a device.
void Runner::start_ticks() {
    if (tick_timer_.is_armed() || !audio_.socket || !audio_call_.has_devices() || session_.is_over()) return;
    tick_due_ = net::now() + media::kFrameDuration;
    tick_timer_.set(tick_due_);
    network_timer_.set(net::now() + kNetworkPeriod);
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

void Runner::on_picture(std::span<const EncodedVideo> encoded, Time captured_at) {
    if (!video_out_ || !video_out_->picture(encoded, captured_at, video_.link, batch_)) batch_.clear();
    flush(video_);
}

// Nobody shall look at the last picture of a camera that is gone.
void Runner::on_capture_end(const Error& error) {
    if (session_.is_joined()) set_muted(is_muted(), true);
    if (handlers_.on_event) handlers_.on_event(CaptureEnded{error});
}

void Runner::on_published(const proto::Published& published) {
    for (const auto& stream : published.streams()) {
        if (stream.kind() != proto::VIDEO || stream.encodings().empty()) continue;
        std::vector<Ssrc> ssrcs;
        for (const auto& encoding : stream.encodings()) ssrcs.push_back({encoding.ssrc()});
        if (!video_out_) video_out_.emplace();
        video_out_->set_encodings(plan_, std::move(ssrcs));
        wanted_ = 1;  // until the server says which
        if (capture_) capture_->set_wanted(wanted_);
    }
}

void Runner::on_wanted(const proto::WantedEncodings& wanted) {
    wanted_ = 0;
    for (const auto ssrc : wanted.ssrcs())
        if (const auto place = video_out_ ? video_out_->place_of({ssrc}) : std::nullopt)
            wanted_ |= EncodingMask{1} << *place;
    if (capture_) capture_->set_wanted(wanted_);
}

void Runner::subscribe() {
    auto wishes = options_.subscribe;
    for (const auto codec : {proto::VP8, proto::H264, proto::JPEG}) wishes.add_codecs(codec);
    if (!options_.show_video) wishes.set_max_streams(0);
    act([&](Session& session, auto& out) { session.subscribe(wishes, out); });
}

void Runner::flush(Plane& plane) {
    if (plane.socket && !batch_.empty()) plane.socket->send(batch_);
    batch_.clear();
}

void Runner::open_files() {
    act([](Session& session, auto& out) {
        if (session.is_joined()) session.open_files(out);
    });
}

void Runner::open_screen() {
    act([](Session& session, auto& out) {
        if (session.is_joined()) session.open_screen(out);
    });
}

void Runner::change_microphone(std::unique_ptr<AudioSource> source,
                               const std::optional<media::VoiceProcessing::Options>& processing) {
    audio_call_.set_source(std::move(source), processing);
    start_ticks();
}

void Runner::change_loudspeaker(std::unique_ptr<AudioSink> sink) {
    audio_call_.set_sink(std::move(sink));
    start_ticks();
}

void Runner::set_muted(bool muted, bool camera_off) {
    audio_call_.set_muted(muted);
    act([&](Session& session, auto& out) { session.set_media_state(muted, camera_off, out); });
}

}  // namespace connectsphere::client
