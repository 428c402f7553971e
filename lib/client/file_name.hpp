// A name that somebody else chose, as a name that is safe for a file of ours; and ours, as others take it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "lib/base/result.hpp"

namespace connectsphere::client {

// The last part of what looks like a path, as plain text (plain_text.hpp) without a leading dot (hidden
// files); at most 200 bytes, cut before the extension. Never empty, never "." or "..".
std::string safe_file_name(std::string_view name);

// Of a file that was sent with its folder: all parts, each as above. It leads to no other place than below
// the folder that it is put in.
std::filesystem::path safe_relative_path(std::string_view name);

// Whether the server takes it: 1 to 255 bytes of UTF-8 without control characters. Slashes part the folders
// of a file that is sent with them.
Result<void> check_sent_name(const std::string& name);

// By its extension, for those who get it; "application/octet-stream" where that says nothing.
std::string media_type_of(const std::filesystem::path& path);

}  // namespace connectsphere::client
