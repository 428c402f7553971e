// What parses can be walked to its end, and every view read.
#include <cstdlib>

#include "lib/wire/rtcp.hpp"

using namespace connectsphere;

namespace {

std::uint64_t sum = 0;

void read_all(const wire::RtcpPacket& packet) {
    const auto add_blocks = [](const wire::ReportBlocks& blocks) {
        for (std::size_t i = 0; i < blocks.size(); ++i) sum += blocks[i].jitter;
    };
    if (const auto* sr = std::get_if<wire::SenderReport>(&packet)) add_blocks(sr->blocks);
    if (const auto* rr = std::get_if<wire::ReceiverReport>(&packet)) add_blocks(rr->blocks);
    if (const auto* sdes = std::get_if<wire::SourceDescription>(&packet)) {
        for (const char c : sdes->cname) sum += static_cast<std::uint8_t>(c);
    }
    if (const auto* bye = std::get_if<wire::Bye>(&packet)) {
        for (std::size_t i = 0; i < bye->size(); ++i) sum += (*bye)[i].value;
        for (const char c : bye->reason) sum += static_cast<std::uint8_t>(c);
    }
    if (const auto* feedback = std::get_if<wire::Feedback>(&packet)) {
        wire::for_each_nack(*feedback, [](std::uint16_t seq) { sum += seq; });
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto compound = wire::parse_rtcp({data, size});
    if (!compound) return 0;
    std::size_t packets = 0;
    while (const auto packet = compound->next()) {
        read_all(*packet);
        ++packets;
    }
    if (packets == 0 || packets > size / 4) std::abort();
    return 0;
}
