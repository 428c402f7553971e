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

// The first frame that this packet lets come out.
std::optional<AssembledJpeg> push(JpegAssembler& assembler, const Packet& packet) {
    REQUIRE(assembler.push(packet.header, packet.payload));
    return assembler.next();
}

// The timestamps of the frames that come out; each is compared with the scan that went in.
std::vector<std::uint32_t> push_all(JpegAssembler& assembler, const std::vector<Packet>& packets,
                                    Bytes scan) {
    std::vector<std::uint32_t> out;
    for (const auto& packet : packets) {
        REQUIRE(assembler.push(packet.header, packet.payload));
        while (const auto frame = assembler.next()) {
            CHECK(std::equal(frame->frame.scan.begin(), frame->frame.scan.end(), scan.begin(), scan.end()));
            out.push_back(frame->timestamp);
        }
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
    constexpr std::uint32_t kLater = 2000 + JpegAssembler::kPatience;
    const auto next = packets_of(*frame, kLater, 100);
    const std::size_t count = next.size();
    REQUIRE(count > 2);
    for (std::size_t missing = 0; missing < count; ++missing) {
        auto packets = packets_of(*frame, 500, static_cast<std::uint16_t>(100 - 2 * count));
        const auto holed = packets_of(*frame, 1000, static_cast<std::uint16_t>(100 - count));
        packets.insert(packets.end(), holed.begin(), holed.end());
        packets.erase(packets.begin() + static_cast<std::ptrdiff_t>(count + missing));
        packets.insert(packets.end(), next.begin(), next.end());
        JpegAssembler assembler;
        CHECK(push_all(assembler, packets, frame->scan) == Stamps{500, kLater});
        CHECK(assembler.stats().incomplete == 1);
        CHECK(assembler.stats().corrupt == 0);
    }
}

namespace {

// Frames of one stream, 6,000 ticks apart, without the packets that `is_lost` names.
template <class IsLost>
std::vector<Packet> stream_of(const JpegFrame& frame, int count, IsLost is_lost) {
    std::vector<Packet> all;
    std::uint16_t seq = 65'500;
    for (int i = 0; i < count; ++i) {
        const auto packets = packets_of(frame, static_cast<std::uint32_t>(6000 * i), seq);
        for (std::size_t k = 0; k < packets.size(); ++k)
            if (!is_lost(i, packets.size() - 1 - k)) all.push_back(packets[k]);
        seq = static_cast<std::uint16_t>(seq + packets.size());
    }
    return all;
}

}  // namespace

TEST_CASE("what was lost at the end of a frame may come after the next, and both come out in order") {
    const Buffer file = encode_jpeg(160, 120);
    const auto frame = parse_jpeg(file);
    auto packets = stream_of(*frame, 4, [](int, std::size_t) { return false; });
    const std::size_t each = packets.size() / 4;
    const Packet tail = packets[2 * each - 1];
    packets.erase(packets.begin() + static_cast<std::ptrdiff_t>(2 * each - 1));

    JpegAssembler assembler;
    const auto before =
        std::vector(packets.begin(), packets.begin() + static_cast<std::ptrdiff_t>(3 * each - 1));
    CHECK(push_all(assembler, before, frame->scan) == Stamps{0});
    CHECK(push_all(assembler, {tail}, frame->scan) == Stamps{6000, 12000});
    const auto after =
        std::vector(packets.begin() + static_cast<std::ptrdiff_t>(3 * each - 1), packets.end());
    CHECK(push_all(assembler, after, frame->scan) == Stamps{18000});
    CHECK(assembler.stats().incomplete == 0);
}

TEST_CASE("a whole frame that is missing is waited for too") {
    const Buffer file = encode_jpeg(160, 120);
    const auto frame = parse_jpeg(file);
    JpegAssembler assembler;
    const auto lost = stream_of(*frame, 2, [](int i, std::size_t) { return i == 0; });
    const auto packets = stream_of(*frame, 3, [](int i, std::size_t) { return i == 1; });
    CHECK(push_all(assembler, packets, frame->scan) == Stamps{0});
    CHECK(push_all(assembler, lost, frame->scan) == Stamps{6000, 12000});
}

TEST_CASE("what never comes is given up, and where nothing ever comes again the wait grows short") {
    const Buffer file = encode_jpeg(160, 120);
    const auto frame = parse_jpeg(file);
    JpegAssembler assembler;
    std::vector<std::size_t> waited;  // frames that were whole behind each that was not
    for (const auto& packet :
         stream_of(*frame, 60, [](int i, std::size_t left) { return i % 10 == 5 && left == 1; })) {
        REQUIRE(assembler.push(packet.header, packet.payload));
        std::size_t came = 0;
        while (assembler.next()) ++came;
        if (came > 1) waited.push_back(came);
    }
    CHECK(assembler.stats().frames == 54);
    CHECK(assembler.stats().incomplete == 6);
    CHECK(waited == std::vector<std::size_t>{3});  // then never more than one
}

TEST_CASE("a packet of a frame that was given up is late") {
    const Buffer file = encode_jpeg(160, 120);
    const auto frame = parse_jpeg(file);
    const auto all = stream_of(*frame, 8, [](int, std::size_t) { return false; });
    const auto packets = stream_of(*frame, 8, [](int i, std::size_t left) { return i == 1 && left == 0; });
    JpegAssembler assembler;
    CHECK(push_all(assembler, packets, frame->scan).size() == 7);
    (void)push(assembler, all[2 * all.size() / 8 - 1]);
    CHECK(assembler.stats().late == 1);
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
