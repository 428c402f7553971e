#include "services/common/media_plane.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace connectsphere {
namespace {

std::optional<wire::SrtpProfile> profile_of(proto::SrtpProfile profile) {
    switch (profile) {
        case proto::AEAD_AES_128_GCM:
            return wire::SrtpProfile::aead_aes_128_gcm;
        case proto::AES_CM_128_HMAC_SHA1_80:
            return wire::SrtpProfile::aes_cm_128_hmac_sha1_80;
        default:
            return std::nullopt;
    }
}

std::optional<wire::SrtpKey> srtp_key(wire::SrtpProfile profile, const proto::MasterKey& master) {
    wire::SrtpKey key{.profile = profile};
    if (master.key().size() != key.key.size()) return std::nullopt;
    if (master.salt().size() != wire::srtp_salt_size(profile)) return std::nullopt;
    std::ranges::copy(as_bytes(master.key()), key.key.begin());
    std::ranges::copy(as_bytes(master.salt()), key.salt.begin());
    return key;
}

bool is_usable(const proto::GrantKeys& keys) {
    const auto profile = profile_of(keys.profile());
    return keys.session_id() != 0 && profile && srtp_key(*profile, keys.from_client()) &&
           srtp_key(*profile, keys.to_client());
}

bool same(const proto::MasterKey& a, const proto::MasterKey& b) {
    return equal_constant_time(as_bytes(a.key()), as_bytes(b.key())) &&
           equal_constant_time(as_bytes(a.salt()), as_bytes(b.salt()));
}

bool same(const proto::GrantKeys& a, const proto::GrantKeys& b) {
    return a.epoch() == b.epoch() && a.profile() == b.profile() && same(a.from_client(), b.from_client()) &&
           same(a.to_client(), b.to_client());
}

struct PlaneSsrc {
    Ssrc ssrc;
    bool rtcp_only;
};

std::vector<PlaneSsrc> ssrcs_of(const proto::Participant& participant, proto::Plane plane) {
    if (plane == proto::PLANE_AUDIO) return {{{participant.audio_ssrc()}, false}};
    std::vector<PlaneSsrc> ssrcs{{{participant.video_rtcp_ssrc()}, true}};
    for (const auto& stream : participant.streams()) {
        if (stream.kind() != proto::VIDEO) continue;
        for (const auto& encoding : stream.encodings()) {
            ssrcs.push_back({{encoding.ssrc()}, false});
            ssrcs.push_back({{encoding.rtx_ssrc()}, false});
        }
    }
    return ssrcs;
}

// RFC 3550 section 6.4: the sender's SSRC is the second word of every first packet of a compound.
Ssrc rtcp_sender(Bytes packet) {
    Reader r(packet);
    r.skip(4);
    return {r.u32()};
}

}  // namespace

std::string_view name(MediaDrop reason) {
    static constexpr std::array<std::string_view, kMediaDropKinds> kNames{
        "malformed", "unknown-ssrc", "not-a-member", "no-key", "wrong-kind", "forged", "replayed", "full"};
    return kNames[static_cast<std::size_t>(reason)];
}

std::optional<SessionId> MediaSessions::on_ctl(const proto::ToService& message, Time now, Outbox& out) {
    std::optional<SessionId> changed;
    if (message.has_grant_keys()) {
        const auto& keys = message.grant_keys();
        if (!is_usable(keys)) {
            ++refused_grants_;  // unanswered: the gateway's request times out, and it tells its client
            return std::nullopt;
        }
        if (grant(keys, now)) changed = SessionId{keys.session_id()};
    } else if (message.has_revoke_keys()) {
        const SessionId id{message.revoke_keys().session_id()};
        if (revoke(id)) changed = id;
    } else {
        if (message.has_client_request()) on_request(message.request_id(), message.client_request(), out);
        return std::nullopt;
    }
    if (message.request_id() != 0) {
        auto& answer = out.to_gateway.emplace_back();
        answer.set_request_id(message.request_id());
        answer.mutable_done();
    }
    return changed;
}

void MediaSessions::on_rooms(const RoomMirror& mirror, const RoomMirror::Change& change, Time now) {
    // What the mirror says now counts, whatever the change was: leaving one room for another is one change.
    for (const auto* ids : {&change.left, &change.joined, &change.updated}) {
        for (const SessionId id : *ids) {
            if (const auto* participant = mirror.participant(id)) {
                join(*participant);
            } else {
                leave(id, now);
            }
        }
    }
    forget_absent(now);
}

void MediaSessions::fill_hello(proto::ServiceHello& hello) const {
    for (const auto& [id, entry] : sessions_) {
        if (!entry.session.has_keys()) continue;
        auto& held = *hello.add_held_epochs();
        held.set_plane(plane_);
        held.set_epoch(entry.session.epoch.value);
        held.set_session_id(id.value);
    }
}

MediaSession* MediaSessions::find(SessionId id) {
    const auto found = sessions_.find(id);
    return found == sessions_.end() ? nullptr : &found->second.session;
}

Result<AcceptedMedia> MediaSessions::accept(Datagram& datagram) {
    if (datagram.payload.size() > kMaxDatagramAccepted) return drop(MediaDrop::malformed);
    return wire::is_rtcp(datagram.payload) ? accept_rtcp(datagram) : accept_rtp(datagram);
}

