#include "services/common/rooms.hpp"

#include <unordered_set>

namespace connectsphere {

namespace {

constexpr RoomId kIndex{};  // no room has this id: the index keeps its version there

bool same(const proto::Participant& a, const proto::Participant& b) {
    return a.ByteSizeLong() == b.ByteSizeLong() && a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace

RoomMirror::Change RoomMirror::apply(const proto::StateMessage& message) {
    Change change;
    const RoomId key = message.has_room() ? RoomId{message.room().room_id()} : kIndex;
    if (!message.has_index() && !(message.has_room() && key)) return change;
    if (instance_.value != message.instance_id()) {  // its rooms stay until the new instance speaks of them
        instance_.value = message.instance_id();
        versions_.clear();
    }
    auto [version, is_first] = versions_.try_emplace(key, message.version());
    if (!is_first && message.version() <= version->second) return change;  // a repetition
    version->second = message.version();
    if (message.has_room()) {
        replace(message.room(), change);
    } else {
        apply_index(message.index(), change);
    }
    return change;
}

void RoomMirror::replace(const proto::Room& room, Change& change) {
    const RoomId id{room.room_id()};
    auto [place, is_new] = rooms_.try_emplace(id);
    const proto::Room old = std::exchange(place->second, room);
    const auto changes = [&] { return change.joined.size() + change.updated.size() + change.left.size(); };
    for (int i = 0; i < room.participants_size(); ++i) {
        const auto& participant = room.participants(i);
        const SessionId session{participant.session_id()};
        const auto known = places_.find(session);
        if (known == places_.end()) {
            change.joined.push_back(session);
        } else if (known->second.room != id || known->second.index >= old.participants_size() ||
                   !same(old.participants(known->second.index), participant)) {
            change.updated.push_back(session);
        }
        places_[session] = Place{id, i};
    }
    remove_sessions(old, room, change);
    if (is_new || changes() > 0 || old.name() != room.name()) change.rooms.push_back(id);
}

// A session that went to another room has its place there already, and has not left.
void RoomMirror::remove_sessions(const proto::Room& old, const proto::Room& now, Change& change) {
    std::unordered_set<std::uint64_t> present;
    for (const auto& participant : now.participants()) present.insert(participant.session_id());
    for (const auto& participant : old.participants()) {
        const SessionId session{participant.session_id()};
        if (present.contains(session.value)) continue;
        const auto place = places_.find(session);
        if (place == places_.end() || place->second.room != RoomId{old.room_id()}) continue;
        places_.erase(place);
        change.left.push_back(session);
    }
}

void RoomMirror::apply_index(const proto::RoomIndex& index, Change& change) {
    const std::unordered_set<std::uint64_t> live(index.room_ids().begin(), index.room_ids().end());
    for (auto room = rooms_.begin(); room != rooms_.end();) {
        if (live.contains(room->first.value)) {
            ++room;
            continue;
        }
        change.rooms.push_back(room->first);
        versions_.erase(room->first);
        const proto::Room gone = std::move(room->second);
        room = rooms_.erase(room);
        remove_sessions(gone, proto::Room{}, change);
    }
}

const proto::Room* RoomMirror::room(RoomId id) const {
    const auto room = rooms_.find(id);
    return room == rooms_.end() ? nullptr : &room->second;
}

const proto::Participant* RoomMirror::participant(SessionId id) const {
    const auto place = places_.find(id);
    if (place == places_.end()) return nullptr;
    return &rooms_.at(place->second.room).participants(place->second.index);
}

std::optional<RoomId> RoomMirror::room_of(SessionId id) const {
    const auto place = places_.find(id);
    if (place == places_.end()) return std::nullopt;
    return place->second.room;
}

}  // namespace connectsphere
