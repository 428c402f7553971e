// KeyEpochs: who holds which media keys, and when new ones are due. An epoch is one key set of a session on a
// UDP plane; it is in force when the client and the plane's service hold the same one. Whenever either lost
// its state (a new session, a restarted service, a client that comes back without its keys), or a key has no
// places left for further SSRCs, a new epoch is made, granted to the service and, once the service has it,
// told to the client. A gateway that restarts learns from both what they hold and changes no key.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "lib/base/id.hpp"
#include "lib/base/time.hpp"
#include "proto/media.pb.h"
#include "services/common/engine.hpp"

namespace connectsphere::gateway {

class KeyEpochs {
  public:
    struct Grant {
        SessionId session;
        proto::MediaKeys keys;  // as the client will be told, without the port
    };

    explicit KeyEpochs(Entropy entropy) : entropy_(std::move(entropy)) {}

    // A session is connected, with the epochs that its client says it holds.
    void admit(SessionId session, proto::SrtpProfile profile, std::vector<proto::HeldEpoch> client_epochs);
    // Its connection broke: nothing is granted until it is admitted again.
    void suspend(SessionId session);
    void remove(SessionId session);

    // The service of a plane is there, or there again, with the epochs that it holds.
    void service_up(proto::Plane plane, const std::vector<proto::HeldEpoch>& held);

    // The service has used up the keys of this epoch: new ones are due, unless they are on their way.
    void renew(SessionId session, proto::Plane plane, EpochId used_up);

    // Grants to send now. Each is repeated after kGrantTimeout until granted() or failed().
    std::vector<Grant> due(Time now);
    // The service has the keys of the newest grant: they are to be told to the client, this once.
    std::optional<proto::MediaKeys> granted(SessionId session, proto::Plane plane, EpochId epoch);
    // When due() must be asked again; kNever while all is settled.
    Time deadline() const;

    static constexpr Duration kGrantTimeout = 2s;
    static constexpr std::array kPlanes{proto::PLANE_AUDIO, proto::PLANE_VIDEO};

  private:
    struct Holding {
        EpochId newest;            // the highest number that anybody was seen to hold
        EpochId client;            // zero: none
        EpochId service;           // zero: none
        proto::MediaKeys pending;  // granted, not yet acknowledged
        Time retry_at{};
    };
    struct Session {
        proto::SrtpProfile profile;
        bool present;
        std::map<proto::Plane, Holding> planes;
    };
    using Key = std::pair<SessionId, proto::Plane>;

    void review(SessionId session, proto::Plane plane);
    proto::MediaKeys make_keys(proto::SrtpProfile profile, proto::Plane plane, EpochId epoch);

    Entropy entropy_;
    std::map<SessionId, Session> sessions_;
    std::map<Key, EpochId> service_held_;  // reported by services; sessions not (yet) admitted included
    std::set<proto::Plane> up_;            // planes whose service has said Hello
    std::set<Key> unsettled_;
};

}  // namespace connectsphere::gateway
