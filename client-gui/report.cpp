#include "client-gui/report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "client-gui/text_words.hpp"

namespace connectsphere::gui {

namespace {

using Json = nlohmann::ordered_json;

Json event(const char* name) { return {{"v", 1}, {"event", name}}; }

const char* link_name(Link link) {
    static constexpr const char* kNames[] = {"connecting", "joined", "reconnecting", "ended"};
    return kNames[static_cast<std::size_t>(link)];
}

const char* question_name(const JoinCard& card) {
    if (!card.question) return "none";
    return card.question->known.empty() ? "new" : "changed";
}

// Of a password its dots.
std::string typed_text(const State& state) {
    const auto field = typed_into(state);
    if (!field) return {};
    const bool is_secret = *field == kPasswordField || *field == kRoomPassword;
    return is_secret ? masked(field_of(state, *field)).text() : field_of(state, *field).shown();
}

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json view_of(const State& state, const Scene& scene) {
    const auto& call = state.call;
    const auto* self = call.person(call.self());
    int pictures = 0;
    for (const auto& item : scene.items()) pictures += item.kind == Item::Kind::picture;
    auto out = event("view");
    out["view"] = name(state.view);
    out["link"] = link_name(call.link());
    out["panel"] = name(state.panel);
    out["popup"] = name(state.popup);
    out["question"] = question_name(state.card);
    out["fault"] = state.card.fault;
    out["device_fault"] = state.card.device_fault;
    out["layout"] = name(current_layout(state));
    out["people"] = call.people().size();
    out["pictures"] = pictures;
    out["speaking"] = std::count_if(call.people().begin(), call.people().end(),
                                    [](const Person& person) { return person.is_speaking; });
    out["pinned"] = call.person(state.pinned) ? call.person(state.pinned)->name : "";
    out["screen"] = state.has_screen;
    out["sharing"] = state.sharing == Sharing::State::on;
    out["waiting_to_share"] = state.sharing == Sharing::State::waiting;
    out["asked_for_screen"] = state.asking.size();
    out["region"] = state.region ? state.region->text() : "";
    out["muted"] = state.microphone_muted;
    out["camera_off"] = state.camera_off;
    out["camera"] = has_camera(state);
    out["level"] = std::round(state.card.level * 100) / 100;
    out["hand"] = self && self->hand_raised_at != 0;
    out["typing"] = typed_text(state);
    out["composer"] = state.composer.text();
    out["messages"] = call.lines().size();
    out["unread"] = call.unread();
    out["found"] = state.found.size();
    out["files"] = call.files().size();
    out["theme"] = state.theme;
    out["focus"] = state.focus && *state.focus < scene.spots().size() ? scene.spots()[*state.focus].name : "";
    return out;
}

}  // namespace

void Report::line(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
}

void Report::frame(const State& state, const Scene& scene) {
    if (!is_on_) return;
    if (auto text = text_of(view_of(state, scene)); text != view_) line(view_ = std::move(text));
    auto controls = event("controls");
    controls["width"] = scene.size().width;
    controls["height"] = scene.size().height;
    controls["controls"] = Json::array();
    for (const auto& spot : scene.spots()) {
        const auto& r = spot.rect;
        controls["controls"].push_back(
            {{"name", spot.name}, {"x", r.x}, {"y", r.y}, {"width", r.width}, {"height", r.height}});
    }
    if (auto text = text_of(controls); text != controls_) line(controls_ = std::move(text));
    for (const auto& toast : state.call.toasts()) {
        if (toast.id <= last_toast_) continue;
        last_toast_ = toast.id;
        auto out = event("toast");
        out["text"] = toast.text;
        line(text_of(out));
    }
    if (state.call.toasts().empty() && state.view == View::join) last_toast_ = 0;
}

void Report::drawn(DrawStatistics& s) {
    if (!is_on_) return;
    auto out = event("drawn");
    out["frames"] = s.drawing.count();
    out["draw_ms"] = s.drawing.sum_ms();
    out["draw_p50_ms"] = s.drawing.percentile_ms(0.5);
    out["draw_p95_ms"] = s.drawing.percentile_ms(0.95);
    out["draw_max_ms"] = s.drawing.percentile_ms(1);
    out["pictures"] = s.delay.count();
    out["delay_p50_ms"] = s.delay.percentile_ms(0.5);
    out["delay_p95_ms"] = s.delay.percentile_ms(0.95);
    out["delay_max_ms"] = s.delay.percentile_ms(1);
    out["pixels"] = s.pixels;
    out["dropped"] = s.dropped;
    line(text_of(out));
    s.drawing.clear();
    s.delay.clear();
    s.pixels = 0;
}

}  // namespace connectsphere::gui
