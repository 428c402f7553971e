// connectsphere send, get, files, rm: come into the room, do one thing, leave.
#pragma once

#include <string>
#include <vector>

#include "client-cli/options.hpp"

namespace connectsphere::cli {

struct FilesOptions {
    enum class Action { send, get, list, remove };

    GlobalOptions global;
    Action action = Action::list;
    std::vector<std::string> what;  // paths to send; names or ids to get or remove
    std::string to;                 // send: one person only
    std::string output;             // get: a file or a folder
    std::string search;             // list
    bool force = false;             // get: replace a file that exists
    Duration patience = 60s;        // without any progress
};

int files(const FilesOptions& options);

}  // namespace connectsphere::cli
