#include "client-gui/app.hpp"

#include <algorithm>
#include <thread>

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

bool is_for_window(const Command& command) {
    return std::holds_alternative<CopyText>(command) || std::holds_alternative<ChooseFile>(command) ||
           std::holds_alternative<OpenFolder>(command) || std::holds_alternative<KeepSettings>(command) ||
           std::holds_alternative<Quit>(command);
}

}  // namespace

App::App(Options options)
    : settings_file_(std::move(options.settings_file)),
      state_(std::move(options.state)),
      scale_(options.scale),
      report_(options.json),
      window_("ConnectSphere", options.window, handlers()),
      pictures_([this] { window_.wake(); }, decoder_threads()),
      painter_([this](std::uint64_t id) -> const cv::Mat* {
          const auto found = snapshot_->find(id);
          return found == snapshot_->end() ? nullptr : &found->second.pixels;
      }),
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
        statistics_.dropped = pictures_.dropped();
        report_.drawn(statistics_);
    }
    is_dirty_ = true;  // something was due, or the timer would not have been set
    changed();
}

void App::on_key(const Key& key) {
    carry_out(press(state_, key, scene_, key.ctrl && key.text == "v" ? window_.clipboard() : std::string(),
                    net::now()));
    changed();
}

const Spot* App::spot_under_pointer() const {
    return state_.pointer ? scene_.spot_at(*state_.pointer) : nullptr;
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
    const auto* spot = scene_.spot_at(point);
    const auto action = spot ? spot->action : Action{};
    const bool is_menu = state_.popup == Popup::reactions || state_.popup == Popup::layouts;
    if (is_menu && action.does != Does::toggle_popup && action.does != Does::nothing &&
        action.does != Does::react && action.does != Does::set_layout)
        state_.popup = Popup::none;
    if (is_menu && !spot) state_.popup = Popup::none;
    if (state_.view == View::call && action.does != Does::focus_field && action.does != Does::send_chat &&
        action.does != Does::converse && state_.panel == Panel::chat)
        state_.is_composing = false;
    if (action.does == Does::zoom_screen && !is_double) return changed();
    act(action);
}

void App::on_drag(Point from, Point to) {
    const auto* spot = scene_.spot_at(from);
    if (!spot || spot->action.does != Does::zoom_screen || !snapshot_) return;
    const auto screen = snapshot_->find(kScreenPicture);
    if (screen == snapshot_->end()) return;
    state_.zoom.pan({to.x - from.x, to.y - from.y}, screen->second.source, spot->rect.size());
    changed();
}

void App::on_wheel(Point point, int steps) {
    const auto* spot = scene_.spot_at(point);
    const bool is_on_panel =
        state_.panel != Panel::none && spot &&
        std::any_of(scene_.spots().begin(), scene_.spots().end(),
                    [&](const Spot& other) { return other.name == "panel" && other.rect.contains(point); });
    if (is_on_panel) {
        const int direction = state_.panel == Panel::chat ? steps : -steps;
        state_.scroll = std::max(0, state_.scroll + direction * kWheelPixels);
    } else if (spot && spot->action.does == Does::zoom_screen && snapshot_->contains(kScreenPicture)) {
        state_.zoom.step(steps, snapshot_->at(kScreenPicture).source, spot->rect.size());
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
    if (now >= last_drawn_ + std::max(kFrameGap, 2 * last_cost_)) {
        draw();
    } else {
        arm(now);
    }
}

Scene App::build(Time now) {
    return build_scene(state_, {.window = window_.size(),
                                .scale = {scale_.value_or(window_.scale())},
                                .now = now,
                                .metrics = painter_.texts(),
                                .picture = [this](std::uint64_t id) {
                                    const auto found = snapshot_->find(id);
                                    if (found == snapshot_->end()) return PictureInfo{};
                                    return PictureInfo{found->second.version, found->second.source};
                                }});
}

void App::draw() {
    if (is_drawing_) return;
    is_drawing_ = true;
    is_dirty_ = false;
    const auto begun = net::now();
    snapshot_ = &pictures_.snapshot();
    auto scene = build(begun);
    if (scene.overscroll() > 0) {
        state_.scroll -= scene.overscroll();
        scene = build(begun);
    }
    want_pictures(scene);
    const auto& damage = painter_.paint(scene);
    const auto& canvas = painter_.canvas();
    window_.show({canvas.data, {canvas.cols, canvas.rows}, canvas.step}, damage);
    count(scene, begun, damage);
    scene_ = std::move(scene);
    report_.frame(state_, scene_);
    is_drawing_ = false;
    arm(net::now());
}

void App::want_pictures(const Scene& scene) {
    for (const auto& item : scene.items()) {
        if (item.kind != Item::Kind::picture || item.picture == kScreenPicture) continue;
        const Pictures::Want want{
            .size = item.rect.size(), .is_whole = item.is_whole, .is_mirrored = item.is_mirrored};
        auto& known = wants_[item.picture];
        if (known == want) continue;
        known = want;
        pictures_.want(item.picture, want);
    }
}

void App::count(const Scene& scene, Time begun, const std::vector<Rect>& damage) {
    last_drawn_ = net::now();
    last_cost_ = last_drawn_ - begun;
    statistics_.drawing.add(last_cost_);
    for (const auto& rect : damage)
        statistics_.pixels +=
            static_cast<std::uint64_t>(rect.width) * static_cast<std::uint64_t>(rect.height);
    for (const auto& item : scene.items()) {
        if (item.kind != Item::Kind::picture || drawn_[item.picture] == item.version) continue;
        drawn_[item.picture] = item.version;
        if (const auto shown = snapshot_->find(item.picture); shown != snapshot_->end())
            statistics_.delay.add(last_drawn_ - shown->second.arrival);
    }
}

// The one timer is for whatever comes first.
void App::arm(Time now) {
    auto next = state_.call.deadline();
    if (is_dirty_) next = std::min(next, last_drawn_ + std::max(kFrameGap, 2 * last_cost_));
    if (state_.call.is_moving()) next = std::min(next, last_drawn_ + kAnimationGap);
    if (state_.pointer && now < state_.pointer_since + kTipDelay)
        next = std::min(next, state_.pointer_since + kTipDelay);
    if (report_.is_on()) next = std::min(next, next_report_);
    window_.set_timer(next);
}

}  // namespace connectsphere::gui
