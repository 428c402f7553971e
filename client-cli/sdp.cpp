#include "client-cli/sdp.hpp"

#include <csignal>
#include <optional>
#include <utility>

#include "client-cli/connect.hpp"
#include "client-cli/report.hpp"
#include "client-cli/sdp_text.hpp"
#include "client-cli/trust.hpp"
#include "lib/client/runner.hpp"
#include "lib/net/clock.hpp"
#include "lib/net/signals.hpp"

namespace connectsphere::cli {

namespace {

constexpr std::uint32_t kAnyHeight = 4096;  // pixels: the largest that there is

proto::Codec codec_of(client::VideoCodecChoice choice) {
    switch (choice) {
        case client::VideoCodecChoice::vp8:
            return proto::VP8;
        case client::VideoCodecChoice::h264:
            return proto::H264;
        default:
            return proto::JPEG;
    }
}

// What a tool sends is its own business; the size only tells others how large to draw it at first.
proto::Stream video_stream(client::VideoCodecChoice choice) {
    proto::Stream stream;
    stream.set_stream_id(2);
    stream.set_kind(proto::VIDEO);
    auto& encoding = *stream.add_encodings();
    encoding.set_codec(codec_of(choice));
    encoding.set_width(640);
    encoding.set_height(360);
    encoding.set_frame_rate(30);
    return stream;
}

class Place {
  public:
    Place(const SdpOptions& options, client::Runner::Options runner_options)
        : options_(options),
          server_(runner_options.server),
          reporter_(options.global.json ? make_json_reporter() : make_text_reporter({})),
          runner_(loop_, with_trust(std::move(runner_options)),
                  {.on_event = [this](const client::Event& event) { on_event(event); }}),
          stay_timer_(loop_.timer([this] { leave(kOk); })),
          patience_timer_(loop_.timer([this] { end(kTimedOut, "nothing answers; is the server up?"); })),
          signals_(loop_, [this](int signal) { leave(signal == SIGINT ? kInterrupted : kOk); }) {}

    int run() {
        patience_timer_.set(net::now() + options_.global.timeout);
        runner_.start();
        if (!ended_) loop_.run();
        return exit_code_;
    }

  private:
    client::Runner::Options with_trust(client::Runner::Options runner_options) {
        runner_options.verify = [this](const std::string& fingerprint) {
            return trust(server_.text(), fingerprint, options_.global, *reporter_);
        };
        return runner_options;
    }

    void on_event(const client::Event& event) {
        if (const auto* ended = std::get_if<client::Ended>(&event)) {
            const bool has_left = ended->why == client::Ended::Why::left;
            return end(has_left ? exit_code_ : exit_code(*ended), ended->text);
        }
        if (std::holds_alternative<client::RequestFailed>(event)) reporter_->event(event, runner_.session());
        if (const auto* joined = std::get_if<proto::Joined>(&event)) {
            patience_timer_.cancel();
            if (options_.stay && !joined->resumed()) stay_timer_.set(net::now() + *options_.stay);
            reporter_->event(event, runner_.session());
        }
        if (const auto* keys = std::get_if<proto::MediaKeys>(&event)) on_keys(*keys);
        if (keys_) offer();
    }

    void on_keys(const proto::MediaKeys& keys) {
        if (keys.plane() != (options_.video ? proto::PLANE_VIDEO : proto::PLANE_AUDIO)) return;
        keys_ = keys;
        offered_.reset();
        subscribed_.reset();
        if (options_.receive_at == 0) return;
        runner_.act([&](auto& session, auto& out) {
            options_.video ? session.receive_video_at(options_.receive_at, out)
                           : session.receive_audio_at(options_.receive_at, out);
        });
    }

