// PlaceFile: a client's place in a room, kept on disk, so that a client that was killed comes back under its
// own name instead of meeting its own ghost. It holds the resume token of one server, room and name; who
// leaves takes it away. The file is locked while its client lives: a second client of the same name finds
// nothing in it, and is refused by the server as anybody else.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "lib/net/fd.hpp"

namespace connectsphere::client {

class PlaceFile {
  public:
    struct Key {
        std::string server;  // "192.0.2.1:9000"
        std::string room;
        std::string name;
    };

    static std::filesystem::path default_folder();

    // Makes the folder (0700) and the file (0600) when they are missing. What can not be made or locked is as
    // good as empty: a place is a comfort, never a condition.
    PlaceFile(const std::filesystem::path& folder, Key key);
    ~PlaceFile();
    PlaceFile(const PlaceFile&) = delete;
    PlaceFile& operator=(const PlaceFile&) = delete;

    bool is_ours() const { return static_cast<bool>(fd_); }
    std::string token() const;  // empty: none
    void keep(std::string_view token);
    void remove();

  private:
    std::filesystem::path file_;
    std::string header_;  // the key as text: two keys may share a file's name
    net::Fd fd_;
};

}  // namespace connectsphere::client
