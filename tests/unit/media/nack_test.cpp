#include <catch2/catch.hpp>
#include <vector>

#include "lib/media/nack_list.hpp"
#include "lib/media/packet_history.hpp"

using namespace connectsphere;
using namespace connectsphere::media;

namespace {

constexpr Time kStart = Time{} + 1h;

std::vector<std::uint16_t> due(NackList& list, Time now, Duration round_trip = 20ms) {
    const auto asked = list.due(now, round_trip);
    return {asked.begin(), asked.end()};
}

}  // namespace

TEST_CASE("what is missing is asked for at once, and once per round trip") {
    NackList list;
    list.on_packet(100, kStart);
    CHECK(list.deadline() == kNever);
    list.on_packet(103, kStart);
    CHECK(list.deadline() == kStart);
    CHECK(due(list, kStart) == std::vector<std::uint16_t>{101, 102});
    CHECK(due(list, kStart + 19ms).empty());
    CHECK(list.deadline() == kStart + 20ms);
    list.on_packet(101, kStart + 19ms);
    CHECK(due(list, kStart + 20ms) == std::vector<std::uint16_t>{102});
    list.on_packet(102, kStart + 30ms);
    CHECK(list.deadline() == kNever);
    CHECK(list.given_up() == 0);
}

TEST_CASE("a near sender is not asked more often than the smallest gap") {
    NackList list;
    list.on_packet(1, kStart);
    list.on_packet(3, kStart);
    CHECK(due(list, kStart, 0ms).size() == 1);
    CHECK(list.deadline() == kStart + NackList::kMinGap);
}

TEST_CASE("what never comes is given up") {
    NackList list;
    list.on_packet(1, kStart);
    list.on_packet(3, kStart);
    std::size_t asked = 0;
    for (Time now = kStart; now < kStart + 2s; now += 5ms) asked += due(list, now).size();
    CHECK(asked == NackList::kMaxAsked);
    CHECK(list.missing() == 0);
    CHECK(list.given_up() == 1);
    CHECK(list.deadline() == kNever);
}

TEST_CASE("with too much missing all is given up") {
    NackList list;
    list.on_packet(1, kStart);
    list.on_packet(3, kStart);
    CHECK_FALSE(list.on_packet(5'000, kStart));
    CHECK(list.missing() == 0);
    CHECK(due(list, kStart).empty());
    CHECK(list.on_packet(5'002, kStart));
    CHECK(due(list, kStart) == std::vector<std::uint16_t>{5'001});
}

TEST_CASE("numbers that wrap are asked for as they travel") {
    NackList list;
    list.on_packet(0x1FFFE, kStart);
    list.on_packet(0x20001, kStart);
    CHECK(due(list, kStart) == std::vector<std::uint16_t>{0xFFFF, 0});
}

TEST_CASE("a history keeps the newest packets and no others") {
    PacketHistory history(4);
    for (std::uint8_t i = 1; i <= 6; ++i) history.keep(i, Buffer(i, i));
    CHECK(history.find(2).empty());
    for (std::uint8_t i = 3; i <= 6; ++i) {
        const auto found = history.find(i);
        CHECK(Buffer(found.begin(), found.end()) == Buffer(i, i));
    }
    CHECK(history.find(7).empty());
    history.keep(1, Buffer(9, 9));  // so late that its place is taken
    CHECK(history.find(5).size() == 5);
    history.keep(8, Buffer(kMaxDatagramAccepted + 1));
    CHECK(history.find(8).empty());
    history.clear();
    CHECK(history.find(6).empty());
}

TEST_CASE("a history without places keeps nothing") {
    PacketHistory history;
    history.keep(1, Buffer(5));
    CHECK(history.find(1).empty());
}
