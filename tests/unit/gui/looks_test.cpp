// The window looks as it did. GUI_LOOKS=write writes the pictures anew, to be looked at before they are kept:
//   GUI_LOOKS=write build/dev/bin/unit_gui "the window looks as it did"
#include <catch2/catch.hpp>
#include <cstdlib>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "client-gui/painter.hpp"
#include "lib/media/pattern.hpp"
#include "tests/unit/gui/fixture.hpp"

using namespace connectsphere;
using namespace connectsphere::gui;

namespace {

constexpr std::uint64_t kMorning = 1'700'000'000'000;  // Unix milliseconds

// Fonts of other versions differ by shades at the edges of letters, not by more.
constexpr int kShade = 60;
constexpr double kMostDifferent = 0.006;  // of the pixels

const cv::Mat* picture_of(std::uint64_t id) {
    static std::map<std::uint64_t, cv::Mat> pictures;
    auto& picture = pictures[id];
    if (!picture.empty()) return &picture;
    auto pattern = media::test_pattern({static_cast<std::uint16_t>(id & 0xFF), 7}, 320, 184);
    const cv::Mat i420(pattern.height * 3 / 2, pattern.width, CV_8UC1, pattern.pixels.data());
    if (pattern.format == media::PixelFormat::i420) {
        cv::cvtColor(i420, picture, cv::COLOR_YUV2BGRA_I420);
    } else {
        cv::cvtColor(cv::Mat(pattern.height, pattern.width, CV_8UC3, pattern.pixels.data()), picture,
                     cv::COLOR_BGR2BGRA);
    }
    return &picture;
}

bool has_fonts() {
    PangoFontFamily** families = nullptr;
    int count = 0;
    pango_font_map_list_families(pango_cairo_font_map_get_default(), &families, &count);
    bool has_sans = false, has_emoji = false;
    for (int i = 0; i < count; ++i) {
        const std::string name = pango_font_family_get_name(families[i]);
        has_sans |= name == "Noto Sans";
        has_emoji |= name == "Noto Color Emoji";
    }
    g_free(families);
    return has_sans && has_emoji;
}

void say(State& state, std::uint64_t from, const std::string& text) {
    static std::uint64_t last = 0;
    proto::ChatMessage message;
    message.set_message_id(++last);
    message.set_from_session_id(from);
    message.set_from_name(state.call.name_of(from));
    message.set_text(text);
    message.set_sent_at(kMorning - 600'000 + last * 130'000);
    tell(state, client::Event(message), kStart);
}

State card() {
    State state;
    state.card.fields[kServerField].set("192.0.2.10");
    state.card.fields[kNameField].set("Gerda Grün");
    state.card.fields[kRoomField].set("physics");
    state.card.fields[kPasswordField].set("secret");
    state.card.focused = kPasswordField;
    state.card.recent = {"192.0.2.10", "lecture.example"};
    state.card.camera.choose("pattern");
    state.card.microphone.choose("mic");
    state.card.level = 0.6;
    return state;
}

State wrong_password() {
    auto state = card();
    state.card.fault = "The password is wrong.";
    return state;
}

State grid() {
    auto state = in_call(6);
    proto::Speakers speakers;
    speakers.add_session_ids(3);
    tell(state, client::Event(speakers));
    proto::ParticipantUpdated updated;
    *updated.mutable_participant() = participant(4, "דנה");
    updated.mutable_participant()->set_hand_raised_at(5);
    updated.mutable_participant()->set_microphone_muted(true);
    updated.mutable_participant()->set_camera_off(true);
    tell(state, client::Event(updated));
    tell(state, QualityReport{2, {.bars = 1, .reason = "pictures are lost"}});
    state.microphone_muted = true;
    return state;
}

State chat() {
    auto state = in_call(3);
    apply(state, {.does = Does::toggle_panel, .id = 1}, kStart);
    say(state, 2, "Good morning! Here is the plan: https://192.0.2.10/plan?week=23");
    say(state, 3, "你好 👋 שלום");
    say(state, 1, "Grüße 👋 שלום, and a longer text, so that one sees how lines are broken.");
    state.composer.set("An answer 🎉");
    return state;
}

State light(State state) {
    state.theme = "light";
    return state;
}

State sharing() {
    auto state = in_call(3);
    tell(state, Sharing{.state = Sharing::State::on});
    proto::PresentingRequested asks;
    asks.set_session_id(2);
    asks.set_name("Ben");
    tell(state, client::Event(asks));
    return state;
}

State settings() {
    auto state = in_call(3);
    tell(state, DevicesFound{.cameras = {{"camera:0", "Front"}},
                             .microphones = {{"mic", "Default microphone"}, {"mic:usb", "Headset"}},
                             .speakers = {{"speaker", "Default loudspeaker"}}});
    apply(state, {.does = Does::toggle_popup, .id = 3}, kStart);
    apply(state, {.does = Does::list_devices, .id = 1}, kStart);
    state.card.level = 0.5;
    return state;
}

cv::Mat look(const State& state, Size size) {
    Painter painter(picture_of);
    const auto scene = build_scene(state, {.window = size,
                                           .now = kStart,
                                           .today = kMorning,
                                           .metrics = painter.texts(),
                                           .picture = [](std::uint64_t) {
                                               return PictureInfo{1, {320, 184}};
                                           }});
    painter.paint(scene);
    cv::Mat out;
    cv::cvtColor(painter.canvas(), out, cv::COLOR_BGRA2BGR);
    return out;
}

double different(const cv::Mat& a, const cv::Mat& b) {
    if (a.size() != b.size()) return 1;
    cv::Mat difference;
    cv::absdiff(a, b, difference);
    cv::Mat largest = difference.reshape(1, static_cast<int>(difference.total()));
    cv::reduce(largest, largest, 1, cv::REDUCE_MAX);
    return static_cast<double>(cv::countNonZero(largest > kShade)) / static_cast<double>(a.total());
}

}  // namespace

TEST_CASE("the window looks as it did (where the fonts are Noto's)") {
    if (!has_fonts()) {
        WARN("not looked at: fonts-noto-core and fonts-noto-color-emoji are missing");
        return;
    }
    setenv("TZ", "UTC", 1);
    tzset();
    const char* mode = std::getenv("GUI_LOOKS");
    const bool writes = mode && std::string(mode) == "write";
    struct Row {
        const char* name;
        State state;
        Size size;
    };
    for (const auto& row :
         {Row{"join", wrong_password(), {900, 520}}, Row{"join-light", light(card()), {900, 520}},
          Row{"join-small", card(), {480, 360}}, Row{"grid", grid(), {800, 520}},
          Row{"grid-light", light(grid()), {800, 520}}, Row{"grid-small", grid(), {480, 360}},
          Row{"chat", chat(), {800, 520}}, Row{"chat-light", light(chat()), {800, 520}},
          Row{"sharing", sharing(), {800, 520}}, Row{"settings", settings(), {800, 520}},
          Row{"settings-small", settings(), {480, 360}}}) {
        CAPTURE(row.name);
        const auto seen = look(row.state, row.size);
        const auto file = std::string(CS_TEST_DATA "/gui/") + row.name + ".png";
        if (writes) cv::imwrite(file, seen, {cv::IMWRITE_PNG_COMPRESSION, 9});
        const auto expected = cv::imread(file, cv::IMREAD_COLOR);
        REQUIRE_FALSE(expected.empty());
        const auto difference = different(seen, expected);
        CHECK(difference < kMostDifferent);
        if (difference >= kMostDifferent) cv::imwrite(std::string("/tmp/look-") + row.name + ".png", seen);
    }
}
