#include "client-gui/conference.hpp"

#include <algorithm>
#include <array>

#include "client-gui/view.hpp"
#include "lib/client/pins.hpp"
#include "lib/client/random.hpp"
#include "lib/client/resolve.hpp"
#include "lib/client/sound_devices.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::gui {

namespace {

constexpr std::uint16_t kControlPort = 9000;
constexpr Duration kQualityPeriod = 2s;
constexpr Duration kFirstLook = 250ms;  // what the window shows is known by then
constexpr Duration kGoodbye = 500ms;    // for the server's word that we have left
constexpr int kMostTiles = 256;         // that the server takes
constexpr int kJpegQuality = 75;

constexpr auto kCodec = client::VideoCodecChoice::automatic;

constexpr Duration kLevelGap = 80ms;  // between two levels of the microphone
// What is published where there is no camera yet: one may be chosen later.
constexpr client::VideoSource::Format kLaterCamera{.width = 1280, .height = 720, .frame_rate = 30};

}  // namespace

Conference::Conference(Options options, Pictures& pictures, Tell tell)
    : options_(std::move(options)),
      pictures_(pictures),
      tell_(std::move(tell)),
      preview_(loop_, pictures, tell_),
      level_timer_(loop_.timer([this] { report_level(); })),
      quality_timer_(loop_.timer([this] { report_quality(); })),
      look_timer_(loop_.timer([this] { look(); })),
      goodbye_(loop_.timer([this] { loop_.stop(); })),
      clean_(loop_.deferred([this] { end_call(); })),
      finder_(loop_, [this](const DevicesFound& found) { tell_(found); }),
      thread_([this] {
          finder_.find();
          loop_.run();
      }) {}

Conference::~Conference() {
    loop_.post([this] {
        is_quitting_ = true;
        goodbye_.set(net::now() + (runner_ ? kGoodbye : 0ms));
        if (runner_) runner_->act([](auto& session, auto& out) { session.leave(out); });
    });
    thread_.join();
    preview_.stop();
    end_call();
}

void Conference::carry_out(Command command) {
    loop_.post([this, command = std::move(command)] { handle(command); });
}

// ---- the call

void Conference::connect(const Connect& connect) {
    end_call();
    preview_.stop();
    wanted_ = connect;
    media_ = {};
    auto options = runner_options(connect);
    if (!options) {
        tell_(client::Event(
            client::Ended{.why = client::Ended::Why::refused, .error = {}, .text = options.error().what}));
        return;
    }
    runner_ = std::make_unique<client::Runner>(
        loop_, std::move(*options),
        client::Runner::Handlers{
            .on_event = [this](const client::Event& event) { on_event(event); },
            .on_picture =
                [this](const proto::Participant& participant, const client::ReceivedVideo& frame) {
                    return pictures_.push(participant.session_id(),
                                          {.codec = frame.codec,
                                           .timestamp = frame.timestamp,
                                           .is_key_frame = frame.is_key_frame,
                                           .bytes = Buffer(frame.data.begin(), frame.data.end()),
                                           .arrival = net::now()});
                },
            .on_network =
                [this](const client::NetworkFigures& figures) {
                    tell_(QualityReport{runner_->session().id().value, QualityMeter::own(figures)});
                }});
    quality_timer_.set(net::now() + kQualityPeriod);
    runner_->start();
}

Result<client::Runner::Options> Conference::runner_options(const Connect& connect) {
    const auto server = client::resolve(connect.server, kControlPort);
    if (!server) return server.error();
    server_ = *server;
    client::Runner::Options out;
    out.server = server_;
    out.entropy = client::random_bytes;
    out.verify = [this](const std::string& shown) { return verify(shown); };
    out.session.room = connect.room;
    out.session.name = connect.name;
    out.session.password = connect.password;
    out.session.software = std::string("connectsphere-gui ") + CS_VERSION;
    std::array<std::uint8_t, 4> random{};
    client::random_bytes(random);
    out.session.first_client_message_id = std::uint64_t{Reader(random).u32()} << 20;
    out.jpeg_quality = kJpegQuality;
    out.video_codec = kCodec;
    place_ = std::make_unique<client::PlaceFile>(
        client::PlaceFile::default_folder(),
        client::PlaceFile::Key{.server = server_.text(), .room = connect.room, .name = connect.name});
    out.session.resume_token = place_->token();
    add_devices(connect, out);
    return out;
}

// A device that is missing is told, and the call goes on without it.
void Conference::add_devices(const Connect& connect, client::Runner::Options& out) {
    if (auto source = client::open_audio_source(connect.audio_in)) {
        out.sound.source = std::move(*source);
        if (client::is_microphone(connect.audio_in)) out.sound.processing = options_.voice_processing;
    } else {
        tell_(DeviceFault{"No microphone: " + source.error().what});
    }
    if (auto sink = client::open_audio_sink(connect.audio_out)) {
        out.sound.sink = std::move(*sink);
    } else {
        tell_(DeviceFault{"No sound: " + sink.error().what});
    }
    auto video = open_video(connect.video_in);
    if (!video) tell_(DeviceFault{"No camera: " + video.error().what});
    auto source = video ? std::move(*video) : nullptr;
    const auto format = source ? source->format() : kLaterCamera;
    const auto what = source ? connect.video_in : std::string("none");
    has_camera_ = static_cast<bool>(source);
    out.session.streams.push_back(client::describe_stream(kCodec, format));
    auto own = std::make_unique<OwnVideo>(
        std::move(source), what, format, open_video, pictures_, [this](const Error& error) {
            loop_.post([this, text = "No camera: " + error.what] {
                has_camera_ = false;
                if (runner_ && video_power_)
                    set_media(media_);  // the others need not look at its last picture
                tell_(DeviceFault{text});
            });
        });
    video_power_ = own->power();
    out.video_source = std::move(own);
}

