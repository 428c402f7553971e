// ScreenRoom: what a person does with the screen of a room: sharing, watching, asking, granting. It stands
// beside a client::Runner, which asks for its tickets: for one command (connectsphere share …) or within a
// call (/share …).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client-cli/options.hpp"
#include "client-cli/report.hpp"
#include "client-cli/screen_recorder.hpp"
#include "lib/client/runner.hpp"
#include "lib/client/screen_presenter.hpp"
#include "lib/client/screen_viewer.hpp"

namespace connectsphere::cli {

class ScreenRoom {
  public:
    struct Options {
        Address server;
        std::function<std::string()> fingerprint;  // of the control connection: the planes show the same
    };

    // `on_over` is called when sharing or watching has ended by itself, not by stop().
    ScreenRoom(net::Loop& loop, client::Runner& runner, Reporter& reporter, Options options,
               std::function<void(ExitCode)> on_over);
    ~ScreenRoom();

    void share(std::unique_ptr<client::ScreenSource> source, const ShareOptions& options);
    void share(const ShareOptions& options);  // opens the source, or says why not
    void watch(const std::string& out);
    void grant(const std::string& name);
    void stop_sharing();
    void stop_watching();
    bool is_sharing() const { return presenter_ != nullptr; }
    bool is_watching() const { return viewer_.has_value(); }

    void on_event(const client::Event& event);  // of the runner: tickets
    void finish();                              // writes and says what is left

  private:
    client::PlaneLink::Options link_options() const;
    void on_presenting_ended(const client::ScreenPresenter::Ended& ended);
    void on_update(const client::ScreenViewer::Seen& seen);

    net::Loop& loop_;
    client::Runner& runner_;
    Reporter& reporter_;
    Options options_;
    std::function<void(ExitCode)> on_over_;
    net::Deferred bury_;
    std::unique_ptr<client::ScreenPresenter> presenter_,
        ended_;  // `ended_` goes when its callback has returned
    ScreenFigures figures_;
    std::optional<ScreenRecorder> recorder_;
    std::optional<client::ScreenViewer> viewer_;
};

}  // namespace connectsphere::cli
