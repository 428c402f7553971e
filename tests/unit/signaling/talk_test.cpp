// What participants do in a room: chat, reactions, hands, what they send.
#include <set>

#include "tests/unit/signaling/support.hpp"

namespace connectsphere::signaling {
namespace {

struct ThreePeople : Signaling {
    Member ann = join("Ann"), bob = join("Bob"), cem = join("Cem");
    Ids everybody{ann.session, bob.session, cem.session};
};

proto::ClientMessage raise_hand(bool raised) {
    proto::ClientMessage message;
    message.mutable_raise_hand()->set_raised(raised);
    return message;
}

TEST_CASE("what is said to all reaches everybody who is connected, the sender too") {
    ThreePeople room;
    const auto reply = room.say(room.ann, "hello", 11);
    const auto event = room.event();
    CHECK(event.to == room.everybody);
    const auto& message = event.message.chat_message();
    CHECK(message.from_session_id() == room.ann.session);
    CHECK(message.from_name() == "Ann");
    CHECK(message.to_session_id() == 0);
    CHECK(message.text() == "hello");
    CHECK(message.sent_at() == unix_ms(room.now));
    CHECK_FALSE(message.replayed());
    CHECK(reply.chat_accepted().client_message_id() == 11);
    CHECK(reply.chat_accepted().message_id() == message.message_id());

    room.lose(room.cem);
    const auto next = room.say(room.ann, "again", 12);
    CHECK(room.event().to == Ids{room.ann.session, room.bob.session});
    CHECK(next.chat_accepted().message_id() > message.message_id());
}

TEST_CASE("W7: what is said to one person reaches exactly its two ends") {
    ThreePeople room;
    CHECK(room.say(room.cem, "psst", 1, room.ann.session).has_chat_accepted());
    const auto event = room.event();
    CHECK(event.to == Ids{room.ann.session, room.cem.session});
    CHECK(event.message.chat_message().to_session_id() == room.ann.session);
    CHECK(event.message.chat_message().text() == "psst");
    room.say(room.cem, "note", 2, room.cem.session);
    CHECK(room.event().to == Ids{room.cem.session});
}

TEST_CASE("W7: nobody is told what is said to somebody who is not in the room") {
    ThreePeople room;
    const auto other = room.join("Dan", "garden");
    for (const auto to : {other.session, std::uint64_t{4711}}) {
        CHECK(room.say(room.ann, "psst", 1, to).error().code() == proto::NOT_FOUND);
        CHECK(room.events().empty());
    }
}

TEST_CASE("a repeated message is answered the same and sent once") {
    ThreePeople room;
    const auto first = room.say(room.ann, "hello", 11).chat_accepted();
    room.now += 5s;
    const auto again = room.say(room.ann, "hello", 11).chat_accepted();
    CHECK(room.events().empty());
    CHECK(again.SerializeAsString() == first.SerializeAsString());

    room.say(room.bob, "hello", 11);
    CHECK(room.events().size() == 1);  // the ids of one sender are not another's

    room.lose(room.ann);
    const auto back = room.resume(room.ann);
    CHECK(room.say(back, "hello", 11).chat_accepted().message_id() == first.message_id());
    CHECK(room.events().empty());
}

TEST_CASE("the newest messages of a sender are remembered, without end none") {
    ThreePeople room;
    for (std::uint64_t id = 1; id <= Session::kRemembered + 1; ++id) room.say(room.ann, "hello", id);
    room.say(room.ann, "hello", 2);
    CHECK(room.events().empty());
    room.say(room.ann, "hello", 1);
    CHECK(room.events().size() == 1);
}

TEST_CASE("chat that breaks a rule is refused and reaches nobody") {
    ThreePeople room;
    CHECK(room.say(room.ann, "hello", 0).error().text() == "client_message_id must not be 0");
    CHECK(room.say(room.ann, "", 1).error().code() == proto::BAD_REQUEST);
    CHECK(room.events().empty());
    CHECK(room.say(room.ann, std::string(4001, 'a'), 1).error().code() == proto::BAD_REQUEST);
    CHECK(room.events().empty());
    CHECK(room.say(room.ann, std::string(4000, 'a'), 1).has_chat_accepted());
}

TEST_CASE("a reaction reaches everybody") {
    ThreePeople room;
    proto::ClientMessage message;
    message.mutable_react()->set_emoji("\xF0\x9F\x91\x8D");
    CHECK(room.ask(room.bob, message).has_done());
    CHECK(room.event().to == room.everybody);
    CHECK(room.event().message.reaction().from_session_id() == room.bob.session);
    CHECK(room.event().message.reaction().from_name() == "Bob");
    CHECK(room.event().message.reaction().emoji() == "\xF0\x9F\x91\x8D");
    for (const std::string& emoji : {std::string(), std::string(33, 'x'), std::string("\x1B[2J")}) {
        message.mutable_react()->set_emoji(emoji);
        CHECK(room.ask(room.bob, message).error().code() == proto::BAD_REQUEST);
        CHECK(room.events().empty());
    }
}

TEST_CASE("hands keep the order in which they were raised") {
    ThreePeople room;
    const auto raised_at = [&](const Signaling::Member& member) {
        proto::ClientMessage get;
        get.mutable_get_room();
        const auto reply = room.ask(member, get);
        for (const auto& one : reply.room().participants())
            if (one.session_id() == member.session) return one.hand_raised_at();
        return std::uint64_t{0};
    };
    room.ask(room.bob, raise_hand(true));
    CHECK(room.event().to == room.everybody);
    const auto bob_at = raised_at(room.bob);
    CHECK(bob_at == unix_ms(room.now));
    room.now += 10ms;
    room.ask(room.ann, raise_hand(true));
    CHECK(raised_at(room.ann) > bob_at);
    room.now += 10ms;
    CHECK(room.ask(room.bob, raise_hand(true)).has_done());  // again: it keeps its place, nobody is told
    CHECK(room.events().empty());
    CHECK(raised_at(room.bob) == bob_at);
    room.ask(room.bob, raise_hand(false));
    CHECK(room.event().message.participant_updated().participant().hand_raised_at() == 0);
    CHECK(raised_at(room.bob) == 0);
}

TEST_CASE("muting is told to everybody and published") {
    ThreePeople room;
    room.now += 1s;
    proto::ClientMessage message;
    message.mutable_set_media_state()->set_microphone_muted(true);
    message.mutable_set_media_state()->set_camera_off(true);
    CHECK(room.ask(room.bob, message).has_done());
    CHECK(room.event().to == room.everybody);
    const auto participant = room.event().message.participant_updated().participant();
    CHECK(participant.session_id() == room.bob.session);
    CHECK(participant.microphone_muted());
    CHECK(participant.camera_off());
    CHECK(room.published().participants(1).microphone_muted());
}

// ---- streams

proto::Stream audio(std::uint32_t id) {
    proto::Stream stream;
    stream.set_stream_id(id);
    stream.set_kind(proto::AUDIO);
    stream.add_encodings()->set_codec(proto::OPUS);
    return stream;
}

proto::Stream video(std::uint32_t id, std::uint32_t width = 640, std::uint32_t height = 360,
                    proto::Codec codec = proto::JPEG, int encodings = 1) {
    proto::Stream stream;
    stream.set_stream_id(id);
    stream.set_kind(proto::VIDEO);
    for (int i = 0; i < encodings; ++i) {
        auto& encoding = *stream.add_encodings();
        encoding.set_codec(codec);
        encoding.set_width(width);
        encoding.set_height(height);
    }
    return stream;
}

proto::ClientMessage publish(const std::vector<proto::Stream>& streams) {
    proto::ClientMessage message;
    message.mutable_publish();
    for (const auto& stream : streams) *message.mutable_publish()->add_streams() = stream;
    return message;
}

TEST_CASE("streams are accepted up to their limits") {
    for (const auto& streams :
         std::vector<std::vector<proto::Stream>>{{},
                                                 {audio(1)},
                                                 {audio(1), video(2), video(3), video(255)},
                                                 {video(1, 8, 2040)},
                                                 {video(1, 320, 240, proto::VP8)},
                                                 {video(1, 320, 240, proto::H264, 4)}}) {
        Signaling room;
        const auto ann = room.join("Ann");
        CHECK(room.ask(ann, publish(streams)).published().streams_size() == static_cast<int>(streams.size()));
    }
}

TEST_CASE("streams that break a rule are refused, and what was published stays") {
    struct Row {
        const char* text;
        std::vector<proto::Stream> streams;
    };
    auto two_encodings = audio(1);
    two_encodings.add_encodings()->set_codec(proto::OPUS);
    auto unknown = video(1);
    unknown.set_kind(proto::MEDIA_KIND_UNSPECIFIED);
    const Row rows[] = {
        {"stream_id must be 1 to 255", {video(0)}},
        {"stream_id must be 1 to 255", {video(256)}},
        {"two streams have the same stream_id", {video(2), video(2)}},
        {"a session has at most 4 streams", {video(1), video(2), video(3), video(4), video(5)}},
        {"a session has one audio stream", {audio(1), audio(2)}},
        {"an audio stream has one encoding, OPUS", {two_encodings}},
        {"a stream is AUDIO or VIDEO", {unknown}},
        {"a video stream needs an encoding", {video(1, 8, 8, proto::JPEG, 0)}},
        {"too many encodings", {video(1, 8, 8, proto::JPEG, 5)}},
        {"a video encoding is JPEG, VP8 or H264", {video(1, 8, 8, proto::OPUS)}},
        {"a video encoding is JPEG, VP8 or H264", {video(1, 8, 8, proto::CODEC_UNSPECIFIED)}},
        {"a video side is even, of JPEG a multiple of 8, and at most 2040", {video(1, 0, 8)}},
        {"a video side is even, of JPEG a multiple of 8, and at most 2040", {video(1, 8, 2048)}},
        {"a video side is even, of JPEG a multiple of 8, and at most 2040", {video(1, 641, 360)}},
    };
    Signaling room;
    const auto ann = room.join("Ann");
    for (const auto& row : rows) {
        const auto error = room.ask(ann, publish(row.streams)).error();
        CHECK(error.code() == proto::BAD_REQUEST);
        CHECK(error.text() == row.text);
        CHECK(room.events().empty());
    }
    proto::ClientMessage get;
    get.mutable_get_room();
    CHECK(room.ask(ann, get).room().participants(0).streams(0).kind() == proto::AUDIO);
}

TEST_CASE("W1: every encoding has an SSRC of its own, given by the server") {
    ThreePeople room;
    std::set<std::uint32_t> seen;
    for (const auto& member : {room.ann, room.bob}) {
        auto wish = video(2, 640, 360, proto::JPEG, 2);
        wish.mutable_encodings(0)->set_ssrc(room.cem.participant.audio_ssrc());
        wish.mutable_encodings(0)->set_rtx_ssrc(1);
        const auto published = room.ask(member, publish({audio(1), wish, video(3)})).published();
        CHECK(published.streams(0).encodings(0).ssrc() == member.participant.audio_ssrc());
        for (const auto& stream : published.streams()) {
            for (const auto& encoding : stream.encodings()) {
                CHECK(encoding.ssrc() != 0);
                CHECK(encoding.rtx_ssrc() == 0);
                CHECK(seen.insert(encoding.ssrc()).second);
            }
        }
        CHECK(room.event().to == room.everybody);
    }
    CHECK(seen.count(room.cem.participant.audio_ssrc()) == 0);
}

std::vector<std::uint32_t> ssrcs_of(const proto::ServerMessage& published) {
    std::vector<std::uint32_t> ssrcs;
    for (const auto& stream : published.published().streams())
        for (const auto& encoding : stream.encodings()) ssrcs.push_back(encoding.ssrc());
    return ssrcs;
}

TEST_CASE("an encoding that is published again keeps its SSRC, by stream and codec") {
    Signaling room;
    const auto ann = room.join("Ann");
    const auto first =
        ssrcs_of(room.ask(ann, publish({audio(1), video(2, 640, 360, proto::VP8, 2), video(3)})));
    const auto changed = ssrcs_of(
        room.ask(ann, publish({video(3, 320, 240), audio(1), video(2, 640, 360, proto::JPEG), video(4)})));
    REQUIRE(first.size() == 4);
    REQUIRE(changed.size() == 4);
    CHECK(changed[0] == first[3]);  // another size
    CHECK(changed[1] == first[0]);
    for (const auto is_new : {changed[2], changed[3]}) CHECK(std::ranges::count(first, is_new) == 0);
    CHECK(changed[2] != changed[3]);

    const auto larger = ssrcs_of(room.ask(ann, publish({video(2, 8, 8, proto::JPEG, 3)})));
    CHECK(larger[0] == changed[2]);
    CHECK(std::set<std::uint32_t>(larger.begin(), larger.end()).size() == 3);
}

TEST_CASE("who publishes without end is told to wait, and only he") {
    Signaling room;
    const auto ann = room.join("Ann");
    const auto bob = room.join("Bob");
    int accepted = 0;
    proto::ServerMessage refused;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        const auto reply = room.ask(ann, publish({video(1 + i % 200)}));
        accepted += reply.has_published() ? 1 : 0;
        if (!reply.has_published()) refused = reply;
        room.now += 50ms;
    }
    CHECK(accepted == Session::kPublishesAtOnce + 50 * Session::kPublishesPerSecond - 1);
    CHECK(refused.error().code() == proto::RATE_LIMITED);
    CHECK(room.ask(bob, publish({video(1)})).has_published());
    room.now += std::chrono::milliseconds(refused.error().retry_after_ms());
    CHECK(room.ask(ann, publish({video(1)})).has_published());
}

}  // namespace
}  // namespace connectsphere::signaling
