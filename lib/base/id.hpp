// Numbers that name things, each of its own type: a session can not be passed where a room is meant.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace connectsphere {

template <class Tag, class Number>
struct Id {
    Number value{};

    constexpr auto operator<=>(const Id&) const = default;
    constexpr explicit operator bool() const { return value != Number{}; }  // zero names nothing
};

using SessionId = Id<struct SessionTag, std::uint64_t>;  // a participant's membership; survives reconnection
using RoomId = Id<struct RoomTag, std::uint64_t>;
using ConnectionId =
    Id<struct ConnectionTag, std::uint64_t>;               // one TCP connection, never reused by its process
using InstanceId = Id<struct InstanceTag, std::uint64_t>;  // one life of one process, random
using MessageId = Id<struct MessageTag, std::uint64_t>;    // a chat message
using RequestId = Id<struct RequestTag, std::uint64_t>;    // a request on a ctl link
using EpochId = Id<struct EpochTag, std::uint32_t>;        // a key set of one session and plane
using Ssrc = Id<struct SsrcTag, std::uint32_t>;            // RFC 3550 section 3

}  // namespace connectsphere

template <class Tag, class Number>
struct std::hash<connectsphere::Id<Tag, Number>> {
    std::size_t operator()(connectsphere::Id<Tag, Number> id) const noexcept {
        return std::hash<Number>{}(id.value);
    }
};
