#include <algorithm>
#include <cstdio>
#include <ctime>
#include <iterator>
#include <utility>

#include "client-cli/report.hpp"

namespace connectsphere::cli {

namespace {

std::string clock_text(std::uint64_t unix_ms) {
    const auto whole = static_cast<std::time_t>(unix_ms / 1000);
    std::tm local{};
    localtime_r(&whole, &local);
    char text[16];
    std::strftime(text, sizeof text, "%H:%M", &local);
    return text;
}

std::string names(const proto::Room& room) {
    std::string text;
    for (const auto& participant : room.participants()) {
        if (!text.empty()) text += ", ";
        text += participant.name();
        if (participant.microphone_muted()) text += " (muted)";
        if (participant.hand_raised_at() != 0) text += " (hand up)";
        if (!participant.connected()) text += " (away)";
    }
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

double ms(Duration duration) { return 1e3 * seconds(duration); }

std::string size_text(std::uint64_t bytes) {
    static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < std::size(kUnits); ++unit) value /= 1024;
    char text[32];
    std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
    return text;
}

// A name that somebody else chose, as it may stand on a terminal. The server lets no control character in;
// this is for the server that does.
std::string shown(const proto::FileInfo& file) {
    auto name = file.name();
    for (auto& c : name) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '_';
    }
    if (file.version() > 1) name += " (version " + std::to_string(file.version()) + ")";
    return name;
}

std::string line_of(const proto::ChatMessage& chat) {
    std::string line = clock_text(chat.sent_at()) + " " + chat.from_name();
    if (chat.to_session_id() != 0) line += " to " + chat.to_name() + " (private)";
    return line + ": " + chat.text() + (chat.edited_at() != 0 ? " (edited)" : "");
}

// One overload an event: the line to show, or nothing.
struct Describe {
    const client::Session& session;

