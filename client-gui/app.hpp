// App: the state, the conference and the window, brought together. Whatever happens changes the state; then
// what differs on screen is drawn, as soon as it may and not more often than it can be seen.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "client-gui/conference.hpp"
#include "client-gui/pictures.hpp"
#include "client-gui/pointer.hpp"
#include "client-gui/renderer.hpp"
#include "client-gui/report.hpp"
#include "client-gui/settings.hpp"
#include "client-gui/window.hpp"

namespace connectsphere::gui {

class App {
  public:
    struct Options {
        std::filesystem::path settings_file;
        State state;  // as the command line and the settings have made it
        Conference::Options conference;
        bool joins = false;  // at once
        bool json = false;
        Size window{1120, 720};
        std::optional<double> scale;  // of the display; absent: as it says
    };

    explicit App(Options options);
    ~App();
    void run();

    static constexpr Duration kAnimationGap = 33ms;  // while something floats
    static constexpr Duration kReportPeriod = 1s;

  private:
    Window::Handlers handlers();
    void tell(Notice notice);  // any thread
    void on_wake();
    void on_time();
    void on_key(const Key& key);
    void on_pointer(std::optional<Point> point);
    void on_press(Point point, bool is_double);
    void on_drag(Point from, Point to);
    void on_wheel(Point point, int steps);
    void on_close();
    void act(const Action& action);
    void carry_out(const Commands& commands);
    void carry_out(const Command& command);
    void send_file(const std::string& path, std::uint64_t to);

    void changed();  // the state: draw when it may be
    void draw();
    void arm(Time now);
    const Spot* spot_under_pointer() const;
    Pointed pointed();
    void cover_screen();
    void save_history();

    std::filesystem::path settings_file_;
    State state_;
    Report report_;
    std::mutex mutex_;
    std::vector<Notice> notices_;  // from the conference; bounded by what the server sends between two frames
    Window window_;
    Pictures pictures_;
    Renderer renderer_;
    LookAt looks_at_;  // as the conference was told
    bool is_dirty_ = true;
    bool is_drawing_ = false;
    Time next_report_{};
    Conference conference_;  // last: it tells at once
};

}  // namespace connectsphere::gui