Result<AcceptedMedia> MediaSessions::accept_rtp(Datagram& datagram) {
    const auto header = wire::parse_rtp_header(datagram.payload);
    if (!header) return drop(MediaDrop::malformed);
    const auto owner = owner_of(header->header.ssrc);
    if (!owner) return owner.error();
    if ((*owner)->rtcp_only) return drop(MediaDrop::wrong_kind);

    MediaSession& session = (*owner)->entry->session;
    const auto size = session.from_client->unprotect_rtp(datagram.payload);
    if (!size) return drop(size.error());
    const Bytes plain = datagram.payload.first(*size);
    const auto rtp = wire::parse_rtp(plain);
    if (!rtp) return drop(MediaDrop::malformed);

    SeqUnwrapper& newest = (*owner)->newest;
    const auto before = newest.highest();
    if (newest.unwrap(header->header.seq) > before.value_or(0)) session.move_to(datagram.route);
    return AcceptedMedia{.session = &session, .packet = plain, .rtp = *rtp};
}

Result<AcceptedMedia> MediaSessions::accept_rtcp(Datagram& datagram) {
    const auto owner = owner_of(rtcp_sender(datagram.payload));
    if (!owner) return owner.error();
    MediaSession& session = (*owner)->entry->session;
    const auto size = session.from_client->unprotect_rtcp(datagram.payload);
    if (!size) return drop(size.error());
    session.move_to(datagram.route);
    return AcceptedMedia{.session = &session, .packet = datagram.payload.first(*size), .rtp = std::nullopt};
}

Result<MediaSessions::Owner*> MediaSessions::owner_of(Ssrc ssrc) {
    const auto found = owners_.find(ssrc);
    if (found == owners_.end()) return drop(MediaDrop::unknown_ssrc);
    const MediaSession& session = found->second.entry->session;
    if (!session.member) return drop(MediaDrop::not_a_member);
    if (!session.has_keys()) return drop(MediaDrop::no_key);
    return &found->second;
}

Error MediaSessions::drop(MediaDrop reason) {
    count(reason);
    return {reason == MediaDrop::malformed ? Errc::malformed : Errc::refused, std::string(name(reason))};
}

Error MediaSessions::drop(const Error& srtp_error) {
    switch (srtp_error.code) {
        case Errc::forged:
            return drop(MediaDrop::forged);
        case Errc::replayed:
            return drop(MediaDrop::replayed);
        case Errc::full:
            return drop(MediaDrop::full);
        default:
            return drop(MediaDrop::malformed);
    }
}

bool MediaSessions::grant(const proto::GrantKeys& keys, Time now) {
    const SessionId id{keys.session_id()};
    Entry& entry = sessions_[id];
    entry.session.id = id;
    if (!entry.session.member) entry.absent_since = now;
    if (entry.session.has_keys() && same(entry.grant, keys)) return false;

    const auto profile = *profile_of(keys.profile());
    entry.grant = keys;
    entry.session.epoch = {keys.epoch()};
    entry.session.from_client.emplace(*srtp_key(profile, keys.from_client()));
    entry.session.to_client.emplace(*srtp_key(profile, keys.to_client()));
    // A new epoch starts its sequence numbers anew.
    for (const Ssrc ssrc : entry.ssrcs) owners_.at(ssrc).newest = {};
    forget_absent(now);
    return true;
}

bool MediaSessions::revoke(SessionId id) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end() || !found->second.session.has_keys()) return false;
    Entry& entry = found->second;
    entry.grant.Clear();
    entry.session.from_client.reset();
    entry.session.to_client.reset();
    entry.session.forget_route();
    if (!entry.session.member) {
        release_ssrcs(entry);
        sessions_.erase(found);
    }
    return true;
}

void MediaSessions::join(const proto::Participant& participant) {
    const SessionId id{participant.session_id()};
    Entry& entry = sessions_[id];
    entry.session.id = id;
    entry.session.member = true;
    const auto ssrcs = ssrcs_of(participant, plane_);
    // What is still owned keeps its state: a snapshot that changed a name must not disturb a stream.
    const auto gone = [&](Ssrc ssrc) {
        return std::ranges::none_of(ssrcs, [ssrc](const PlaneSsrc& s) { return s.ssrc == ssrc; });
    };
    for (const Ssrc ssrc : entry.ssrcs) {
        if (gone(ssrc)) owners_.erase(ssrc);
    }
    std::erase_if(entry.ssrcs, gone);
    for (const auto& [ssrc, rtcp_only] : ssrcs) {
        if (ssrc) claim(entry, ssrc, rtcp_only);
    }
}

void MediaSessions::leave(SessionId id, Time now) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    Entry& entry = found->second;
    if (entry.session.member) entry.absent_since = now;
    entry.session.member = false;
    entry.session.forget_route();
    if (!entry.session.has_keys()) {
        release_ssrcs(entry);
        sessions_.erase(found);
    }
}

void MediaSessions::claim(Entry& entry, Ssrc ssrc, bool rtcp_only) {
    const auto [found, is_new] = owners_.try_emplace(ssrc, Owner{&entry, rtcp_only, {}});
    if (!is_new && found->second.entry == &entry) return;
    if (!is_new) {
        std::erase(found->second.entry->ssrcs, ssrc);  // of a session that has left: the mirror has no twins
        found->second = Owner{&entry, rtcp_only, {}};
    }
    entry.ssrcs.push_back(ssrc);
}

void MediaSessions::release_ssrcs(Entry& entry) {
    for (const Ssrc ssrc : entry.ssrcs) owners_.erase(ssrc);
    entry.ssrcs.clear();
}

void MediaSessions::forget_absent(Time now) {
    for (auto item = sessions_.begin(); item != sessions_.end();) {
        Entry& entry = item->second;
        if (entry.session.member || now - entry.absent_since < kAbsence) {
            ++item;
            continue;
        }
        release_ssrcs(entry);
        item = sessions_.erase(item);
    }
}

}  // namespace connectsphere
