#include "lib/client/file_name.hpp"

#include <algorithm>
#include <map>

#include "lib/client/plain_text.hpp"

namespace connectsphere::client {

namespace {

constexpr std::size_t kMaxBytes = 200;  // a file system takes 255, and ".part" and a hash follow
constexpr std::size_t kMaxExtension = 16;
constexpr std::size_t kMaxSentBytes = 255;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

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
    auto safe = plain(name, '_');
    if (safe.empty()) return "file";
    if (safe[0] == '.') safe[0] = '_';
    return shortened(std::move(safe));
}

std::filesystem::path safe_relative_path(std::string_view name) {
    std::filesystem::path path;
    while (!name.empty()) {
        const auto end = std::min(name.find('/'), name.size());
        if (end > 0) path /= safe_file_name(name.substr(0, end));
        name.remove_prefix(std::min(end + 1, name.size()));
    }
    return path.empty() ? std::filesystem::path(safe_file_name({})) : path;
}

Result<void> check_sent_name(const std::string& name) {
    const auto shown = plain(name, '?');
    if (name.empty() || name.size() > kMaxSentBytes)
        return Error{Errc::unsupported,
                     "\"" + shown + "\": a file's name must have 1 to 255 bytes, its folders included"};
    if (!is_utf8(name)) return Error{Errc::unsupported, "\"" + shown + "\": the name is not UTF-8"};
    const bool has_controls = std::any_of(
        name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    if (has_controls) return Error{Errc::unsupported, "\"" + shown + "\": the name has control characters"};
    return {};
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
