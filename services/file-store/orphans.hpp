// Orphans: files for one person whose sender and receiver have both left for good. Nobody sees such a file
// any more, not even a host, so nobody could ever remove it. Sessions that are new are new people, whatever
// their names; one that comes back after a break is the same session, hence the grace. Pure: the time comes
// in.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "lib/base/id.hpp"
#include "lib/base/time.hpp"
#include "proto/files.pb.h"

namespace connectsphere::file_store {

class Orphans {
  public:
    static constexpr Duration kGrace = 1h;        // sessions keep their place for seconds, or a few minutes
    static constexpr std::size_t kAtOnce = 1000;  // files that one call looks at: nobody waits for 100,000

    // A file that is stored; nothing where it is for everybody.
    void add(const proto::FileInfo& file) {
        if (file.to_session_id() == 0) return;
        files_[file.file_id()] = {.owner = {file.owner_session_id()}, .receiver = {file.to_session_id()}};
    }
    void forget(std::uint64_t file_id) { files_.erase(file_id); }

    // Looks at the next files, one after another, again and again: those whose ends have both been away for
    // kGrace. `is_here(SessionId)`.
    template <class IsHere>
    std::vector<std::uint64_t> look(Time now, IsHere is_here) {
        std::vector<std::uint64_t> found;
        for (auto left = std::min(kAtOnce, files_.size()); left > 0; --left) {
            auto place = files_.upper_bound(last_);
            if (place == files_.end()) place = files_.begin();
            last_ = place->first;
            auto& ends = place->second;
            if (is_here(ends.owner) || is_here(ends.receiver)) {
                ends.alone_since.reset();
            } else if (!ends.alone_since) {
                ends.alone_since = now;
            } else if (now - *ends.alone_since >= kGrace) {
                found.push_back(last_);
                ends.alone_since = now;  // named again where it is still there after as long again
            }
        }
        return found;
    }

  private:
    struct Ends {
        SessionId owner, receiver;
        std::optional<Time> alone_since{};
    };
    std::map<std::uint64_t, Ends> files_;
    std::uint64_t last_ = 0;  // that was looked at
};

}  // namespace connectsphere::file_store
