#include "services/file-store/disk_storage.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/unit/file_store/support.hpp"

namespace connectsphere::file_store::test {
namespace {

namespace fs = std::filesystem;

// A folder that goes with the test.
struct Folder {
    Folder() {
        std::string name = fs::temp_directory_path() / "cs-store-XXXXXX";
        if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
        path = name;
    }
    ~Folder() { fs::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    fs::path path;
};

UnfinishedUpload upload_of(std::uint8_t id, std::uint64_t size) {
    UnfinishedUpload upload;
    upload.id.fill(id);
    upload.room = "../lobby";
    upload.info.set_name("../../etc/passwd");
    upload.info.set_size(size);
    upload.touched_at = 5;
    return upload;
}

StoredFile file_of(const UnfinishedUpload& upload, std::uint64_t file_id, Bytes content) {
    StoredFile file{.info = upload.info, .room = upload.room, .upload = upload.id};
    const auto hash = wire::sha256(content);
    file.info.set_file_id(file_id);
    file.info.set_sha256(hash.data(), hash.size());
    return file;
}

std::size_t files_in(const fs::path& folder) {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) count += entry.is_regular_file();
    return count;
}

TEST_CASE("what was finished is there after a restart, identical content once") {
    Folder folder;
    const auto content = content_of(100'000);
    {
        DiskStorage disk(folder.path);
        REQUIRE(disk.load());
        for (std::uint8_t id = 1; id <= 2; ++id) {
            const auto upload = upload_of(id, content.size());
            const auto file = disk.begin(upload);
            REQUIRE(file);
            REQUIRE((*file)->write(0, content));
            REQUIRE(disk.finish(file_of(upload, id, content)));
        }
    }
    DiskStorage disk(folder.path);
    const auto contents = disk.load();
    REQUIRE(contents);
    CHECK(contents->files.size() == 2);
    CHECK(contents->files[0].room == "../lobby");
    CHECK(contents->last_file_id == 2);
    CHECK(contents->uploads.empty());
    CHECK(files_in(folder.path / "blobs") == 1);
    CHECK(files_in(folder.path / "uploads") == 0);

    Buffer read(content.size());
    REQUIRE(disk.remove(1, wire::sha256(content)));
    const auto blob = disk.open(wire::sha256(content));
    REQUIRE(blob);
    REQUIRE((*blob)->read(0, read));
    CHECK(read == content);
    REQUIRE(disk.remove(2, wire::sha256(content)));
    CHECK_FALSE(disk.open(wire::sha256(content)));
}

TEST_CASE("an upload is there after a restart, with the bytes that came") {
    Folder folder;
    {
        DiskStorage disk(folder.path);
        const auto file = disk.begin(upload_of(1, 1000));
        REQUIRE(file);
        REQUIRE((*file)->write(0, content_of(400)));
    }
    DiskStorage disk(folder.path);
    const auto contents = disk.load();
    REQUIRE(contents);
    REQUIRE(contents->uploads.size() == 1);
    CHECK(contents->uploads[0].received == 400);
    CHECK(contents->uploads[0].info.name() == "../../etc/passwd");
    const auto again = disk.begin(contents->uploads[0]);
    REQUIRE(again);
    CHECK((*again)->size() == 400);
    REQUIRE(disk.discard(contents->uploads[0].id));
    CHECK(files_in(folder.path / "uploads") == 0);
}

TEST_CASE("what a crash left behind is tidied at the start") {
    Folder folder;
    const auto content = content_of(100);
    {
        DiskStorage disk(folder.path);
        const auto upload = upload_of(1, content.size());
        const auto file = disk.begin(upload);
        REQUIRE(file);
        REQUIRE((*file)->write(0, content));
        REQUIRE(disk.finish(file_of(upload, 1, content)));
    }
    // An upload without its entry, a blob without its file: between the link and the index, and after it.
    std::ofstream(folder.path / "uploads" / "stray") << "x";
    std::ofstream(folder.path / "blobs" / "stray") << "x";
    SECTION("a file keeps its blob") {
        DiskStorage disk(folder.path);
        CHECK(disk.load()->files.size() == 1);
        CHECK(files_in(folder.path / "blobs") == 1);
    }
    SECTION("a file whose blob is gone is not listed") {
        fs::remove_all(folder.path / "blobs");
        DiskStorage disk(folder.path);
        CHECK(disk.load()->files.empty());
    }
    CHECK(files_in(folder.path / "uploads") == 0);
}

}  // namespace
}  // namespace connectsphere::file_store::test
