// Devices: chosen on the card and in a call, and changed while pictures run.
#include <atomic>
#include <catch2/catch.hpp>

#include "client-gui/own_video.hpp"
#include "client-gui/preview.hpp"
#include "lib/media/pattern.hpp"
#include "tests/unit/gui/fixture.hpp"

using namespace connectsphere;
using namespace connectsphere::gui;

namespace {

State with_devices() {
    auto state = in_call(2);
    tell(state, DevicesFound{.cameras = {{"camera:0", "Front"}, {"camera:1", "Desk"}},
                             .microphones = {{"mic", "Default microphone"}, {"mic:usb", "Headset"}},
                             .speakers = {{"speaker", "Default loudspeaker"}}});
    return state;
}

struct Grey : client::VideoSource {
    Grey(int w, int h, std::uint8_t l) : width(w), height(h), luma(l) {}
    Result<void> read(media::Image& out) override {
        if (fails) return Error{Errc::closed, "unplugged"};
        out = media::make_image(media::PixelFormat::i420, width, height);
        std::fill(out.pixels.begin(), out.pixels.end(), luma);
        return {};
    }
    Format format() const override { return {width, height, 15}; }
    int width, height;
    std::uint8_t luma;
    bool fails = false;
};

}  // namespace

TEST_CASE("in a call devices are changed by name, at once") {
    auto state = with_devices();
    CHECK(click(state, "settings") == Commands{FindDevices{}, ShowLevel{true}});
    click(state, "microphone device");
    CHECK(click(state, "device Headset") == Commands{KeepSettings{}, ChangeMicrophone{"mic:usb"}});
    CHECK(state.card.microphone.device().label == "Headset");
    CHECK_FALSE(state.card.listed);
    click(state, "loudspeaker device");
    CHECK(click(state, "device No loudspeaker") == Commands{KeepSettings{}, ChangeLoudspeaker{"none"}});
    state.camera_off = true;
    click(state, "camera device");
    CHECK(click(state, "device Desk") == Commands{KeepSettings{}, ChangeCamera{"camera:1"}, SetMedia{}});
    CHECK(hit(state, KeyCode::escape) == Commands{ShowLevel{false}});
}

TEST_CASE("on the card a device that is chosen is tried") {
    State state;
    tell(state, DevicesFound{.cameras = {{"camera:0", "Front"}}, .microphones = {{"mic", "Default"}}});
    click(state, "microphone device");
    CHECK(typed_into(state) == std::nullopt);
    CHECK(click(state, "device No microphone") ==
          Commands{Preview{.video_in = "camera:0", .audio_in = "none"}});
    click(state, "camera device");
    CHECK(state.card.listed == DeviceKind::camera);
    hit(state, KeyCode::escape);
    CHECK_FALSE(state.card.listed);
}

TEST_CASE("without a camera the camera's button leads to the choice of one") {
    auto state = in_call(2);
    type(state, "v");
    CHECK_FALSE(state.camera_off);
    CHECK(state.popup == Popup::settings);
    CHECK(state.card.listed == DeviceKind::camera);
}

TEST_CASE("the list of devices is inside of every window") {
    for (const auto window : {Size{480, 360}, Size{800, 600}, Size{3840, 2160}}) {
        for (const auto* opener : {"camera device", "microphone device", "loudspeaker device"}) {
            auto state = with_devices();
            click(state, "settings");
            click(state, opener);
            const auto scene = scene_of(state, window);
            const Rect all{0, 0, window.width, window.height};
            int seen = 0;
            for (const auto& spot : scene.spots()) {
                if (spot.action.does != Does::choose_device) continue;
                CAPTURE(window.width, opener, spot.name);
                CHECK(all.contains(spot.rect));
                CHECK(spot.rect.height >= 20);
                ++seen;
            }
            CHECK(seen >= 2);
        }
    }
}

TEST_CASE("another camera's pictures have the size that was published, in whatever shape they come") {
    Pictures pictures([] {}, 1);
    std::vector<std::string> faults;
    std::atomic<int> fault_count{0};
    OwnVideo video(
        std::make_unique<Grey>(64, 32, 10), "first", {64, 32, 15},
        [](const std::string& what) -> Result<std::unique_ptr<client::VideoSource>> {
            if (what == "broken") return Error{Errc::not_found, "no such camera"};
            return std::unique_ptr<client::VideoSource>(std::make_unique<Grey>(32, 32, 200));
        },
        pictures,
        [&](const Error& error) {
            faults.push_back(error.what);
            ++fault_count;
        });
    media::Image image;
    REQUIRE(video.read(image));
    CHECK(image.pixels[0] == 10);
    video.power()->choose("second");
    REQUIRE(video.read(image));
    CHECK(image.width == 64);
    CHECK(image.height == 32);
    CHECK(image.pixels[0] == 0);               // beside it
    CHECK(image.pixels[16 * 64 + 32] == 200);  // its middle
    std::thread chooser([&] {
        while (fault_count == 0) std::this_thread::yield();
        video.power()->choose("third");
    });
    video.power()->choose("broken");
    CHECK(video.read(image));
    chooser.join();
    CHECK(faults == std::vector<std::string>{"no such camera"});
    video.stop();
    video.power()->choose("none");
}

TEST_CASE("a meter rises at once, falls slowly, and is quiet about nothing") {
    LevelMeter meter;
    CHECK_FALSE(meter.show(127));
    CHECK(*meter.show(6) == Approx(0.9));
    CHECK(*meter.show(127) == Approx(0.63));
    CHECK(*meter.show(127) == Approx(0.441));
}
