// What the user sees: for people a line of text, for scripts (--json) one object per line on standard output
// with "v":1 and "event" (docs/cli.md lists them). Errors and notes for people go to standard error.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "client-cli/sdp_text.hpp"
#include "lib/client/pulse_audio.hpp"
#include "lib/client/runner.hpp"
#include "lib/client/screen_presenter.hpp"
#include "lib/client/screen_viewer.hpp"
#include "lib/client/x11_list.hpp"
#include "lib/client/x11_options.hpp"

namespace connectsphere::cli {

// What was received of one participant's picture.
struct PictureCount {
    std::string name;
    std::uint64_t frames = 0;
};

// What of this machine can be used.
struct DeviceList {
    client::AudioDevices audio;
    std::vector<client::X11Monitor> monitors;
    std::vector<client::X11Window> windows;
};

struct TransferProgress {
    std::string name;
    std::uint64_t done = 0;  // bytes
    std::uint64_t total = 0;
    double bytes_per_second = 0;
    // All that is under way with it, as one.
    struct Batch {
        std::size_t files = 1, finished = 0;
        std::uint64_t done = 0, total = 0;
        double bytes_per_second = 0;
    } batch{};
};

// How our own sharing stands.
struct Presenting {
    std::string state;  // "waiting", "started", "viewers", "ended"
    std::string why;    // it ended: "stopped", "source_ended", "refused", "taken_over", …
    std::string text;   // for people
    std::string by{};   // who took the place, or whom it was given to
    std::uint32_t viewers = 0;
};

// Screens, from beginning to end.
struct ScreenFigures {
    struct Presented {
        std::uint64_t looks = 0, updates = 0, bytes = 0;
        void operator+=(const client::ScreenPresenter::Counters& more) {
            looks += more.looks;
            updates += more.updates;
            bytes += more.bytes;
        }
    } presented;
    struct Watched {
        std::uint64_t updates = 0, bytes = 0, bad_tiles = 0;
        void operator+=(const client::ScreenViewer::Counters& more) {
            updates += more.updates;
            bytes += more.bytes;
            bad_tiles += more.bad_tiles;
        }
    } watched;
};

class Reporter {
  public:
    virtual ~Reporter() = default;

    virtual void connected(const std::string& server, const std::string& fingerprint, bool is_new) = 0;
    virtual void event(const client::Event& event, const client::Session& session) = 0;
    virtual void summary(const client::Runner& runner,
                         const std::map<std::uint64_t, PictureCount>& pictures) = 0;
    virtual void devices(const DeviceList& devices) = 0;
    virtual void offer(const Offer& offer) = 0;
    virtual void network(const client::NetworkFigures& audio) = 0;
    virtual void file_sent(const proto::FileInfo& file) = 0;
    virtual void file_fetched(const proto::FileInfo& file, const std::string& path) = 0;
    virtual void file_list(const std::vector<proto::FileInfo>& files) = 0;
    virtual void file_removed(std::uint64_t file_id, const std::string& name) = 0;
    virtual void transfer_progress(const TransferProgress& progress) = 0;
    virtual void presenting(const Presenting& presenting) = 0;
    virtual void screen_update(const client::ScreenViewer::Seen& seen) = 0;
    virtual void screen_pointer(const client::ScreenCursor& cursor) = 0;
    virtual void screen_cleared() = 0;
    virtual void screen_summary(const ScreenFigures& figures) = 0;
    virtual void exported(const std::string& file, int messages) = 0;
    virtual void note(std::string_view text) = 0;  // help, hints
    virtual void error(std::string_view what,
                       std::string_view text) = 0;  // of ours, not an event of the session
};

// `status` is the one line that is always the newest, of what is under way; an empty one is none.
enum class Stream { out, err, status };
// Takes whole lines, each with its end; a status without one.
using Print = std::function<void(Stream, std::string_view)>;
// To standard output and standard error; the status is overwritten in place on standard error.
void print_plainly(Stream stream, std::string_view lines);

// How people see it.
struct TextStyle {
    bool colours = false;
    bool bare = false;  // only the answer to a question, without the marks of a conversation
};
// Colours are for terminals whose user has not said NO_COLOR (https://no-color.org).
bool wants_colours();

std::unique_ptr<Reporter> make_text_reporter(TextStyle style, Print print = print_plainly);
std::unique_ptr<Reporter> make_json_reporter(Print print = print_plainly);

// A room's past as a file: an object with "v", "room" and "messages", or one line a message.
std::string history_as_json(const std::string& room, const proto::History& history);

}  // namespace connectsphere::cli
