#include "services/common/service.hpp"

#include <systemd/sd-daemon.h>

#include <cstdio>
#include <exception>

#include "lib/net/signals.hpp"
#include "services/common/command_line.hpp"
#include "services/common/log.hpp"
#include "services/common/run_dir.hpp"
#include "services/common/shell.hpp"

namespace connectsphere {

namespace {

constexpr int kStopped = 0, kFailed = 1, kUsage = 2;

int say(int code, const std::string& text) {
    std::fprintf(code == kStopped ? stdout : stderr, "%s\n", text.c_str());
    return code;
}

Result<Config> read_config(const CommandLine& line) {
    auto config = line.config_file.empty() ? parse_config("", "") : load_config(line.config_file);
    if (config && !line.run_dir.empty())
        config->run_dir = std::filesystem::absolute(line.run_dir).lexically_normal();
    return config;
}

// Signals are masked before ZeroMQ starts its thread (lib/net/signals).
void serve(const ServiceSpec& spec, const Config& config) {
    net::Loop loop;
    const net::Signals signals(loop, [&](int signal) {
        if (signal == SIGHUP) return;
        log::info("stopping", {{"signal", signal}});
        sd_notify(0, "STOPPING=1");
        loop.stop();
    });
    Shell shell(loop, spec, config);
    if (spec.started) spec.started(loop, shell.context());
    loop.run();
}

}  // namespace

int run_service(int argc, char** argv, const ServiceSpec& spec) {
    const auto line =
        parse_command_line(std::span<const char* const>(argv, static_cast<std::size_t>(argc)).subspan(1));
    if (!line) return say(kUsage, std::string(spec.program) + ": " + line.error().what);
    if (line->help) return say(kStopped, usage(spec.program, spec.purpose));
    if (line->version) return say(kStopped, std::string(spec.program) + " " CS_VERSION);
    const auto config = read_config(*line);
    if (!config) return say(kUsage, config.error().what);
    if (line->check_config) return say(kStopped, "the configuration is right");

    const auto name = service_name(spec.service);
    // It would log each string of a client that is no UTF-8: what peers do wrong is counted, never logged.
    google::protobuf::SetLogHandler(nullptr);
    log::configure({.service = name, .level = config->log.level, .json = config->log.json});
    try {
        if (const auto ready = prepare_run_dir(config->run_dir); !ready)
            return log::error("failed", {{"why", ready.error().what}}), kFailed;
        const auto lock = lock_service(config->run_dir, name);
        if (!lock) return log::error("failed", {{"why", lock.error().what}}), kFailed;
        serve(spec, *config);
    } catch (const std::exception& failure) {
        log::error("failed", {{"why", failure.what()}});
        return kFailed;
    }
    return kStopped;
}

}  // namespace connectsphere
