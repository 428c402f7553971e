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

TEST_CASE("what is missing is asked for soon, and once per round trip") {
    NackList list;
    list.on_packet(100, kStart);
    CHECK(list.deadline() == kNever);
    list.on_packet(103, kStart);
    const Time asked_at = kStart + NackList::kLeastWait;
    CHECK(list.deadline() == asked_at);
    CHECK(due(list, kStart).empty());
    CHECK(due(list, asked_at) == std::vector<std::uint16_t>{101, 102});
    CHECK(due(list, asked_at + 19ms).empty());
    CHECK(list.deadline() == asked_at + 20ms);
    list.on_packet(101, asked_at + 19ms);
    CHECK(due(list, asked_at + 20ms) == std::vector<std::uint16_t>{102});
    list.on_packet(102, kStart + 30ms);
    CHECK(list.deadline() == kNever);
    CHECK(list.given_up() == 0);
}

TEST_CASE("a near sender is not asked more often than the smallest gap") {
    NackList list;
    list.on_packet(1, kStart);
    list.on_packet(3, kStart);
    CHECK(due(list, kStart + NackList::kLeastWait, 0ms).size() == 1);
    CHECK(list.deadline() == kStart + NackList::kLeastWait + NackList::kMinGap);
}

TEST_CASE("where answers take longer than was thought, it asks less often") {
    NackList list;
    Time now = kStart;
    for (int i = 0; i < 20; ++i, now += 100ms) {
        list.on_packet(10 * i, now);
        list.on_packet(10 * i + 2, now);
        std::size_t asked = 0;
        for (Time at = now; at < now + 40ms; at += 1ms) asked += due(list, at, 60ms).size();
        CHECK(asked == 1);
        list.on_packet(10 * i + 1, now + 42ms);
        for (int k = 3; k < 10; ++k) list.on_packet(10 * i + k, now + 42ms);
    }
    list.on_packet(1000, now);
    list.on_packet(1002, now);
    CHECK(due(list, now + 2ms, 5ms).size() == 1);
    CHECK(due(list, now + 42ms, 5ms).empty());  // an answer takes 40 ms, and a quarter is added
    CHECK(due(list, now + 53ms, 5ms).size() == 1);
}

TEST_CASE("where packets overtake each other, it waits until they can have come") {
    NackList list;
    Time now = kStart;
    std::size_t asked = 0;
    for (int i = 0; i < 40; ++i, now += 50ms) {
        const auto late = Duration(1ms) * (1 + i % 8);
        list.on_packet(2 * i, now);
        list.on_packet(2 * i + 2, now);
        for (Time at = now; at < now + late; at += 1ms) asked += due(list, at, 30ms).size();
        list.on_packet(2 * i + 1, now + late);
    }
    CHECK(asked <= 8);
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
    CHECK(due(list, kStart + 2ms) == std::vector<std::uint16_t>{5'001});
}

TEST_CASE("numbers that wrap are asked for as they travel") {
    NackList list;
    list.on_packet(0x1FFFE, kStart);
    list.on_packet(0x20001, kStart);
    CHECK(due(list, kStart + 2ms) == std::vector<std::uint16_t>{0xFFFF, 0});
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
