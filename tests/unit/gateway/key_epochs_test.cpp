// Who holds which keys, and when new ones are due.
#include "services/gateway/key_epochs.hpp"

#include <optional>

#include "tests/unit/gateway/support.hpp"

namespace connectsphere::gateway {
namespace {

constexpr SessionId kAnn{1};
constexpr auto kAudio = proto::PLANE_AUDIO;
constexpr auto kVideo = proto::PLANE_VIDEO;

// The audio plane of one session: video's service never comes up and plays no part.
struct Audio {
    KeyEpochs epochs{test::seeded_entropy(3)};
    Time now = kStart;

    void admit(std::optional<std::uint32_t> client = {}) {
        std::vector<proto::HeldEpoch> epochs_of_client;
        if (client) epochs_of_client.push_back(held(kAudio, *client));
        epochs.admit(kAnn, proto::AEAD_AES_128_GCM, std::move(epochs_of_client));
    }
    void service(std::optional<std::uint32_t> holds = {}) {
        std::vector<proto::HeldEpoch> epochs_of_service;
        if (holds) epochs_of_service.push_back(held(kAudio, *holds, kAnn.value));
        epochs.service_up(kAudio, epochs_of_service);
    }
    // The epoch of the one grant that is due; nothing: none is.
    std::optional<std::uint32_t> due() {
        const auto grants = epochs.due(now);
        if (grants.empty()) return std::nullopt;
        CHECK(grants.size() == 1);
        CHECK(grants[0].session == kAnn);
        CHECK(grants[0].keys.plane() == kAudio);
        return grants[0].keys.epoch();
    }
    bool granted(std::uint32_t epoch) { return epochs.granted(kAnn, kAudio, {epoch}).has_value(); }
    // In force at both ends, as epoch 1.
    void settle() {
        service();
        admit();
        REQUIRE(due() == 1);
        REQUIRE(granted(1));
        REQUIRE(epochs.deadline() == kNever);
    }
};

TEST_CASE("who says what they hold decides whether a new epoch is made") {
    struct Row {
        const char* what;
        std::optional<std::uint32_t> client, service;
        std::optional<std::uint32_t> granted;  // nothing: the keys stay
    };
    const Row rows[] = {
        {"a new session", {}, {}, 1},
        {"the gateway restarted, both ends kept the same keys", 5, 5, {}},
        {"the service restarted", 5, {}, 6},
        {"the client came back without its keys", {}, 5, 6},
        {"the client missed the newest keys", 4, 5, 6},
        {"the service missed the newest keys", 5, 4, 6},
    };
    for (const auto& row : rows) {
        for (const bool service_first : {true, false}) {
            INFO(row.what << (service_first ? ", service first" : ", client first"));
            Audio audio;
            if (service_first) {
                audio.service(row.service);
                audio.admit(row.client);
            } else {
                audio.admit(row.client);
                CHECK_FALSE(audio.due());  // nobody there to grant to
                CHECK(audio.epochs.deadline() == kNever);
                audio.service(row.service);
            }
            CHECK(audio.due() == row.granted);
            if (row.granted) CHECK(audio.granted(*row.granted));
            CHECK_FALSE(audio.due());
            CHECK(audio.epochs.deadline() == kNever);
        }
    }
}

TEST_CASE("a service that restarts gets new keys for its plane only") {
    KeyEpochs epochs(test::seeded_entropy(3));
    epochs.service_up(kAudio, {});
    epochs.service_up(kVideo, {});
    epochs.admit(kAnn, proto::AEAD_AES_128_GCM, {});
    for (const auto& grant : epochs.due(kStart))
        CHECK(epochs.granted(kAnn, grant.keys.plane(), {grant.keys.epoch()}));
    epochs.service_up(kVideo, {});
    const auto grants = epochs.due(kStart);
    REQUIRE(grants.size() == 1);
    CHECK(grants[0].keys.plane() == kVideo);
    CHECK(grants[0].keys.epoch() == 2);
}

TEST_CASE("a grant that is not answered is repeated with new keys, and the old answer does not count") {
    Audio audio;
    audio.service();
    audio.admit();
    REQUIRE(audio.due() == 1);
    CHECK(audio.epochs.deadline() == kStart + KeyEpochs::kGrantTimeout);
    audio.now += KeyEpochs::kGrantTimeout - 1ns;
    CHECK_FALSE(audio.due());
    audio.now += 1ns;
    REQUIRE(audio.due() == 2);
    CHECK_FALSE(audio.granted(1));
    CHECK(audio.granted(2));
    CHECK_FALSE(audio.granted(2));  // told once
    CHECK(audio.epochs.deadline() == kNever);
}

TEST_CASE("a suspended session is granted nothing until it is back") {
    Audio audio;
    SECTION("its keys are in force") {
        audio.settle();
        audio.epochs.suspend(kAnn);
        audio.service();  // restarted meanwhile
        CHECK_FALSE(audio.due());
        CHECK(audio.epochs.deadline() == kNever);
        audio.admit(1);
        CHECK(audio.due() == 2);
    }
    SECTION("its keys were on their way") {
        audio.service();
        audio.admit();
        REQUIRE(audio.due() == 1);
        audio.epochs.suspend(kAnn);
        CHECK_FALSE(audio.granted(1));  // nobody to tell
        audio.admit();
        CHECK(audio.due() == 2);
    }
    SECTION("it comes back with its keys, and none change") {
        audio.settle();
        audio.epochs.suspend(kAnn);
        audio.admit(1);
        CHECK_FALSE(audio.due());
    }
}

TEST_CASE("keys that are used up are renewed, once for each epoch") {
    Audio audio;
    audio.settle();
    SECTION("for who is connected, at once") {
        audio.epochs.renew(kAnn, kAudio, {1});
        CHECK(audio.due() == 2);
        audio.epochs.renew(kAnn, kAudio, {1});  // asked again while the new ones are on their way
        CHECK_FALSE(audio.due());
        CHECK(audio.granted(2));
        audio.epochs.renew(kAnn, kAudio, {1});  // late
        CHECK_FALSE(audio.due());
        CHECK(audio.epochs.deadline() == kNever);
    }
    SECTION("for who is away, on his return") {
        audio.epochs.suspend(kAnn);
        audio.epochs.renew(kAnn, kAudio, {1});
        CHECK_FALSE(audio.due());
        audio.admit(1);
        CHECK(audio.due() == 2);
    }
    SECTION("of nobody, and of no epoch, there are none") {
        audio.epochs.renew({99}, kAudio, {1});
        audio.epochs.renew(kAnn, kAudio, {});
        audio.epochs.renew(kAnn, kVideo, {1});
        CHECK_FALSE(audio.due());
    }
}

TEST_CASE("a removed session is granted nothing and its answers do not count") {
    Audio audio;
    audio.service();
    audio.admit();
    REQUIRE(audio.due() == 1);
    audio.epochs.remove(kAnn);
    CHECK_FALSE(audio.granted(1));
    audio.now += 1h;
    CHECK_FALSE(audio.due());
    CHECK(audio.epochs.deadline() == kNever);
}

TEST_CASE("keys have the sizes of their profile and are never the same twice") {
    for (const auto profile :
         {proto::SRTP_PROFILE_UNSPECIFIED, proto::AEAD_AES_128_GCM, proto::AES_CM_128_HMAC_SHA1_80}) {
        KeyEpochs epochs(test::seeded_entropy(3));
        epochs.service_up(kAudio, {});
        epochs.service_up(kVideo, {});
        epochs.admit(kAnn, profile, {});
        epochs.admit({2}, profile, {});
        std::set<std::string> seen;
        const auto grants = epochs.due(kStart);
        REQUIRE(grants.size() == 4);
        for (const auto& grant : grants) {
            const bool is_cm = profile == proto::AES_CM_128_HMAC_SHA1_80;
            CHECK(grant.keys.profile() == (is_cm ? profile : proto::AEAD_AES_128_GCM));
            for (const auto* master : {&grant.keys.to_server(), &grant.keys.to_client()}) {
                CHECK(master->key().size() == 16);
                CHECK(master->salt().size() == (is_cm ? 14 : 12));
                CHECK(seen.insert(master->key()).second);
                CHECK(seen.insert(master->salt()).second);
            }
        }
    }
}

}  // namespace
}  // namespace connectsphere::gateway
