#include <cmath>

#include "client-cli/report.hpp"
#include "client-cli/report_json_events.hpp"
#include "client-cli/times.hpp"

namespace connectsphere::cli {

namespace {

// Milliseconds, to the tenth.
double tenths_ms(Duration duration) { return std::round(1e4 * seconds(duration)) / 10; }

std::string text_of(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

class JsonReporter : public Reporter {
  public:
    explicit JsonReporter(Print to) : to_(std::move(to)) {}

    void connected(const std::string& server, const std::string& fingerprint, bool is_new) override {
        print({{"event", "connected"},
               {"server", server},
               {"fingerprint", fingerprint},
               {"first_use", is_new}});
    }
    void event(const client::Event& event, const client::Session&) override {
        const auto fields = describe(event);
        if (!fields.empty()) print(fields);
    }
    void summary(const client::Runner& runner,
                 const std::map<std::uint64_t, PictureCount>& pictures) override {
        const auto& audio = runner.audio_in().stats();
        auto video = json::array();
        for (const auto& [session, count] : pictures) {
            video.push_back({{"session", session}, {"name", count.name}, {"frames", count.frames}});
        }
        const auto streams = runner.video_in().total();
        print({{"event", "summary"},
               {"audio",
                {{"sent", runner.audio_frames_sent()},
                 {"received", audio.received},
                 {"lost", audio.lost},
                 {"concealed", audio.concealed},
                 {"fec_recovered", audio.fec_recovered},
                 {"delay_ms", milliseconds(runner.audio_in().delay())},
                 {"rejected", runner.audio_link().counters().rejected},
                 {"epochs", runner.audio_link().counters().epochs}}},
               {"video",
                {{"sent", runner.video_frames_sent()},
                 {"received", video},
                 {"incomplete", streams.incomplete},
                 {"corrupt", streams.corrupt},
                 {"rejected", runner.video_link().counters().rejected},
                 {"epochs", runner.video_link().counters().epochs}}}});
    }
    void devices(const DeviceList& devices) override {
        const auto list = [](const std::vector<client::AudioDevice>& of) {
            auto out = json::array();
            for (const auto& device : of) {
                out.push_back({{"name", device.name}, {"description", device.description}});
            }
            return out;
        };
        auto monitors = json::array();
        for (const auto& m : devices.monitors) {
            monitors.push_back({{"name", m.name},
                                {"x", m.area.x},
                                {"y", m.area.y},
                                {"width", m.area.width},
                                {"height", m.area.height},
                                {"primary", m.is_primary}});
        }
        auto windows = json::array();
        for (const auto& w : devices.windows) {
            windows.push_back({{"id", client::x11_window_text(w.id)},
                               {"title", w.title},
                               {"width", w.width},
                               {"height", w.height}});
        }
        print({{"event", "devices"},
               {"microphones", list(devices.audio.microphones)},
               {"loudspeakers", list(devices.audio.loudspeakers)},
               {"monitors", monitors},
               {"windows", windows}});
    }
    void offer(const Offer& offer) override {
        json line = {{"event", "sdp"},
                     {"plane", is_video(offer) ? "video" : "audio"},
                     {"epoch", offer.keys.epoch()},
                     {"ssrc", offer.send.value},
                     {"suite", suite_name(offer.keys.profile())},
                     {"send_key", inline_key(offer.keys.to_server())},
                     {"send_sdp", send_sdp(offer)},
                     {"ffmpeg_send", ffmpeg_send_command(offer)},
                     {"gstreamer_send", gstreamer_send_command(offer)}};
        if (offer.receive_port != 0) {
            if (is_video(offer)) line["from"] = offer.from;
            line["receive_sdp"] = receive_sdp(offer);
            line["gstreamer_receive"] = gstreamer_receive_command(offer);
        }
        print(line);
    }
    void network(const client::NetworkFigures& audio) override {
        print({{"event", "network"},
               {"audio",
                {{"rtt_ms", audio.round_trip ? json(tenths_ms(*audio.round_trip)) : json()},
                 {"loss", audio.loss},
                 {"loss_up", audio.loss_up},
                 {"jitter_ms", tenths_ms(audio.jitter)},
                 {"delay_ms", tenths_ms(audio.delay)}}}});
    }
    void file_sent(const proto::FileInfo& file) override {
        print({{"event", "file_sent"}, {"file", describe(file)}});
    }
    void file_fetched(const proto::FileInfo& file, const std::string& path) override {
        print({{"event", "file_fetched"}, {"path", path}, {"file", describe(file)}});
    }
    void file_list(const std::vector<proto::FileInfo>& files) override {
        auto list = json::array();
        for (const auto& file : files) list.push_back(describe(file));
        print({{"event", "files"}, {"files", list}});
    }
    void file_removed(std::uint64_t file_id, const std::string& name) override {
        print({{"event", "file_removed"}, {"id", file_id}, {"name", name}});
    }
    void transfer_progress(const TransferProgress& progress) override {
        print({{"event", "progress"},
               {"name", progress.name},
               {"done", progress.done},
               {"total", progress.total},
               {"bytes_per_second", static_cast<std::uint64_t>(progress.bytes_per_second)}});
    }
    void presenting(const Presenting& presenting) override {
        json line = {{"event", "presenting"}, {"state", presenting.state}};
        if (presenting.state == "viewers") line["viewers"] = presenting.viewers;
        if (!presenting.why.empty()) line["why"] = presenting.why;
        if (!presenting.by.empty()) line["by"] = presenting.by;
        if (!presenting.text.empty()) line["text"] = presenting.text;
        print(line);
    }
    void screen_update(const client::ScreenViewer::Seen& seen) override {
        print({{"event", "screen"},
               {"version", seen.version},
               {"width", seen.width},
               {"height", seen.height},
               {"bytes", seen.bytes},
               {"tiles", seen.tiles},
               {"copies", seen.copies},
               {"age_ms", tenths_ms(seen.age)},
               {"whole", seen.whole},
               {"exact", seen.exact}});
    }
    void screen_pointer(const client::ScreenCursor& cursor) override {
        print({{"event", "pointer"}, {"visible", cursor.visible}, {"x", cursor.x}, {"y", cursor.y}});
    }
    void screen_cleared() override { print({{"event", "screen_cleared"}}); }
    void screen_summary(const ScreenFigures& figures) override {
        print({{"event", "screen_summary"},
               {"presented",
                {{"looks", figures.presented.looks},
                 {"updates", figures.presented.updates},
                 {"bytes", figures.presented.bytes}}},
               {"watched",
                {{"updates", figures.watched.updates},
                 {"bytes", figures.watched.bytes},
                 {"bad_tiles", figures.watched.bad_tiles}}}});
    }
    void exported(const std::string& file, int messages) override {
        print({{"event", "exported"}, {"file", file}, {"messages", messages}});
    }
    void note(std::string_view text) override { to_(Stream::err, text); }
    void error(std::string_view what, std::string_view text) override {
        print({{"event", "error"}, {"what", what}, {"text", text}});
    }

  private:
    void print(const json& fields) const {
        json line = {{"v", 1}};
        line["event"] = fields["event"];
        line["time"] = rfc3339(unix_ms_now());
        line.update(fields);
        to_(Stream::out, text_of(line));
    }

    Print to_;
};

}  // namespace

std::unique_ptr<Reporter> make_json_reporter(Print print) {
    return std::make_unique<JsonReporter>(std::move(print));
}

std::string history_as_json(const std::string& room, const proto::History& history) {
    json out = {{"v", 1}, {"room", room}, {"more", history.more()}, {"messages", json::array()}};
    for (const auto& chat : history.messages()) out["messages"].push_back(describe(chat));
    return text_of(out);
}

}  // namespace connectsphere::cli
