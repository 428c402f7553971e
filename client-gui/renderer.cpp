#include "client-gui/renderer.hpp"

#include "lib/net/clock.hpp"

namespace connectsphere::gui {

Renderer::Renderer(Window& window, Pictures& pictures, std::optional<double> scale)
    : window_(window),
      pictures_(pictures),
      scale_(scale),
      snapshot_(&pictures.snapshot()),
      painter_([this](std::uint64_t id) -> const cv::Mat* {
          const auto found = snapshot_->find(id);
          return found == snapshot_->end() ? nullptr : &found->second.pixels;
      }) {}

Size Renderer::source_of(std::uint64_t picture) const {
    const auto found = snapshot_->find(picture);
    return found == snapshot_->end() ? Size{} : found->second.source;
}

Scene Renderer::build(const State& state, Time now) {
    return build_scene(state, {.window = window_.size(),
                               .scale = {scale_.value_or(window_.scale())},
                               .now = now,
                               .today = static_cast<std::uint64_t>(net::wall_now().time_since_epoch() / 1ms),
                               .metrics = painter_.texts(),
                               .picture = [this](std::uint64_t id) {
                                   const auto found = snapshot_->find(id);
                                   if (found == snapshot_->end()) return PictureInfo{};
                                   return PictureInfo{found->second.version, found->second.source};
                               }});
}

void Renderer::draw(State& state) {
    const auto begun = net::now();
    snapshot_ = &pictures_.snapshot();
    scene_ = build(state, begun);
    if (scene_.overscroll() > 0) {
        state.scroll -= scene_.overscroll();
        scene_ = build(state, begun);
    }
    want_pictures();
    window_.set_caret(scene_.caret());
    const auto& damage = painter_.paint(scene_);
    const auto& canvas = painter_.canvas();
    window_.show({canvas.data, {canvas.cols, canvas.rows}, canvas.step}, damage);
    count(begun, damage);
}

void Renderer::want_pictures() {
    for (const auto& item : scene_.items()) {
        if (item.kind != Item::Kind::picture || item.picture == kScreenPicture ||
            item.picture == kStillPicture)
            continue;
        const Pictures::Want want{
            .size = item.rect.size(), .is_whole = item.is_whole, .is_mirrored = item.is_mirrored};
        auto& known = wants_[item.picture];
        if (known == want) continue;
        known = want;
        pictures_.want(item.picture, want);
    }
}

void Renderer::count(Time begun, const std::vector<Rect>& damage) {
    last_drawn_ = net::now();
    constexpr int kInertia = 8;
    const auto cost = last_drawn_ - begun;
    usual_cost_ += (cost - usual_cost_) / kInertia;
    statistics_.drawing.add(cost);
    for (const auto& rect : damage)
        statistics_.pixels +=
            static_cast<std::uint64_t>(rect.width) * static_cast<std::uint64_t>(rect.height);
    for (const auto& item : scene_.items()) {
        if (item.kind != Item::Kind::picture || drawn_[item.picture] == item.version) continue;
        drawn_[item.picture] = item.version;
        if (const auto shown = snapshot_->find(item.picture); shown != snapshot_->end())
            statistics_.delay.add(last_drawn_ - shown->second.arrival);
    }
}

}  // namespace connectsphere::gui
