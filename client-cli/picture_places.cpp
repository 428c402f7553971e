#include "client-cli/picture_places.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <optional>
#include <utility>

namespace connectsphere::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kJpeg = ".jpg";
constexpr int kMostTries = 1000;  // of names that are taken, one after the other

// A participant's name as a folder's: no separators, no control characters, not hidden.
std::string safe(std::string name) {
    for (auto& c : name) {
        if (c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '_';
    }
    if (name.starts_with('.')) name.insert(name.begin(), '_');
    return name;
}

std::string numbered(const std::string& name, int number) {
    return number == 1 ? name : name + "-" + std::to_string(number);
}

// The highest number that a picture in there has.
std::uint64_t newest_in(const fs::path& folder) {
    std::uint64_t newest = 0;
    std::error_code ignored;
    for (fs::directory_iterator entry(folder, ignored), end; !ignored && entry != end;
         entry.increment(ignored)) {
        const auto stem = entry->path().stem().string();
        std::uint64_t number = 0;
        const auto [rest, error] = std::from_chars(stem.data(), stem.data() + stem.size(), number);
        const bool is_picture = entry->path().extension() == kJpeg && error == std::errc{};
        if (is_picture && rest == stem.data() + stem.size()) newest = std::max(newest, number);
    }
    return newest;
}

// Makes the first file of those that `name_of` names by their number which is not there yet.
template <class NameOf>
Result<fs::path> make_new(NameOf name_of) {
    fs::path path;
    for (int number = 1; number <= kMostTries; ++number) {
        path = name_of(number);
        const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0) {
            ::close(fd);
            return path;
        }
        if (errno != EEXIST) break;
    }
    return Error{Errc::system, "can not write to " + path.string()};
}

}  // namespace

const std::string& PicturePlaces::folder_of(const std::string& name) {
    const auto [place, is_new] = folders_.try_emplace(name);
    for (int number = 1; is_new; ++number) {
        place->second = numbered(safe(name), number);
        if (names_.try_emplace(place->second, name).second) break;
    }
    return place->second;
}

Result<fs::path> PicturePlaces::next_picture(const std::string& name) {
    const auto& own = folder_of(name);
    const auto folder = fs::path(where_) / own;
    const auto [newest, is_new] = pictures_.try_emplace(own);
    if (is_new) {
        std::error_code ignored;
        fs::create_directories(folder, ignored);
        newest->second = newest_in(folder);
    }
    return make_new([&, &count = newest->second](int) {
        char file[32];
        std::snprintf(file, sizeof file, "%06llu", static_cast<unsigned long long>(++count));
        return folder / (std::string(file) += kJpeg);
    });
}

Result<fs::path> PicturePlaces::next_recording(const std::string& name) {
    auto path = where_.substr(0, where_.size() - kMatroska.size());
    path += "-" + folder_of(name);
    return make_new([&](int number) { return fs::path(numbered(path, number) += kMatroska); });
}

}  // namespace connectsphere::cli
