#include <catch2/catch.hpp>

#include "tests/unit/status/support.hpp"

namespace connectsphere::status {
namespace {

const ServiceView& find(const Picture& picture, proto::Service service) {
    for (const auto& view : picture.services)
        if (view.service == service) return view;
    FAIL("service is missing in the picture");
    return picture.services.front();
}

TEST_CASE("a service is judged by its newest beat and by how long ago that was") {
    struct Row {
        const char* what;
        std::vector<proto::Beat> beats;  // one a second, the first at kStart
        Duration after;                  // the last beat
        ServiceState state;
        bool is_ready;
        std::string reason;
    };
    const auto relay = [](bool ready, std::string reason, std::uint64_t instance = 1) {
        return beat(proto::VIDEO_RELAY, ready, std::move(reason), instance);
    };
    const auto row = GENERATE_COPY(values<Row>({
        {"never heard, at first", {}, 2s, ServiceState::starting, false, "not heard yet"},
        {"never heard", {}, 3s, ServiceState::silent, false, "not heard yet"},
        {"not ready for the first time",
         {relay(false, "no socket")},
         1s,
         ServiceState::starting,
         false,
         "no socket"},
        {"not ready, and it does not say why",
         {relay(false, "")},
         1s,
         ServiceState::starting,
         false,
         "not ready"},
        {"ready", {relay(true, "")}, 2999ms, ServiceState::ready, true, ""},
        {"ready with a limit", {relay(true, "disk slow")}, 1s, ServiceState::degraded, true, "disk slow"},
        {"no longer ready",
         {relay(true, ""), relay(false, "no socket")},
         1s,
         ServiceState::degraded,
         false,
         "no socket"},
        {"a new instance starts",
         {relay(true, ""), relay(false, "no socket", 2)},
         1s,
         ServiceState::starting,
         false,
         "no socket"},
        {"silent", {relay(true, "")}, 3s, ServiceState::silent, false, "no beat for 3 s"},
        {"silent for long", {relay(true, "")}, 75900ms, ServiceState::silent, false, "no beat for 75 s"},
    }));
    INFO(row.what);
    StatusEngine engine(context());
    Outbox out;
    engine.on_time(kStart, out);
    Time now = kStart;
    for (const auto& one : row.beats) {
        engine.on_beat(one, now);
        if (&one != &row.beats.back()) now += 1s;
    }
    const Picture picture = engine.picture(now + row.after);
    const auto& view = find(picture, proto::VIDEO_RELAY);
    CHECK(name(view.state) == name(row.state));
    CHECK(view.is_ready == row.is_ready);
    CHECK(view.reason == row.reason);
}

TEST_CASE("the server is ready while every service is heard and ready") {
    StatusEngine engine(context());
    Outbox out;
    engine.on_time(kStart, out);
    CHECK_FALSE(engine.picture(kStart).is_ready);
    CHECK(engine.picture(kStart).reasons.size() == 6);

    all_beat(engine, kStart);
    CHECK(engine.picture(kStart + 1s).is_ready);
    CHECK(engine.picture(kStart + 1s).reasons.empty());

    engine.on_beat(beat(proto::GATEWAY, true, "certificate ends in 9 days"), kStart + 1s);
    CHECK(engine.picture(kStart + 1s).is_ready);

    engine.on_beat(beat(proto::AUDIO_MIXER, false, "no socket"), kStart + 2s);
    const auto picture = engine.picture(kStart + 3s);
    CHECK_FALSE(picture.is_ready);
    CHECK(picture.reasons ==
          std::vector<std::string>{"signaling: no beat for 3 s", "video-relay: no beat for 3 s",
                                   "audio-mixer: no socket", "screen-broker: no beat for 3 s",
                                   "file-store: no beat for 3 s"});
}

TEST_CASE("a changed instance counts as one restart, and late beats of the old one change nothing") {
    StatusEngine engine(context());
    const auto relay = [](std::uint64_t instance) { return beat(proto::VIDEO_RELAY, true, "", instance); };
    const auto restarts = [&] { return find(engine.picture(kStart), proto::VIDEO_RELAY).restarts; };
    engine.on_beat(relay(11), kStart);
    CHECK(restarts() == 0);
    engine.on_beat(relay(12), kStart);
    engine.on_beat(relay(11), kStart);
    engine.on_beat(relay(12), kStart);
    CHECK(restarts() == 1);
    engine.on_beat(relay(13), kStart);
    CHECK(restarts() == 2);
}

TEST_CASE("beats that name no service are ignored") {
    StatusEngine engine(context());
    engine.on_beat(beat(proto::SERVICE_UNSPECIFIED), kStart);
    engine.on_beat(beat(static_cast<proto::Service>(99)), kStart);
    CHECK(engine.picture(kStart).services.size() == 6);
}

TEST_CASE("participants carry the figures of each plane that measures them now") {
    StatusEngine engine(context());
    publish(engine,
            {room(1, "Physics", {participant(21, "Bea", 2000), participant(20, "Ann", 1000)}),
             room(2, "Art", {})},
            kStart);
    auto audio = beat(proto::AUDIO_MIXER);
    add_figures(audio, 21, 50, 0.01);
    engine.on_beat(audio, kStart);
    auto video = beat(proto::VIDEO_RELAY);
    add_figures(video, 21, 90, 0.0);
    add_figures(video, 99, 90, 0.0);  // a session that has just left
    engine.on_beat(video, kStart + 2s);

    auto picture = engine.picture(kStart + 2s);
    REQUIRE(picture.rooms.size() == 2);
    CHECK(picture.rooms[0].room->name() == "Art");
    const auto& people = picture.rooms[1].participants;
    REQUIRE(people.size() == 2);
    CHECK(people[0].participant->name() == "Ann");
    CHECK(people[0].figures.empty());
    REQUIRE(people[1].figures.size() == 2);
    CHECK(people[1].figures[0].plane == "video");
    CHECK(people[1].figures[1].plane == "audio");
    CHECK(people[1].figures[1].figures->packets_received() == 50);

    picture = engine.picture(kStart + 3s);  // the mixer is silent now
    REQUIRE(picture.rooms[1].participants[1].figures.size() == 1);
    CHECK(picture.rooms[1].participants[1].figures[0].plane == "video");
}

TEST_CASE("history turns counters into rates every two seconds") {
    StatusEngine engine(context());
    Outbox out;
    REQUIRE(engine.deadline() <= kStart);
    engine.on_time(kStart, out);
    REQUIRE(engine.deadline() == kStart + 2s);

    const auto mixer = [](double received, double cpu) {
        auto one = beat(proto::AUDIO_MIXER);
        add_counter(one, "udp_received_datagrams_total", received);
        add_counter(one, "udp_sent_datagrams_total", 2 * received);
        add_counter(one, "process_cpu_seconds_total", cpu);
        return one;
    };
    engine.on_beat(mixer(1000, 40.0), kStart);  // where the counters stand
    engine.on_beat(mixer(1050, 40.5), kStart + 1s);
    engine.on_beat(mixer(1100, 41.0), kStart + 2s);
    engine.on_time(kStart + 2s, out);

    const auto picture = engine.picture(kStart + 2s);
    REQUIRE(picture.history->size() == 1);
    const Sample sample = (*picture.history)[0];
    CHECK(sample.packets_in == 50);
    CHECK(sample.packets_out == 100);
    CHECK(sample.load == 0.5);
}

TEST_CASE("history forgets the oldest sample and never jumps at a restart") {
    StatusEngine engine(context());
    Outbox out;
    Time now = kStart;
    engine.on_time(now, out);
    for (std::size_t i = 0; i < History::kSamples + 5; ++i) {
        auto one = beat(proto::AUDIO_MIXER, true, "", 100 + i);  // always a new instance
        add_counter(one, "udp_received_datagrams_total", 1e6);
        engine.on_beat(one, now);
        now = engine.deadline();
        engine.on_time(now, out);
    }
    const auto picture = engine.picture(now);
    CHECK(picture.history->size() == History::kSamples);
    for (std::size_t i = 0; i < picture.history->size(); ++i) CHECK((*picture.history)[i].packets_in == 0);
}

}  // namespace
}  // namespace connectsphere::status

namespace connectsphere::status {

TEST_CASE("history tells the mean and the worst loss of those whose media flow") {
    StatusEngine engine(context());
    Outbox out;
    engine.on_time(kStart, out);
    auto video = beat(proto::VIDEO_RELAY);
    add_figures(video, 1, 100, 0.06);
    add_figures(video, 2, 100, 0.0);
    add_figures(video, 3, 0, 0.9);  // neither sends nor receives
    engine.on_beat(video, kStart + 1s);
    engine.on_time(kStart + 2s, out);
    const Picture picture = engine.picture(kStart + 2s);
    REQUIRE(picture.history->size() == 1);
    CHECK((*picture.history)[0].worst_loss == Approx(0.06));
    CHECK((*picture.history)[0].mean_loss == Approx(0.03));
}

}  // namespace connectsphere::status
