// QualityMeter: counts of what came through become bars and a reason. Pure: counters in, words out.
#pragma once

#include <cstdint>
#include <map>

#include "client-gui/call_model.hpp"
#include "lib/client/audio_call.hpp"

namespace connectsphere::gui {

struct VideoCounts {
    std::uint64_t frames = 0;      // whole ones, so far
    std::uint64_t incomplete = 0;  // lost ones, so far
};

class QualityMeter {
  public:
    // Of somebody's pictures, since the last call for them.
    Quality video(std::uint64_t session, const VideoCounts& counts, Duration since);
    void forget(std::uint64_t session) { last_.erase(session); }

    // Of the own connection.
    static Quality own(const client::NetworkFigures& figures);

  private:
    std::map<std::uint64_t, VideoCounts> last_;
};

}  // namespace connectsphere::gui
