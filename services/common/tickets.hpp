// Tickets: the ways into a bulk plane (files, screen) that were given out. A ticket is 32 random bytes, of
// which only the hash is kept; it is good once, for 30 s, for one session and its room.
#pragma once

#include <deque>
#include <map>
#include <optional>

#include "lib/base/id.hpp"
#include "lib/base/time.hpp"
#include "lib/wire/sha256.hpp"
#include "services/common/engine.hpp"

namespace connectsphere {

class Tickets {
  public:
    static constexpr Duration kLifetime = 30s;
    static constexpr std::size_t kMax = 100'000;  // then no more are given out until some are used or too old

    struct Holder {
        SessionId session;
        RoomId room;
    };

    std::optional<Buffer> issue(const Holder& holder, const Entropy& entropy, Time now);
    std::optional<Holder> redeem(Bytes ticket, Time now);

  private:
    struct Entry {
        Holder holder;
        Time expires;
    };
    void forget_expired(Time now);

    std::map<wire::Sha256, Entry> tickets_;
    std::deque<std::pair<Time, wire::Sha256>> by_age_;  // used ones too, until their time
};

}  // namespace connectsphere
