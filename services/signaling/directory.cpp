#include "services/signaling/directory.hpp"

#include <algorithm>

namespace connectsphere::signaling {

namespace {

template <class Map, class Key>
auto find_or_null(Map& map, const Key& key) -> decltype(&map.begin()->second) {
    const auto it = map.find(key);
    return it == map.end() ? nullptr : &it->second;
}

}  // namespace

Session* Directory::session(SessionId id) { return find_or_null(sessions_, id); }

Session* Directory::session_by_token(Bytes token) {
    const auto* id = find_or_null(by_token_, to_hex(sha256(token)));
    return id ? session(*id) : nullptr;
}

Room* Directory::room(RoomId id) { return find_or_null(rooms_, id); }

Room* Directory::room_by_name(std::string_view name) {
    const auto* id = find_or_null(by_name_, std::string(name));
    return id ? room(*id) : nullptr;
}

void Directory::put_room(Room room) {
    by_name_.emplace(room.name, room.id);
    rooms_[room.id] = std::move(room);
}

Room& Directory::add_room(std::string_view name) {
    const RoomId id{random_id()};
    put_room({.id = id, .name = std::string(name), .members = {}});
    return rooms_.at(id);
}

Session& Directory::add_session(Room& room, std::string_view name) {
    const SessionId id{random_id()};
    auto& session = sessions_[id];
    session.id = id;
    session.room = room.id;
    auto& participant = session.participant;
    participant.set_session_id(id.value);
    participant.set_name(name.data(), name.size());
    participant.set_role(room.members.empty() ? proto::HOST : proto::PARTICIPANT);
    participant.set_audio_ssrc(new_ssrc());
    participant.set_mix_ssrc(new_ssrc());
    participant.set_video_rtcp_ssrc(new_ssrc());
    room.members.push_back(id);
    return session;
}

Session* Directory::restore(const proto::SessionRecord& record) {
    const SessionId id{record.participant().session_id()};
    const RoomId room_id{record.room_id()};
    Sha256 token{}, previous{};
    if (!id || !room_id || record.room_name().empty() || record.token_hash().size() != token.size())
        return nullptr;
    if (sessions_.contains(id)) return nullptr;
    std::copy(record.token_hash().begin(), record.token_hash().end(), token.begin());
    if (record.previous_token_hash().size() == previous.size()) {
        std::copy(record.previous_token_hash().begin(), record.previous_token_hash().end(), previous.begin());
    }
    if (!rooms_.contains(room_id)) put_room({.id = room_id, .name = record.room_name(), .members = {}});
    auto& session = sessions_[id];
    session.id = id;
    session.room = room_id;
    session.participant = record.participant();
    session.peer_ip = record.peer_ip();
    session.srtp_profile = record.srtp_profile();
    session.token = token;
    session.previous_token = previous;
    session.accepted.assign(record.accepted().begin(), record.accepted().end());
    by_token_[to_hex(token)] = id;
    if (previous != Sha256{}) by_token_[to_hex(previous)] = id;
    for (const auto ssrc : {session.participant.audio_ssrc(), session.participant.mix_ssrc(),
                            session.participant.video_rtcp_ssrc()}) {
        ssrcs_.insert(ssrc);
    }
    for (const auto& stream : session.participant.streams()) {
        for (const auto& encoding : stream.encodings()) ssrcs_.insert(encoding.ssrc());
    }
    auto& members = rooms_.at(room_id).members;
    const auto joined_later = [&](SessionId other) {
        return sessions_.at(other).participant.joined_at() > session.participant.joined_at();
    };
    members.insert(std::find_if(members.begin(), members.end(), joined_later), id);
    return &session;
}

proto::SessionRecord Directory::record(const Session& session) {
    proto::SessionRecord record;
    *record.mutable_participant() = session.participant;
    record.set_room_id(session.room.value);
    record.set_room_name(room(session.room)->name);
    record.set_token_hash(session.token.data(), session.token.size());
    record.set_previous_token_hash(session.previous_token.data(), session.previous_token.size());
    record.set_srtp_profile(session.srtp_profile);
    record.set_peer_ip(session.peer_ip);
    for (const auto& accepted : session.accepted) *record.add_accepted() = accepted;
    return record;
}

void Directory::remove_session(SessionId id) {
    auto* gone = session(id);
    if (!gone) return;
    forget_token(gone->token);
    forget_token(gone->previous_token);
    const auto& participant = gone->participant;
    for (const auto ssrc :
         {participant.audio_ssrc(), participant.mix_ssrc(), participant.video_rtcp_ssrc()}) {
        release_ssrc(ssrc);
    }
    for (const auto& stream : participant.streams()) {
        for (const auto& encoding : stream.encodings()) release_ssrc(encoding.ssrc());
    }
    if (auto* home = room(gone->room)) {
        std::erase(home->members, id);
        if (home->members.empty()) {
            by_name_.erase(home->name);
            rooms_.erase(home->id);
        }
    }
    sessions_.erase(id);
}

Buffer Directory::rotate_token(Session& session, Bytes used) {
    Buffer token(32);
    entropy_(token);
    if (!used.empty() && sha256(used) == session.previous_token) {
        forget_token(session.token);  // never reached the client
    } else {
        forget_token(session.previous_token);
        session.previous_token = session.token;
    }
    session.token = sha256(token);
    by_token_[to_hex(session.token)] = session.id;
    return token;
}

Session* Directory::member_by_name(const Room& room, std::string_view name) {
    const auto it = std::find_if(room.members.begin(), room.members.end(),
                                 [&](SessionId id) { return session(id)->participant.name() == name; });
    return it == room.members.end() ? nullptr : session(*it);
}

std::string Directory::free_name(const Room& room, std::string_view name, std::size_t max_bytes) {
    for (int n = 2;; ++n) {
        const auto number = " " + std::to_string(n);
        auto end = std::min(name.size(), max_bytes - number.size());
        // Not within a UTF-8 sequence.
        while (end > 0 && end < name.size() && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
        auto candidate = std::string(name.substr(0, end)) + number;
        if (!member_by_name(room, candidate)) return candidate;
    }
}

std::uint64_t Directory::random_id() {
    // 53 bits, so that JSON numbers hold it exactly everywhere.
    std::array<std::uint8_t, 8> bytes{};
    for (;;) {
        entropy_(bytes);
        const auto id = Reader(bytes).u64() >> 11;
        if (id != 0 && !sessions_.contains({id}) && !rooms_.contains({id})) return id;
    }
}

std::uint32_t Directory::new_ssrc() {
    std::array<std::uint8_t, 4> bytes{};
    for (;;) {
        entropy_(bytes);
        const auto ssrc = Reader(bytes).u32();
        if (ssrc != 0 && ssrcs_.insert(ssrc).second) return ssrc;
    }
}

}  // namespace connectsphere::signaling
