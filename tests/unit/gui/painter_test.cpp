#include "client-gui/painter.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/gui/fixture.hpp"

using namespace connectsphere;
using namespace connectsphere::gui;

namespace {

const cv::Mat* picture_of(std::uint64_t id) {
    static std::map<std::uint64_t, cv::Mat> pictures;
    auto& picture = pictures[id];
    if (picture.empty())
        picture = cv::Mat(90, 160, CV_8UC4, cv::Scalar(double(id * 37 % 256), double(id * 91 % 256), 90, 0));
    return &picture;
}

Scene real_scene(const State& state, Painter& painter, Size size) {
    return build_scene(
        state, {.window = size, .now = kStart, .metrics = painter.texts(), .picture = [](std::uint64_t) {
                    return PictureInfo{1, {160, 90}};
                }});
}

bool are_equal(const cv::Mat& a, const cv::Mat& b) {
    if (a.size() != b.size()) return false;
    for (int y = 0; y < a.rows; ++y) {
        for (int x = 0; x < a.cols; ++x) {  // the fourth byte is nobody's
            const auto p = a.at<cv::Vec4b>(y, x), q = b.at<cv::Vec4b>(y, x);
            for (int i = 0; i < 3; ++i) {
                if (std::abs(p[i] - q[i]) > 1) return false;
            }
        }
    }
    return true;
}

}  // namespace

TEST_CASE("what is painted piece by piece is what would be painted at once") {
    Painter pieces(picture_of);
    auto state = in_call(7);
    const auto act = [&](Does does, std::uint64_t id = 0, const char* text = "") {
        apply(state, {.does = does, .id = id, .text = text}, kStart);
    };
    const std::vector<std::function<void()>> steps{
        [&] {},
        [&] { act(Does::toggle_microphone); },
        [&] { act(Does::pin, 3); },
        [&] { act(Does::toggle_panel, 1); },
        [&] { type(state, "Grüße 👋 שלום 你好"); },
        [&] { act(Does::toggle_panel, 2); },
        [&] { act(Does::toggle_popup, 1); },
        [&] { act(Does::toggle_popup, 3); },
        [&] { act(Does::set_theme, 0, "light"); },
        [&] { act(Does::dismiss); },
        [&] { state.call.toast(Toast::Kind::good, "a toast", kStart); },
        [&] { tell(state, client::Event(joined(17))); },
        [&] { act(Does::pin, 3); },
    };
    for (std::size_t i = 0; i < steps.size(); ++i) {
        CAPTURE(i);
        steps[i]();
        pieces.paint(real_scene(state, pieces, {900, 600}));
        Painter whole(picture_of);
        whole.paint(real_scene(state, whole, {900, 600}));
        CHECK(are_equal(pieces.canvas(), whole.canvas()));
    }
}

TEST_CASE("text of every script has a size, and the cursor follows it") {
    Painter painter(picture_of);
    auto& texts = painter.texts();
    const TextStyle style{.size = 20};
    for (const auto* text : {"Hello", "Grüße", "👋🏽", "שלום", "你好", "नमस्ते"}) {
        CAPTURE(text);
        const auto size = texts.measure(text, style, 0);
        CHECK(size.width > 10);
        CHECK(size.height >= 20);
        const auto caret = texts.caret(text, style, 0, std::string(text).size());
        CHECK(caret.x >= 0);
        CHECK(caret.x <= size.width + 1);
    }
    CHECK(texts.caret("שלום", style, 0, 0).x > texts.caret("שלום", style, 0, 8).x);
    CHECK(texts.byte_at("Hello", style, 0, {0, 5}) == 0);
    CHECK(texts.byte_at("Hello", style, 0, {500, 5}) == 5);
    auto wrapped = style;
    wrapped.wraps = true;
    CHECK(texts.measure("many words that do not fit", wrapped, 100).height >
          2 * texts.measure("many", style, 0).height);
}

TEST_CASE("an emoji has colours") {
    Painter painter(picture_of);
    Scene scene({60, 60});
    scene.fill({0, 0, 60, 60}, 0xFF000000);
    scene.text({5, 5, 50, 50}, "❤️", 0xFFFFFFFF, {.size = 36});
    painter.paint(scene);
    cv::Scalar sum = cv::sum(painter.canvas());
    CHECK(sum[2] > 2 * sum[0]);  // red, not white
}
