#include "client-gui/app.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "client-gui/view.hpp"
#include "lib/client/xdg.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::gui {

namespace {

constexpr int kWheelPixels = 60;
constexpr int kMostDecoders = 4;

int decoder_threads() {
    return std::clamp(static_cast<int>(std::thread::hardware_concurrency()) / 2, 1, kMostDecoders);
}

// Tiles of people, as large as they are on screen. Who has no picture yet is asked for too.
LookAt look_at(const Scene& scene) {
    LookAt out;
    for (const auto& spot : scene.spots()) {
        if (spot.action.does == Does::pin && spot.name.starts_with("tile "))
            out.tiles.push_back({.session = spot.action.id, .height = spot.rect.height});
    }
    std::stable_sort(out.tiles.begin(), out.tiles.end(),
                     [](const auto& a, const auto& b) { return a.height > b.height; });
    return out;
}

bool is_for_window(const Command& command) {
    return std::holds_alternative<CopyText>(command) || std::holds_alternative<ChooseFile>(command) ||
           std::holds_alternative<OpenFolder>(command) || std::holds_alternative<KeepSettings>(command) ||
           std::holds_alternative<Quit>(command);
}

}  // namespace

App::App(Options options)
    : settings_file_(std::move(options.settings_file)),
      state_(std::move(options.state)),
      report_(options.json),
      window_("ConnectSphere", options.window, handlers()),
      pictures_([this] { window_.wake(); }, decoder_threads()),
      renderer_(window_, pictures_, options.scale),
      conference_(std::move(options.conference), pictures_,
                  [this](Notice notice) { tell(std::move(notice)); }) {
    next_report_ = net::now() + kReportPeriod;
    if (options.joins) {
        act({.does = Does::join});
    } else {
        carry_out(Command(preview_of(state_.card)));
    }
}

App::~App() = default;

void App::run() {
    changed();
    window_.run();
}

Window::Handlers App::handlers() {
    return {.on_key = [this](const Key& key) { on_key(key); },
            .on_pointer = [this](std::optional<Point> point) { on_pointer(point); },
            .on_press = [this](Point point, bool is_double) { on_press(point, is_double); },
            .on_drag = [this](Point from, Point to) { on_drag(from, to); },
            .on_wheel = [this](Point point, int steps) { on_wheel(point, steps); },
            .on_resize = [this](Size) { changed(); },
            .on_drop =
                [this](const std::vector<std::string>& paths) {
                    if (state_.view != View::call) return;
                    for (const auto& path : paths) send_file(path, 0);
                },
            .on_blur = [this] { carry_out(release_all(state_)); },
            .on_wake = [this] { on_wake(); },
            .on_time = [this] { on_time(); },
            .on_close = [this] { on_close(); }};
}

// ---- what happens

void App::tell(Notice notice) {
    const std::lock_guard lock(mutex_);
    notices_.push_back(std::move(notice));
    if (notices_.size() == 1) window_.wake();
}

void App::on_wake() {
    std::vector<Notice> taken;
    {
        const std::lock_guard lock(mutex_);
        taken.swap(notices_);
    }
    Commands commands;
    for (const auto& what : taken) notice(state_, what, net::now(), commands);
    carry_out(commands);
    changed();
}

void App::on_time() {
    const auto now = net::now();
    state_.call.on_time(now);
    if (now >= next_report_) {
        next_report_ = now + kReportPeriod;
        renderer_.statistics().dropped = pictures_.dropped();
        report_.drawn(renderer_.statistics());
    }
    is_dirty_ = true;  // something was due, or the timer would not have been set
    changed();
}

void App::on_key(const Key& key) {
    carry_out(press(state_, key, renderer_.scene(),
                    key.ctrl && key.text == "v" ? window_.clipboard() : std::string(), net::now()));
    changed();
}

bool App::is_on_panel(Point point) const {
    return std::any_of(renderer_.scene().spots().begin(), renderer_.scene().spots().end(),
                       [&](const Spot& spot) { return spot.name == "panel" && spot.rect.contains(point); });
}

const Spot* App::spot_under_pointer() const {
    return state_.pointer ? renderer_.scene().spot_at(*state_.pointer) : nullptr;
}

void App::on_pointer(std::optional<Point> point) {
    const auto* before = spot_under_pointer();
    state_.pointer = point;
    const auto* after = spot_under_pointer();
    if (before == after) return;
    state_.pointer_since = net::now();
    changed();
}

