#include "client-cli/picture_files.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "lib/media/pattern.hpp"
#include "tests/support/temporary_dir.hpp"

namespace connectsphere::cli {
namespace {

namespace fs = std::filesystem;

// All files below a folder, by their paths from there.
std::set<std::string> files_in(const fs::path& folder) {
    std::set<std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) out.insert(fs::relative(entry.path(), folder).string());
    return out;
}

// Writes what `name` sends, each in a session of its own, with some pictures; returns what was said.
std::string write(const std::string& where, const std::vector<std::string>& names, Bytes picture) {
    std::string said;
    const auto reporter = make_json_reporter([&](Stream, std::string_view line) { said += line; });
    net::Loop loop;
    PictureFiles files(where, loop, *reporter);
    std::uint64_t session = 0;
    for (const auto& name : names) {
        proto::Participant participant;
        participant.set_session_id(++session);
        participant.set_name(name);
        for (int i = 0; i < 2; ++i) CHECK(files.write(participant, {.data = picture}));
    }
    files.finish();
    return said;
}

Buffer jpeg(std::uint32_t frame) {
    media::JpegEncoder encoder;
    const auto bytes = encoder.encode(media::test_pattern({1, frame}, 64, 128), 75);
    REQUIRE(bytes);
    return {bytes->begin(), bytes->end()};
}

TEST_CASE("each participant's pictures have a folder, and a name is no path") {
    const test::TemporaryDir folder;
    CHECK(write(folder.path() / "seen", {"ann", "../ben", ".cid", "dan\n/\\"}, jpeg(1)).empty());
    CHECK(files_in(folder.path()) ==
          std::set<std::string>{"seen/ann/000001.jpg", "seen/ann/000002.jpg", "seen/_.._ben/000001.jpg",
                                "seen/_.._ben/000002.jpg", "seen/_.cid/000001.jpg", "seen/_.cid/000002.jpg",
                                "seen/dan___/000001.jpg", "seen/dan___/000002.jpg"});
}

TEST_CASE("who leaves and returns overwrites nothing") {
    const test::TemporaryDir folder;
    SECTION("pictures") {
        CHECK(write(folder.path(), {"ann", "ann"}, jpeg(1)).empty());
        CHECK(files_in(folder.path()) ==
              std::set<std::string>{"ann/000001.jpg", "ann/000002.jpg", "ann/000003.jpg", "ann/000004.jpg"});
    }
    SECTION("recordings") {
        CHECK(write(folder.path() / "call.mkv", {"ann", "ben", "ann"}, jpeg(1)).empty());
        CHECK(files_in(folder.path()) ==
              std::set<std::string>{"call-ann.mkv", "call-ben.mkv", "call-ann-2.mkv"});
        for (const auto& file : files_in(folder.path()))
            CHECK(fs::file_size(folder.path() / file) > 2 * jpeg(1).size());
    }
}

TEST_CASE("nothing of an earlier call is overwritten") {
    const test::TemporaryDir folder;
    SECTION("pictures go on behind the newest, whatever else is there") {
        fs::create_directories(folder.path() / "ann");
        for (const auto* file : {"000003.jpg", "000041.jpg", "99x.jpg", "100.png"})
            std::ofstream(folder.path() / "ann" / file) << "old";
        CHECK(write(folder.path(), {"ann"}, jpeg(1)).empty());
        CHECK(files_in(folder.path()).contains("ann/000042.jpg"));
        CHECK(files_in(folder.path()).contains("ann/000043.jpg"));
        CHECK(fs::file_size(folder.path() / "ann" / "000041.jpg") == 3);
    }
    SECTION("recordings take the next free name") {
        for (const auto* file : {"call-ann.mkv", "call-ann-2.mkv"})
            std::ofstream(folder.path() / file) << "old";
        CHECK(write(folder.path() / "call.mkv", {"ann"}, jpeg(1)).empty());
        CHECK(files_in(folder.path()) ==
              std::set<std::string>{"call-ann.mkv", "call-ann-2.mkv", "call-ann-3.mkv"});
        for (const auto* file : {"call-ann.mkv", "call-ann-2.mkv"})
            CHECK(fs::file_size(folder.path() / file) == 3);
    }
}

TEST_CASE("two names never share a folder, and who returns finds his own") {
    const test::TemporaryDir folder;
    CHECK(write(folder.path(), {"a/b", "a_b", "a\\b", "a_b"}, jpeg(1)).empty());
    CHECK(files_in(folder.path()) == std::set<std::string>{"a_b/000001.jpg", "a_b/000002.jpg",
                                                           "a_b-2/000001.jpg", "a_b-2/000002.jpg",
                                                           "a_b-2/000003.jpg", "a_b-2/000004.jpg",
                                                           "a_b-3/000001.jpg", "a_b-3/000002.jpg"});
}

TEST_CASE("a JPEG is kept bit by bit as it came") {
    const test::TemporaryDir folder;
    const auto picture = jpeg(7);
    write(folder.path(), {"ann"}, picture);
    std::ifstream in(folder.path() / "ann" / "000001.jpg", std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    CHECK(std::equal(bytes.begin(), bytes.end(), as_text(picture).begin(), as_text(picture).end()));
}

TEST_CASE("a folder that can not be written is said once a participant") {
    const test::TemporaryDir folder;
    std::ofstream(folder.path() / "seen") << "a file";
    const auto said = write(folder.path() / "seen", {"ann"}, jpeg(1));
    CHECK(said.find("can not write to") != std::string::npos);
    CHECK(said.find("can not write to") == said.rfind("can not write to"));
}

TEST_CASE("nothing is kept of nobody's wish") {
    CHECK(write("none", {"ann"}, jpeg(1)).empty());
    CHECK_FALSE(fs::exists("none"));
}

}  // namespace
}  // namespace connectsphere::cli
