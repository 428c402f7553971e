// ScreenDesk: the shared screen of a room for the window: seen as soon as somebody shows one, and one's own
// shown to the others. It belongs to the conference's thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client-gui/command.hpp"
#include "client-gui/pictures.hpp"
#include "lib/client/runner.hpp"
#include "lib/client/screen_presenter.hpp"
#include "lib/client/screen_viewer.hpp"

namespace connectsphere::gui {

class ScreenDesk {
  public:
    struct Options {
        Address server;
        std::function<std::string()> fingerprint;  // of the control connection: the planes show the same
    };
    using Tell = std::function<void(Notice)>;

    ScreenDesk(net::Loop& loop, client::Runner& runner, Options options, Pictures& pictures, Tell tell);
    ~ScreenDesk();

    void share(const ShareScreen& share);
    void grant(SessionId to);
    void stop_sharing();
    void on_event(const client::Event& event);  // of the runner: tickets, and who presents

    static constexpr Duration kShowGap = 30ms;  // between two pictures of a screen that changes all the time

  private:
    client::PlaneLink::Options link_options() const;
    void watch();
    void stop_watching();
    void show_soon();
    void show();
    void on_ended(const client::ScreenPresenter::Ended& ended);

    net::Loop& loop_;
    client::Runner& runner_;
    Options options_;
    Pictures& pictures_;
    Tell tell_;
    std::unique_ptr<client::ScreenPresenter> presenter_,
        ended_;  // `ended_` goes when its callback has returned
    std::unique_ptr<client::ScreenViewer> viewer_;
    net::Deferred bury_;
    net::Timer show_timer_;
    Time shown_{};
};

// What there is to share on this display: all of it, each monitor, each window.
std::vector<Device> screens_to_share();

}  // namespace connectsphere::gui
