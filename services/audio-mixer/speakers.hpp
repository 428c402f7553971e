// Who speaks, for people's eyes: by energy, never by packets that arrive. A voice that was heard counts for a
// little while longer, so that the gaps between words do not flicker. The first is whom to show: it keeps its
// place until somebody else is clearly louder.
#pragma once

#include <cstddef>
#include <vector>

#include "lib/base/id.hpp"
#include "lib/base/time.hpp"

namespace connectsphere::mixer {

class Speakers {
  public:
    static constexpr Duration kMinGap = 200ms;   // between two announcements: 5 a second
    static constexpr Duration kRelease = 500ms;  // without sound, then one no longer speaks
    static constexpr float kClearly = 6;         // dB

    // In each tick: whoever sounds in it, with its loudness in -dBov; then update().
    void hear(SessionId id, float level, Time tick);
    void remove(SessionId id);
    // True: list() is news, to be announced now.
    bool update(Time tick);
    // What was announced last is all there is to say, until somebody is heard.
    bool is_settled() const { return speaking_.empty() && announced_.empty(); }

    const std::vector<SessionId>& list() const { return announced_; }
    // Whom to show where not everybody can be shown: the list, then who spoke before, the newest first.
    const std::vector<SessionId>& recent() const { return recent_; }
    static constexpr std::size_t kMaxRecent = 64;

  private:
    struct Speaker {
        SessionId id;
        float level;
        Time heard_at;
    };

    void promote_loudest();
    void remember();

    std::vector<Speaker> speaking_;  // in the order in which they began, but for the first
    std::vector<SessionId> announced_;
    std::vector<SessionId> recent_;
    Time next_{};
};

}  // namespace connectsphere::mixer
