#include "lib/base/bytes.hpp"

#include <catch2/catch.hpp>

using namespace connectsphere;

TEST_CASE("Reader takes big-endian fields in order") {
    const Buffer bytes = from_hex("01020304050607080910111213141516171819");
    Reader r(bytes);
    CHECK(r.u8() == 0x01);
    CHECK(r.u16() == 0x0203);
    CHECK(r.u24() == 0x040506);
    CHECK(r.u32() == 0x07080910);
    CHECK(r.u64() == 0x1112131415161718);
    CHECK(r.left() == 1);
    CHECK(r.ok());
}

TEST_CASE("Reader gives zero and remembers after an overrun") {
    const Buffer bytes = from_hex("0102");
    Reader r(bytes);
    CHECK(r.u32() == 0);
    CHECK_FALSE(r.ok());
    CHECK(r.u8() == 0);
    CHECK(r.left() == 0);
}

TEST_CASE("Reader refuses a length longer than what is left, however large") {
    const Buffer bytes = from_hex("ffffffff00");
    Reader r(bytes);
    const auto length = r.u32();
    CHECK(r.bytes(length).empty());
    CHECK_FALSE(r.ok());
}

TEST_CASE("Writer stops at the end of its span") {
    std::array<std::uint8_t, 3> out{};
    Writer w(out);
    w.u16(0x0102);
    w.u16(0x0304);
    CHECK_FALSE(w.ok());
    w.u8(0x05);
    CHECK(w.size() == 2);
    CHECK(to_hex(w.written()) == "0102");
}

TEST_CASE("hex goes both ways and stops at what is no digit") {
    CHECK(to_hex(from_hex("00ff10")) == "00ff10");
    CHECK(from_hex("00zz").size() == 1);
}

TEST_CASE("constant-time comparison compares content and length") {
    CHECK(equal_constant_time(from_hex("0011"), from_hex("0011")));
    CHECK_FALSE(equal_constant_time(from_hex("0011"), from_hex("0012")));
    CHECK_FALSE(equal_constant_time(from_hex("0011"), from_hex("001100")));
}
