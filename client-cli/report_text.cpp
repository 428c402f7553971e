#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iterator>
#include <utility>

#include "client-cli/report.hpp"
#include "client-cli/times.hpp"
#include "lib/client/plain_text.hpp"
#include "lib/client/transcript.hpp"

namespace connectsphere::cli {

namespace {

constexpr std::string_view kReset = "\033[0m", kBold = "\033[1m", kDim = "\033[2m", kRed = "\033[31m";

using client::clean;

std::string clock_text(std::uint64_t unix_ms) { return client::clock_text(unix_ms, unix_ms_now()); }

std::string state_of(const proto::Participant& participant) {
    std::string text;
    if (participant.role() == proto::HOST) text += " (host)";
    if (participant.role() == proto::MODERATOR) text += " (moderator)";
    if (participant.role() == proto::LISTENER) text += " (listener)";
    if (participant.microphone_muted()) text += " (muted)";
    if (participant.hand_raised_at() != 0) text += " (hand up)";
    if (!participant.connected()) text += " (away)";
    return text;
}

std::string reason_text(const proto::ParticipantLeft& left) {
    switch (left.reason()) {
        case proto::TIMED_OUT:
            return " (connection lost)";
        case proto::KICKED:
            return " (removed)";
        default:
            return "";
    }
}

std::string size_text(std::uint64_t bytes) {
    static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < std::size(kUnits); ++unit) value /= 1024;
    char text[32];
    std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
    return text;
}

// On one line.
std::string shown(std::string_view name) { return client::plain(name, '_'); }

std::string shown(const proto::FileInfo& file) {
    auto name = shown(file.name());
    if (file.version() > 1) name += " (version " + std::to_string(file.version()) + ")";
    return name;
}

// One overload an event: the lines to show, without the last one's end, or nothing.
struct Describe {
    const client::Session& session;
    TextStyle style;

    std::string paint(std::string_view colour, const std::string& text) const {
        if (!style.colours) return text;
        return std::string(colour) + text + std::string(kReset);
    }
    std::string news(const std::string& text) const { return paint(kDim, "-- " + text); }
    std::string fault(const std::string& text) const { return paint(kRed, "!! " + text); }

    std::string names(const proto::Room& room, std::string_view between) const {
        std::string text;
        for (const auto& participant : room.participants()) {
            if (!text.empty()) text += between;
            text += clean(participant.name()) + state_of(participant);
        }
        return text;
    }
    std::string chat_line(const proto::ChatMessage& chat) const {
        std::string from = clean(chat.from_name());
        if (chat.to_session_id() != 0) from += " to " + clean(chat.to_name()) + " (private)";
        return clock_text(chat.sent_at()) + " " + paint(kBold, from + ":") + " " + clean(chat.text()) +
               (chat.edited_at() != 0 ? " (edited)" : "");
    }

