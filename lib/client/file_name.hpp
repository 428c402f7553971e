// A name that somebody else chose, as a name that is safe for a file of ours.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace connectsphere::client {

// The last part of what looks like a path, without control characters, marks that turn the direction of text,
// leading dots (hidden files) and bytes that are no UTF-8; at most 200 bytes, cut before the extension. Never
// empty, never "." or "..".
std::string safe_file_name(std::string_view name);

// By its extension, for those who get it; "application/octet-stream" where that says nothing.
std::string media_type_of(const std::filesystem::path& path);

}  // namespace connectsphere::client
