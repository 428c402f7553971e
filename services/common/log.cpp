#include "services/common/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <mutex>

#include "lib/net/clock.hpp"

namespace connectsphere::log {

namespace {

// The log is the one thing that every part of a process shares, worker threads too.
struct State {
    std::mutex mutex;
    Options options;
    Repeats repeats;
    std::shared_ptr<spdlog::logger> sink = spdlog::stderr_logger_mt("connectsphere");

    State() { sink->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %v", spdlog::pattern_time_type::utc); }
};

State& state() {
    static State state;
    return state;
}

std::string_view name(Level level) {
    switch (level) {
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warn:
            return "warn";
        case Level::error:
            return "error";
    }
    return "error";
}

spdlog::level::level_enum spdlog_level(Level level) {
    switch (level) {
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warn:
            return spdlog::level::warn;
        case Level::error:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

// In quotes, with what would end them, break the line or command a terminal escaped (RFC 8259 section 7).
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (c == '\n') {
            out.append("\\n");
        } else if (byte < 0x20 || byte == 0x7F) {
            out.append(fmt::format("\\u{:04x}", byte));
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
    return out;
}

bool needs_quotes(std::string_view text) {
    if (text.empty()) return true;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte == 0x7F || c == '"' || c == '=' || c == '\\') return true;
    }
    return false;
}

std::string format_json(const Options& options, Level level, std::string_view event,
                        const std::vector<Field>& fields) {
    auto line = fmt::format(R"("level":"{}","service":{},"event":{})", name(level), quoted(options.service),
                            quoted(event));
    for (const auto& field : fields) {
        line += fmt::format(",{}:{}", quoted(field.key), field.is_bare ? field.value : quoted(field.value));
    }
    return line + "}";
}

void write(Level level, std::string_view event, const std::vector<Field>& fields) {
    auto& s = state();
    if (!s.sink->should_log(spdlog_level(level))) return;
    std::string line;
    {
        const std::scoped_lock lock(s.mutex);
        line = format(s.options, level, event, fields);
    }
    s.sink->log(spdlog_level(level), spdlog::string_view_t(line));
}

void write(Repeats::Report report) {
    report.cause.insert(report.cause.begin(), Field("times", report.times));
    write(Level::warn, report.event, report.cause);
}

}  // namespace

Field::Field(std::string_view k, double v) : key(k), value(fmt::format("{}", v)), is_bare(true) {}

std::string format(const Options& options, Level level, std::string_view event,
                   const std::vector<Field>& fields) {
    if (options.json) return format_json(options, level, event, fields);
    auto line = fmt::format("{} {} {}", name(level), options.service, event);
    for (const auto& field : fields) {
        line +=
            fmt::format(" {}={}", field.key, needs_quotes(field.value) ? quoted(field.value) : field.value);
    }
    return line;
}

void configure(const Options& options) {
    auto& s = state();
    const std::scoped_lock lock(s.mutex);
    s.options = options;
    s.sink->set_level(spdlog::level::from_str(options.level));
    s.sink->flush_on(spdlog::level::debug);
    const char* pattern = options.json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v)" : "%Y-%m-%dT%H:%M:%S.%eZ %v";
    s.sink->set_pattern(pattern, spdlog::pattern_time_type::utc);
}

void debug(std::string_view event, Fields fields) { write(Level::debug, event, fields); }
void info(std::string_view event, Fields fields) { write(Level::info, event, fields); }
void warn(std::string_view event, Fields fields) { write(Level::warn, event, fields); }
void error(std::string_view event, Fields fields) { write(Level::error, event, fields); }

void count(std::string_view event, Fields cause) {
    auto& s = state();
    std::optional<Repeats::Report> report;
    {
        const std::scoped_lock lock(s.mutex);
        report = s.repeats.add(event, cause, net::now());
    }
    if (report) write(std::move(*report));
}

void report_counts() {
    auto& s = state();
    std::vector<Repeats::Report> reports;
    {
        const std::scoped_lock lock(s.mutex);
        reports = s.repeats.due(net::now());
    }
    for (auto& report : reports) write(std::move(report));
}

std::map<std::string, std::uint64_t, std::less<>> total_counts() {
    auto& s = state();
    const std::scoped_lock lock(s.mutex);
    return s.repeats.totals();
}

std::optional<Repeats::Report> Repeats::report(const std::string& event, Kind& kind, Time now) {
    if (kind.unreported == 0 || (kind.reported_at && now - *kind.reported_at < 1s)) return std::nullopt;
    kind.reported_at = now;
    return Report{event, std::exchange(kind.unreported, 0), std::move(kind.cause)};
}

std::optional<Repeats::Report> Repeats::add(std::string_view event, std::vector<Field> cause, Time now) {
    auto place = kinds_.find(event);
    if (place == kinds_.end()) place = kinds_.emplace(std::string(event), Kind{}).first;
    auto& kind = place->second;
    ++kind.total;
    ++kind.unreported;
    kind.cause = std::move(cause);
    return report(place->first, kind, now);
}

std::vector<Repeats::Report> Repeats::due(Time now) {
    std::vector<Report> reports;
    for (auto& [event, kind] : kinds_) {
        if (auto one = report(event, kind, now)) reports.push_back(std::move(*one));
    }
    return reports;
}

std::map<std::string, std::uint64_t, std::less<>> Repeats::totals() const {
    std::map<std::string, std::uint64_t, std::less<>> totals;
    for (const auto& [event, kind] : kinds_) totals.emplace(event, kind.total);
    return totals;
}

}  // namespace connectsphere::log
