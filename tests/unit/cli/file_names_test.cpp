#include "client-cli/file_names.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/unit/client_files/folder.hpp"

namespace connectsphere::cli {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

std::vector<proto::FileInfo> files_called(const Names& names) {
    std::vector<proto::FileInfo> files;
    for (const auto& name : names) {
        auto& file = files.emplace_back();
        file.set_file_id(files.size());
        file.set_name(name);
    }
    return files;
}

Names meant(const std::vector<proto::FileInfo>& files, const std::string& what) {
    Names found;
    for (const auto& [file, place] : files_meant(files, what))
        found.push_back(std::to_string(file->file_id()).append(" ").append(place.string()));
    return found;
}

Names names_of(const std::vector<FileToSend>& files) {
    Names names;
    for (const auto& file : files) names.push_back(file.name);
    return names;
}

TEST_CASE("a file is meant by its number first, then by its name, the newest") {
    const auto files = files_called({"a", "2", "a", "1", "07"});
    CHECK(meant(files, "a") == Names{"3 a"});
    CHECK(meant(files, "1") == Names{"1 a"});
    CHECK(meant(files, "2") == Names{"2 2"});
    CHECK(meant(files_called({"9"}), "9") == Names{"1 9"});  // no such number
    CHECK(meant(files, "nothing").empty());
    CHECK(meant(files, "").empty());
    CHECK(file_id_of("99999999999999999999") == 0);
}

TEST_CASE("a folder is all that was sent with it, the newest of each") {
    const auto files = files_called({"d/a/x", "d/b/x", "d/a/x", "dd/x", "e/d/x", "d/../../x", "x"});
    CHECK(meant(files, "d") == Names{"6 d/_./_./x", "3 d/a/x", "2 d/b/x"});
    CHECK(meant(files, "d/a/") == Names{"3 a/x"});
    CHECK(meant(files, "d/b/x") == Names{"2 x"});
    CHECK(meant(files, "x") == Names{"7 x"});
    CHECK(meant(files, "/").empty());
}

TEST_CASE("a file of a folder is sent with its way from there") {
    const client::Folder folder;
    fs::create_directories(folder.path / "d/a/b");
    fs::create_directories(folder.path / "d/empty");
    folder.write("d/x", "");
    folder.write("d/a/x", "");
    folder.write("d/a/b/y", "");
    fs::create_symlink("..", folder.path / "d/a/up");  // is not followed
    const Names all{"d/a/b/y", "d/a/x", "d/x"};
    const auto d = (folder.path / "d").string();
    for (const auto& path : {d, d + "/", d + "/a/..", d + "/."}) {
        const auto files = files_to_send(path);
        REQUIRE(files);
        CHECK(names_of(*files) == all);
        CHECK(fs::is_regular_file(files->front().path));
    }
    CHECK(names_of(*files_to_send(d + "/a/x")) == Names{"x"});
    CHECK(files_to_send(d + "/empty").error().code == Errc::not_found);
}

TEST_CASE("a folder with too many files is refused") {
    const client::Folder folder;
    for (int i = 0; i <= 10'000; ++i) folder.write(std::to_string(i), "");
    CHECK(files_to_send(folder.path.string()).error().code == Errc::usage);
}

}  // namespace
}  // namespace connectsphere::cli
