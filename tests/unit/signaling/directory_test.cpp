#include "services/signaling/directory.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "services/signaling/text.hpp"
#include "tests/support/entropy.hpp"

namespace connectsphere::signaling {
namespace {

Directory directory() { return Directory(test::seeded_entropy(5)); }

// The same few values again and again, so that every draw collides sooner or later.
Entropy narrow_entropy() {
    return [next = 0U](MutableBytes out) mutable {
        const auto value = static_cast<std::uint8_t>(next++ / 3 % 16);
        for (auto& byte : out) byte = 0;
        out.back() = value;
        if (out.size() == 8) out[5] = value;  // ids are the upper 53 bits
    };
}

TEST_CASE("W1: SSRCs and ids are unique and never zero, whatever the entropy gives") {
    Directory names(narrow_entropy());
    std::set<std::uint32_t> ssrcs;
    std::set<std::uint64_t> ids;
    auto& room = names.add_room("lobby");
    CHECK(room.id);
    for (int i = 0; i < 4; ++i) {
        const auto& session = names.add_session(room, "Ann " + std::to_string(i));
        CHECK(session.id);
        CHECK(ids.insert(session.id.value).second);
        for (const auto ssrc : {session.participant.audio_ssrc(), session.participant.mix_ssrc(),
                                session.participant.video_rtcp_ssrc()}) {
            CHECK(ssrc != 0);
            CHECK(ssrcs.insert(ssrc).second);
        }
    }
    CHECK(ids.count(room.id.value) == 0);
}

TEST_CASE("a session that ends gives its SSRCs back") {
    Directory names(narrow_entropy());  // 15 SSRCs in all
    for (int i = 0; i < 50; ++i) {
        auto& session = names.add_session(names.add_room("lobby"), "Ann");
        auto& stream = *session.participant.add_streams();
        stream.add_encodings()->set_ssrc(names.new_ssrc());
        names.remove_session(session.id);
        CHECK(names.rooms().empty());
    }
}

TEST_CASE("a room lives as long as it has members") {
    auto names = directory();
    auto& room = names.add_room("lobby");
    const auto id = room.id;
    const auto ann = names.add_session(room, "Ann").id;
    const auto bob = names.add_session(room, "Bob").id;
    CHECK(names.session(ann)->participant.role() == proto::HOST);
    CHECK(names.session(bob)->participant.role() == proto::PARTICIPANT);
    names.remove_session(ann);
    REQUIRE(names.room_by_name("lobby") != nullptr);
    CHECK(names.room(id)->members == std::vector<SessionId>{bob});
    names.remove_session(bob);
    names.remove_session(bob);
    CHECK(names.room_by_name("lobby") == nullptr);
    CHECK(names.room(id) == nullptr);
    CHECK(names.sessions().empty());
}

TEST_CASE("a token finds its session until it is replaced and the new one was used") {
    auto names = directory();
    auto& session = names.add_session(names.add_room("lobby"), "Ann");
    const auto finds = [&](const Buffer& token) { return names.session_by_token(token) == &session; };
    const auto first = names.rotate_token(session, {});
    CHECK(first.size() == 32);
    CHECK(finds(first));

    const auto second = names.rotate_token(session, first);
    CHECK(finds(first));  // the answer with the second may be lost
    CHECK(finds(second));

    SECTION("the newest is used: the one before it is over") {
        const auto third = names.rotate_token(session, second);
        CHECK_FALSE(finds(first));
        CHECK(finds(second));
        CHECK(finds(third));
    }
    SECTION("the previous is used: the newest never reached the client") {
        const auto third = names.rotate_token(session, first);
        CHECK(finds(first));
        CHECK_FALSE(finds(second));
        CHECK(finds(third));
        const auto fourth = names.rotate_token(session, first);  // lost again
        CHECK(finds(first));
        CHECK_FALSE(finds(third));
        CHECK(finds(fourth));
    }
    SECTION("the session ends") {
        names.remove_session(session.id);
        CHECK(names.session_by_token(first) == nullptr);
        CHECK(names.session_by_token(second) == nullptr);
    }
    SECTION("no token is no token") {
        CHECK(names.session_by_token({}) == nullptr);
        CHECK(names.session_by_token(Buffer(32)) == nullptr);
    }
}

TEST_CASE("a token is kept as its hash only") {
    auto names = directory();
    auto& session = names.add_session(names.add_room("lobby"), "Ann");
    const auto token = names.rotate_token(session, {});
    CHECK(session.token == sha256(token));
    CHECK_FALSE(std::equal(token.begin(), token.end(), session.token.begin()));
}

TEST_CASE("a free name counts up from the one that is taken") {
    auto names = directory();
    auto& room = names.add_room("lobby");
    names.add_session(room, "Ann");
    CHECK(names.free_name(room, "Ann", 64) == "Ann 2");
    names.add_session(room, "Ann 2");
    CHECK(names.free_name(room, "Ann", 64) == "Ann 3");
    CHECK(names.free_name(room, "Ann 2", 64) == "Ann 2 2");
}

TEST_CASE("a free name is one that the rules allow") {
    auto names = directory();
    auto& room = names.add_room("lobby");
    for (const std::string& name : {std::string(64, 'a'), std::string(61, 'a') + "\xE2\x82\xAC",
                                    std::string(60, 'a') + "\xF0\x9F\x98\x80"}) {
        const auto free = names.free_name(room, name, 64);
        INFO(free);
        CHECK_FALSE(fault_in_line("the name", free, 64));
        CHECK(free.ends_with(" 2"));
    }
}

}  // namespace
}  // namespace connectsphere::signaling
