#include "services/gateway/key_epochs.hpp"

#include <algorithm>

namespace connectsphere::gateway {

void KeyEpochs::admit(SessionId session, proto::SrtpProfile profile,
                      std::vector<proto::HeldEpoch> client_epochs) {
    auto& entry = sessions_[session];
    entry.profile = profile == proto::SRTP_PROFILE_UNSPECIFIED ? proto::AEAD_AES_128_GCM : profile;
    entry.present = true;
    for (const auto plane : kPlanes) {
        auto& holding = entry.planes[plane];
        holding.client = {};
        for (const auto& held : client_epochs) {
            if (held.plane() == plane) holding.client = {held.epoch()};
        }
        if (const auto it = service_held_.find({session, plane}); it != service_held_.end())
            holding.service = it->second;
        holding.newest = std::max({holding.newest, holding.client, holding.service});
        holding.retry_at = {};
        review(session, plane);
    }
}

void KeyEpochs::suspend(SessionId session) {
    const auto it = sessions_.find(session);
    if (it == sessions_.end()) return;
    it->second.present = false;
    for (const auto plane : kPlanes) review(session, plane);
}

void KeyEpochs::remove(SessionId session) {
    sessions_.erase(session);
    for (const auto plane : kPlanes) {
        service_held_.erase({session, plane});
        unsettled_.erase({session, plane});
    }
}

void KeyEpochs::service_up(proto::Plane plane, const std::vector<proto::HeldEpoch>& held) {
    up_.insert(plane);
    std::erase_if(service_held_, [&](const auto& entry) { return entry.first.second == plane; });
    for (const auto& epoch : held) service_held_[{SessionId{epoch.session_id()}, plane}] = {epoch.epoch()};
    for (auto& [session, entry] : sessions_) {
        auto& holding = entry.planes[plane];
        const auto it = service_held_.find({session, plane});
        holding.service = it == service_held_.end() ? EpochId{} : it->second;
        holding.newest = std::max(holding.newest, holding.service);
        holding.retry_at = {};
        review(session, plane);
    }
}

void KeyEpochs::renew(SessionId session, proto::Plane plane, EpochId used_up) {
    const auto it = sessions_.find(session);
    if (it == sessions_.end() || !used_up) return;
    auto& holding = it->second.planes[plane];
    if (holding.service != used_up) return;
    holding.service = {};
    holding.retry_at = {};
    service_held_.erase({session, plane});
    review(session, plane);
}

void KeyEpochs::review(SessionId session, proto::Plane plane) {
    const auto& entry = sessions_.at(session);
    const auto& holding = entry.planes.at(plane);
    const bool settled = holding.client && holding.client == holding.service;
    if (entry.present && !settled) {
        unsettled_.insert({session, plane});
    } else {
        unsettled_.erase({session, plane});
    }
}

std::vector<KeyEpochs::Grant> KeyEpochs::due(Time now) {
    std::vector<Grant> grants;
    for (const auto& [session, plane] : unsettled_) {
        if (!up_.contains(plane)) continue;
        auto& entry = sessions_.at(session);
        auto& holding = entry.planes.at(plane);
        if (holding.retry_at > now) continue;
        holding.newest = {holding.newest.value + 1};
        holding.pending = make_keys(entry.profile, plane, holding.newest);
        holding.retry_at = now + kGrantTimeout;
        grants.push_back({session, holding.pending});
    }
    return grants;
}

std::optional<proto::MediaKeys> KeyEpochs::granted(SessionId session, proto::Plane plane, EpochId epoch) {
    const auto it = sessions_.find(session);
    if (it == sessions_.end()) return std::nullopt;
    auto& holding = it->second.planes[plane];
    if (holding.pending.epoch() != epoch.value || !epoch) return std::nullopt;  // a newer grant is on its way
    service_held_[{session, plane}] = epoch;
    holding.service = epoch;
    auto keys = std::move(holding.pending);
    holding.pending.Clear();
    if (!it->second.present) return std::nullopt;  // on its return it says what it holds
    holding.client = epoch;
    review(session, plane);
    return keys;
}

Time KeyEpochs::deadline() const {
    Time earliest = kNever;
    for (const auto& [session, plane] : unsettled_) {
        if (up_.contains(plane))
            earliest = std::min(earliest, sessions_.at(session).planes.at(plane).retry_at);
    }
    return earliest;
}

proto::MediaKeys KeyEpochs::make_keys(proto::SrtpProfile profile, proto::Plane plane, EpochId epoch) {
    proto::MediaKeys keys;
    keys.set_plane(plane);
    keys.set_epoch(epoch.value);
    keys.set_profile(profile);
    const std::size_t salt_size = profile == proto::AEAD_AES_128_GCM ? 12 : 14;
    for (auto* master : {keys.mutable_to_server(), keys.mutable_to_client()}) {
        std::array<std::uint8_t, 16 + 14> random{};
        entropy_(random);
        master->set_key(random.data(), 16);
        master->set_salt(random.data() + 16, salt_size);
    }
    return keys;
}

}  // namespace connectsphere::gateway
