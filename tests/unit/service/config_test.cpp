#include "services/common/config.hpp"

#include <catch2/catch.hpp>

using namespace connectsphere;

TEST_CASE("an empty configuration has every default") {
    const auto config = parse_config("", "test.conf");
    REQUIRE(config);
    CHECK_FALSE(config->server_name.empty());
    CHECK(config->run_dir.is_absolute());
    CHECK(config->state_dir.is_absolute());
    CHECK(config->listen.control.text() == "[::]:9000");
    CHECK(config->listen.screen.port == 9001);
    CHECK(config->listen.files.port == 9002);
    CHECK(config->listen.video.port == 10000);
    CHECK(config->listen.audio.port == 11000);
    CHECK(config->listen.status.text() == "127.0.0.1:9080");
    CHECK(config->limits.handshake == std::chrono::seconds(10));
    CHECK(config->log.level == "info");
    CHECK(config->tls.certificate_file.empty());
}

TEST_CASE("a configuration takes over what it names") {
    const auto config = parse_config(R"(
        server_name: "lab"
        run_dir: "/tmp/x/../run"   # normalised
        listen { address: "127.0.0.1" control_port: 0 video_port: 20000 }
        limits { rooms: 7 handshake_seconds: 3 }
        log { level: "debug" format: "json" }
        audio { max_talkers: 4 })",
                                     "test.conf");
    REQUIRE(config);
    CHECK(config->server_name == "lab");
    CHECK(config->run_dir == "/tmp/run");
    CHECK(config->listen.control.text() == "127.0.0.1:0");
    CHECK(config->listen.video.text() == "127.0.0.1:20000");
    CHECK(config->listen.audio.text() == "127.0.0.1:11000");
    CHECK(config->limits.rooms == 7);
    CHECK(config->limits.handshake == std::chrono::seconds(3));
    CHECK(config->log.level == "debug");
    CHECK(config->log.json);
    CHECK(config->audio.max_talkers == 4);
}

TEST_CASE("a mistake in the configuration is named with its place") {
    struct Row {
        const char* text;
        const char* error;
    };
    const auto row = GENERATE(values<Row>({
        {"log {\n  prot: 1\n}", "test.conf:2:7: unknown key \"prot\""},
        {"limits { rooms: 0 }", "test.conf:1:10: limits.rooms must be from 1 to 100000, not 0"},
        {"limits { rooms: -1 }", "test.conf:1:17: Expected integer"},
        {"limits { rooms: \"a\" }", "test.conf:1:17: Expected integer"},
        {"listen { control_port: 65536 }",
         "test.conf:1:10: listen.control_port must be from 0 to 65535, not 65536"},
        {"listen {\n screen_port: 9000 }", "test.conf:2:2: listen.screen_port must differ from control_port"},
        {"listen { address: \"localhost.localdomain\" }",
         "test.conf:1:10: listen.address must be a numeric IP address, not \"localhost.localdomain\""},
        {"listen { address: \"127.0.0.1:80\" }", "test.conf:1:10: listen.address must be without a port"},
        {"log { level: \"loud\" }", "test.conf:1:7: log.level must be"},
        {"log { format: \"xml\" }", "test.conf:1:7: log.format must be"},
        {"tls { key_file: \"/k\" }", "test.conf:1:7: tls.key_file needs certificate_file beside it"},
        {"server_name: \"\"", "test.conf:1:1: server_name must have 1 to 64 bytes"},
        {"run_dir: \"\"", "test.conf:1:1: run_dir must not be empty"},
        {"server_name: \"a\" server_name: \"b\"", "test.conf:1:29: Non-repeated field"},
        {"log { level: ", "test.conf:1:14: Expected"},
    }));
    CAPTURE(row.text);
    const auto config = parse_config(row.text, "test.conf");
    REQUIRE_FALSE(config);
    CHECK(config.error().code == Errc::usage);
    CHECK_THAT(config.error().what, Catch::StartsWith(row.error));
}

TEST_CASE("several mistakes are named together") {
    const auto config = parse_config("limits { rooms: 0 }\naudio { complexity: 11 }", "test.conf");
    REQUIRE_FALSE(config);
    CHECK_THAT(config.error().what, Catch::Contains("test.conf:1:10: limits.rooms"));
    CHECK_THAT(config.error().what, Catch::Contains("\ntest.conf:2:9: audio.complexity"));
}

TEST_CASE("a configuration file that is not there is named") {
    const auto config = load_config("/nonexistent/connectsphere.conf");
    REQUIRE_FALSE(config);
    CHECK(config.error().what == "/nonexistent/connectsphere.conf: can not be read");
}
