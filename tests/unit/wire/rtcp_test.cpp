#include "lib/wire/rtcp.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace connectsphere;
using namespace connectsphere::wire;

namespace {

using Seqs = std::vector<std::uint16_t>;

template <class Write>
Buffer written(Write write) {
    Buffer out(2000);
    Writer w(out);
    write(w);
    REQUIRE(w.ok());
    out.resize(w.size());
    return out;
}

Buffer hex(std::string text) {
    std::erase(text, ' ');
    return from_hex(text);
}

template <class T>
T only(const Buffer& bytes) {
    auto compound = parse_rtcp(bytes);
    REQUIRE(compound);
    const auto packet = compound->next();
    REQUIRE(packet);
    CHECK_FALSE(compound->next());
    REQUIRE(std::holds_alternative<T>(*packet));
    return std::get<T>(*packet);
}

constexpr ReportBlock kBlock{.ssrc = {9},
                             .fraction_lost = 128,
                             .lost = -2,
                             .highest_seq = 0x00011234,
                             .jitter = 7,
                             .last_report = 0x11223344,
                             .delay = 0x55};

// One of everything.
Buffer full_compound() {
    return written([](Writer& w) {
        write_sender_report(w, {1}, {.ntp = 2, .rtp_timestamp = 3, .packets = 4, .bytes = 5},
                            {{kBlock, kBlock}});
        write_receiver_report(w, {1}, {{kBlock}});
        write_cname(w, {1}, "me");
        write_nack(w, {1}, {9}, Seqs{1, 2});
        write_pli(w, {1}, {9});
        write_bye(w, {1});
    });
}

}  // namespace

TEST_CASE("RTCP packets have their golden bytes") {
    const std::string block = "00000009 80 fffffe 00011234 00000007 11223344 00000055";
    CHECK(written([](Writer& w) {
              write_sender_report(w, {0xA1},
                                  {.ntp = 0x0102030405060708, .rtp_timestamp = 3, .packets = 4, .bytes = 5},
                                  {{kBlock}});
          }) == hex("81c8000c 000000a1 01020304 05060708 00000003 00000004 00000005" + block));
    CHECK(written([](Writer& w) { write_receiver_report(w, {0xA1}, {{kBlock}}); }) ==
          hex("81c90007 000000a1" + block));
    CHECK(written([](Writer& w) { write_receiver_report(w, {0xA1}); }) == hex("80c90001 000000a1"));
    CHECK(written([](Writer& w) { write_cname(w, {0xA1}, "abc"); }) ==
          hex("81ca0003 000000a1 01 03 616263 000000"));
    CHECK(written([](Writer& w) { write_cname(w, {0xA1}, "ab"); }) ==
          hex("81ca0003 000000a1 01 02 6162 00000000"));
    CHECK(written([](Writer& w) { write_bye(w, {0xA1}); }) == hex("81cb0001 000000a1"));
    CHECK(written([](Writer& w) { write_pli(w, {0xA1}, {0xB2}); }) == hex("81ce0002 000000a1 000000b2"));
    CHECK(written([](Writer& w) {
              write_nack(w, {0xA1}, {0xB2}, Seqs{10, 11, 26, 27});
          }) == hex("81cd0004 000000a1 000000b2 000a 8001 001b 0000"));
}

TEST_CASE("a compound is walked packet by packet") {
    const Buffer bytes = full_compound();
    auto compound = parse_rtcp(bytes);
    REQUIRE(compound);
    const auto sr = std::get<SenderReport>(*compound->next());
    CHECK(sr.sender == Ssrc{1});
    CHECK(sr.info == SenderInfo{.ntp = 2, .rtp_timestamp = 3, .packets = 4, .bytes = 5});
    REQUIRE(sr.blocks.size() == 2);
    CHECK(sr.blocks[1] == kBlock);
    const auto rr = std::get<ReceiverReport>(*compound->next());
    REQUIRE(rr.blocks.size() == 1);
    CHECK(rr.blocks[0] == kBlock);
    const auto sdes = std::get<SourceDescription>(*compound->next());
    CHECK(sdes.ssrc == Ssrc{1});
    CHECK(sdes.cname == "me");
    CHECK(std::get<Feedback>(*compound->next()).is_nack());
    const auto pli = std::get<Feedback>(*compound->next());
    CHECK(pli.is_pli());
    CHECK_FALSE(pli.is_nack());
    CHECK(pli.media == Ssrc{9});
    CHECK(std::get<Bye>(*compound->next())[0] == Ssrc{1});
    CHECK_FALSE(compound->next());
}

