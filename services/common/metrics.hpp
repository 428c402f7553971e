// Figures for status, as values in a Beat. A name carries its unit (…_bytes, …_seconds, …_total).
#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>

#include "proto/bus.pb.h"

namespace connectsphere {

using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

void add_counter(proto::Beat& beat, std::string_view name, std::string_view help, double value,
                 Labels labels = {});
void add_gauge(proto::Beat& beat, std::string_view name, std::string_view help, double value,
               Labels labels = {});

// CPU time and memory of this process, as the kernel counts them, and the faults that log::count() counted.
void add_process_figures(proto::Beat& beat);

}  // namespace connectsphere
