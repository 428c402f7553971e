#include "client-gui/app.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "client-gui/view.hpp"
#include "lib/client/xdg.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::gui {

namespace {

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
           std::holds_alternative<ChooseHistoryFile>(command) ||
           std::holds_alternative<CoverScreen>(command) || std::holds_alternative<UncoverScreen>(command) ||
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
            .on_drag_files =
                [this](bool is_over) {
                    if (std::exchange(state_.is_dropping, is_over) != is_over) changed();
                },
            .on_drop =
                [this](const std::vector<std::string>& paths) {
                    if (state_.view != View::call) return;
                    for (const auto& path : paths) send_file(path, file_receiver(state_));
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

Pointed App::pointed() {
    return {renderer_.scene(), renderer_.metrics(), renderer_.source_of(kScreenPicture), net::now()};
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
    state_.has_keyed_since = false;
    changed();
}

void App::on_press(Point point, bool is_double) {
    carry_out(press_pointer(state_, pointed(), point, is_double));
    changed();
}

void App::on_drag(Point from, Point to) {
    drag_pointer(state_, pointed(), from, to);
    changed();
}

void App::on_wheel(Point point, int steps) {
    carry_out(turn_wheel(state_, pointed(), point, steps));
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
    if (std::holds_alternative<ChooseHistoryFile>(command)) save_history();
    if (std::holds_alternative<CoverScreen>(command)) cover_screen();
    if (std::holds_alternative<UncoverScreen>(command)) window_.uncover_screen();
    if (std::holds_alternative<OpenFolder>(command)) window_.open_folder(client::downloads_folder().string());
    if (std::holds_alternative<Quit>(command)) window_.quit();
    if (!std::holds_alternative<KeepSettings>(command)) return;
    if (const auto kept = Settings::of(state_).write(settings_file_); !kept)
        state_.call.toast(Toast::Kind::bad, kept.error().what, net::now());
}

void App::send_file(const std::string& path, std::uint64_t to) {
    if (!path.empty()) conference_.carry_out(SendFile{.path = path, .to = to});
}

void App::save_history() {
    const auto path = window_.choose_new_file("chat of " + state_.call.room() + ".txt");
    if (!path.empty()) conference_.carry_out(SaveHistory{path});
}

void App::cover_screen() {
    window_.cover_screen([this](Point corner, const CanvasView& still) {
        if (still.size.width < RegionChoice::kLeast || still.size.height < RegionChoice::kLeast) {
            window_.uncover_screen();
            state_.call.toast(Toast::Kind::bad, "This desktop does not let its screen be seen", net::now());
        } else {
            pictures_.show_screen(kStillPicture, still.pixels, still.size, still.stride, {}, net::now());
            state_.region.emplace(Rect{corner.x, corner.y, still.size.width, still.size.height});
        }
        changed();
    });
}

// ---- what is seen

void App::changed() {
    is_dirty_ = true;
    const auto now = net::now();
    if (renderer_.may_draw(now)) {
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