TEST_CASE("a NACK asks for what was lost, across the wrap") {
    const Seqs cases[] = {{5}, {5, 6, 7}, {5, 21}, {5, 22}, {65'534, 65'535, 0, 1, 15, 40}, {1, 1000, 2000}};
    for (const auto& lost : cases) {
        const Buffer bytes = written([&](Writer& w) { write_nack(w, {1}, {2}, lost); });
        Seqs asked;
        for_each_nack(only<Feedback>(bytes), [&](std::uint16_t seq) { asked.push_back(seq); });
        CHECK(asked == lost);
    }
}

TEST_CASE("a CNAME of any length keeps to whole words") {
    for (std::size_t size = 1; size <= kMaxCname; ++size) {
        const std::string cname(size, 'c');
        const Buffer bytes = written([&](Writer& w) { write_cname(w, {1}, cname); });
        CHECK(bytes.size() % 4 == 0);
        CHECK(only<SourceDescription>(bytes).cname == cname);
    }
}

TEST_CASE("what stock senders add is understood or passed over") {
    const Buffer items = hex("82ca0006 00000001 02 01 78 00 00000002 06 01 79 01 02 7a7a 000000 0000");
    const auto sdes = only<SourceDescription>(items);
    CHECK(sdes.ssrc == Ssrc{2});
    CHECK(sdes.cname == "zz");

    const Buffer bye = hex("82cb0004 00000001 00000002 04 6f766572 000000");
    CHECK(only<Bye>(bye).size() == 2);
    CHECK(only<Bye>(bye).reason == "over");

    const Buffer remb = hex("8fce0003 00000001 00000000 52454d42");
    CHECK(only<Feedback>(remb).format == 15);
    CHECK(to_hex(only<Feedback>(remb).fci) == "52454d42");

    const Buffer app = hex("80cc0002 00000001 41424344");
    CHECK(only<OtherRtcp>(app).type == 204);

    const Buffer padded = hex("a0c90002 00000001 00000004");
    CHECK(only<ReceiverReport>(padded).sender == Ssrc{1});
}

TEST_CASE("malformed compounds are refused whole") {
    const char* compounds[] = {
        "40c90001 00000001",                             // version 1
        "80600001 00000001",                             // an RTP type
        "81c90001 00000001",                             // a block that is not there
        "80c90000",                                      // no SSRC
        "82cb0001 00000001",                             // a BYE of two with one SSRC
        "81cb0002 00000001 04616263",                    // a reason beyond the packet
        "81ca0002 00000001 01 ff 6162",                  // an item beyond the packet
        "81ca0002 00000001 01 02 6162",                  // items without an end
        "81cd0001 00000001",                             // feedback without a medium
        "a0c90001 00000001",                             // a padding of one byte
        "a0c90002 00000001 00000000",                    // a padding of none
        "a0c90002 00000001 000000fc",                    // more padding than packet
        "a0c90002 00000001 00000004 80c90001 00000001",  // padding before the end
        "80c90001 00000001 00",                          // a rest
    };
    for (const auto* compound : compounds) {
        INFO(compound);
        CHECK_FALSE(parse_rtcp(hex(compound)));
    }
}

TEST_CASE("a truncated compound is refused but between its packets") {
    const Buffer bytes = full_compound();
    int whole = 0;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        if (parse_rtcp(Bytes(bytes).first(size))) ++whole;
    }
    CHECK(whole == 5);
}
