#include "services/common/metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "services/common/log.hpp"

namespace connectsphere {

namespace {

void add(proto::Beat& beat, proto::MetricType type, std::string_view name, std::string_view help,
         double value, Labels labels) {
    auto& metric = *beat.add_metrics();
    metric.set_name(std::string(name));
    metric.set_help(std::string(help));
    metric.set_type(type);
    metric.set_value(value);
    for (const auto& [key, text] : labels) {
        auto& label = *metric.add_labels();
        label.set_name(std::string(key));
        label.set_value(std::string(text));
    }
}

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// The second number of /proc/self/statm is the resident set in pages (proc(5)).
double resident_bytes() {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "re"),
                                                               std::fclose);
    long total = 0;
    long resident = 0;
    if (!file || std::fscanf(file.get(), "%ld %ld", &total, &resident) != 2) return 0;
    return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace

void add_counter(proto::Beat& beat, std::string_view name, std::string_view help, double value,
                 Labels labels) {
    add(beat, proto::COUNTER, name, help, value, labels);
}

void add_gauge(proto::Beat& beat, std::string_view name, std::string_view help, double value, Labels labels) {
    add(beat, proto::GAUGE, name, help, value, labels);
}

void add_process_figures(proto::Beat& beat) {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    add_counter(beat, "process_cpu_seconds_total", "CPU time used",
                seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
    add_gauge(beat, "process_resident_memory_bytes", "Memory held in RAM", resident_bytes());
    for (const auto& [event, total] : log::total_counts()) {
        add_counter(beat, "faults_total", "Faults counted instead of logged one by one",
                    static_cast<double>(total), {{"event", event}});
    }
}

}  // namespace connectsphere
