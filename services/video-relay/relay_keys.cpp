// New keys before the old ones are used up. Each SSRC takes a place of a key for as long as the key lives: an
// end that forgot one would take its old packets for new. So places are not given back, the key is renewed
// (docs/decisions/0002). The gateway makes it and tells both ends.
#include <algorithm>

#include "services/video-relay/relay_engine.hpp"

namespace connectsphere::relay {

void VideoRelayEngine::renew_keys(Time now, Outbox& out) {
    for (auto& [id, member] : switchboard_.all_members()) {
        const MediaSession* session = sessions_.find(id);
        if (session == nullptr || !session->has_keys()) continue;
        const std::size_t most = std::max(member.forwardings.size(), session->from_client->sources());
        if (most < kFewPlacesLeft) continue;
        choose_at_ = std::min(choose_at_, now + kRenewGap);  // the gateway may be away
        if (now < member.renew_at) continue;
        member.renew_at = now + kRenewGap;
        ++counters_.renewals;
        auto& renew = *out.to_gateway.emplace_back().mutable_renew_keys();
        renew.set_session_id(id.value);
        renew.set_epoch(session->epoch.value);
    }
}

}  // namespace connectsphere::relay
