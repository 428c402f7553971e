// What every load program shares: its command line (--name value), and the lines of JSON by which it tells
// tests/bench/run.py what happens. The driver measures the server between "begin" and "end".
//
//   {"event":"begin","pid":0}
//   {"event":"end","packets":400000,"delay_p50":0.081}
#pragma once

#include <cstddef>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/address.hpp"
#include "lib/base/time.hpp"
#include "lib/net/loop.hpp"

namespace connectsphere::bench {

class Arguments {
  public:
    Arguments(int argc, char** argv);  // throws for what is not --name value

    std::string text(const std::string& name, const std::string& otherwise = "") const;
    std::size_t number(const std::string& name, std::size_t otherwise) const;
    Duration duration(const std::string& name, double otherwise) const;  // in seconds
    Address server() const;                                              // --server HOST:PORT

  private:
    std::map<std::string, std::string> values_;
};

void say(const char* event, std::initializer_list<std::pair<const char*, double>> figures = {});

// The value that `share` (0 to 1) of them do not exceed; 0 of none.
Duration quantile(std::vector<Duration> values, double share);

// Runs main's work; an exception ends the program with its text.
int run_program(int argc, char** argv, void (*work)(const Arguments&));

[[noreturn]] void give_up(const std::string& why);  // the end of the program, with exit code 1

void run_for(net::Loop& loop, Duration duration);

// Runs the loop until `done`; gives up, saying `what`, when that takes too long.
bool is_past(Time time);
Time patience(Duration longest);
template <class Predicate>
void wait_until(net::Loop& loop, const char* what, Predicate done, Duration longest = 10s) {
    for (const Time end = patience(longest); !done(); loop.run_once(20ms))
        if (is_past(end)) give_up(what);
}

// Runs `work` in a process of its own, which dies with this one. Call it before anything else is made.
class Child {
  public:
    template <class Work>
    explicit Child(Work work) : pid_(fork_child()) {
        if (pid_ == 0) finish(work());
    }
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    int pid() const { return pid_; }

  private:
    static int fork_child();
    [[noreturn]] static void finish(int exit_code);

    int pid_;
};

}  // namespace connectsphere::bench
