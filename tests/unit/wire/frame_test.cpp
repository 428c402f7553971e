#include "lib/wire/frame.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

using namespace connectsphere;
using namespace connectsphere::wire;

namespace {

using Frames = std::vector<std::pair<std::string, std::string>>;

Buffer stream_of(const Frames& frames) {
    Buffer stream;
    for (const auto& [message, data] : frames) append_frame(stream, as_bytes(message), as_bytes(data));
    return stream;
}

// Everything that the parser gives for a stream that arrives in chunks of one size.
Frames parse_in_chunks(const Buffer& stream, std::size_t chunk, std::size_t limit) {
    FrameParser parser(limit);
    Frames frames;
    for (std::size_t at = 0; at < stream.size(); at += chunk) {
        REQUIRE(parser.append(Bytes(stream).subspan(at, std::min(chunk, stream.size() - at))));
        while (true) {
            const auto frame = parser.next();
            REQUIRE(frame);
            if (!frame->has_value()) break;
            frames.emplace_back(as_text((*frame)->message), as_text((*frame)->data));
        }
    }
    CHECK(parser.buffered() == 0);
    return frames;
}

// The same through space(): `chunk` bytes at most come at once.
Frames parse_in_place(const Buffer& stream, std::size_t chunk, FrameParser& parser) {
    Frames frames;
    for (std::size_t at = 0; at < stream.size();) {
        const auto space = parser.space();
        REQUIRE_FALSE(space.empty());
        const auto count = std::min({chunk, space.size(), stream.size() - at});
        std::copy_n(stream.begin() + static_cast<std::ptrdiff_t>(at), count, space.begin());
        parser.filled(count);
        at += count;
        for (auto frame = parser.next(); frame && *frame; frame = parser.next())
            frames.emplace_back(as_text((*frame)->message), as_text((*frame)->data));
    }
    return frames;
}

Errc error_of(std::string_view hex, std::size_t limit) {
    FrameParser parser(limit);
    REQUIRE(parser.append(from_hex(hex)));
    const auto frame = parser.next();
    REQUIRE_FALSE(frame);
    CHECK(parser.next().error().code == frame.error().code);
    return frame.error().code;
}

}  // namespace

TEST_CASE("a frame is two lengths, the message and the data") {
    Buffer out;
    append_frame(out, from_hex("aabb"), from_hex("ccddee"));
    CHECK(to_hex(out) ==
          "00000009"
          "00000002"
          "aabb"
          "ccddee");
    append_frame(out, {});
    CHECK(to_hex(out) ==
          "00000009"
          "00000002"
          "aabb"
          "ccddee"
          "00000004"
          "00000000");
}

TEST_CASE("frames come out whole however the stream is cut") {
    const Frames frames = {
        {"hello", ""}, {"", ""}, {"", "data"}, {std::string(300, 'm'), std::string(700, 'd')}};
    const Buffer stream = stream_of(frames);
    for (std::size_t chunk = 1; chunk <= stream.size(); ++chunk) {
        CHECK(parse_in_chunks(stream, chunk, 1004) == frames);
        FrameParser own(1004);
        CHECK(parse_in_place(stream, chunk, own) == frames);
        BufferPool pool(2);
        FrameParser lent(1004, &pool);
        CHECK(parse_in_place(stream, chunk, lent) == frames);
    }
}

TEST_CASE("a long frame is received to its end, where it may stay") {
    const std::string first(100'000, 'a'), second(100'000, 'b');
    const Buffer stream = stream_of({{"1", first}, {"2", second}});
    BufferPool pool(4);
    FrameParser parser(1 << 20, &pool);
    std::vector<FrameView> kept;
    for (std::size_t at = 0; at < stream.size();) {
        const auto space = parser.space();
        const auto count = std::min(space.size(), stream.size() - at);
        std::copy_n(stream.begin() + static_cast<std::ptrdiff_t>(at), count, space.begin());
        parser.filled(count);
        at += count;
        for (auto frame = parser.next(); frame && *frame; frame = parser.next()) kept.push_back(**frame);
    }
    REQUIRE(kept.size() == 2);
    CHECK(kept[0].block != kept[1].block);  // nothing was moved away from the first for the second
    CHECK(as_text(kept[0].data) == first);
    CHECK(as_text(kept[1].data) == second);
}

TEST_CASE("between frames a parser with a pool holds no memory, and a block that is let go is used again") {
    BufferPool pool(2);
    const Buffer stream = stream_of({{"hello", ""}});
    const Buffer* before = nullptr;
    for (int i = 0; i < 3; ++i) {
        FrameParser parser(100, &pool);
        parse_in_place(stream, stream.size(), parser);
        const auto block = pool.take();
        if (before) CHECK(block.get() == before);
        before = block.get();
    }
}

TEST_CASE("a length beyond the limit asks for no memory") {
    FrameParser parser(100);
    REQUIRE(parser.append(from_hex("ffffffff")));
    CHECK_FALSE(parser.next());
    CHECK(parser.space().size() <= (64U << 10));
}

TEST_CASE("a truncated frame is waited for") {
    const Buffer stream = stream_of({{"message", "data"}});
    for (std::size_t size = 0; size < stream.size(); ++size) {
        FrameParser parser(100);
        REQUIRE(parser.append(Bytes(stream).first(size)));
        const auto frame = parser.next();
        REQUIRE(frame);
        CHECK_FALSE(frame->has_value());
        CHECK(parser.buffered() == size);
    }
}

TEST_CASE("a frame with impossible lengths is refused as soon as they can be read") {
    CHECK(error_of("00000065", 100) == Errc::oversized);
    CHECK(error_of("ffffffff", 100) == Errc::oversized);
    CHECK(error_of("00000003", 100) == Errc::malformed);
    CHECK(error_of("00000000", 100) == Errc::malformed);
    CHECK(error_of("0000000800000005", 100) == Errc::malformed);
    CHECK(error_of("00000008ffffffff", 100) == Errc::malformed);
}

TEST_CASE("the limit may change between two frames") {
    FrameParser parser(10);
    const Buffer stream = stream_of({{"small", ""}, {"now a larger one", ""}});
    REQUIRE(parser.append(stream));
    CHECK(parser.next()->has_value());
    parser.set_limit(1000);
    CHECK(as_text((*parser.next())->message) == "now a larger one");
}

TEST_CASE("a parser that is not drained stays bounded") {
    FrameParser parser(16);
    const Buffer chunk(kMaxFrameChunk);
    REQUIRE(parser.append(chunk));
    const auto more = parser.append(chunk);
    REQUIRE_FALSE(more);
    CHECK(more.error().code == Errc::full);
    CHECK(parser.buffered() == chunk.size());
}
