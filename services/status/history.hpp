// History: the last minutes of the whole server as one sample every two seconds, so that the page has its
// plots the moment it is opened. The counters that the shell of every service reports go in, rates come out.
#pragma once

#include <cstdint>

#include "lib/base/ring.hpp"
#include "lib/base/time.hpp"
#include "proto/bus.pb.h"

namespace connectsphere::status {

struct Sample {
    std::uint32_t participants = 0;
    double packets_in = 0;   // datagrams per second, all UDP planes
    double packets_out = 0;  // datagrams per second, all UDP planes
    double load = 0;         // processor cores in use, all services
    double mean_loss = 0;    // fraction, over all sessions and planes that are heard
    double worst_loss = 0;   // of one session on one plane
};

class History {
  public:
    static constexpr Duration kStep = 2s;
    static constexpr std::size_t kSamples = 150;  // five minutes; the oldest makes room for the newest

    // `before` is the beat of the same service that `beat` replaces; nullptr: its first.
    void count(const proto::Beat* before, const proto::Beat& beat);

    // Closes a sample of the time since the last one.
    void sample(std::uint32_t participants, Duration elapsed);

    // How the media of one session on one plane are now; of a sample all count that came before it.
    void judge(const proto::SessionFigures& figures);

    std::size_t size() const { return samples_.size(); }
    const Sample& operator[](std::size_t i) const { return samples_[i]; }  // 0: the oldest

  private:
    Ring<Sample> samples_{kSamples};
    double packets_in_ = 0;  // since the last sample
    double packets_out_ = 0;
    double cpu_seconds_ = 0;
    double loss_sum_ = 0;
    double worst_loss_ = 0;
    unsigned judged_ = 0;
};

}  // namespace connectsphere::status
