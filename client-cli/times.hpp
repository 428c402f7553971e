// Times as people write them, and as scripts read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.hpp"
#include "lib/base/time.hpp"
#include "lib/client/transcript.hpp"

namespace connectsphere::cli {

// "10", "10s", "500ms", "2m", "1h", "3d".
Result<Duration> parse_duration(const std::string& text);

// How long ago ("2h"), or when (RFC 3339: "2026-01-31T09:30:00Z", "2026-01-31T10:30:00+01:00", or the date
// alone, midnight UTC); as Unix milliseconds.
Result<std::uint64_t> parse_since(const std::string& text, std::uint64_t now_ms);

using client::rfc3339;
std::uint64_t unix_ms_now();

}  // namespace connectsphere::cli
