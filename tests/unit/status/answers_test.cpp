// What programs read: golden answers of a small call.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/unit/status/support.hpp"

namespace connectsphere::status {
namespace {

using nlohmann::json;

// Two people in one room, every service ready but the file store, which was never heard.
StatusEngine small_call() {
    StatusEngine engine(context());
    Outbox out;
    engine.on_time(kStart - 10s, out);
    for (const auto service : {proto::GATEWAY, proto::SIGNALING, proto::SCREEN_BROKER})
        engine.on_beat(beat(service), kStart);
    engine.on_beat(beat(proto::VIDEO_RELAY, true, "", 9), kStart - 1s);
    engine.on_beat(beat(proto::VIDEO_RELAY, true, "no GSO on this kernel"), kStart);
    auto mixer = beat(proto::AUDIO_MIXER);
    auto& metric = *mixer.add_metrics();
    metric.set_name("mix_ticks_total");
    metric.set_help("Mixes made.\nOne every 20 ms.");
    metric.set_type(proto::COUNTER);
    metric.set_value(1500);
    auto& label = *metric.add_labels();
    label.set_name("kind");
    label.set_value("sha\"red");
    mixer.add_metrics()->set_name("not a metric");
    add_figures(mixer, 20, 50, 0.25);
    add_figures(mixer, 21, 60, 0.5);
    engine.on_beat(mixer, kStart);

    auto ann = participant(20, "Ann", 1000);
    ann.set_role(proto::HOST);
    ann.set_microphone_muted(true);
    auto bea = participant(18446744073709551615u,
                           "Be\xff"
                           "a",
                           2000);
    bea.set_connected(false);
    bea.set_camera_off(true);
    bea.set_hand_raised_at(1500);
    publish(engine, {room(1, "Physics", {ann, bea, participant(21, "Cy", 3000)})}, kStart);
    return engine;
}

TEST_CASE("/status tells the whole as JSON") {
    const auto engine = small_call();
    const auto out = json::parse(to_json(engine.picture(kStart)));
    CHECK(out["v"] == 1);
    CHECK(out["server"] == "Lab");
    CHECK(out["time"] == "2026-01-31T09:30:00.250Z");
    CHECK(out["ready"] == false);
    CHECK(out["reasons"] == json{"file-store: not heard yet"});
    CHECK(out["limits"]["room_members"] == 1000);

    REQUIRE(out["services"].size() == 6);
    CHECK(out["services"][2] == json::parse(R"({"name": "video-relay", "state": "degraded", "ready": true,
        "reason": "no GSO on this kernel", "restarts": 1, "version": "0.1.0", "pid": 103, "uptime_seconds": 90,
        "metrics": {}})"));
    CHECK(out["services"][3]["metrics"]["mix_ticks_total,kind=sha\"red"] == 1500);
    CHECK(out["services"][5] == json::parse(R"({"name": "file-store", "state": "silent", "ready": false,
        "reason": "not heard yet", "restarts": 0})"));

    REQUIRE(out["rooms"].size() == 1);
    CHECK(out["rooms"][0]["name"] == "Physics");
    const auto& people = out["rooms"][0]["participants"];
    REQUIRE(people.size() == 3);
    CHECK(people[0] == json::parse(R"({"name": "Ann", "session": "20", "role": "host", "connected": true,
        "microphone_muted": true, "camera_off": false, "hand": false, "joined": "1970-01-01T00:00:01.000Z",
        "figures": {"audio": {"packets_received": 50, "packets_lost": 0, "packets_sent": 100,
        "jitter_seconds": 0.004, "round_trip_seconds": 0.012, "loss_ratio": 0.25, "up_loss_ratio": 0.0,
        "up_jitter_seconds": 0.0}}})"));
    CHECK(people[1]["name"] == "Be\uFFFDa");
    CHECK(people[1]["session"] == "18446744073709551615");
    CHECK(people[1]["hand"] == true);
    CHECK(people[1]["connected"] == false);
}

TEST_CASE("/readyz names every reason") {
    const auto engine = small_call();
    CHECK(ready_json(engine.picture(kStart)) == R"({"ready":false,"reasons":["file-store: not heard yet"]})"
                                                "\n");
}

TEST_CASE("/metrics groups what services report into families") {
    const auto engine = small_call();
    const std::string text = to_prometheus(engine.picture(kStart));
    const char* const lines[] = {
        "# HELP connectsphere_mix_ticks_total Mixes made. One every 20 ms.\n"
        "# TYPE connectsphere_mix_ticks_total counter\n"
        "connectsphere_mix_ticks_total{service=\"audio-mixer\",kind=\"sha\\\"red\"} 1500\n",
        "# TYPE connectsphere_service_up gauge\n"
        "connectsphere_service_up{service=\"gateway\"} 1\n"
        "connectsphere_service_up{service=\"signaling\"} 1\n"
        "connectsphere_service_up{service=\"video-relay\"} 1\n"
        "connectsphere_service_up{service=\"audio-mixer\"} 1\n"
        "connectsphere_service_up{service=\"screen-broker\"} 1\n"
        "connectsphere_service_up{service=\"file-store\"} 0\n",
        "# TYPE connectsphere_service_restarts_total counter\n",
        "connectsphere_service_restarts_total{service=\"video-relay\"} 1\n",
        "connectsphere_service_uptime_seconds{service=\"gateway\"} 90\n",
        "connectsphere_build_info{service=\"gateway\",version=\"0.1.0\"} 1\n",
        "connectsphere_ready 0\n",
        "connectsphere_rooms 1\n",
        "connectsphere_participants 3\n",
        "connectsphere_participants_connected 2\n",
        "connectsphere_room_participants{room=\"Physics\"} 3\n",
        "connectsphere_media_sessions{plane=\"audio\"} 2\n",
        "connectsphere_media_loss_ratio_max{plane=\"audio\"} 0.5\n",
    };
    for (const char* line : lines) CHECK_THAT(text, Catch::Contains(line));
    CHECK_THAT(text, !Catch::Contains("not a metric"));
    CHECK_THAT(text, !Catch::Contains("build_info{service=\"file-store\""));
}

TEST_CASE("/metrics has no series of single sessions, which would never end") {
    StatusEngine engine(context());
    auto video = beat(proto::VIDEO_RELAY);
    add_counter(video, "video_stream_packets_total", 1);
    auto& label = *video.mutable_metrics(0)->add_labels();
    label.set_name("session");
    label.set_value("7");
    engine.on_beat(video, kStart);
    CHECK_THAT(to_prometheus(engine.picture(kStart)), !Catch::Contains("video_stream_packets_total"));
}

}  // namespace
}  // namespace connectsphere::status
