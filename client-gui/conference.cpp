#include "client-gui/conference.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "client-gui/view.hpp"
#include "lib/client/pins.hpp"
#include "lib/client/pulse_audio.hpp"
#include "lib/client/random.hpp"
#include "lib/client/resolve.hpp"
#include "lib/client/sound_devices.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::gui {

namespace {

constexpr std::uint16_t kControlPort = 9000;
constexpr Duration kQualityPeriod = 2s;
constexpr Duration kLookGap = 250ms;  // between two of our wishes to see somebody
constexpr Duration kGoodbye = 500ms;  // for the server's word that we have left
constexpr int kMostTiles = 256;       // that the server takes
constexpr int kFramesPerLevel = 4;    // 80 ms
constexpr int kJpegQuality = 75;

constexpr auto kCodec = client::VideoCodecChoice::automatic;

// From silence, 0, to full scale, 1.
double level_of(const media::AudioFrame& frame) {
    constexpr double kQuietest = 60;  // dB below full scale
    return std::max(0.0, 1 - media::level_dbov(frame) / kQuietest);
}

// Video4Linux names its devices in a file each.
std::vector<Device> cameras() {
    std::vector<Device> found;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/sys/class/video4linux", error)) {
        std::ifstream file(entry.path() / "name");
        std::string label;
        std::getline(file, label);
        std::string spec = "camera:";
        spec += entry.path().filename().string().substr(5);  // "video0"
        found.push_back({.spec = spec, .label = label.empty() ? spec : label});
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.spec < b.spec; });
    return found;
}

// May wait for the sound server.
DevicesFound all_devices() {
    DevicesFound found{.cameras = cameras()};
    const auto sound = client::list_audio_devices();
    if (!sound) return found;
    if (!sound->microphones.empty())
        found.microphones.push_back({.spec = "mic", .label = "Default microphone"});
    if (!sound->loudspeakers.empty())
        found.speakers.push_back({.spec = "speaker", .label = "Default loudspeaker"});
    const auto named = [](const char* kind, const client::AudioDevice& device) {
        return Device{.spec = std::string(kind) + device.name, .label = device.description};
    };
    for (const auto& device : sound->microphones) found.microphones.push_back(named("mic:", device));
    for (const auto& device : sound->loudspeakers) found.speakers.push_back(named("speaker:", device));
    return found;
}

}  // namespace

Conference::Conference(Options options, Pictures& pictures, Tell tell)
    : options_(std::move(options)),
      pictures_(pictures),
      tell_(std::move(tell)),
      listen_timer_(loop_.timer([this] { listen(); })),
      quality_timer_(loop_.timer([this] { report_quality(); })),
      look_timer_(loop_.timer([this] { look(); })),
      goodbye_(loop_.timer([this] { loop_.stop(); })),
      clean_(loop_.deferred([this] { end_call(); })),
      finder_([this] { loop_.post([this, found = all_devices()] { tell_(found); }); }),
      thread_([this] { loop_.run(); }) {}

Conference::~Conference() {
    loop_.post([this] {
        is_quitting_ = true;
        goodbye_.set(net::now() + (runner_ ? kGoodbye : 0ms));
        if (runner_) runner_->act([](auto& session, auto& out) { session.leave(out); });
    });
    finder_.join();
    thread_.join();
    preview_video_.reset();
    end_call();
}

void Conference::carry_out(Command command) {
    loop_.post([this, command = std::move(command)] { handle(command); });
}

