// What was said, as a text for people to keep; and what its lines are made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/client.pb.h"

namespace connectsphere::client {

std::string rfc3339(std::uint64_t unix_ms);  // UTC with milliseconds: "2026-01-31T09:30:00.250Z"

// "14:05", local time; on another day than `now_ms` with its date.
std::string clock_text(std::uint64_t unix_ms, std::uint64_t now_ms);

// What others wrote must not command a terminal: plain_text.hpp. Further lines are indented.
std::string clean(std::string_view text);

// A line a message: "2026-01-31T09:30:00.250Z Ann to Ben (private): hello (edited)".
std::string transcript(const proto::History& history);

}  // namespace connectsphere::client
