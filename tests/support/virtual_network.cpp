#include "tests/support/virtual_network.hpp"

#include <algorithm>
#include <stdexcept>

namespace connectsphere::testing {
namespace {

// Far more than anybody needs at one instant: an engine whose deadline stays in the past is a bug, not a
// wait.
constexpr int kMaxStepsWithoutTime = 100'000;

}  // namespace

void VirtualNetwork::bind(const Address& address, Receive receive) {
    endpoints_[address] = std::move(receive);
}

void VirtualNetwork::unbind(const Address& address) { endpoints_.erase(address); }

void VirtualNetwork::set_default_link(const LinkQuality& quality) {
    default_quality_ = quality;
    for (auto& [pair, link] : links_)
        if (!own_quality_.contains(pair)) link.set_quality(quality);
}

void VirtualNetwork::set_link(const Address& from, const Address& to, const LinkQuality& quality) {
    own_quality_[{from, to}] = quality;
    link(from, to).set_quality(quality);
}

LinkCounts VirtualNetwork::link_counts(const Address& from, const Address& to) const {
    const auto found = links_.find({from, to});
    return found == links_.end() ? LinkCounts{} : found->second.counts();
}

Link& VirtualNetwork::link(const Address& from, const Address& to) {
    const auto pair = std::pair(from, to);
    if (const auto found = links_.find(pair); found != links_.end()) return found->second;
    // Each link has its own stream of random numbers: one more packet here changes nothing there.
    const auto seed = seed_ * 1'000'003 + links_.size();
    return links_.emplace(pair, Link(default_quality_, seed)).first->second;
}

void VirtualNetwork::send(const Route& route, Bytes payload) {
    const auto arrivals = link(route.local, route.peer).carry(payload.size(), now_);
    for (std::size_t i = 0; i < arrivals.count; ++i)
        inbox_[{arrivals.at[i], route.peer}].push_back({.route = {.peer = route.local, .local = route.peer},
                                                        .payload = {payload.begin(), payload.end()}});
}

void VirtualNetwork::at(Time when, std::function<void()> call) {
    events_.push({.when = std::max(when, now_), .order = event_count_++, .call = std::move(call)});
}

std::size_t VirtualNetwork::add_sleeper(Sleeper sleeper) {
    sleepers_[++sleeper_count_] = std::move(sleeper);
    return sleeper_count_;
}

void VirtualNetwork::remove_sleeper(std::size_t id) { sleepers_.erase(id); }

Time VirtualNetwork::next_event() const {
    Time next = kNever;
    if (!inbox_.empty()) next = std::min(next, inbox_.begin()->first.first);
    if (!events_.empty()) next = std::min(next, events_.top().when);
    for (const auto& [id, sleeper] : sleepers_) next = std::min(next, sleeper.deadline());
    return next;
}

void VirtualNetwork::deliver_next() {
    auto node = inbox_.extract(inbox_.begin());
    const auto endpoint = endpoints_.find(node.key().second);
    if (endpoint == endpoints_.end()) {
        undeliverable_ += node.mapped().size();
        return;
    }
    std::vector<Datagram> batch;
    for (auto& arrival : node.mapped())
        batch.push_back({.route = arrival.route, .payload = arrival.payload, .received_at = now_});
    delivered_ += batch.size();
    const Receive receive = endpoint->second;  // a copy: it may unbind itself
    receive(batch, now_);
}

// One thing at `when`: first what arrives, then what was asked for, then who has a deadline.
void VirtualNetwork::step(Time when) {
    now_ = std::max(now_, when);
    if (!inbox_.empty() && inbox_.begin()->first.first <= now_) return deliver_next();
    if (!events_.empty() && events_.top().when <= now_) {
        const auto call = events_.top().call;
        events_.pop();
        return call();
    }
    const auto due = std::find_if(sleepers_.begin(), sleepers_.end(),
                                  [&](const auto& entry) { return entry.second.deadline() <= now_; });
    if (due == sleepers_.end()) return;
    const auto wake = due->second.wake;
    wake(now_);
}

void VirtualNetwork::run_until(Time end) {
    int steps_without_time = 0;
    for (Time next = next_event(); next <= end; next = next_event()) {
        steps_without_time = next > now_ ? 0 : steps_without_time + 1;
        if (steps_without_time > kMaxStepsWithoutTime) throw std::logic_error("virtual time stands still");
        step(next);
    }
    now_ = std::max(now_, end);
}

}  // namespace connectsphere::testing
