// What a person means by the names given to send, get and rm: one file, or a folder with all that is below
// it. A file that is sent with its folder is called by its way from there, "photos/2024/beach.jpg", so that
// the files of one folder stay apart and can be put together again.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lib/base/result.hpp"
#include "proto/client.pb.h"

namespace connectsphere::cli {

struct FileToSend {
    std::filesystem::path path;
    std::string name;  // for the others
};
Result<std::vector<FileToSend>> files_to_send(const std::string& path);

struct FileMeant {
    const proto::FileInfo* file;
    std::filesystem::path place;  // below the folder that it is fetched into
};
// By its id; by its name where no id fits, of several versions the newest; all files of a folder where no
// name fits, the newest of each. `files` in the order of their ids.
std::vector<FileMeant> files_meant(const std::vector<proto::FileInfo>& files, const std::string& what);

// 0 where the text is none.
std::uint64_t file_id_of(const std::string& text);

}  // namespace connectsphere::cli
