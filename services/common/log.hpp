// The log: one line per event that a person would act on, on standard error.
//
//     log::warn("handshake-failed", {{"session", 7}, {"why", "expired"}});
//     2026-01-31T12:00:00.000Z warn gateway handshake-failed session=7 why=expired
//
// Faults that a peer can repeat at will are counted, not logged one by one: log::count() reports each kind at
// most once a second, with the last cause. Never pass keys, tokens, chat text or media.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/address.hpp"
#include "lib/base/id.hpp"
#include "lib/base/result.hpp"
#include "lib/base/time.hpp"

namespace connectsphere::log {

enum class Level { debug, info, warn, error };

struct Field {
    Field(std::string_view k, std::string_view v) : key(k), value(v) {}
    Field(std::string_view k, const char* v) : key(k), value(v) {}
    Field(std::string_view k, const std::string& v) : key(k), value(v) {}
    Field(std::string_view k, const Address& v) : key(k), value(v.text()) {}
    Field(std::string_view k, const Error& v) : key(k), value(v.text()) {}
    Field(std::string_view k, bool v) : key(k), value(v ? "true" : "false"), is_bare(true) {}
    Field(std::string_view k, double v);
    template <std::integral Number>
    Field(std::string_view k, Number v) : key(k), value(std::to_string(v)), is_bare(true) {}
    template <class Tag, class Number>
    Field(std::string_view k, Id<Tag, Number> v) : Field(k, v.value) {}

    std::string_view key;
    std::string value;
    bool is_bare = false;  // a number or a bool: JSON has no quotes around it
};
using Fields = std::initializer_list<Field>;

struct Options {
    std::string service = "connectsphere";  // the second word of every line
    std::string level = "info";             // as in config.proto
    bool json = false;
};
void configure(const Options& options);

void debug(std::string_view event, Fields fields = {});
void info(std::string_view event, Fields fields = {});
void warn(std::string_view event, Fields fields = {});
void error(std::string_view event, Fields fields = {});

// `event` is one of a fixed set of words of ours, never bytes of a peer.
void count(std::string_view event, Fields cause = {});
void report_counts();                                              // what count() held back; once a second
std::map<std::string, std::uint64_t, std::less<>> total_counts();  // for the figures

// ---- what the functions above are made of

// The part of a line behind its time: "warn gateway handshake-failed session=7".
std::string format(const Options& options, Level level, std::string_view event,
                   const std::vector<Field>& fields);

// Counts events by name; says at most once a second per name how often it happened, with the last cause.
class Repeats {
  public:
    struct Report {
        std::string event;
        std::uint64_t times;  // since the last report
        std::vector<Field> cause;
    };

    std::optional<Report> add(std::string_view event, std::vector<Field> cause, Time now);
    std::vector<Report> due(Time now);  // what has waited for a second
    std::map<std::string, std::uint64_t, std::less<>> totals() const;

  private:
    struct Kind {
        std::uint64_t total = 0;
        std::uint64_t unreported = 0;
        std::optional<Time> reported_at;
        std::vector<Field> cause;
    };
    std::optional<Report> report(const std::string& event, Kind& kind, Time now);

    std::map<std::string, Kind, std::less<>> kinds_;
};

}  // namespace connectsphere::log
