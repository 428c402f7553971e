#include "lib/client/upload_keys.hpp"

#include <catch2/catch.hpp>
#include <optional>

#include "lib/client/outgoing.hpp"
#include "tests/unit/client_files/folder.hpp"

namespace connectsphere::client {
namespace {

namespace fs = std::filesystem;

const std::string kKey(32, 'k');

// Of the environment, while it lives.
class Variable {
  public:
    Variable(const char* name, const char* value) : name_(name) {
        if (const auto* old = getenv(name)) old_ = old;
        if (value)
            setenv(name, value, 1);
        else
            unsetenv(name);
    }
    ~Variable() {
        if (old_)
            setenv(name_, old_->c_str(), 1);
        else
            unsetenv(name_);
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

  private:
    const char* name_;
    std::optional<std::string> old_;
};

void age_all(const fs::path& folder, std::chrono::hours age) {
    for (const auto& entry : fs::directory_iterator(folder))
        fs::last_write_time(entry, fs::last_write_time(entry) - age);
}

TEST_CASE("keys lie where the XDG base directories say") {
    const Variable home("HOME", "/home/ann");
    {
        const Variable state("XDG_STATE_HOME", "/state");
        CHECK(UploadKeys::default_folder() == "/state/connectsphere/uploads");
    }
    for (const char* none : {static_cast<const char*>(nullptr), "", "relative"}) {
        const Variable state("XDG_STATE_HOME", none);
        CHECK(UploadKeys::default_folder() == "/home/ann/.local/state/connectsphere/uploads");
    }
}

TEST_CASE("the key of an upload is found again until it is a file") {
    const Folder folder;
    const UploadKeys keys(folder.path / "keys");
    CHECK_FALSE(keys.find("a"));
    REQUIRE(keys.remember("a", kKey));
    CHECK(keys.find("a") == kKey);
    CHECK_FALSE(keys.find("b"));
    for (const auto& entry : fs::directory_iterator(folder.path / "keys"))
        CHECK((entry.status().permissions() & fs::perms::all) ==
              (fs::perms::owner_read | fs::perms::owner_write));
    keys.forget("a");
    CHECK_FALSE(keys.find("a"));
    keys.stored("server", 7, 0, kKey);
    CHECK(keys.owner_key("server", 7) == kKey);
    CHECK_FALSE(keys.owner_key("other", 7));
    keys.forget_owner("server", 7);
    CHECK_FALSE(keys.owner_key("server", 7));
}

TEST_CASE("a key that is damaged is none") {
    const Folder folder;
    const UploadKeys keys(folder.path);
    REQUIRE(keys.remember("a", kKey));
    for (const auto& entry : fs::directory_iterator(folder.path)) fs::resize_file(entry, 10);
    CHECK_FALSE(keys.find("a"));
}

TEST_CASE("keys that are of no use any more go") {
    const Folder folder;
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    const auto in = [&](std::chrono::hours time) {
        return static_cast<std::uint64_t>((now + std::chrono::milliseconds(time)).count());
    };
    {
        const UploadKeys keys(folder.path);
        REQUIRE(keys.remember("unfinished", kKey));
        keys.stored("server", 1, in(std::chrono::hours(24)), kKey);
        keys.stored("server", 2, in(std::chrono::hours(24 * 100)), kKey);
        keys.stored("server", 3, 0, kKey);
        age_all(folder.path, UploadKeys::kKeep + std::chrono::hours(48));
    }
    const UploadKeys keys(folder.path);
    REQUIRE(keys.remember("new", kKey));
    CHECK_FALSE(keys.find("unfinished"));
    CHECK_FALSE(keys.owner_key("server", 1));
    CHECK(keys.owner_key("server", 2));
    CHECK(keys.owner_key("server", 3));
    CHECK(keys.find("new"));
}

TEST_CASE("what is sent again has the same key, from wherever it is named") {
    const Folder folder;
    const UploadKeys keys(folder.path / "keys");
    const auto path = folder.write("a.txt", "hello");
    const Destination everybody{.server = "server", .room = "lobby"};
    const auto first = make_outgoing(keys, everybody, path, "a.txt");
    REQUIRE(first);
    CHECK(first->plan.size == 5);
    CHECK(first->plan.media_type == "text/plain");
    CHECK(make_outgoing(keys, everybody, folder.path / "." / "a.txt", "a.txt")->plan.key == first->plan.key);
    // Another name, room, person or content is another upload.
    CHECK(make_outgoing(keys, everybody, path, "d/a.txt")->plan.key != first->plan.key);
    CHECK(make_outgoing(keys, {.server = "server", .room = "cellar"}, path, "a.txt")->plan.key !=
          first->plan.key);
    CHECK(make_outgoing(keys, {.server = "server", .room = "lobby", .to_session = 7}, path, "a.txt")
              ->plan.key != first->plan.key);
    folder.write("a.txt", "hello world");
    CHECK(make_outgoing(keys, everybody, path, "a.txt")->plan.key != first->plan.key);
}

TEST_CASE("a name that the server would refuse is refused here") {
    const Folder folder;
    const UploadKeys keys(folder.path / "keys");
    const auto path = folder.write("a", "hello");
    for (const auto& name : {std::string(), std::string("bad\xff.txt"), std::string("a\nb"),
                             std::string("a\x7f"), std::string(256, 'x')}) {
        const auto refused = make_outgoing(keys, {}, path, name);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().what.find('\xff') == std::string::npos);
    }
    CHECK(make_outgoing(keys, {}, path, std::string(255, 'x')));
    CHECK(make_outgoing(keys, {}, path, "عقد/🎉.txt"));
}

}  // namespace
}  // namespace connectsphere::client
