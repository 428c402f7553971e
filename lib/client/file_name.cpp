#include "lib/client/file_name.hpp"

#include <algorithm>
#include <cstdint>
#include <map>

namespace connectsphere::client {

namespace {

constexpr std::size_t kMaxBytes = 200;  // a file system takes 255, and ".part" and a hash follow
constexpr std::size_t kMaxExtension = 16;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The length of the well-formed UTF-8 sequence at the front, 0 where there is none (RFC 3629).
std::size_t sequence_length(std::string_view text, std::uint32_t& code_point) {
    const auto first = static_cast<unsigned char>(text[0]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (length == 0 || first > 0xF4 || length > text.size()) return 0;
    code_point = length == 1 ? first : first & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_continuation(text[i])) return 0;
        code_point = code_point << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
    }
    const bool is_overlong = (length == 3 && code_point < 0x800) || (length == 4 && code_point < 0x10000);
    const bool is_surrogate = code_point >= 0xD800 && code_point < 0xE000;
    return is_overlong || is_surrogate || code_point > 0x10FFFF ? 0 : length;
}

// Controls (C0, DEL, C1), line and paragraph separators, and what changes the direction of text: a name such
// as "exe.gpj" shown backwards lies.
bool is_harmful(std::uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

std::string shortened(std::string name) {
    if (name.size() <= kMaxBytes) return name;
    const auto dot = name.rfind('.');
    std::string extension;
    if (dot != std::string::npos && name.size() - dot <= kMaxExtension) extension = name.substr(dot);
    auto end = kMaxBytes - extension.size();
    while (end > 0 && is_continuation(name[end])) --end;
    return name.substr(0, end) + extension;
}

}  // namespace

std::string safe_file_name(std::string_view name) {
    while (!name.empty() && (name.back() == '/' || name.back() == '\\')) name.remove_suffix(1);
    if (const auto slash = name.find_last_of("/\\"); slash != std::string_view::npos)
        name.remove_prefix(slash + 1);
    std::string safe;
    while (!name.empty()) {
        std::uint32_t code_point = 0;
        const auto length = sequence_length(name, code_point);
        if (length == 0 || is_harmful(code_point)) {
            safe += '_';
        } else {
            safe += name.substr(0, length);
        }
        name.remove_prefix(std::max<std::size_t>(length, 1));
    }
    if (safe.empty()) return "file";
    if (safe[0] == '.') safe[0] = '_';
    return shortened(std::move(safe));
}

std::string media_type_of(const std::filesystem::path& path) {
    static const std::map<std::string, std::string> kTypes{
        {".txt", "text/plain"},      {".md", "text/markdown"},    {".pdf", "application/pdf"},
        {".png", "image/png"},       {".jpg", "image/jpeg"},      {".jpeg", "image/jpeg"},
        {".gif", "image/gif"},       {".webp", "image/webp"},     {".svg", "image/svg+xml"},
        {".zip", "application/zip"}, {".gz", "application/gzip"}, {".json", "application/json"},
        {".csv", "text/csv"},        {".html", "text/html"},      {".mp4", "video/mp4"},
        {".webm", "video/webm"},     {".mp3", "audio/mpeg"},      {".wav", "audio/wav"},
        {".opus", "audio/ogg"},      {".ogg", "audio/ogg"}};
    const auto type = kTypes.find(path.extension().string());
    return type == kTypes.end() ? "application/octet-stream" : type->second;
}

}  // namespace connectsphere::client
