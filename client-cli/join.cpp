#include "client-cli/join.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include "client-cli/commands.hpp"
#include "client-cli/file_room.hpp"
#include "client-cli/input.hpp"
#include "client-cli/random.hpp"
#include "client-cli/report.hpp"
#include "client-cli/resolve.hpp"
#include "client-cli/sound.hpp"
#include "client-cli/trust.hpp"
#include "lib/client/runner.hpp"
#include "lib/net/clock.hpp"
#include "lib/net/signals.hpp"

namespace connectsphere::cli {

namespace {

constexpr std::uint16_t kControlPort = 9000;
constexpr std::size_t kMaxUnacknowledged = 16;  // chat lines on the way; more input waits
constexpr int kDefaultWidth = 640, kDefaultHeight = 360;
constexpr double kDefaultFrameRate = 15;

template <class... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};

// A participant's name as a folder's: no separators, no control characters, not hidden.
std::string folder_name(const proto::Participant& participant) {
    auto name = participant.name();
    for (auto& c : name) {
        if (c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '_';
    }
    if (name.starts_with('.')) name.insert(0, "_");
    return name;
}

Result<client::VideoSource::Format> video_format(const JoinOptions& options) {
    client::VideoSource::Format format{.frame_rate = options.frame_rate};
    if (options.video_size.empty()) return format;
    char rest = 0;
    if (std::sscanf(options.video_size.c_str(), "%dx%d%c", &format.width, &format.height, &rest) != 2) {
        return Error{Errc::usage,
                     "--video-size " + options.video_size + ": write WIDTHxHEIGHT, such as 640x360"};
    }
    for (const int side : {format.width, format.height}) {
        if (side < 64 || side > 2040 || side % 8 != 0) {
            return Error{Errc::usage,
                         "--video-size " + options.video_size + ": sides are multiples of 8 from 64 to 2040"};
        }
    }
    return format;
}

Result<std::unique_ptr<client::VideoSource>> open_video_source(const JoinOptions& options) {
    auto format = video_format(options);
    if (!format) return format.error();
    if (options.video_in == "none") return std::unique_ptr<client::VideoSource>();
    if (options.video_in != "pattern") return client::open_video_file(options.video_in, *format);
    if (format->width == 0) *format = {kDefaultWidth, kDefaultHeight, format->frame_rate};
    if (format->height < 128) return Error{Errc::usage, "the pattern needs a height of at least 128"};
    if (format->frame_rate <= 0) format->frame_rate = kDefaultFrameRate;
    std::array<std::uint8_t, 2> tag{};
    random_bytes(tag);
    return client::make_pattern(Reader(tag).u16(), *format);
}

proto::Stream describe(const client::VideoSource::Format& format) {
    proto::Stream stream;
    stream.set_stream_id(2);
    stream.set_kind(proto::VIDEO);
    auto& encoding = *stream.add_encodings();
    encoding.set_codec(proto::JPEG);
    encoding.set_width(static_cast<std::uint32_t>(format.width));
    encoding.set_height(static_cast<std::uint32_t>(format.height));
    encoding.set_frame_rate(static_cast<std::uint32_t>(format.frame_rate + 0.5));
    return stream;
}

// One call, from connecting to leaving.
class Call {
  public:
    Call(const JoinOptions& options, client::Runner::Options runner_options)
        : options_(options),
          server_(runner_options.server),
          reporter_(options.global.json ? make_json_reporter() : make_text_reporter()),
          runner_(loop_, std::move(runner_options),
                  {.on_event = [this](const client::Event& event) { on_event(event); },
                   .on_picture = [this](const proto::Participant& p, Bytes jpeg) { on_picture(p, jpeg); },
                   .on_network =
                       [this](const client::NetworkFigures& audio) {
                           if (options_.global.json) reporter_->network(audio);
                       }}),
          stay_timer_(loop_.timer([this] { leave(); })),
          patience_timer_(loop_.timer(
              [this] { end(kTimedOut, "nothing answers; is the server up and the port open?"); })),
          signals_(loop_, [this](int signal) { on_signal(signal); }) {}

    int run() {
        patience_timer_.set(net::now() + options_.global.timeout);
        runner_.start();
        if (!ended_) loop_.run();
        return exit_code_;
    }

    Result<void> verify(const std::string& server, const std::string& fingerprint);

  private:
    void on_event(const client::Event& event);
    void on_picture(const proto::Participant& participant, Bytes jpeg);
    void on_line(const std::string& line);
    void on_signal(int signal);
    void leave();
    void leave_when_done();
    void end(int exit_code, std::string_view error = {});

    FileRoom& files();

    const JoinOptions& options_;
    Address server_;
    net::Loop loop_;
    std::unique_ptr<Reporter> reporter_;
    std::string fingerprint_;
    client::Runner runner_;
    std::optional<FileRoom> files_;  // from the first /send, /get, … on
    net::Timer stay_timer_;
    net::Timer patience_timer_;
    net::Signals signals_;
    std::optional<Input> input_;
    std::map<std::uint64_t, PictureCount> pictures_;  // by session
    bool input_ended_ = false;
    bool ended_ = false;
    int exit_code_ = kOk;
};

Result<void> Call::verify(const std::string& server, const std::string& fingerprint) {
    fingerprint_ = fingerprint;
    return trust(server, fingerprint, options_.global, *reporter_);
}

void Call::on_event(const client::Event& event) {
    reporter_->event(event, runner_.session());
    if (files_) files_->on_event(event);
    std::visit(Overloaded{[this](const proto::Joined& joined) {
                              patience_timer_.cancel();
                              if (options_.push_to_talk && !joined.resumed()) runner_.set_muted(true);
                              if (options_.stay && !stay_timer_.is_armed() && !joined.resumed()) {
                                  stay_timer_.set(net::now() + *options_.stay);
                              }
                              if (input_) return;
                              input_.emplace(
                                  loop_, STDIN_FILENO, [this](std::string line) { on_line(line); },
                                  [this] {
                                      input_ended_ = true;
                                      leave_when_done();
                                  });
                          },
                          [this](const proto::ChatAccepted&) {
                              if (runner_.session().unacknowledged_chats() < kMaxUnacknowledged && input_) {
                                  input_->pause(false);
                              }
                              leave_when_done();
                          },
                          [this](const client::RequestFailed& failed) {
                              if (failed.what == "chat") leave_when_done();
                          },
                          [this](const client::Ended& ended) {
                              switch (ended.why) {
                                  case client::Ended::Why::left:
                                      return end(exit_code_);
                                  case client::Ended::Why::refused:
                                  case client::Ended::Why::dismissed:
                                      return end(kRefused);
                                  case client::Ended::Why::unreachable:
                                      return end(kCanNotConnect);
                                  case client::Ended::Why::distrusted:
                                      return end(kCertificateChanged);
                              }
                          },
                          [](const auto&) {}},
               event);
}

// Piped input is a script: at its end the call is over, unless something else gives it a length or a purpose.
void Call::leave_when_done() {
    const bool has_media = options_.audio_in != "none" || options_.audio_out != "none" ||
                           options_.video_in != "none" || options_.video_out != "none";
    if (!input_ended_ || options_.stay || has_media) return;
    if (runner_.session().unacknowledged_chats() == 0 && (!files_ || files_->is_idle())) leave();
}

FileRoom& Call::files() {
    if (files_) return *files_;
    return files_.emplace(loop_, runner_, *reporter_,
                          FileRoom::Options{.server = server_,
                                            .room = options_.global.room,
                                            .shows_progress = options_.global.json,
                                            .fingerprint = [this] { return fingerprint_; }},
                          [this] { leave_when_done(); });
}

void Call::on_line(const std::string& line) {
    const auto act = [this](auto action) { runner_.act(action); };
    std::visit(
        Overloaded{[&](const Say& say) { act([&](auto& s, auto& out) { s.chat(say.text, {}, out); }); },
                   [&](const Tell& tell) {
                       const auto* to = runner_.session().participant_by_name(tell.name);
                       if (!to) return reporter_->error("msg", "nobody here is called \"" + tell.name + "\"");
                       act([&](auto& s, auto& out) { s.chat(tell.text, {to->session_id()}, out); });
                   },
                   [&](const ReactWith& r) { act([&](auto& s, auto& out) { s.react(r.emoji, out); }); },
                   [&](const Hand& h) { act([&](auto& s, auto& out) { s.raise_hand(h.raised, out); }); },
                   [&](const Mute& m) { runner_.set_muted(m.muted); },
                   [&](const Talk&) { runner_.set_muted(!runner_.is_muted()); },
                   [&](const Devices&) { list_devices(*reporter_); },
                   [&](const Network&) { reporter_->network(runner_.audio().network()); },
                   [&](const SendFile& file) { files().send(file.path, {}); },
                   [&](const GetFile& file) { files().get({file.what}, {}); },
                   [&](const Files& query) { files().list(query.search); },
                   [&](const RemoveFile& file) { files().remove({file.what}); },
                   [&](const Who&) { act([](auto& s, auto& out) { s.get_room(out); }); },
                   [&](const LeaveRoom&) { leave(); }, [&](const Help&) { reporter_->note(kHelpText); },
                   [](const Nothing&) {}, [&](const NotUnderstood& n) { reporter_->error("input", n.why); }},
        parse_line(line));
    if (input_ && runner_.session().unacknowledged_chats() >= kMaxUnacknowledged) input_->pause(true);
}

void Call::on_picture(const proto::Participant& participant, Bytes jpeg) {
    auto& count = pictures_[participant.session_id()];
    count.name = participant.name();
    ++count.frames;
    if (options_.video_out == "none") return;
    const auto folder = std::filesystem::path(options_.video_out) / folder_name(participant);
    std::error_code ignored;
    if (count.frames == 1) std::filesystem::create_directories(folder, ignored);
    char file[32];
    std::snprintf(file, sizeof file, "%06llu.jpg", static_cast<unsigned long long>(count.frames));
    std::FILE* out = std::fopen((folder / file).c_str(), "wb");
    const bool written = out && std::fwrite(jpeg.data(), 1, jpeg.size(), out) == jpeg.size();
    if (out) std::fclose(out);
    if (!written && count.frames == 1) reporter_->error("video-out", "can not write to " + folder.string());
}

void Call::on_signal(int signal) {
    if (signal == SIGHUP) return;
    exit_code_ = signal == SIGINT ? kInterrupted : kOk;
    leave();
}

void Call::leave() {
    runner_.act([](auto& session, auto& out) { session.leave(out); });
    // The answer should come at once; without it we go all the same.
    stay_timer_.cancel();
    patience_timer_ = loop_.at(net::now() + 2s, [this] { end(exit_code_); });
}

void Call::end(int exit_code, std::string_view error) {
    if (ended_) return;
    ended_ = true;
    exit_code_ = exit_code;
    if (!error.empty()) reporter_->error("connect", error);
    if (exit_code == kOk || exit_code == kInterrupted) reporter_->summary(runner_, pictures_);
    loop_.stop();
}

}  // namespace

int join(const JoinOptions& options) {
    const auto reporter = options.global.json ? make_json_reporter() : make_text_reporter();
    const auto usage = [&](const Error& error) {
        reporter->error("usage", error.what);
        return error.code == Errc::not_found ? kNotFound : kUsage;
    };
    const auto server = resolve(options.global.server, kControlPort);
    if (!server) {
        reporter->error("connect", server.error().what);
        return kCanNotConnect;
    }
    client::Runner::Options runner;
    runner.server = *server;
    runner.entropy = random_bytes;
    auto sound = open_sound(options);
    if (!sound) return usage(sound.error());
    runner.sound = std::move(*sound);
    auto video_source = open_video_source(options);
    if (!video_source) return usage(video_source.error());
    runner.session.room = options.global.room;
    runner.session.name = options.global.name;
    runner.session.password = options.global.password;
    runner.session.software = std::string("connectsphere-cli ") + CS_VERSION;
    runner.session.srtp_profile = options.srtp_profile;
    std::array<std::uint8_t, 4> random{};
    random_bytes(random);
    runner.session.first_client_message_id = std::uint64_t{Reader(random).u32()} << 20;
    if (*video_source) runner.session.streams.push_back(describe((*video_source)->format()));
    runner.video_source = std::move(*video_source);

    Call* call_pointer = nullptr;
    runner.verify = [&](const std::string& fingerprint) {
        return call_pointer->verify(server->text(), fingerprint);
    };
    Call call(options, std::move(runner));
    call_pointer = &call;
    return call.run();
}

}  // namespace connectsphere::cli