    // Once per key epoch, and when there is another picture to see: the tool must be started again then.
    void offer() {
        if (!runner_.session().self()) return;
        Offer offer{.format = format(),
                    .room = runner_.session().room().name(),
                    .server = server_.ip_text(),
                    .receive_ip = server_.is_loopback() ? "127.0.0.1" : "0.0.0.0",
                    .receive_port = options_.receive_at,
                    .keys = *keys_};
        options_.video ? fill_video(offer) : fill_audio(offer);
        const bool is_whole = offer.send && (offer.receive || options_.receive_at == 0);
        const auto shown = std::pair(offer.send, offer.receive);
        if (!is_whole || offered_ == shown) return;
        offered_ = shown;
        reporter_->offer(offer);
    }

    void fill_audio(Offer& offer) const {
        offer.send = {runner_.session().self()->audio_ssrc()};
        offer.receive = {runner_.session().self()->mix_ssrc()};
    }

    void fill_video(Offer& offer) {
        const auto video_of = [](const proto::Participant& participant) {
            for (const auto& stream : participant.streams())
                if (stream.kind() == proto::VIDEO && !stream.encodings().empty())
                    return Ssrc{stream.encodings(0).ssrc()};
            return Ssrc{};
        };
        const auto& self = *runner_.session().self();
        offer.send = video_of(self);
        for (const auto& other : runner_.session().room().participants()) {
            if (other.session_id() == self.session_id() || !video_of(other)) continue;
            if (!options_.of.empty() && other.name() != options_.of) continue;
            offer.receive = video_of(other);
            offer.from = other.name();
            break;
        }
        if (subscribed_ == offer.receive) return;
        subscribed_ = offer.receive;
        proto::Subscribe wishes;
        wishes.add_codecs(codec_of(options_.video_codec));
        wishes.set_max_streams(offer.receive && options_.receive_at != 0 ? 1 : 0);
        for (const auto& other : runner_.session().room().participants())
            if (other.name() == offer.from && video_of(other) == offer.receive)
                wishes.add_tiles()->set_session_id(other.session_id());
        for (auto& tile : *wishes.mutable_tiles()) tile.set_height(kAnyHeight);
        runner_.act([&](auto& session, auto& out) { session.subscribe(wishes, out); });
    }

    OfferFormat format() const {
        if (!options_.video) return OfferFormat::opus;
        switch (options_.video_codec) {
            case client::VideoCodecChoice::vp8:
                return OfferFormat::vp8;
            case client::VideoCodecChoice::h264:
                return OfferFormat::h264;
            default:
                return OfferFormat::jpeg;
        }
    }

    void leave(int exit_code) {
        exit_code_ = exit_code;
        runner_.act([](auto& session, auto& out) { session.leave(out); });
        stay_timer_.cancel();
        patience_timer_ = loop_.at(net::now() + 2s, [this] { end(exit_code_, {}); });
    }

    void end(int exit_code, std::string_view error) {
        if (std::exchange(ended_, true)) return;
        exit_code_ = exit_code;
        if (!error.empty()) reporter_->error("connect", error);
        loop_.stop();
    }

    const SdpOptions& options_;
    Address server_;
    net::Loop loop_;
    std::unique_ptr<Reporter> reporter_;
    client::Runner runner_;
    net::Timer stay_timer_;
    net::Timer patience_timer_;
    net::Signals signals_;
    std::optional<proto::MediaKeys> keys_;          // of our plane
    std::optional<std::pair<Ssrc, Ssrc>> offered_;  // to send with, to receive
    std::optional<Ssrc> subscribed_;
    bool ended_ = false;
    int exit_code_ = kOk;
};

}  // namespace

int sdp(const SdpOptions& options) {
    auto runner = runner_options(options.global);
    if (!runner) {
        make_text_reporter({})->error("connect", runner.error().what);
        return exit_code(runner.error());
    }
    runner->carries_media = false;
    runner->session.srtp_profile = options.srtp_profile;
    if (options.video) runner->session.streams.push_back(video_stream(options.video_codec));
    Place place(options, std::move(*runner));
    return place.run();
}

}  // namespace connectsphere::cli
