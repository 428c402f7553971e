#include "tests/bench/load/program.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "lib/net/clock.hpp"

namespace connectsphere::bench {

Arguments::Arguments(int argc, char** argv) {
    for (int i = 1; i < argc; i += 2) {
        const std::string name = argv[i];
        if (!name.starts_with("--") || i + 1 == argc) give_up("not understood: " + name);
        values_[name.substr(2)] = argv[i + 1];
    }
}

std::string Arguments::text(const std::string& name, const std::string& otherwise) const {
    const auto it = values_.find(name);
    return it == values_.end() ? otherwise : it->second;
}

std::size_t Arguments::number(const std::string& name, std::size_t otherwise) const {
    const auto it = values_.find(name);
    return it == values_.end() ? otherwise : std::stoul(it->second);
}

Duration Arguments::duration(const std::string& name, double otherwise) const {
    const auto it = values_.find(name);
    const std::chrono::duration<double> wish(it == values_.end() ? otherwise : std::stod(it->second));
    return std::chrono::duration_cast<Duration>(wish);
}

Address Arguments::server() const {
    const auto address = parse_address(text("server"), 0);
    if (!address || !address->is_loopback()) give_up("--server must be an address on loopback");
    return *address;
}

void say(const char* event, std::initializer_list<std::pair<const char*, double>> figures) {
    std::printf("{\"event\":\"%s\"", event);
    for (const auto& [name, value] : figures) std::printf(",\"%s\":%.9g", name, value);
    std::puts("}");
    std::fflush(stdout);
}

Duration quantile(std::vector<Duration> values, double share) {
    if (values.empty()) return {};
    const auto rank = static_cast<std::size_t>(static_cast<double>(values.size() - 1) * share);
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

int run_program(int argc, char** argv, void (*work)(const Arguments&)) {
    try {
        work(Arguments(argc, argv));
        return 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s: %s\n", argv[0], e.what());
        return 1;
    }
}

void run_for(net::Loop& loop, Duration duration) {
    for (const Time end = net::now() + duration; !is_past(end);) loop.run_once(end - net::now());
}

void give_up(const std::string& why) { throw std::runtime_error(why); }
bool is_past(Time time) { return net::now() >= time; }
Time patience(Duration longest) { return net::now() + longest; }

int Child::fork_child() {
    const int pid = fork();
    if (pid < 0) give_up("fork failed");
    if (pid == 0) prctl(PR_SET_PDEATHSIG, SIGKILL);
    return pid;
}

void Child::finish(int exit_code) { _exit(exit_code); }

Child::~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

}  // namespace connectsphere::bench
