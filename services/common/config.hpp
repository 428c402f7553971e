// The configuration as services use it: every value present, checked, paths absolute. It is read from
// Protocol Buffers text format (proto/config.proto says what each key means), and an error names the file,
// the line and the column.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "lib/base/address.hpp"
#include "lib/base/result.hpp"

namespace connectsphere {

struct Config {
    std::string server_name;
    std::filesystem::path run_dir;
    std::filesystem::path state_dir;

    struct Listen {
        Address control, screen, files, video, audio;  // port 0: a free one
        Address status;
    } listen;

    struct Limits {
        std::uint32_t connections = 2000;
        std::uint32_t room_members = 1000;
        std::uint32_t rooms = 1000;
        std::uint32_t unjoined_per_address = 64;
        std::uint32_t messages_per_second = 20;
        std::uint32_t message_burst = 60;
        std::chrono::seconds handshake{10};
        std::chrono::seconds resume{30};
        std::chrono::seconds keepalive{5};
        std::uint32_t output_buffer_bytes = 1 << 20;
        std::uint32_t name_bytes = 64;              // not configurable: the schema says so
        std::uint32_t chat_bytes = 4000;            // not configurable: the schema says so
        std::uint32_t control_frame_bytes = 16384;  // not configurable
    } limits;

    struct Log {
        std::string level = "info";
        bool json = false;
    } log;

    struct Audio {
        std::uint32_t bitrate = 48'000;
        std::uint32_t complexity = 5;
        std::uint32_t max_talkers = 6;
    } audio;

    struct Video {
        std::uint32_t history_packets = 512;
    } video;

    struct Chat {
        std::uint32_t history_messages = 10'000;  // per room; 0: none is kept
        std::chrono::days history{90};
        std::uint32_t replay_messages = 50;
    } chat;

    std::filesystem::path password_hash_file;  // empty: everybody may join

    struct Tls {
        std::filesystem::path certificate_file;  // empty: made at first start
        std::filesystem::path key_file;
    } tls;

    struct Files {
        std::uint64_t max_file_mebibytes = 16 << 10;
        std::uint64_t room_mebibytes = 64 << 10;
        std::uint64_t server_mebibytes = 256 << 10;
        std::uint32_t room_files = 100'000;
        std::uint32_t keep_hours = 720;  // 0: for ever
        std::uint32_t unfinished_hours = 24;
        std::uint32_t upload_mebibytes_per_second = 0;  // 0: no limit
        std::uint32_t download_mebibytes_per_second = 0;
    } files;
};

// `origin` is the name that errors carry ("connectsphere.conf:12:3: unknown key \"prot\"").
Result<Config> parse_config(std::string_view text, std::string_view origin);
Result<Config> load_config(const std::filesystem::path& file);

}  // namespace connectsphere
