#include <cstdio>
#include <ctime>

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
    void note(std::string_view text) override {
        std::fprintf(stderr, "%.*s", static_cast<int>(text.size()), text.data());
    }
    void error(std::string_view, std::string_view text) override {
        std::fprintf(stderr, "!! %.*s\n", static_cast<int>(text.size()), text.data());
    }
};

}  // namespace

std::unique_ptr<Reporter> make_text_reporter() { return std::make_unique<TextReporter>(); }

}  // namespace connectsphere::cli
