// What scripts read, and that docs/cli.md says the same.
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/unit/cli/samples.hpp"

namespace connectsphere::cli {
namespace {

using nlohmann::json;
using Fields = std::set<std::string>;

struct Printed {
    std::vector<json> lines;
    std::unique_ptr<Reporter> reporter =
        make_json_reporter([this](Stream stream, std::string_view text) { take(stream, text); });
    client::Session session{client::Session::Options{}};

    void take(Stream stream, std::string_view text) {
        REQUIRE(stream == Stream::out);
        REQUIRE(text.find('\n') == text.size() - 1);
        lines.push_back(json::parse(text));
    }
    json of(const client::Event& event) {
        reporter->event(event, session);
        return lines.back();
    }
};

// A participant and a message are documented once; other objects field by field, with their paths.
void collect(const json& object, const std::string& path, Fields& fields,
             std::map<std::string, Fields>& shapes) {
    static const std::map<std::string, std::string> kShapes{{"participant", "Participant"},
                                                            {"participants", "Participant"},
                                                            {"messages", "Message"},
                                                            {"file", "File"},
                                                            {"files", "File"}};
    for (const auto& [key, value] : object.items()) {
        const auto name = path + key;
        fields.insert(name);
        const bool is_list = value.is_array() && !value.empty() && value[0].is_object();
        if (!is_list && !value.is_object()) continue;
        const auto& inner = is_list ? value[0] : value;
        if (const auto shape = kShapes.find(key); shape != kShapes.end()) {
            collect(inner, {}, shapes[shape->second], shapes);
        } else {
            collect(inner, name + (is_list ? "[]." : "."), fields, shapes);
        }
    }
}

std::map<std::string, Fields> emitted() {
    Printed printed;
    for (const auto& event : every_event()) printed.reporter->event(event, printed.session);
    printed.reporter->connected("192.0.2.1:9000", "SHA256:aa", true);
    printed.reporter->devices(
        {.audio = {.microphones = {{"mic", "Mic"}}, .loudspeakers = {{"speaker", "Speaker"}}},
         .monitors = {{.name = "HDMI-1", .area = {0, 0, 1920, 1080}, .is_primary = true}},
         .windows = {{.id = 7, .title = "notes", .width = 640, .height = 480}}});
    printed.reporter->network({});
    Offer offer;
    offer.receive_port = 5004;
    offer.format = OfferFormat::jpeg;
    printed.reporter->offer(offer);
    printed.reporter->exported("history.json", 3);
    printed.reporter->file_sent(file_info());
    printed.reporter->file_fetched(file_info(), "report.pdf");
    printed.reporter->file_list({file_info()});
    printed.reporter->file_removed(3, "report.pdf");
    printed.reporter->transfer_progress({.name = "report.pdf", .done = 1, .total = 2, .bytes_per_second = 3});
    printed.reporter->presenting(
        {.state = "viewers", .why = "ended", .text = "text", .by = "Ben", .viewers = 2});
    printed.reporter->screen_update({});
    printed.reporter->screen_pointer({});
    printed.reporter->screen_cleared();
    printed.reporter->screen_summary({});
    printed.reporter->error("input", "what?");
    net::Loop loop;
    client::Runner::Options options;
    options.entropy = [](MutableBytes bytes) { std::fill(bytes.begin(), bytes.end(), std::uint8_t{1}); };
    const client::Runner runner(loop, std::move(options), {});
    printed.reporter->summary(runner, {{2, {.name = "Ben", .frames = 30}}});

    std::map<std::string, Fields> events;
    for (auto line : printed.lines) {
        CHECK(line["v"] == 1);
        CHECK(line["time"].get<std::string>().ends_with('Z'));
        const auto name = line["event"].get<std::string>();
        for (const char* common : {"v", "event", "time"}) line.erase(common);
        collect(line, {}, events[name], events);
    }
    return events;
}

// "### `joined`" or "### Message", then a table whose rows begin with the field's name in backquotes.
std::map<std::string, Fields> documented() {
    std::ifstream file(CS_TEST_DATA "/../../docs/cli.md");
    REQUIRE(file);
    std::map<std::string, Fields> events;
    Fields* section = nullptr;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("#")) {
            section = nullptr;
            if (!line.starts_with("### ")) continue;
            auto name = line.substr(4);
            std::erase(name, '`');
            section = &events[name];
        } else if (section && line.starts_with("| `")) {
            section->insert(line.substr(3, line.find('`', 3) - 3));
        } else if (section && line.find("fields are those of Message") != std::string::npos) {
            *section = events.at("Message");
        }
    }
    return events;
}

TEST_CASE("every event and every field is documented, and nothing else") {
    std::set<std::size_t> kinds;
    for (const auto& event : every_event()) kinds.insert(event.index());
    CHECK(kinds.size() == std::variant_size_v<client::Event>);

    const auto in_code = emitted();
    const auto in_document = documented();
    for (const auto& [event, fields] : in_code) {
        INFO("docs/cli.md, event " << event);
        REQUIRE(in_document.contains(event));
        CHECK(in_document.at(event) == fields);
    }
    for (const auto& [event, fields] : in_document) {
        INFO("docs/cli.md documents " << event << ", which is never printed");
        CHECK(in_code.contains(event));
    }
}

TEST_CASE("times are RFC 3339, enumerations small letters, text as it is") {
    Printed printed;
    const auto line = printed.of(chat("caf\xC3\xA9 \xF0\x9F\x91\x8D \"\n"));
    CHECK(line["event"] == "chat");
    CHECK(line["sent_at"] == "2026-01-31T09:30:00.250Z");
    CHECK(line["text"] == "caf\xC3\xA9 \xF0\x9F\x91\x8D \"\n");
    CHECK(line["private"] == false);
    CHECK_FALSE(line.contains("to"));
    CHECK_FALSE(line.contains("edited_at"));
    CHECK(printed.of(client::RequestFailed{"chat", name_taken()})["code"] == "name_taken");
}

TEST_CASE("bytes that are no UTF-8 are replaced, not thrown") {
    Printed printed;
    CHECK(printed.of(chat("a\xFF z"))["text"] == "a\xEF\xBF\xBD z");
}

TEST_CASE("history is exported as one object") {
    proto::History history;
    *history.add_messages() = chat("one");
    *history.add_messages() = chat("two", true);
    history.set_more(true);
    const auto out = json::parse(history_as_json("lab", history));
    CHECK(out["v"] == 1);
    CHECK(out["room"] == "lab");
    CHECK(out["more"] == true);
    REQUIRE(out["messages"].size() == 2);
    CHECK(out["messages"][1]["to"] == "Ben");
}

}  // namespace
}  // namespace connectsphere::cli
