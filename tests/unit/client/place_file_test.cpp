#include "lib/client/place_file.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <optional>

#include "tests/support/temporary_dir.hpp"

namespace connectsphere::client {
namespace {

namespace fs = std::filesystem;

struct Folder {
    test::TemporaryDir home{};
    fs::path path = home.path() / "places";

    std::size_t files() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), {}));
    }
};

const PlaceFile::Key kAnn{"192.0.2.1:9000", "lab", "Ann"};
const std::string kToken("\x00\xFF\n token", 8);

TEST_CASE("a place is found by the next life of its client") {
    Folder folder;
    {
        PlaceFile place(folder.path, kAnn);
        CHECK(place.token().empty());
        place.keep("an older token, which was longer");
        place.keep(kToken);
    }
    CHECK(PlaceFile(folder.path, kAnn).token() == kToken);
    CHECK(PlaceFile(folder.path, {"192.0.2.1:9000", "lab", "Ben"}).token().empty());
    CHECK(PlaceFile(folder.path, {"192.0.2.1:9000", "la", "bAnn"}).token().empty());
    CHECK(PlaceFile(folder.path, {"192.0.2.2:9000", "lab", "Ann"}).token().empty());
    CHECK(folder.files() == 1);  // who has no place leaves no file
}

TEST_CASE("who leaves takes its place away") {
    Folder folder;
    PlaceFile place(folder.path, kAnn);
    place.keep(kToken);
    place.remove();
    CHECK(folder.files() == 0);
    CHECK(PlaceFile(folder.path, kAnn).token().empty());
}

TEST_CASE("a place that is in use is nobody else's") {
    Folder folder;
    std::optional<PlaceFile> first(std::in_place, folder.path, kAnn);
    first->keep(kToken);
    {
        PlaceFile second(folder.path, kAnn);
        CHECK_FALSE(second.is_ours());
        CHECK(second.token().empty());
        second.keep("stolen");
        second.remove();
    }
    CHECK(first->token() == kToken);
    first.reset();
    CHECK(PlaceFile(folder.path, kAnn).token() == kToken);
}

TEST_CASE("nobody else may read a place") {
    Folder folder;
    PlaceFile place(folder.path, kAnn);
    place.keep(kToken);
    struct stat info {};
    REQUIRE(stat(folder.path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0700);
    REQUIRE(stat(fs::directory_iterator(folder.path)->path().c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("a file that was cut short holds no place") {
    Folder folder;
    { PlaceFile(folder.path, kAnn).keep(kToken); }
    const auto file = fs::directory_iterator(folder.path)->path();
    for (auto size = fs::file_size(file); size-- > 0;) {
        fs::resize_file(file, size);
        PlaceFile place(folder.path, kAnn);
        CHECK(place.token().empty());
        if (size > 0) place.keep(kToken);
    }
}

TEST_CASE("a folder that can not be made is no reason to stop") {
    Folder folder;
    std::ofstream(folder.path) << "a file";
    PlaceFile place(folder.path, kAnn);
    CHECK_FALSE(place.is_ours());
    place.keep(kToken);
    CHECK(place.token().empty());
}

}  // namespace
}  // namespace connectsphere::client
