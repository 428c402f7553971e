#include "lib/wire/picture_assembler.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <vector>

using namespace connectsphere;
using namespace connectsphere::wire;

namespace {

struct Packet {
    RtpHeader header;
    Buffer payload;
};

// A VP8 stream: frames of three packets, the first a key frame.
std::vector<Packet> stream(std::size_t frames, std::size_t key_every = 1000) {
    std::vector<Packet> all;
    std::uint16_t seq = 65'530;
    for (std::size_t i = 0; i < frames; ++i) {
        Buffer data(30, static_cast<std::uint8_t>(i));
        data[0] = i % key_every == 0 ? 0 : 1;
        const Vp8Packetizer packets({.picture_id = static_cast<std::uint16_t>(0x7FFE + i),
                                     .tl0_index = static_cast<std::uint8_t>(0xFE + i),
                                     .data = data},
                                    16);
        for (std::size_t part = 0; part < packets.count(); ++part) {
            Packet packet{.header = {.marker = packets.is_last(part),
                                     .seq = seq++,
                                     .timestamp = static_cast<std::uint32_t>(0xFFFF'0000 + 6'000 * i)},
                          .payload = Buffer(16)};
            packet.payload.resize(packets.write(part, packet.payload));
            all.push_back(packet);
        }
    }
    return all;
}

// The frames that come out, by their number.
std::vector<int> push(Vp8Assembler& assembler, const Packet& packet) {
    REQUIRE(assembler.push(packet.header, packet.payload));
    std::vector<int> out;
    while (const auto picture = assembler.next()) out.push_back(picture->bytes[1]);
    return out;
}

}  // namespace

TEST_CASE("frames come out whole and in order") {
    Vp8Assembler assembler;
    CHECK(assembler.needs_key_frame());
    std::vector<int> out;
    for (const auto& packet : stream(5))
        for (const int frame : push(assembler, packet)) out.push_back(frame);
    CHECK(out == std::vector<int>{0, 1, 2, 3, 4});
    CHECK_FALSE(assembler.needs_key_frame());
}

TEST_CASE("a packet that comes late lets all that waited go on, in order") {
    Vp8Assembler assembler;
    const auto packets = stream(4);
    for (std::size_t i = 0; i < packets.size(); ++i)
        if (i != 4) (void)push(assembler, packets[i]);
    CHECK(push(assembler, packets[4]) == std::vector<int>{1, 2, 3});
    (void)push(assembler, packets[4]);
    CHECK(assembler.stats().late == 1);
}

TEST_CASE("a whole frame that is missing holds back what needs it") {
    Vp8Assembler assembler;
    const auto packets = stream(3);
    for (std::size_t i = 0; i < packets.size(); ++i)
        if (i / 3 != 1) (void)push(assembler, packets[i]);
    CHECK(assembler.stats().frames == 1);
}

TEST_CASE("after a loss for good nothing comes out before the next key frame") {
    Vp8Assembler assembler;
    const auto packets = stream(30, 20);
    std::vector<int> out;
    for (std::size_t i = 0; i < packets.size(); ++i) {
        if (i == 4) continue;
        for (const int frame : push(assembler, packets[i])) out.push_back(frame);
        if (i / 3 == 15) CHECK(assembler.needs_key_frame());
    }
    CHECK(out == std::vector<int>{0, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29});
    CHECK(assembler.stats().incomplete == 1);
}