    std::string operator()(const proto::Joined& joined) const {
        if (joined.resumed()) return "-- back in the room";
        return "-- you are in \"" + joined.room().name() + "\" with: " + names(joined.room());
    }
    std::string operator()(const proto::ParticipantJoined& event) const {
        return "-- " + event.participant().name() + " came in";
    }
    std::string operator()(const proto::ParticipantLeft& event) const {
        return "-- " + event.name() + " left" + reason_text(event);
    }
    std::string operator()(const proto::ChatMessage& chat) const { return line_of(chat); }
    std::string operator()(const proto::History& history) const {
        std::string lines;
        if (history.messages().empty()) return "-- nothing was said";
        for (const auto& chat : history.messages())
            lines += (lines.empty() ? "" : "\n") + ("   " + line_of(chat));
        return lines;
    }
    std::string operator()(const proto::ChatEdited& edited) const { return line_of(edited.message()); }
    std::string operator()(const proto::RoomList& list) const {
        std::string lines;
        for (const auto& room : list.rooms()) {
            lines += (lines.empty() ? "" : "\n") + room.name() + "  " + std::to_string(room.members()) +
                     (room.has_password() ? "  (password)" : "");
        }
        return lines.empty() ? "-- nobody is here" : lines;
    }
    std::string operator()(const proto::Reaction& reaction) const {
        return "-- " + reaction.from_name() + " " + reaction.emoji();
    }
    std::string operator()(const proto::FileAnnounced& event) const {
        const auto& file = event.file();
        return "-- " + file.owner_name() + " sent " + shown(file) + ", " + size_text(file.size()) +
               (file.to_session_id() != 0 ? ", to one person only" : "") + "; /get " +
               std::to_string(file.file_id());
    }
    std::string operator()(const proto::Room& room) const { return "-- here: " + names(room); }
    std::string operator()(const client::RequestFailed& failed) const { return "!! " + failed.error.text(); }
    std::string operator()(const client::Disconnected& lost) const {
        return "!! connection lost (" + lost.error.what + "); coming back";
    }
    std::string operator()(const client::Ended& ended) const {
        return ended.why == client::Ended::Why::left ? "-- you left" : "!! " + ended.text;
    }
    template <class Other>
    std::string operator()(const Other&) const {
        return {};
    }
};

void print_receiver(const AudioOffer& offer) {
    std::printf("-- to hear the others, save this as room.sdp:\n\n%s\n", receive_sdp(offer).c_str());
    if (offer.keys.profile() == proto::AES_CM_128_HMAC_SHA1_80) {
        std::printf("ffplay -protocol_whitelist file,rtp,udp -i room.sdp\n\n");
    }
    std::printf("%s\n\n", gstreamer_receive_command(offer).c_str());
}

class TextReporter : public Reporter {
  public:
    void connected(const std::string& server, const std::string& fingerprint, bool is_new) override {
        if (is_new) note("first time at " + server + ": its certificate is " + fingerprint + "\n");
    }
    void event(const client::Event& event, const client::Session& session) override {
        const auto line = std::visit(Describe{session}, event);
        if (line.empty()) return;
        std::fprintf(line.starts_with("!!") ? stderr : stdout, "%s\n", line.c_str());
        std::fflush(stdout);
    }
    void summary(const client::Runner&, const std::map<std::uint64_t, PictureCount>&) override {}
    void devices(const client::AudioDevices& devices) override {
        for (const auto& device : devices.microphones) {
            std::printf("mic:%s  (%s)\n", device.name.c_str(), device.description.c_str());
        }
        for (const auto& device : devices.loudspeakers) {
            std::printf("speaker:%s  (%s)\n", device.name.c_str(), device.description.c_str());
        }
        std::fflush(stdout);
    }
    void offer(const AudioOffer& offer) override {
        std::printf("-- keys of epoch %u. To send a voice:\n\n%s\n", offer.keys.epoch(),
                    send_sdp(offer).c_str());
        if (const auto command = ffmpeg_send_command(offer); !command.empty()) {
            std::printf("%s\n\n", command.c_str());
        }
        std::printf("%s\n\n", gstreamer_send_command(offer).c_str());
        if (offer.receive_port != 0) print_receiver(offer);
        std::fflush(stdout);
    }
    void network(const client::NetworkFigures& audio) override {
        char rtt[32] = "unknown";
        if (audio.round_trip) std::snprintf(rtt, sizeof rtt, "%.1f ms", ms(*audio.round_trip));
        std::printf(
            "-- network: round trip %s, loss %.1f %% down, %.1f %% up, jitter %.1f ms, delay %.0f ms\n", rtt,
            100 * audio.loss, 100 * audio.loss_up, ms(audio.jitter), ms(audio.delay));
        std::fflush(stdout);
    }
    void file_sent(const proto::FileInfo& file) override {
        clear_line();
        std::printf("sent %s, %s, id %llu\n", shown(file).c_str(), size_text(file.size()).c_str(),
                    id_of(file));
        std::fflush(stdout);
    }
    void file_fetched(const proto::FileInfo& file, const std::string& path) override {
        clear_line();
        std::printf("fetched %s, %s, verified\n", path.c_str(), size_text(file.size()).c_str());
        std::fflush(stdout);
    }
    void file_list(const std::vector<proto::FileInfo>& files) override {
        for (const auto& file : files) {
            std::printf("%8llu  %10s  %s  %s%s\n", id_of(file), size_text(file.size()).c_str(),
                        shown(file).c_str(), file.owner_name().c_str(),
                        file.to_session_id() != 0 ? "  (private)" : "");
        }
        if (files.empty()) note("no files\n");
        std::fflush(stdout);
    }
    void file_removed(std::uint64_t, const std::string& name) override {
        std::printf("removed %s\n", name.c_str());
        std::fflush(stdout);
    }
    // "report.pdf  [#########...........]  45 %  12.3 MiB/s  0:07"
    void transfer_progress(const TransferProgress& progress) override {
        constexpr std::size_t kWidth = 20;
        const auto total = std::max<std::uint64_t>(progress.total, 1);
        const double part = static_cast<double>(progress.done) / static_cast<double>(total);
        const auto filled = static_cast<std::size_t>(part * kWidth);
        const auto rate = std::max(progress.bytes_per_second, 1.0);
        const auto left = static_cast<unsigned>(static_cast<double>(total - progress.done) / rate);
        std::fprintf(stderr, "\r\033[K%s  [%s%s]  %3.0f %%  %s/s  %u:%02u", progress.name.c_str(),
                     std::string(filled, '#').c_str(), std::string(kWidth - filled, '.').c_str(), part * 100,
                     size_text(static_cast<std::uint64_t>(rate)).c_str(), left / 60, left % 60);
        has_bar_ = true;
    }
    void note(std::string_view text) override {
        std::fprintf(stderr, "%.*s", static_cast<int>(text.size()), text.data());
    }
    void error(std::string_view, std::string_view text) override {
        clear_line();
        std::fprintf(stderr, "!! %.*s\n", static_cast<int>(text.size()), text.data());
    }

  private:
    static unsigned long long id_of(const proto::FileInfo& file) { return file.file_id(); }
    void clear_line() {
        if (std::exchange(has_bar_, false)) std::fputs("\r\033[K", stderr);
    }

    bool has_bar_ = false;
};

}  // namespace

std::unique_ptr<Reporter> make_text_reporter() { return std::make_unique<TextReporter>(); }

}  // namespace connectsphere::cli
