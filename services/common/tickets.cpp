#include "services/common/tickets.hpp"

namespace connectsphere {

std::optional<Buffer> Tickets::issue(const Holder& holder, const Entropy& entropy, Time now) {
    forget_expired(now);
    if (by_age_.size() >= kMax) return std::nullopt;
    Buffer ticket(32);
    entropy(ticket);
    const auto hash = wire::sha256(ticket);
    tickets_[hash] = {.holder = holder, .expires = now + kLifetime};
    by_age_.emplace_back(now + kLifetime, hash);
    return ticket;
}

std::optional<Tickets::Holder> Tickets::redeem(Bytes ticket, Time now) {
    forget_expired(now);
    const auto place = tickets_.find(wire::sha256(ticket));
    if (place == tickets_.end()) return std::nullopt;
    const auto holder = place->second.holder;
    tickets_.erase(place);
    return holder;
}

void Tickets::forget_expired(Time now) {
    for (; !by_age_.empty() && by_age_.front().first <= now; by_age_.pop_front()) {
        tickets_.erase(by_age_.front().second);
    }
}

}  // namespace connectsphere
