#include "client-cli/file_names.hpp"

#include <algorithm>
#include <map>

#include "lib/client/file_name.hpp"

namespace connectsphere::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBatch = 10'000;  // files of one folder

std::string without_last_slashes(std::string text) {
    while (text.ends_with('/')) text.pop_back();
    return text;
}

// The newest of each name that begins with the folder's; they keep the folder's own name and what is below.
std::vector<FileMeant> files_of_folder(const std::vector<proto::FileInfo>& files, const std::string& folder) {
    const auto prefix = folder + '/';
    const auto above = folder.find_last_of('/') + 1;  // 0 where there is none
    std::map<std::string_view, const proto::FileInfo*> newest;
    for (const auto& file : files) {
        if (file.name().starts_with(prefix)) newest[file.name()] = &file;
    }
    std::vector<FileMeant> meant;
    meant.reserve(newest.size());
    for (const auto& [name, file] : newest)
        meant.push_back({.file = file, .place = client::safe_relative_path(name.substr(above))});
    return meant;
}

}  // namespace

Result<std::vector<FileToSend>> files_to_send(const std::string& path) {
    std::error_code error;
    const auto whole = fs::absolute(without_last_slashes(path) + '/', error).lexically_normal().parent_path();
    if (!fs::is_directory(path, error))
        return std::vector{FileToSend{path, fs::path(path).filename().string()}};
    std::vector<FileToSend> files;
    for (fs::recursive_directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        if (!it->is_regular_file(ignored)) continue;
        const auto below = it->path().lexically_relative(path);
        files.push_back({.path = it->path(), .name = (whole.filename() / below).generic_string()});
        if (files.size() > kMaxBatch)
            return Error{Errc::usage, path + " has too many files; pack them into an archive"};
    }
    if (error) return Error{Errc::not_found, path + ": " + error.message()};
    if (files.empty()) return Error{Errc::not_found, path + " has no files"};
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return files;
}

std::vector<FileMeant> files_meant(const std::vector<proto::FileInfo>& files, const std::string& what) {
    const auto one = [](const proto::FileInfo& file) {
        return std::vector{FileMeant{.file = &file, .place = client::safe_file_name(file.name())}};
    };
    for (const auto& file : files) {
        if (file.file_id() == file_id_of(what)) return one(file);
    }
    const auto newest =
        std::find_if(files.rbegin(), files.rend(), [&](const auto& file) { return file.name() == what; });
    return newest != files.rend() ? one(*newest) : files_of_folder(files, without_last_slashes(what));
}

std::uint64_t file_id_of(const std::string& text) {
    const bool is_id = !text.empty() && text.size() < 19 &&
                       std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    return is_id ? std::stoull(text) : 0;
}

}  // namespace connectsphere::cli