void Conference::handle(const Command& command) {
    if (const auto* c = std::get_if<Connect>(&command)) return connect(*c);
    if (const auto* c = std::get_if<Preview>(&command)) return preview(*c);
    if (const auto* c = std::get_if<Trust>(&command)) {
        if (const auto kept = client::Pins(client::Pins::default_file()).remember(c->server, c->fingerprint);
            !kept)
            tell_(DeviceFault{"The fingerprint could not be remembered: " + kept.error().what});
        return;
    }
    if (!runner_) return;
    const auto act = [this](auto action) { runner_->act(action); };
    if (const auto* c = std::get_if<Say>(&command))
        act([&](auto& s, auto& out) { s.chat(c->text, {c->to}, out); });
    if (const auto* c = std::get_if<React>(&command))
        act([&](auto& s, auto& out) { s.react(c->emoji, out); });
    if (const auto* c = std::get_if<RaiseHand>(&command))
        act([&](auto& s, auto& out) { s.raise_hand(c->raised, out); });
    if (const auto* c = std::get_if<SetMedia>(&command)) set_media(*c);
    if (const auto* c = std::get_if<ShareScreen>(&command)) screen().share(c->what);
    if (std::holds_alternative<StopSharing>(command)) screen().stop_sharing();
    if (std::holds_alternative<FindScreens>(command)) tell_(ScreensFound{screens_to_share()});
    if (const auto* c = std::get_if<MuteOther>(&command))
        act([&](auto& s, auto& out) { s.mute({c->session}, c->microphone, c->camera, out); });
    if (const auto* c = std::get_if<LowerHand>(&command))
        act([&](auto& s, auto& out) { s.lower_hand({c->session}, out); });
    if (const auto* c = std::get_if<SetRole>(&command))
        act([&](auto& s, auto& out) { s.set_role({c->session}, c->role, out); });
    if (const auto* c = std::get_if<RemoveOther>(&command))
        act([&](auto& s, auto& out) { s.remove({c->session}, {}, out); });
    if (const auto* c = std::get_if<LookAt>(&command)) {
        look_ = *c;
        if (!look_timer_.is_armed()) look_timer_.set(net::now() + kLookGap);
    }
    if (const auto* c = std::get_if<FetchHistory>(&command)) {
        proto::GetHistory query;
        query.set_limit(c->limit);
        act([&](auto& s, auto& out) { s.get_history(query, out); });
    }
    if (std::holds_alternative<Leave>(command)) act([](auto& s, auto& out) { s.leave(out); });
    if (const auto* c = std::get_if<SendFile>(&command)) files().send(*c);
    if (const auto* c = std::get_if<GetFile>(&command)) files().get(c->id);
    if (const auto* c = std::get_if<RemoveFile>(&command)) files().remove(c->id);
    if (std::holds_alternative<ListFiles>(command)) files().list();
}

// ---- the call

void Conference::connect(const Connect& connect) {
    end_call();
    preview({});
    wanted_ = connect;
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
    // A device that is missing is told, and the call goes on without it.
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
    if (auto video = open_video(connect.video_in); !video) {
        tell_(DeviceFault{"No camera: " + video.error().what});
    } else if (*video) {
        out.session.streams.push_back(client::describe_stream(kCodec, (*video)->format()));
        auto own = std::make_unique<OwnVideo>(
            std::move(*video), [what = connect.video_in] { return open_video(what); }, pictures_);
        video_power_ = own->power();
        out.video_source = std::move(own);
    }
    return out;
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
    if (std::holds_alternative<proto::Joined>(event) && place_) {
        place_->keep(runner_->session().resume_token());
        if (!files_) (void)files();
        screen().on_event(event);  // somebody may share already
        look_timer_.set(net::now() + kLookGap);
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

void Conference::set_media(const SetMedia& media) {
    runner_->set_muted(media.microphone_muted, media.camera_off);
    if (video_power_) video_power_->set(!media.camera_off);
}

void Conference::end_call() {
    quality_timer_.cancel();
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

// ---- the join card

void Conference::preview(const Preview& preview) {
    preview_video_.reset();
    listening_.reset();
    listen_timer_.cancel();
    pictures_.forget(kOwnPicture);
    if (runner_) return;
    if (auto video = open_video(preview.video_in); !video) {
        tell_(DeviceFault{"No camera: " + video.error().what});
    } else if (*video) {
        auto own = std::make_unique<OwnVideo>(
            std::move(*video), [what = preview.video_in] { return open_video(what); }, pictures_);
        preview_video_ = std::make_unique<client::VideoCapture>(
            loop_, std::move(own), client::VideoEncoders({}, kJpegQuality), [](auto, Time) {});
    }
    if (preview.audio_in.empty() || preview.audio_in == "none") return;
    auto source = client::open_audio_source(preview.audio_in);
    if (!source) {
        tell_(DeviceFault{"No microphone: " + source.error().what});
        return;
    }
    listening_.emplace(Listening{.source = std::move(*source), .due = net::now()});
    listen();
}

void Conference::listen() {
    if (!listening_) return;
    auto& l = *listening_;
    media::AudioFrame frame{};
    if (l.source->read(frame)) l.peak = std::max(l.peak, level_of(frame));
    if (++l.frames % kFramesPerLevel == 0) {
        const double shown = std::max(l.peak, l.told * 0.7);  // falls slowly, as meters do
        if (std::abs(shown - l.told) > 0.005) tell_(SoundLevel{shown});
        l.told = shown;
        l.peak = 0;
    }
    l.due = std::max(l.due + media::kFrameDuration, net::now() - media::kFrameDuration);
    listen_timer_.set(l.due);
}

}  // namespace connectsphere::gui
