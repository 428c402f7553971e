#include "services/video-relay/open_layers.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

using namespace connectsphere::relay;

namespace {

// Frames as "K 0 1 2", with Y for the layer sync bit; levels a digit each; what is sent, "." for what is not.
std::string sent(OpenLayers& layers, std::string_view frames, std::string_view levels) {
    std::string result;
    std::int64_t seq = 100;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const bool is_key = frames[i] == 'K';
        const OpenLayers::Frame frame{.layer = is_key ? 0 : frames[i] - '0',
                                      .is_key = is_key,
                                      .layer_sync = i + 1 < frames.size() && frames[i + 1] == 'Y'};
        const int level = levels[result.size()] - '0';
        result += layers.admit(frame, level, seq++) ? frames[i] : '.';
        if (frame.layer_sync) ++i;
    }
    return result;
}

}  // namespace

TEST_CASE("layers open where they need nothing that is missing, and close at once") {
    const struct {
        const char *frames, *levels, *sent;
    } rows[] = {
        {"K2Y1Y202Y1Y2", "22222222", "K2120212"},  // all, from the key frame on
        {"02Y1Y202Y1Y2", "22222222", "0.1.0212"},  // no key frame: layer 2 waits for layer 1, and its own Y
        {"K2Y1Y202Y1Y2", "22000222", "K2..0.1."},
        {"K2Y1Y202Y1Y2", "21111111", "K.1.0.1."},
        {"K2Y1Y202Y1Y2", "20000000", "K...0..."},
        {"K2Y1Y20K2Y1Y2", "200002222", "K...0K212"},  // a key frame opens all
        {"K2Y1202Y12", "20002222", "K...0..."},       // without Y layer 1 stays closed
    };
    for (const auto& row : rows) {
        OpenLayers layers;
        CHECK(sent(layers, row.frames, row.levels) == row.sent);
    }
}

TEST_CASE("a frame that comes late is for whom its layer was open in its time") {
    OpenLayers layers;
    (void)sent(layers, "K2Y1Y202Y1Y2", "22000222");  // packets 100 to 107
    CHECK(layers.had(0, 50));
    CHECK(layers.had(0, 107));
    CHECK_FALSE(layers.had(1, 99));
    CHECK_FALSE(layers.had(1, 103));  // it opened again at 106
    CHECK(layers.had(1, 106));
    CHECK_FALSE(layers.had(2, 104));
    CHECK_FALSE(layers.had(2, 107));
    layers.clear();
    CHECK_FALSE(layers.had(1, 106));
    CHECK(layers.had(0, 106));
}

TEST_CASE("what was lost just before a layer closed can still be had") {
    OpenLayers layers;
    (void)sent(layers, "K2Y1Y2", "2220");
    CHECK(layers.had(2, 101));
    CHECK(layers.had(1, 102));
    CHECK_FALSE(layers.had(2, 103));
}