    std::string operator()(const proto::Joined& joined) const {
        if (joined.resumed()) return news("back in the room");
        return news("you are in \"" + clean(joined.room().name()) + "\" with: " + names(joined.room(), ", "));
    }
    std::string operator()(const proto::ParticipantJoined& event) const {
        return news(clean(event.participant().name()) + " came in");
    }
    std::string operator()(const proto::ParticipantLeft& event) const {
        return news(clean(event.name()) + " left" + reason_text(event));
    }
    std::string operator()(const proto::ChatMessage& chat) const { return chat_line(chat); }
    std::string operator()(const proto::ChatAccepted& accepted) const {
        return accepted.receiver_away() ? news("who you wrote to is away, and gets it on coming back") : "";
    }
    std::string operator()(const proto::ChatEdited& edited) const {
        return news("changed: ") + chat_line(edited.message());
    }
    std::string operator()(const proto::PresenterChanged& event) const {
        if (event.session_id() == 0) return news("nobody shares a screen now");
        if (event.session_id() == session.id().value) return "";  // said by ScreenRoom
        return news(clean(event.name()) + " shares a screen: /watch");
    }
    std::string operator()(const proto::PresentingRequested& event) const {
        const auto name = clean(event.name());
        return news(name + " asks to share a screen: /grant " + name);
    }
    std::string operator()(const proto::ChatDeleted&) const { return news("a message was taken back"); }
    // What is old never looks new: below a line of its own, indented and dim.
    std::string operator()(const proto::History& history) const {
        if (style.bare) {
            auto text = client::transcript(history);
            if (!text.empty()) text.pop_back();
            return text;
        }
        if (history.messages().empty()) return news("nothing was said");
        std::string lines = news("earlier --");
        const Describe plain{session, {}};
        for (const auto& chat : history.messages())
            lines += "\n" + paint(kDim, "   " + plain.chat_line(chat));
        return lines + "\n" + news("now --");
    }
    std::string operator()(const proto::RoomList& list) const {
        std::string lines;
        for (const auto& room : list.rooms()) {
            lines += (lines.empty() ? "" : "\n") + clean(room.name()) + "  " +
                     std::to_string(room.members()) + (room.has_password() ? "  (password)" : "");
        }
        return lines.empty() && !style.bare ? news("nobody is here") : lines;
    }
    std::string operator()(const proto::Reaction& reaction) const {
        return news(clean(reaction.from_name()) + " ") + clean(reaction.emoji());
    }
    std::string operator()(const proto::Muted& muted) const {
        const auto what = !muted.camera()      ? "microphone"
                          : muted.microphone() ? "microphone and camera"
                                               : "camera";
        return news(clean(muted.by_name()) + " turned off your " + what);
    }
    std::string operator()(const proto::Room& room) const {
        return style.bare ? names(room, "\n") : news("here: " + names(room, ", "));
    }
    std::string operator()(const client::Done& done) const {
        return done.what == "password" ? news("the room's password is changed") : "";
    }
    std::string operator()(const client::RequestFailed& failed) const {
        return fault(clean(failed.error.text()));
    }
    std::string operator()(const proto::FileAnnounced& event) const {
        const auto& file = event.file();
        return "-- " + shown(file.owner_name()) + " sent " + shown(file) + ", " + size_text(file.size()) +
               (file.to_session_id() != 0 ? ", to one person only" : "") + "; /get " +
               std::to_string(file.file_id());
    }
    std::string operator()(const client::CaptureEnded& ended) const {
        return fault("your picture has ended: " + ended.error.what);
    }
    std::string operator()(const client::Disconnected& lost) const {
        return fault("connection lost (" + lost.error.what + "); coming back");
    }
    std::string operator()(const client::Ended& ended) const {
        if (ended.why == client::Ended::Why::left) return style.bare ? "" : news("you left");
        // Of several lines, as the two fingerprints: each as it is.
        auto text = ended.why == client::Ended::Why::distrusted ? ended.text : clean(ended.text);
        if (!ended.error.suggestion().empty()) {
            text += "; \"" + clean(ended.error.suggestion()) + "\" is free";
        }
        return fault(text);
    }
    template <class Other>
    std::string operator()(const Other&) const {
        return {};
    }
};

double ms(Duration duration) { return 1e3 * seconds(duration); }

std::string lines_of(const DeviceList& devices) {
    std::string lines;
    for (const auto& device : devices.audio.microphones) {
        lines += "mic:" + device.name + "  (" + device.description + ")\n";
    }
    for (const auto& device : devices.audio.loudspeakers) {
        lines += "speaker:" + device.name + "  (" + device.description + ")\n";
    }
    const auto size = [](int width, int height) {
        return std::to_string(width).append("x").append(std::to_string(height));
    };
    for (std::size_t i = 0; i < devices.monitors.size(); ++i) {
        const auto& monitor = devices.monitors[i];
        lines += "monitor:" + std::to_string(i) + "  (" + clean(monitor.name) + ", " +
                 size(monitor.area.width, monitor.area.height) + ")\n";
    }
    for (const auto& window : devices.windows) {
        lines += "window:" + client::x11_window_text(window.id) + "  (" + clean(window.title) + ", " +
                 size(window.width, window.height) + ")\n";
    }
    return lines;
}

std::string lines_of(const Offer& offer) {
    std::string lines = "-- keys of epoch " + std::to_string(offer.keys.epoch());
    lines += is_video(offer) ? ". To send a picture:\n\n" : ". To send a voice:\n\n";
    lines += send_sdp(offer) + "\n";
    const auto command = ffmpeg_send_command(offer);
    lines += (command.empty() ? "" : command + "\n\n") + gstreamer_send_command(offer) + "\n\n";
    if (offer.receive_port == 0) return lines;
    lines += is_video(offer) ? "-- to see " + clean(offer.from) : "-- to hear the others";
    lines += ", save this as room.sdp:\n\n" + receive_sdp(offer) + "\n";
    if (offer.keys.profile() == proto::AES_CM_128_HMAC_SHA1_80) {
        lines += "ffplay -protocol_whitelist file,rtp,udp -i room.sdp\n\n";
    }
    return lines + gstreamer_receive_command(offer) + "\n\n";
}

std::string line_of(const client::NetworkFigures& audio) {
    char rtt[32] = "unknown";
    if (audio.round_trip) std::snprintf(rtt, sizeof rtt, "%.1f ms", ms(*audio.round_trip));
    char line[200];
    std::snprintf(line, sizeof line,
                  "-- network: round trip %s, loss %.1f %% down, %.1f %% up, jitter %.1f ms, delay %.0f ms\n",
                  rtt, 100 * audio.loss, 100 * audio.loss_up, ms(audio.jitter), ms(audio.delay));
    return line;
}

std::string line_of(const proto::FileInfo& file) {
    char columns[48];
    std::snprintf(columns, sizeof columns, "%8llu  %10s  ", static_cast<unsigned long long>(file.file_id()),
                  size_text(file.size()).c_str());
    return columns + shown(file) + "  " + shown(file.owner_name()) +
           (file.to_session_id() != 0 ? "  (private)" : "") + "\n";
}

// "report.pdf  [#########...........]   45 %  12.3 MiB/s  0:07"; of several, one bar for all: "1 of 3 files
// [".
std::string bar_of(const TransferProgress& progress) {
    constexpr std::size_t kWidth = 20;
    const auto& batch = progress.batch;
    const bool is_one = batch.files <= 1;
    const auto total = std::max<std::uint64_t>(is_one ? progress.total : batch.total, 1);
    const auto done = std::min(is_one ? progress.done : batch.done, total);
    const double part = static_cast<double>(done) / static_cast<double>(total);
    const auto filled = static_cast<std::size_t>(part * kWidth);
    const auto rate = is_one ? progress.bytes_per_second : batch.bytes_per_second;
    char figures[80], left[32] = "";
    if (const auto time = static_cast<double>(total - done) / rate; rate >= 1 && time < 1e6)
        std::snprintf(left, sizeof left, "  %u:%02u", static_cast<unsigned>(time) / 60,
                      static_cast<unsigned>(time) % 60);
    std::snprintf(figures, sizeof figures, "]  %3.0f %%  %s/s%s", part * 100,
                  size_text(static_cast<std::uint64_t>(rate)).c_str(), left);
    auto text = is_one ? shown(progress.name)
                       : std::to_string(batch.finished) + " of " + std::to_string(batch.files) + " files";
    text += "  [";
    text.append(filled, '#').append(kWidth - filled, '.');
    return text += figures;
}

std::string line_of(const Presenting& presenting) {
    if (presenting.state == "started") return "you share your screen; /stop ends it";
    if (presenting.state == "waiting") return "you are in line for the presenter's place";
    if (presenting.state == "viewers") {
        if (presenting.viewers == 0) return "nobody watches";
        return std::to_string(presenting.viewers) + (presenting.viewers == 1 ? " watches" : " watch");
    }
    if (presenting.why == "taken_over") return clean(presenting.by) + " took over: you share no more";
    if (presenting.why == "granted") return clean(presenting.by) + " shares now";
    if (presenting.why == "silent") return "you share no more: the server heard nothing for too long";
    if (presenting.why == "no_space")
        return "you share no more: the server has no room for a picture of this size";
    if (presenting.text.empty()) return "you share no more";
    return "you do not share: " + clean(presenting.text);
}

bool is_fault(const client::Event& event) {
    const auto* ended = std::get_if<client::Ended>(&event);
    return std::holds_alternative<client::RequestFailed>(event) ||
           std::holds_alternative<client::Disconnected>(event) ||
           std::holds_alternative<client::CaptureEnded>(event) ||
           (ended && ended->why != client::Ended::Why::left);
}

class TextReporter : public Reporter {
  public:
    TextReporter(TextStyle style, Print print) : style_(style), print_(std::move(print)) {}