// Trust on first use: the person is asked once, and then only when it has changed; then nothing is sent.
Result<void> Conference::verify(const std::string& shown) {
    if (shown == fingerprint_) return {};
    const client::Pins pins(client::Pins::default_file());
    const auto server = server_.text();
    const auto known = options_.fingerprint.empty() ? pins.find(server) : std::optional(options_.fingerprint);
    if (known != shown) {
        if (!options_.trust_new || !options_.fingerprint.empty()) {
            tell_(CertificateQuestion{.server = server, .shown = shown, .known = known.value_or("")});
            return Error{Errc::forged, "the certificate of " + server + " is not trusted"};
        }
        if (const auto kept = pins.remember(server, shown); !kept)
            tell_(DeviceFault{"The fingerprint could not be remembered: " + kept.error().what});
    }
    fingerprint_ = shown;
    return {};
}

void Conference::on_event(const client::Event& event) {
    if (files_) files_->on_event(event);
    if (screen_) screen_->on_event(event);
    if (std::holds_alternative<client::Disconnected>(event)) asked_.clear();
    if (const auto* history = std::get_if<proto::History>(&event); history && take_history(*history)) return;
    if (const auto* failed = std::get_if<client::RequestFailed>(&event);
        failed && failed->what == "history" && !asked_.empty())
        asked_.pop_front();
    if (std::holds_alternative<proto::Joined>(event) && place_) {
        if (!has_camera_) set_media(media_);
        place_->keep(runner_->session().resume_token());
        if (!files_) (void)files();
        screen().on_event(event);  // somebody may share already
        look_timer_.set(net::now() + kFirstLook);
    }
    if (const auto* left = std::get_if<proto::ParticipantLeft>(&event)) {
        pictures_.forget(left->session_id());
        quality_.forget(left->session_id());
    }
    const auto* ended = std::get_if<client::Ended>(&event);
    if (ended) {
        // Who could not be reached any more may still find its place.
        if (place_ && ended->why != client::Ended::Why::unreachable) place_->remove();
        clean_.request();  // the runner that speaks can not go in the middle of its sentence
    }
    tell_(event);
}

void Conference::look() {
    if (!runner_ || !runner_->session().is_joined()) return;
    proto::Subscribe wishes;
    for (const auto codec : {proto::VP8, proto::H264, proto::JPEG}) wishes.add_codecs(codec);
    const auto add = [&](std::uint64_t session, int height) {
        auto& tile = *wishes.add_tiles();
        tile.set_session_id(session);
        tile.set_height(static_cast<std::uint32_t>(height));
    };
    for (const auto& tile : look_.tiles) add(tile.session, tile.height);
    for (const auto& participant : runner_->session().room().participants()) {
        const auto is_it = [&](const auto& tile) { return tile.session == participant.session_id(); };
        const bool is_seen = std::any_of(look_.tiles.begin(), look_.tiles.end(), is_it);
        if (!is_seen && wishes.tiles_size() < kMostTiles) add(participant.session_id(), 0);
    }
    runner_->act([&](auto& session, auto& out) { session.subscribe(wishes, out); });
}

void Conference::end_call() {
    quality_timer_.cancel();
    level_timer_.cancel();
    asked_.clear();
    files_.reset();
    screen_.reset();
    runner_.reset();
    place_.reset();
    video_power_.reset();
    fingerprint_.clear();
    if (is_quitting_) loop_.stop();
}

FileDesk& Conference::files() {
    if (!files_) {
        files_ = std::make_unique<FileDesk>(
            loop_, *runner_,
            FileDesk::Options{
                .server = server_, .room = wanted_.room, .fingerprint = [this] { return fingerprint_; }},
            tell_);
    }
    return *files_;
}

ScreenDesk& Conference::screen() {
    if (!screen_) {
        screen_ = std::make_unique<ScreenDesk>(
            loop_, *runner_,
            ScreenDesk::Options{.server = server_, .fingerprint = [this] { return fingerprint_; }}, pictures_,
            tell_);
    }
    return *screen_;
}

void Conference::report_level() {
    level_timer_.set(net::now() + kLevelGap);
    if (const auto shown = meter_.show(runner_->take_microphone_level())) tell_(SoundLevel{*shown});
}

void Conference::report_quality() {
    quality_timer_.set(net::now() + kQualityPeriod);
    const auto& streams = runner_->video_in().streams();
    for (const auto& participant : runner_->session().room().participants()) {
        VideoCounts counts;
        for (const auto& stream : participant.streams()) {
            for (const auto& encoding : stream.encodings()) {
                const auto found = streams.find(Ssrc{encoding.ssrc()});
                if (found == streams.end()) continue;
                counts.frames += found->second.stats().frames;
                counts.incomplete += found->second.stats().incomplete;
            }
        }
        if (participant.session_id() != runner_->session().id().value)
            tell_(QualityReport{participant.session_id(),
                                quality_.video(participant.session_id(), counts, kQualityPeriod)});
    }
    if (runner_->audio().has_devices()) return;  // which tell more
    if (const auto round_trip = runner_->session().round_trip())
        tell_(QualityReport{runner_->session().id().value, QualityMeter::own({.round_trip = round_trip})});
}

}  // namespace connectsphere::gui
