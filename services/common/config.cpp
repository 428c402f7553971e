#include "services/common/config.hpp"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "lib/net/host.hpp"
#include "proto/config.pb.h"

namespace connectsphere {

namespace {

using google::protobuf::TextFormat;
namespace io = google::protobuf::io;

// A Unix socket's path has at most 107 bytes (unix(7)), and ours end in "/screen-broker.state" at the
// longest.
constexpr std::size_t kMaxRunDirBytes = 80;
constexpr std::string_view kUnknownKey = "has no field named ";

// All complaints about a file, one a line: "connectsphere.conf:12:3: unknown key \"prot\"".
class Complaints : public io::ErrorCollector {
  public:
    Complaints(std::string_view origin, std::string_view text) : origin_(origin), source_(text) {}

    // Lines and columns count from zero; a negative line means the whole file.
    void AddError(int line, int column, const std::string& message) override {
        const auto unknown = message.find(kUnknownKey);
        std::string key;
        if (unknown != std::string::npos) {  // ends in `"prot".`, and the place is that of the word behind it
            key = message.substr(unknown + kUnknownKey.size());
            key.resize(key.rfind('.'));
            column = column_before(line, column, key.substr(1, key.size() - 2));
        }
        if (!text_.empty()) text_ += '\n';
        text_ += origin_;
        if (line >= 0) text_ += ":" + std::to_string(line + 1) + ":" + std::to_string(column + 1);
        text_ += ": " + (key.empty() ? message : "unknown key " + key);
    }
    const std::string& text() const { return text_; }

  private:
    // Where `key` stands in the line, before `column`.
    int column_before(int line, int column, const std::string& key) const {
        std::size_t start = 0;
        for (int i = 0; i < line; ++i) start = source_.find('\n', start) + 1;
        const auto rest = source_.substr(std::min(start, source_.size()));
        const auto place = rest.rfind(key, static_cast<std::size_t>(std::max(column, 0)));
        return place == std::string_view::npos ? column : static_cast<int>(place);
    }

    std::string origin_;
    std::string_view source_;
    std::string text_;
};

// One message of the file: takes over the keys that are present, where they pass the check.
class Section {
  public:
    Section(const google::protobuf::Message& message, TextFormat::ParseInfoTree* places, std::string prefix,
            Complaints& complaints)
        : message_(message), places_(places), prefix_(std::move(prefix)), complaints_(complaints) {}

    Section nested(const google::protobuf::Message& message, const char* key) const {
        auto* places = places_ && has(key) ? places_->GetTreeForNested(field(key), -1) : nullptr;
        return {message, places, prefix_ + key + ".", complaints_};
    }

    template <class Number>
    void take(const char* key, Number& into, std::uint32_t least, std::uint32_t most) const {
        if (!has(key)) return;
        const auto value = message_.GetReflection()->GetUInt32(message_, field(key));
        if (value < least || value > most) {
            return complain(key, "must be from " + std::to_string(least) + " to " + std::to_string(most) +
                                     ", not " + std::to_string(value));
        }
        into = static_cast<Number>(value);
    }
    void take(const char* key, std::chrono::seconds& into, std::uint32_t least, std::uint32_t most) const {
        auto count = static_cast<std::uint32_t>(into.count());
        take(key, count, least, most);
        into = std::chrono::seconds(count);
    }
    void take(const char* key, std::string& into) const {
        if (has(key)) into = message_.GetReflection()->GetString(message_, field(key));
    }
    void take(const char* key, std::filesystem::path& into) const {
        if (!has(key)) return;
        std::string text;
        take(key, text);
        if (text.empty()) return complain(key, "must not be empty");
        into = std::filesystem::absolute(text).lexically_normal();
    }
    void complain(const char* key, const std::string& sentence) const {
        const auto place = places_ ? places_->GetLocation(field(key), -1) : TextFormat::ParseLocation(-1, -1);
        complaints_.AddError(place.line, place.column, prefix_ + key + " " + sentence);
    }

