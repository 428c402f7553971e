#include "lib/wire/jpeg_assembler.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/wire/jpeg_support.hpp"

using namespace connectsphere;
using namespace connectsphere::wire;

namespace {

struct Packet {
    RtpHeader header;
    Buffer payload;
};

std::vector<Packet> packets_of(const JpegFrame& frame, std::uint32_t timestamp, std::uint16_t first_seq) {
    const JpegPacketizer packetizer(frame, 1000);
    std::vector<Packet> packets;
    for (std::size_t i = 0; i < packetizer.count(); ++i) {
        Packet packet{{.marker = packetizer.is_last(i),
                       .payload_type = kPayloadTypeJpeg,
                       .seq = static_cast<std::uint16_t>(first_seq + i),
                       .timestamp = timestamp},
                      Buffer(1000)};
        packet.payload.resize(packetizer.write(i, packet.payload));
        packets.push_back(packet);
    }
    return packets;
}

// One packet written by hand.
Packet packet(std::uint16_t seq, std::uint32_t timestamp, bool marker, std::string payload) {
    std::erase(payload, ' ');
    return {{.marker = marker, .payload_type = kPayloadTypeJpeg, .seq = seq, .timestamp = timestamp},
            from_hex(payload)};
}

std::optional<AssembledJpeg> push(JpegAssembler& assembler, const Packet& packet) {
    auto result = assembler.push(packet.header, packet.payload);
    REQUIRE(result);
    return *result;
}

// The timestamps of the frames that come out; each is compared with the scan that went in.
std::vector<std::uint32_t> push_all(JpegAssembler& assembler, const std::vector<Packet>& packets,
                                    Bytes scan) {
    std::vector<std::uint32_t> out;
    for (const auto& packet : packets) {
        const auto frame = push(assembler, packet);
        if (!frame) continue;
        CHECK(std::equal(frame->frame.scan.begin(), frame->frame.scan.end(), scan.begin(), scan.end()));
        out.push_back(frame->timestamp);
    }
    return out;
}

using Stamps = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("a JPEG arrives as it was sent, across the wrap of sequence numbers and timestamps") {
    for (const int subsampling : {TJSAMP_420, TJSAMP_422}) {
        const Buffer file = encode_jpeg(640, 360, subsampling);
        const auto frame = parse_jpeg(file);
        REQUIRE(frame);
        JpegAssembler assembler;
        std::uint16_t seq = 65'500;
        std::uint32_t timestamp = 0xFFFF'F000;
        for (int i = 0; i < 5; ++i, timestamp += 3000) {
            std::optional<AssembledJpeg> out;
            for (const auto& packet : packets_of(*frame, timestamp, seq)) {
                CHECK_FALSE(out);
                out = push(assembler, packet);
                ++seq;
            }
            REQUIRE(out);
            CHECK(out->timestamp == timestamp);
            Buffer again;
            write_jpeg(out->frame, again);
            CHECK(decode_jpeg(again) == decode_jpeg(file));
        }
        CHECK(assembler.stats().frames == 5);
    }
}

TEST_CASE("any order and repeated packets give the same frame once") {
    const Buffer file = encode_jpeg(160, 120);
    const auto frame = parse_jpeg(file);
    std::mt19937 random(7);
    for (int round = 0; round < 50; ++round) {
        auto packets = packets_of(*frame, 9000, 65'530);
        const auto copies = packets;
        packets.insert(packets.end(), copies.begin(), copies.end());
        std::shuffle(packets.begin(), packets.end(), random);
        JpegAssembler assembler;
        CHECK(push_all(assembler, packets, frame->scan) == Stamps{9000});
    }
}

TEST_CASE("a frame with any packet missing never comes out and is counted") {
    const Buffer file = encode_jpeg(160, 120);
    const auto frame = parse_jpeg(file);
    const auto next = packets_of(*frame, 2000, 100);
    const std::size_t count = next.size();
    REQUIRE(count > 2);
    for (std::size_t missing = 0; missing < count; ++missing) {
        auto packets = packets_of(*frame, 1000, static_cast<std::uint16_t>(100 - count));
        packets.erase(packets.begin() + static_cast<std::ptrdiff_t>(missing));
        packets.insert(packets.end(), next.begin(), next.end());
        JpegAssembler assembler;
        CHECK(push_all(assembler, packets, frame->scan) == Stamps{2000});
        CHECK(assembler.stats().incomplete == 1);
        CHECK(assembler.stats().corrupt == 0);
    }
}

TEST_CASE("the end of a frame may come after the start of the next, and no later than its end") {
    const Buffer file = encode_jpeg(160, 120);
    const auto frame = parse_jpeg(file);
    auto first = packets_of(*frame, 1000, 10);
    auto second = packets_of(*frame, 2000, static_cast<std::uint16_t>(10 + first.size()));
    const Packet straggler = first.back();
    first.pop_back();

    auto packets = first;
    packets.push_back(second.front());
    packets.push_back(straggler);
    packets.insert(packets.end(), second.begin() + 1, second.end());
    JpegAssembler patient;
    CHECK(push_all(patient, packets, frame->scan) == Stamps{1000, 2000});

    packets = first;
    packets.insert(packets.end(), second.begin(), second.end());
    packets.push_back(straggler);
    JpegAssembler gone;
    CHECK(push_all(gone, packets, frame->scan) == Stamps{2000});
    CHECK(gone.stats().late == 1);
}

TEST_CASE("a frame that contradicts itself is dropped, and the next one comes out") {
    const std::string a = "00000000 01320101 aaaa";
    const struct {
        const char* what;
        std::string second;
    } rows[] = {
        {"overlap", "00000001 01320101 bb"},      {"gap", "00000003 01320101 bb"},
        {"another size", "00000002 01320201 bb"}, {"another q", "00000002 01330101 bb"},
        {"another type", "00000002 00320101 bb"}, {"a second start", "00000000 01320101 bb"},
    };
    for (const auto& row : rows) {
        INFO(row.what);
        JpegAssembler assembler;
        CHECK_FALSE(push(assembler, packet(1, 10, false, a)));
        CHECK_FALSE(push(assembler, packet(2, 10, true, row.second)));
        CHECK(assembler.stats().corrupt == 1);
        CHECK(push(assembler, packet(3, 20, true, a)));
        CHECK(assembler.stats().corrupt == 1);
    }
}

TEST_CASE("tables may be left out once they are known for a Q below 255") {
    const std::string tables = "00000080" + std::string(128, '1') + std::string(128, '2');
    JpegAssembler assembler;
    CHECK_FALSE(push(assembler, packet(1, 10, true, "00000000 01800101 00000000 aa")));
    CHECK(assembler.stats().corrupt == 1);
    CHECK(push(assembler, packet(2, 20, true, "00000000 01800101" + tables + "aa")));
    const auto frame = push(assembler, packet(3, 30, true, "00000000 01800101 00000000 aa"));
    REQUIRE(frame);
    CHECK(frame->frame.tables.luma[0] == 0x11);
    CHECK(frame->frame.tables.chroma[0] == 0x22);
    CHECK_FALSE(push(assembler, packet(4, 40, true, "00000000 01810101 00000000 aa")));
}

TEST_CASE("a low Q stands for standard tables") {
    JpegAssembler assembler;
    const auto frame = push(assembler, packet(1, 10, true, "00000000 01320101 aa"));
    REQUIRE(frame);
    CHECK(frame->frame.tables == standard_quant_tables(50));
}

TEST_CASE("a payload that does not parse changes nothing") {
    JpegAssembler assembler;
    CHECK_FALSE(assembler.push({.seq = 5, .timestamp = 99}, from_hex("00")));
    CHECK(push(assembler, packet(1, 10, true, "00000000 01320101 aa")));
}