namespace {

// What a sender with three temporal layers sends, a packet each frame: 0 2 1 2, of which the first two upper
// ones need layer 0 only. Numbers as they are given; some packets never come.
std::vector<int> layered(Vp8Assembler& assembler, int frames, const std::vector<int>& lost) {
    constexpr std::array<std::uint8_t, 4> kLayers{0, 2, 1, 2};
    std::vector<int> out;
    std::uint8_t tl0 = 9;
    for (int i = 0; i < frames; ++i) {
        const auto slot = static_cast<std::size_t>(i) % kLayers.size();
        tl0 = static_cast<std::uint8_t>(tl0 + (slot == 0 ? 1 : 0));
        if (std::ranges::find(lost, i) != lost.end()) continue;
        const Buffer data{static_cast<std::uint8_t>(i == 0 ? 0 : 1), static_cast<std::uint8_t>(i)};
        const Vp8Packetizer packetizer({.picture_id = static_cast<std::uint16_t>(i),
                                        .tl0_index = tl0,
                                        .temporal_layer = kLayers[slot],
                                        .layer_sync = slot == 1 || slot == 2,
                                        .data = data},
                                       100);
        Packet packet{.header = {.marker = true,
                                 .seq = static_cast<std::uint16_t>(i),
                                 .timestamp = static_cast<std::uint32_t>(6'000 * i)},
                      .payload = Buffer(100)};
        packet.payload.resize(packetizer.write(0, packet.payload));
        for (const int frame : push(assembler, packet)) out.push_back(frame);
    }
    return out;
}

std::vector<int> all_but(int frames, const std::vector<int>& missing) {
    std::vector<int> out;
    for (int i = 0; i < frames; ++i)
        if (std::ranges::find(missing, i) == missing.end()) out.push_back(i);
    return out;
}

}  // namespace

TEST_CASE("without a frame, only what needs it stays away") {
    const struct {
        const char* what;
        std::vector<int> lost, missing;
        bool needs_key_frame;
    } rows[] = {
        {"nothing", {}, {}, false},
        {"of layer 2", {5}, {5, 7}, false},  // 7 could need it
        {"the other of layer 2", {7}, {7}, false},
        {"of layer 1", {6}, {6, 7}, false},
        {"all upper ones", {5, 6, 7}, {5, 6, 7}, false},
        {"of layer 0", {8}, {8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}, true},
    };
    for (const auto& row : rows) {
        INFO(row.what);
        Vp8Assembler assembler;
        CHECK(layered(assembler, 20, row.lost) == all_but(20, row.missing));
        CHECK(assembler.needs_key_frame() == row.needs_key_frame);
    }
}

TEST_CASE("a hole between numbers that hides no picture holds nothing up") {
    Vp8Assembler assembler;
    auto packets = stream(4);
    for (std::size_t i = 6; i < packets.size(); ++i) ++packets[i].header.seq;
    std::vector<int> out;
    for (const auto& packet : packets)
        for (const int frame : push(assembler, packet)) out.push_back(frame);
    CHECK(out == std::vector<int>{0, 1, 2, 3});
}

TEST_CASE("a frame of the base layer that the sender left out is missed, whatever the numbers say") {
    Vp8Assembler assembler;
    auto packets = stream(8);
    packets.erase(packets.begin() + 6, packets.begin() + 9);
    for (std::size_t i = 6; i < packets.size(); ++i)
        packets[i].header.seq = static_cast<std::uint16_t>(packets[i].header.seq - 3);
    std::vector<int> out;
    for (const auto& packet : packets)
        for (const int frame : push(assembler, packet)) out.push_back(frame);
    CHECK(out == std::vector<int>{0, 1});
    CHECK(assembler.needs_key_frame());
}

TEST_CASE("who joins in the middle begins at a key frame") {
    Vp8Assembler assembler;
    const auto packets = stream(12, 10);
    std::vector<int> out;
    for (std::size_t i = 7; i < packets.size(); ++i)
        for (const int frame : push(assembler, packets[i])) out.push_back(frame);
    CHECK(out == std::vector<int>{10, 11});
}

TEST_CASE("an H.264 access unit comes out in the byte-stream format") {
    H264Assembler assembler;
    const Buffer sps = from_hex("6742");
    const Buffer slice(40, 0x65);
    const std::vector<Bytes> units{sps, slice};
    const H264Packetizer packets(units, 16);
    std::optional<AssembledPicture> picture;
    for (std::size_t i = 0; i < packets.count(); ++i) {
        Buffer payload(16);
        payload.resize(packets.write(i, payload));
        REQUIRE(
            assembler.push({.marker = packets.is_last(i), .seq = static_cast<std::uint16_t>(i)}, payload));
        picture = assembler.next();
    }
    REQUIRE(picture);
    CHECK(picture->is_key_frame);
    std::vector<Bytes> again;
    split_h264(picture->bytes, again);
    REQUIRE(again.size() == 2);
    CHECK(Buffer(again[1].begin(), again[1].end()) == slice);
}
