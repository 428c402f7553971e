// MediaSessions: what the two media planes have in common. It says which packet counts and where answers go.
// Media flow for a session needs two things, which arrive in any order over different links: its keys (ctl)
// and its membership (state); losing either stops it.
//
//     datagram ─► size ─► SSRC ─► session ─► member? ─► keys? ─► SRTP tag, replay ─► Accepted
//                   └───────┴─────────┴─────────┴─────────┴───────────┴─► counted drop
//
// The source of the newest packet that verifies is the session's media address: NAT and roaming need nothing
// more, and who only listens says where it is with RTCP.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/base/datagram.hpp"
#include "lib/base/id.hpp"
#include "lib/base/result.hpp"
#include "lib/base/seq.hpp"
#include "lib/base/time.hpp"
#include "lib/wire/rtp.hpp"
#include "lib/wire/srtp.hpp"
#include "proto/bus.pb.h"
#include "proto/client.pb.h"
#include "services/common/outbox.hpp"
#include "services/common/rooms.hpp"

namespace connectsphere {

// Why a datagram did not count.
enum class MediaDrop {
    malformed,     // neither RTP nor RTCP, or longer than kMaxDatagramAccepted
    unknown_ssrc,  // nobody's
    not_a_member,  // its session has left
    no_key,        // its session's keys have not come, or were revoked
    wrong_kind,    // RTP on an SSRC that is for RTCP alone, or a payload type that is not of the plane
    forged,        // the tag does not verify
    replayed,      // seen before, or too old to tell
    full,          // its session has used more SSRCs under one key than there are places
};
constexpr std::size_t kMediaDropKinds = 8;
std::string_view name(MediaDrop reason);

// A session as a media plane sees it.
struct MediaSession {
    SessionId id;
    bool member = false;
    EpochId epoch;
    std::optional<wire::SrtpReceiver> from_client;  // both or none: the keys of the epoch
    std::optional<wire::SrtpSender> to_client;
    std::optional<Route> route;   // where it is; none until a packet has verified
    bool route_declared = false;  // by ReceiveAt: then packets do not move it

    bool has_keys() const { return to_client.has_value(); }
    void move_to(const Route& seen) {
        if (!route_declared) route = seen;
    }
    void forget_route() {
        route.reset();
        route_declared = false;
    }
    bool reachable() const { return member && has_keys() && route.has_value(); }
};

// A packet that counts, as plain bytes in the datagram's own memory.
struct AcceptedMedia {
    MediaSession* session;             // valid until MediaSessions changes
    Bytes packet;                      // whole, without the tag
    std::optional<wire::RtpView> rtp;  // none: `packet` is compound RTCP
};

class MediaSessions {
  public:
    // Keys of a session that is in no room are forgotten after this time.
    static constexpr Duration kAbsence = 60s;

    explicit MediaSessions(proto::Plane plane) : plane_(plane) {}

    // ctl: takes grant_keys, answered with Done, and revoke_keys; says whose keys are new or gone. Keys that
    // are already held change nothing: a repeated grant must not start the counters again. Answers the
    // clients' ReceiveAt, too.
    std::optional<SessionId> on_ctl(const proto::ToService& message, Time now, Outbox& out);
    // state: after every snapshot that the mirror took.
    void on_rooms(const RoomMirror& mirror, const RoomMirror::Change& change, Time now);
    void fill_hello(proto::ServiceHello& hello) const;  // the epochs that are held

    // Verifies, decrypts in place and notes the address. The error's text is the name of the counted drop.
    Result<AcceptedMedia> accept(Datagram& datagram);

    MediaSession* find(SessionId id);  // nullptr: neither keys nor membership
    std::size_t size() const { return sessions_.size(); }

    // Engines count here what they drop themselves.
    void count(MediaDrop reason) { ++drops_[static_cast<std::size_t>(reason)]; }
    std::uint64_t drops(MediaDrop reason) const { return drops_[static_cast<std::size_t>(reason)]; }
    std::uint64_t refused_grants() const { return refused_grants_; }  // with keys of a wrong size

  private:
    struct Entry {
        MediaSession session;
        std::vector<Ssrc> ssrcs;
        proto::GrantKeys grant;  // as it came, to tell a repeated grant from new keys
        Time absent_since;       // while it is no member
    };
    struct Owner {
        Entry* entry;  // of sessions_, whose nodes do not move
        bool rtcp_only;
        SeqUnwrapper newest;  // tells a packet that was overtaken, whose source says nothing
    };

    void on_request(std::uint64_t request_id, const proto::ClientRequest& request, Outbox& out);
    proto::ServerMessage receive_at(const proto::ClientRequest& request, const proto::ClientMessage& message);
    bool grant(const proto::GrantKeys& keys, Time now);
    bool revoke(SessionId id);
    void join(const proto::Participant& participant);
    void leave(SessionId id, Time now);
    void claim(Entry& entry, Ssrc ssrc, bool rtcp_only);
    void release_ssrcs(Entry& entry);
    void forget_absent(Time now);

    Result<Owner*> owner_of(Ssrc ssrc);  // of a session for which media flow
    Result<AcceptedMedia> accept_rtp(Datagram& datagram);
    Result<AcceptedMedia> accept_rtcp(Datagram& datagram);
    Error drop(MediaDrop reason);
    Error drop(const Error& srtp_error);

    proto::Plane plane_;
    std::unordered_map<SessionId, Entry> sessions_;
    std::unordered_map<Ssrc, Owner> owners_;
    std::array<std::uint64_t, kMediaDropKinds> drops_{};
    std::uint64_t refused_grants_ = 0;
};

}  // namespace connectsphere
