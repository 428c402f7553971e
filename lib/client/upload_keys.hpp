// UploadKeys: what a client must remember of its uploads beyond its own life. The key of an upload that is
// not complete, so that the same command, given again, goes on with it; and the key of a file that was
// stored, so that its owner may remove it in another session. One small file each, readable only by the user;
// its time of change says until when it is of use, and a month later it goes.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "lib/base/result.hpp"

namespace connectsphere::client {

class UploadKeys {
  public:
    explicit UploadKeys(std::filesystem::path folder) : folder_(std::move(folder)) {}

    // $XDG_STATE_HOME/connectsphere/uploads, or below ~/.local/state.
    static std::filesystem::path default_folder();

    // `what` says all that makes an upload the same one: server, room, path, size, time of change.
    std::optional<std::string> find(const std::string& what) const;
    Result<void> remember(const std::string& what, const std::string& key) const;
    void forget(const std::string& what) const;

    // The upload is a file now, until `expires_at` (Unix milliseconds; 0: for ever).
    void stored(const std::string& server, std::uint64_t file_id, std::uint64_t expires_at,
                const std::string& key) const;

    std::optional<std::string> owner_key(const std::string& server, std::uint64_t file_id) const;
    void forget_owner(const std::string& server, std::uint64_t file_id) const;

    static constexpr std::chrono::hours kKeep{24 * 30};

  private:
    void prune() const;

    std::filesystem::path folder_;
    mutable bool is_pruned_ = false;  // once a life
};

}  // namespace connectsphere::client
