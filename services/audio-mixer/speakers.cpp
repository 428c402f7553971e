#include "services/audio-mixer/speakers.hpp"

#include <algorithm>

namespace connectsphere::mixer {

void Speakers::hear(SessionId id, float level, Time tick) {
    const auto found = std::ranges::find(speaking_, id, &Speaker::id);
    if (found == speaking_.end()) {
        speaking_.push_back({id, level, tick});
    } else {
        *found = {id, level, tick};
    }
}

void Speakers::remove(SessionId id) {
    std::erase_if(speaking_, [id](const Speaker& s) { return s.id == id; });
    std::erase(recent_, id);
}

bool Speakers::update(Time tick) {
    std::erase_if(speaking_, [tick](const Speaker& s) { return tick - s.heard_at > kRelease; });
    promote_loudest();
    if (tick < next_ || std::ranges::equal(speaking_, announced_, {}, &Speaker::id)) return false;
    next_ = tick + kMinGap;
    announced_.clear();
    for (const auto& speaker : speaking_) announced_.push_back(speaker.id);
    remember();
    return true;
}

void Speakers::remember() {
    std::erase_if(recent_,
                  [this](SessionId id) { return std::ranges::find(announced_, id) != announced_.end(); });
    recent_.insert(recent_.begin(), announced_.begin(), announced_.end());
    if (recent_.size() > kMaxRecent) recent_.resize(kMaxRecent);
}

void Speakers::promote_loudest() {
    const auto loudest = std::ranges::min_element(speaking_, {}, &Speaker::level);
    if (loudest == speaking_.end() || loudest->level + kClearly > speaking_.front().level) return;
    std::rotate(speaking_.begin(), loudest, loudest + 1);
}

}  // namespace connectsphere::mixer
