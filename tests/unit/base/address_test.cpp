#include "lib/base/address.hpp"

#include <catch2/catch.hpp>

#include "lib/base/datagram.hpp"

using namespace connectsphere;

TEST_CASE("addresses are read and written in the usual forms") {
    struct Row {
        const char* text;
        const char* expected;
    };
    const Row rows[] = {
        {"192.0.2.1", "192.0.2.1:9000"},
        {"192.0.2.1:80", "192.0.2.1:80"},
        {"2001:db8::1", "[2001:db8::1]:9000"},
        {"[2001:db8::1]:80", "[2001:db8::1]:80"},
        {"[::1]", "[::1]:9000"},
        {"fe80::1%2", "[fe80::1%2]:9000"},
        {"localhost:1", "127.0.0.1:1"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        const auto address = parse_address(row.text, 9000);
        REQUIRE(address);
        CHECK(address->text() == row.expected);
    }
}

TEST_CASE("what is no numeric address is refused") {
    for (const char* text :
         {"", "example", "1.2.3", "1.2.3.4:", "1.2.3.4:x", "1.2.3.4:65536", "[::1", "[::1]x", "::1%eth"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_address(text, 1));
    }
}

TEST_CASE("a batch whose owner takes it when it is full loses nothing, and is not cut within a train") {
    DatagramBatch batch(10);
    std::vector<std::size_t> taken;
    batch.when_full([&](const DatagramBatch& full) { taken.push_back(full.size()); });
    const auto add = [&](std::size_t size) {
        REQUIRE(batch.claim(size).size() == size);
        batch.commit({}, size);
    };
    for (int i = 0; i < 3; ++i) add(4);
    CHECK(taken == std::vector<std::size_t>{2});
    batch.end_train();  // too little to be worth a call
    CHECK(batch.size() == 1);
    add(2);
    batch.end_train();
    CHECK(taken == std::vector<std::size_t>{2, 2});
    CHECK(batch.empty());
    CHECK(batch.claim(11).empty());
    CHECK(batch.dropped() == 1);
}

TEST_CASE("a datagram batch counts what does not fit") {
    DatagramBatch batch(10);
    REQUIRE(batch.claim(8).size() == 8);
    batch.commit({}, 6);
    CHECK(batch.claim(5).empty());
    CHECK(batch.dropped() == 1);
    CHECK(batch.claim(4).size() == 4);
    CHECK(batch.size() == 1);
    batch.clear();
    CHECK(batch.claim(10).size() == 10);
}
