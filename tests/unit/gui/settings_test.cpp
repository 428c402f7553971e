#include "client-gui/settings.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "client-gui/quality.hpp"
#include "tests/support/temporary_dir.hpp"

using namespace connectsphere;
using namespace connectsphere::gui;

TEST_CASE("settings are what they were") {
    const test::TemporaryDir folder;
    const auto file = folder.path() / "deep" / "gui.conf";
    CHECK(Settings::read(file) == Settings{});
    const Settings settings{.recent = {"192.0.2.1", "[2001:db8::1]:9000"},
                            .name = "Ann = Lee",
                            .room = "physics 👋",
                            .theme = "light",
                            .scale = 150,
                            .is_mirrored = false,
                            .camera = "camera:0",
                            .microphone = "mic",
                            .speaker = "speaker:usb"};
    REQUIRE(settings.write(file));
    CHECK(Settings::read(file) == settings);
    State state;
    settings.apply_to(state);
    CHECK(state.card.fields[JoinCard::server].text() == "192.0.2.1");
    CHECK(state.card.camera.device().spec == "camera:0");
    CHECK(Settings::of(state) == settings);
}

TEST_CASE("a damaged file is as good as none") {
    const test::TemporaryDir folder;
    const auto file = folder.path() / "gui.conf";
    std::ofstream(file) << "scale=99999\nscale=nonsense\n\nrubbish\ntheme=pink\n=\n";
    const auto settings = Settings::read(file);
    CHECK(settings.scale == 400);
    State state;
    settings.apply_to(state);
    CHECK(state.theme == "dark");
}

TEST_CASE("the network's quality has a reason") {
    QualityMeter meter;
    CHECK(meter.video(1, {.frames = 30}, 2s) == Quality{3, "15 pictures a second"});
    CHECK(meter.video(1, {.frames = 58, .incomplete = 2}, 2s) ==
          Quality{2, "14 pictures a second, 6.7 % lost"});
    CHECK(meter.video(1, {.frames = 68, .incomplete = 12}, 2s) ==
          Quality{1, "5 pictures a second, 50 % lost"});
    CHECK(meter.video(1, {.frames = 68, .incomplete = 12}, 2s).bars == 3);  // nothing was sent
    CHECK(meter.video(1, {.frames = 10}, 2s).bars == 3);                    // a new stream
    struct Row {
        client::NetworkFigures figures;
        int bars;
        const char* reason;
    };
    for (const auto& row :
         {Row{{.round_trip = 3ms}, 3, "good network, 3 ms"},
          Row{{.round_trip = 200ms}, 2, "poor network, 200 ms"},
          Row{{.round_trip = 500ms}, 1, "bad network, 500 ms"},
          Row{{.round_trip = 3ms, .loss = 0.05}, 2, "poor network, 3 ms, 5.0 % of what you receive is lost"},
          Row{{.round_trip = 3ms, .loss_up = 0.2}, 1, "bad network, 3 ms, 20 % of what you send is lost"}}) {
        CHECK(QualityMeter::own(row.figures) == Quality{row.bars, row.reason});
    }
}
