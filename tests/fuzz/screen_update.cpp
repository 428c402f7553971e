// What a presenter may send to the broker, and what viewers of all sorts then get: one that takes everything,
// one that takes nothing, and one that comes late. The input: for each message a byte (0 to 5: what, else an
// update), two lengths of 1 byte each, then that many bytes of a ScreenUpdate and of data.
#include <cstdlib>

#include "proto/client.pb.h"
#include "services/screen-broker/room_screen.hpp"

using namespace connectsphere;
using namespace connectsphere::screen_broker;

namespace {

constexpr std::size_t kWindow = 64 << 10;

struct World {
    void settle() {
        for (const auto& frame : out.frames) {
            for (const auto to : frame.to) sent[to.value] += frame.frame->size();
        }
        out.clear();
        for (std::uint64_t viewer = 1; viewer <= 3; ++viewer) {
            if (sent[viewer] - taken[viewer] > 2 * kWindow + (1 << 17))
                std::abort();  // bounded, whatever comes
        }
    }
    void take(std::uint64_t viewer) {
        if (!screen.has_viewer({viewer})) return;
        taken[viewer] = sent[viewer];
        if (!screen.received({viewer}, taken[viewer], now, out)) std::abort();
        settle();
    }

    RoomScreen screen{kWindow};
    Outbox out;
    Time now{1h};
    std::uint64_t sent[4] = {}, taken[4] = {};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    World world;
    world.screen.add_viewer({1}, world.now, world.out);
    world.screen.add_viewer({2}, world.now, world.out);
    for (Reader r({data, size}); r.left() > 0;) {
        const auto what = r.u8();
        const std::size_t message_size = r.u8(), data_size = r.u8();
        const auto message = r.bytes(message_size), tiles = r.bytes(data_size);
        if (!r.ok()) return 0;
        world.now += 10ms;
        if (what == 0) world.screen.add_viewer({3}, world.now, world.out);
        if (what == 1) world.screen.clear(world.out);
        if (what == 2) world.screen.expect_first();
        if (what == 3) (void)world.screen.need(world.now);
        if (what == 4) {
            proto::ScreenCursor cursor;
            if (cursor.ParseFromArray(message.data(), static_cast<int>(message.size())))
                (void)world.screen.cursor(cursor, tiles, world.now, world.out);
        }
        if (what > 4) {
            proto::ScreenUpdate update;
            if (update.ParseFromArray(message.data(), static_cast<int>(message.size())))
                (void)world.screen.update(update, tiles, world.now, world.out);
        }
        world.settle();
        world.take(1);
        if (what % 3 == 0) world.take(3);
    }
    return 0;
}