void App::on_press(Point point, bool is_double) {
    state_.focus.reset();
    const auto* spot = renderer_.scene().spot_at(point);
    const auto action = spot ? spot->action : Action{};
    const bool is_menu =
        state_.popup == Popup::reactions || state_.popup == Popup::layouts || state_.popup == Popup::share;
    if (is_menu && action.does != Does::toggle_popup && action.does != Does::nothing &&
        action.does != Does::react && action.does != Does::set_layout && action.does != Does::share_screen &&
        action.does != Does::toggle_screen)
        state_.popup = Popup::none;
    if (is_menu && !spot) state_.popup = Popup::none;
    if (!is_on_panel(point)) state_.is_composing = false;
    if (action.does == Does::zoom_screen && !is_double) return changed();
    act(action);
}

void App::on_drag(Point from, Point to) {
    const auto* spot = renderer_.scene().spot_at(from);
    if (!spot || spot->action.does != Does::zoom_screen) return;
    state_.zoom.pan({to.x - from.x, to.y - from.y}, renderer_.source_of(kScreenPicture), spot->rect.size());
    changed();
}

void App::on_wheel(Point point, int steps) {
    const auto* spot = renderer_.scene().spot_at(point);
    if (is_on_panel(point)) {
        const int direction = state_.panel == Panel::chat ? steps : -steps;
        state_.scroll = std::max(0, state_.scroll + direction * kWheelPixels);
    } else if (spot && spot->action.does == Does::zoom_screen) {
        state_.zoom.step(steps, renderer_.source_of(kScreenPicture), spot->rect.size());
    } else if (state_.view == View::call) {
        return act({.does = Does::turn_page, .id = steps < 0 ? std::uint64_t{1} : std::uint64_t{0}});
    }
    changed();
}

void App::on_close() {
    if (state_.view != View::call) return window_.quit();
    act({.does = Does::leave});
}

void App::act(const Action& action) {
    carry_out(apply(state_, action, net::now()));
    changed();
}

// ---- what follows

void App::carry_out(const Commands& commands) {
    for (const auto& command : commands) carry_out(command);
}

void App::carry_out(const Command& command) {
    if (!is_for_window(command)) return conference_.carry_out(command);
    if (const auto* copy = std::get_if<CopyText>(&command)) window_.copy(copy->text);
    if (const auto* choose = std::get_if<ChooseFile>(&command)) send_file(window_.choose_file(), choose->to);
    if (std::holds_alternative<OpenFolder>(command)) window_.open_folder(client::downloads_folder().string());
    if (std::holds_alternative<Quit>(command)) window_.quit();
    if (!std::holds_alternative<KeepSettings>(command)) return;
    if (const auto kept = Settings::of(state_).write(settings_file_); !kept)
        state_.call.toast(Toast::Kind::bad, kept.error().what, net::now());
}

void App::send_file(const std::string& path, std::uint64_t to) {
    if (!path.empty()) conference_.carry_out(SendFile{.path = path, .to = to});
}

// ---- what is seen

void App::changed() {
    is_dirty_ = true;
    const auto now = net::now();
    if (now >= renderer_.next_frame()) {
        draw();
    } else {
        arm(now);
    }
}

void App::draw() {
    if (std::exchange(is_drawing_, true)) return;
    is_dirty_ = false;
    renderer_.draw(state_);
    // Behind a dialog nothing reacts, and yet everybody is seen.
    if (auto looks = look_at(renderer_.scene()); looks != looks_at_ && !looks.tiles.empty()) {
        looks_at_ = looks;
        conference_.carry_out(std::move(looks));
    }
    report_.frame(state_, renderer_.scene());
    is_drawing_ = false;
    arm(net::now());
}

// The one timer is for whatever comes first.
void App::arm(Time now) {
    auto next = state_.call.deadline();
    if (is_dirty_) next = std::min(next, renderer_.next_frame());
    if (state_.call.is_moving()) next = std::min(next, renderer_.last_drawn() + kAnimationGap);
    if (state_.pointer && now < state_.pointer_since + kTipDelay)
        next = std::min(next, state_.pointer_since + kTipDelay);
    if (report_.is_on()) next = std::min(next, next_report_);
    window_.set_timer(next);
}

}  // namespace connectsphere::gui
