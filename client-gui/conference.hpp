// Conference: everything of a call but its window. It has a thread of its own with one loop, on which the
// session, the sound and the files run; commands come in, notices go out, and nobody ever waits for anybody.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "client-gui/command.hpp"
#include "client-gui/device_finder.hpp"
#include "client-gui/file_desk.hpp"
#include "client-gui/own_video.hpp"
#include "client-gui/pictures.hpp"
#include "client-gui/preview.hpp"
#include "client-gui/quality.hpp"
#include "client-gui/screen_desk.hpp"
#include "lib/client/place_file.hpp"
#include "lib/client/runner.hpp"
#include "lib/net/loop.hpp"

namespace connectsphere::gui {

class Conference {
  public:
    struct Options {
        std::string fingerprint;  // expected, instead of the remembered one
        bool trust_new = false;   // a certificate that is new or has changed is taken, and remembered
        media::VoiceProcessing::Options voice_processing{};
    };
    using Tell = std::function<void(Notice)>;  // on the conference's thread

    Conference(Options options, Pictures& pictures, Tell tell);
    ~Conference();  // leaves, and waits for the server's word for a moment

    void carry_out(Command command);  // any thread

  private:
    struct HistoryWish {  // what to do with the answer
        bool is_search = false;
        std::string file{};  // where it is kept
    };

    void handle(const Command& command);
    void change_media(const Command& command);
    void ask_session(const Command& command);
    void ask_desks(const Command& command);
    void ask_history(HistoryWish wish, std::uint32_t limit, const std::string& search);
    bool take_history(const proto::History& history);
    void save_history(const std::string& path, const proto::History& history);
    void set_media(const SetMedia& media);
    void change_microphone(const std::string& what);

    void connect(const Connect& connect);
    void add_devices(const Connect& connect, client::Runner::Options& out);
    Result<client::Runner::Options> runner_options(const Connect& connect);
    Result<void> verify(const std::string& shown);
    void on_event(const client::Event& event);
    void look();
    void end_call();
    void report_quality();
    void report_level();
    FileDesk& files();
    ScreenDesk& screen();

    Options options_;
    Pictures& pictures_;
    Tell tell_;
    net::Loop loop_;
    Connect wanted_;
    Address server_;
    std::string fingerprint_;  // of the server, as it is connected
    std::unique_ptr<client::PlaceFile> place_;
    std::unique_ptr<client::Runner> runner_;
    std::shared_ptr<VideoSwitch> video_power_;  // of the source that the runner or the preview owns
    std::unique_ptr<FileDesk> files_;           // from the first file on
    std::unique_ptr<ScreenDesk> screen_;        // from joining on
    DevicePreview preview_;
    SetMedia media_;  // as the window wants it
    bool has_camera_ = false;
    LevelMeter meter_;
    std::deque<HistoryWish> asked_;
    LookAt look_;
    net::Timer level_timer_, quality_timer_, look_timer_, goodbye_;
    net::Deferred clean_;
    QualityMeter quality_;
    bool is_quitting_ = false;
    DeviceFinder finder_;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace connectsphere::gui