  private:
    const google::protobuf::FieldDescriptor* field(const char* key) const {
        return message_.GetDescriptor()->FindFieldByName(key);
    }
    bool has(const char* key) const { return message_.GetReflection()->HasField(message_, field(key)); }

    const google::protobuf::Message& message_;
    TextFormat::ParseInfoTree* places_;
    std::string prefix_;
    Complaints& complaints_;
};

std::filesystem::path environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::filesystem::path default_run_dir() {
    if (const auto dir = environment("CONNECTSPHERE_RUN_DIR"); !dir.empty())
        return std::filesystem::absolute(dir).lexically_normal();
    if (const auto dir = environment("XDG_RUNTIME_DIR"); dir.is_absolute()) return dir / "connectsphere";
    return "/tmp/connectsphere-" + std::to_string(getuid());
}

std::filesystem::path default_state_dir() {
    if (const auto dir = environment("XDG_STATE_HOME"); dir.is_absolute()) return dir / "connectsphere";
    if (const auto home = environment("HOME"); home.is_absolute()) return home / ".local/state/connectsphere";
    return "/var/lib/connectsphere";
}

void take_address(const Section& section, const char* key, std::string text, Address& into) {
    section.take(key, text);
    const auto address = parse_address(text, 0);
    if (!address) return section.complain(key, "must be a numeric IP address, not \"" + text + "\"");
    if (address->port != 0)
        return section.complain(key, "must be without a port: ports have keys of their own");
    into = *address;
}

void take_listen(const Section& section, Config::Listen& listen) {
    struct Port {
        const char* key;
        Address& address;
        std::uint16_t standard;
        bool is_udp;
    };
    Address all;
    take_address(section, "address", "::", all);
    take_address(section, "status_address", "127.0.0.1", listen.status);
    const std::array ports{
        Port{"control_port", listen.control, 9000, false}, Port{"screen_port", listen.screen, 9001, false},
        Port{"files_port", listen.files, 9002, false},     Port{"status_port", listen.status, 9080, false},
        Port{"video_port", listen.video, 10000, true},     Port{"audio_port", listen.audio, 11000, true}};
    for (const auto& port : ports) {
        if (&port.address != &listen.status) port.address = all;
        port.address.port = port.standard;
        section.take(port.key, port.address.port, 0, 65535);
    }
    for (auto a = ports.begin(); a != ports.end(); ++a) {
        for (auto b = a + 1; b != ports.end(); ++b) {
            if (a->is_udp == b->is_udp && a->address.port == b->address.port && a->address.port != 0)
                section.complain(b->key, std::string("must differ from ") + a->key);
        }
    }
}

void take_limits(const Section& section, Config::Limits& limits) {
    section.take("connections", limits.connections, 1, 100'000);
    section.take("room_members", limits.room_members, 1, 10'000);
    section.take("rooms", limits.rooms, 1, 100'000);
    section.take("unjoined_per_address", limits.unjoined_per_address, 1, 100'000);
    section.take("messages_per_second", limits.messages_per_second, 1, 10'000);
    section.take("message_burst", limits.message_burst, 1, 100'000);
    section.take("handshake_seconds", limits.handshake, 1, 300);
    section.take("resume_seconds", limits.resume, 0, 3600);
    section.take("keepalive_seconds", limits.keepalive, 1, 300);
    section.take("output_buffer_bytes", limits.output_buffer_bytes, 64 << 10, 1 << 30);
}

void take_log(const Section& section, Config::Log& log) {
    section.take("level", log.level);
    if (log.level != "error" && log.level != "warn" && log.level != "info" && log.level != "debug")
        section.complain("level", R"(must be "error", "warn", "info" or "debug")");
    std::string format = "logfmt";
    section.take("format", format);
    if (format != "logfmt" && format != "json") section.complain("format", R"(must be "logfmt" or "json")");
    log.json = format == "json";
}

void take_media(const Section& audio, const Section& video, Config& config) {
    audio.take("bitrate", config.audio.bitrate, 6'000, 510'000);  // Opus' own range (RFC 6716 section 2.1.1)
    audio.take("complexity", config.audio.complexity, 0, 10);
    audio.take("max_talkers", config.audio.max_talkers, 1, 64);
    video.take("history_packets", config.video.history_packets, 16, 16'384);
}

void take_chat(const Section& section, Config::Chat& chat) {
    section.take("history_messages", chat.history_messages, 0, 10'000'000);
    auto days = static_cast<std::uint32_t>(chat.history.count());
    section.take("history_days", days, 1, 36'500);
    chat.history = std::chrono::days(days);
    section.take("replay_messages", chat.replay_messages, 0, 200);
}

void take_tls(const Section& section, Config::Tls& tls) {
    section.take("certificate_file", tls.certificate_file);
    section.take("key_file", tls.key_file);
    if (tls.certificate_file.empty() && !tls.key_file.empty())
        section.complain("key_file", "needs certificate_file beside it");
    if (!tls.certificate_file.empty() && tls.key_file.empty())
        section.complain("certificate_file", "needs key_file beside it");
}

void take_files(const Section& section, Config::Files& files) {
    constexpr std::uint32_t kPebibyte = 1 << 30;
    section.take("max_file_mebibytes", files.max_file_mebibytes, 1, kPebibyte);
    section.take("room_mebibytes", files.room_mebibytes, 1, kPebibyte);
    section.take("server_mebibytes", files.server_mebibytes, 1, kPebibyte);
    section.take("room_files", files.room_files, 1, 1'000'000);
    section.take("keep_hours", files.keep_hours, 0, 1'000'000);
    section.take("unfinished_hours", files.unfinished_hours, 1, 1'000'000);
    section.take("upload_mebibytes_per_second", files.upload_mebibytes_per_second, 0, 1 << 20);
    section.take("download_mebibytes_per_second", files.download_mebibytes_per_second, 0, 1 << 20);
}

}  // namespace

Result<Config> parse_config(std::string_view text, std::string_view origin) {
    proto::Config file;
    Complaints complaints(origin, text);
    TextFormat::ParseInfoTree places;
    TextFormat::Parser parser;
    parser.RecordErrorsTo(&complaints);
    parser.WriteLocationsTo(&places);
    if (!parser.ParseFromString(std::string(text), &file)) return Error{Errc::usage, complaints.text()};

    Config config;
    config.server_name = net::host_name();
    config.run_dir = default_run_dir();
    config.state_dir = default_state_dir();
    const Section top(file, &places, "", complaints);
    top.take("server_name", config.server_name);
    if (config.server_name.empty() || config.server_name.size() > 64)
        top.complain("server_name", "must have 1 to 64 bytes");
    top.take("run_dir", config.run_dir);
    if (config.run_dir.native().size() > kMaxRunDirBytes) {
        top.complain("run_dir", "must have at most " + std::to_string(kMaxRunDirBytes) +
                                    " bytes: the paths of Unix sockets are short");
    }
    top.take("state_dir", config.state_dir);
    take_listen(top.nested(file.listen(), "listen"), config.listen);
    take_limits(top.nested(file.limits(), "limits"), config.limits);
    take_log(top.nested(file.log(), "log"), config.log);
    take_media(top.nested(file.audio(), "audio"), top.nested(file.video(), "video"), config);
    take_tls(top.nested(file.tls(), "tls"), config.tls);
    take_chat(top.nested(file.chat(), "chat"), config.chat);
    top.take("password_hash_file", config.password_hash_file);
    take_files(top.nested(file.files(), "files"), config.files);
    if (!complaints.text().empty()) return Error{Errc::usage, complaints.text()};
    return config;
}

Result<Config> load_config(const std::filesystem::path& file) {
    std::ifstream stream(file);
    if (!stream) return Error{Errc::usage, file.string() + ": can not be read"};
    const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    return parse_config(text, file.string());
}

}  // namespace connectsphere
