#include "services/status/history.hpp"

#include <algorithm>
#include <string_view>

namespace connectsphere::status {
namespace {

double total(const proto::Beat& beat, std::string_view name) {
    double sum = 0;
    for (const auto& metric : beat.metrics())
        if (metric.name() == name) sum += metric.value();
    return sum;
}

// Counters only go up within an instance.
double growth(const proto::Beat& before, const proto::Beat& beat, std::string_view name) {
    return std::max(0.0, total(beat, name) - total(before, name));
}

}  // namespace

void History::count(const proto::Beat* before, const proto::Beat& beat) {
    // The first beat tells where the counters stand, not what happened since the last sample.
    if (!before || before->instance_id() != beat.instance_id()) return;
    packets_in_ += growth(*before, beat, "udp_received_datagrams_total");
    packets_out_ += growth(*before, beat, "udp_sent_datagrams_total");
    cpu_seconds_ += growth(*before, beat, "process_cpu_seconds_total");
}

void History::judge(const proto::SessionFigures& figures) {
    // Who neither sends nor receives on a plane says nothing about it.
    if (figures.packets_received() == 0 && figures.packets_sent() == 0) return;
    loss_sum_ += figures.loss_ratio();
    worst_loss_ = std::max<double>(worst_loss_, figures.loss_ratio());
    ++judged_;
}

void History::sample(std::uint32_t participants, Duration elapsed) {
    const double time = seconds(elapsed);
    if (time <= 0) return;
    if (samples_.full()) samples_.pop();
    (void)samples_.push(Sample{.participants = participants,
                               .packets_in = packets_in_ / time,
                               .packets_out = packets_out_ / time,
                               .load = cpu_seconds_ / time,
                               .mean_loss = judged_ == 0 ? 0 : loss_sum_ / judged_,
                               .worst_loss = worst_loss_});
    packets_in_ = packets_out_ = cpu_seconds_ = loss_sum_ = worst_loss_ = 0;
    judged_ = 0;
}

}  // namespace connectsphere::status
