#include "services/video-relay/allocation.hpp"

#include <algorithm>

namespace connectsphere::relay {
namespace {

double cost(const Ladder& ladder) {
    return ladder.chosen < ladder.rungs.size() ? ladder.rungs[ladder.chosen].bits_per_second : 0;
}

bool is_same_picture(const Ladder& ladder, std::size_t rung) {
    return rung < ladder.rungs.size() && ladder.rungs[rung].encoding == ladder.rungs[ladder.chosen].encoding;
}

}  // namespace

void allocate(std::span<Ladder> ladders, double bits_per_second) {
    double total = 0;
    for (Ladder& ladder : ladders) {
        ladder.chosen = 0;
        total += cost(ladder);
    }
    // Takes steps down that `may_step` allows, the least important stream first, until all fit.
    const auto go_down = [&](auto may_step) {
        for (bool stepped = true; stepped && total > bits_per_second;) {
            stepped = false;
            for (std::size_t i = ladders.size(); i-- > 0 && total > bits_per_second;) {
                Ladder& ladder = ladders[i];
                if (ladder.chosen >= ladder.rungs.size() || !may_step(ladder)) continue;
                total -= cost(ladder);
                ++ladder.chosen;
                total += cost(ladder);
                stepped = true;
            }
        }
    };
    go_down([](const Ladder& ladder) { return is_same_picture(ladder, ladder.chosen + 1); });
    go_down([](const Ladder& ladder) { return ladder.chosen + 1 < ladder.rungs.size(); });
    for (std::size_t i = ladders.size(); i-- > 0 && total > bits_per_second;) {
        total -= cost(ladders[i]);
        ladders[i].chosen = ladders[i].rungs.size();
    }
}

}  // namespace connectsphere::relay