    void connected(const std::string& server, const std::string& fingerprint, bool is_new) override {
        if (is_new) note("first time at " + server + ": its certificate is " + fingerprint + "\n");
    }
    void event(const client::Event& event, const client::Session& session) override {
        const auto lines = std::visit(Describe{session, style_}, event);
        if (!lines.empty()) print_(is_fault(event) ? Stream::err : Stream::out, lines + "\n");
    }
    void summary(const client::Runner&, const std::map<std::uint64_t, PictureCount>&) override {}
    void devices(const DeviceList& devices) override { print_(Stream::out, lines_of(devices)); }
    void offer(const Offer& offer) override { print_(Stream::out, lines_of(offer)); }
    void network(const client::NetworkFigures& audio) override { print_(Stream::out, line_of(audio)); }
    void file_sent(const proto::FileInfo& file) override {
        clear_bar();
        print_(Stream::out, "sent " + shown(file) + ", " + size_text(file.size()) + ", id " +
                                std::to_string(file.file_id()) + "\n");
    }
    void file_fetched(const proto::FileInfo& file, const std::string& path) override {
        clear_bar();
        print_(Stream::out, "fetched " + shown(path) + ", " + size_text(file.size()) + ", verified\n");
    }
    void file_list(const std::vector<proto::FileInfo>& files) override {
        for (const auto& file : files) print_(Stream::out, line_of(file));
        if (files.empty()) note("no files\n");
    }
    void file_removed(std::uint64_t, const std::string& name) override {
        print_(Stream::out, "removed " + shown(name) + "\n");
    }
    void transfer_progress(const TransferProgress& progress) override {
        print_(Stream::status, bar_of(progress));
        has_bar_ = true;
    }
    void presenting(const Presenting& presenting) override {
        auto text = line_of(presenting);
        if (!text.empty()) note("-- " + text + "\n");
    }
    void screen_update(const client::ScreenViewer::Seen& seen) override {
        const auto size = std::to_string(seen.width) + "x" + std::to_string(seen.height);
        if (std::exchange(screen_size_, size) != size) note("-- the screen is " + size + "\n");
    }
    void screen_pointer(const client::ScreenCursor&) override {}
    void screen_cleared() override { screen_size_.clear(); }
    void screen_summary(const ScreenFigures& figures) override {
        if (figures.presented.updates > 0)
            note("-- shared: " + std::to_string(figures.presented.updates) + " updates, " +
                 size_text(figures.presented.bytes) + "\n");
        if (figures.watched.updates > 0)
            note("-- watched: " + std::to_string(figures.watched.updates) + " updates, " +
                 size_text(figures.watched.bytes) + "\n");
    }
    void exported(const std::string& file, int messages) override {
        note(std::to_string(messages) + (messages == 1 ? " message" : " messages") + " written to " + file +
             "\n");
    }
    void note(std::string_view text) override { print_(Stream::err, text); }
    void error(std::string_view, std::string_view text) override {
        clear_bar();
        print_(Stream::err, "!! " + client::plain(text, '?', true) + "\n");
    }

  private:
    void clear_bar() {
        if (std::exchange(has_bar_, false)) print_(Stream::status, "");
    }

    TextStyle style_;
    Print print_;
    bool has_bar_ = false;
    std::string screen_size_;  // as said last
};

}  // namespace

void print_plainly(Stream stream, std::string_view lines) {
    auto* file = stream == Stream::out ? stdout : stderr;
    if (stream == Stream::status) std::fputs("\r\033[K", file);
    std::fwrite(lines.data(), 1, lines.size(), file);
    std::fflush(file);
}

bool wants_colours() {
    const char* no_colour = std::getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) != 0 && !(no_colour && *no_colour);
}

std::unique_ptr<Reporter> make_text_reporter(TextStyle style, Print print) {
    return std::make_unique<TextReporter>(style, std::move(print));
}

}  // namespace connectsphere::cli
