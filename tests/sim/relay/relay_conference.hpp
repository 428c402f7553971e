// A video conference around one relay engine in virtual time: its participants (relay_participant.hpp), and
// the test as gateway (keys) and signaling (state).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "proto/client.pb.h"
#include "services/video-relay/relay_engine.hpp"
#include "tests/sim/relay/relay_participant.hpp"
#include "tests/support/virtual_service.hpp"

namespace connectsphere::test {

class Conference {
  public:
    explicit Conference(std::uint64_t seed = 1);

    Participant& join(RoomId room = RoomId{1});
    Participant& join_at(const Address& address, RoomId room = RoomId{1});
    void leave(const Participant& participant);
    void publish_state();  // as signaling would, of all rooms
    // A new epoch at both ends.
    void grant(Participant& participant, proto::SrtpProfile profile = proto::AEAD_AES_128_GCM);
    // As the gateway would: new epochs for whom the relay asks for. How many.
    int renew_keys();
    void restart_relay();      // a new process: it knows nothing
    void everybody_reports();  // so that the relay knows where they are

    // Everybody's camera runs, and everybody reports once a second.
    void run_cameras(int frames);

    void ask(const Participant& participant, proto::ClientMessage asked);
    void subscribe(const Participant& participant, const proto::Subscribe& wishes);
    void say_who_spoke(std::vector<SessionId> speakers, RoomId room = RoomId{1});  // as the mixer would
    std::vector<proto::ToGateway> take_to_gateway() { return relay->take_to_gateway(); }
    void run_for(Duration duration);  // with the participants' own deadlines

    double metric_of(std::string_view name, std::string_view label = {}) const;
    proto::SessionFigures figures_of(const Participant& participant) const;

    VirtualNetwork network;
    Address relay_address;
    std::unique_ptr<VirtualService> relay;
    std::vector<std::unique_ptr<Participant>> participants;

  private:
    std::map<std::uint64_t, RoomId> rooms_;  // by session
    std::uint64_t versions_ = 0;
    std::uint32_t epochs_ = 0;
};

}  // namespace connectsphere::test
