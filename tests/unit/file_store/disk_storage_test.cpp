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
            auto stored = file_of(upload, id, content);
            REQUIRE(disk.finish(stored));
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
        auto stored = file_of(upload, 1, content);
        REQUIRE(disk.finish(stored));
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

// What somebody else does to the index: another program, or a file system that fails.
void tamper(const fs::path& folder, const char* sql) { Database(folder / "index.db").require(sql); }

TEST_CASE("of an upload the kernel's bytes survive a crash of the service, not one of the machine") {
    Folder folder;
    {
        DiskStorage disk(folder.path, "a");
        REQUIRE(disk.load());
        for (std::uint8_t id = 1; id <= 2; ++id) {
            const auto file = disk.begin(upload_of(id, 1000));
            REQUIRE(file);
            REQUIRE((*file)->write(0, content_of(400)));
            if (id == 1) REQUIRE(disk.secure(upload_of(1, 1000).id, **file, 400));
            REQUIRE((*file)->write(400, content_of(300)));
            REQUIRE(disk.begin(upload_of(id, 1000)));  // to go on with it forgets nothing
        }
    }
    const auto received = [&](const char* boot) {
        DiskStorage disk(folder.path, boot);
        const auto contents = disk.load();
        REQUIRE(contents);
        REQUIRE(contents->uploads.size() == 2);
        for (const auto& upload : contents->uploads) CHECK((*disk.begin(upload))->size() == upload.received);
        return std::pair(contents->uploads[0].received, contents->uploads[1].received);
    };
    CHECK(received("a") == std::pair(std::uint64_t{700}, std::uint64_t{700}));
    CHECK(received("b") == std::pair(std::uint64_t{400}, std::uint64_t{0}));
    CHECK(received("b") == std::pair(std::uint64_t{400}, std::uint64_t{0}));
}

TEST_CASE("a file that the index refuses leaves no blob, and the upload can go on") {
    Folder folder;
    const auto content = content_of(100);
    DiskStorage disk(folder.path);
    REQUIRE(disk.load());
    const auto store = [&](std::uint8_t id) {
        const auto upload = upload_of(id, content.size());
        REQUIRE((*disk.begin(upload))->write(0, content));
        auto file = file_of(upload, id, content);
        return disk.finish(file);
    };
    const bool is_known = GENERATE(false, true);  // another file has the same content
    if (is_known) REQUIRE(store(1));
    tamper(folder.path,
           "CREATE TRIGGER no BEFORE INSERT ON files BEGIN SELECT RAISE(FAIL, 'not today'); END");
    CHECK_FALSE(store(2));
    CHECK(files_in(folder.path / "blobs") == (is_known ? 1 : 0));
    CHECK(files_in(folder.path / "uploads") == 1);
    tamper(folder.path, "DROP TRIGGER no");
    CHECK(store(2));
    CHECK(files_in(folder.path / "blobs") == 1);
    CHECK(files_in(folder.path / "uploads") == 0);
}

TEST_CASE("an index that somebody broke is an error of each request, and nothing worse") {
    Folder folder;
    DiskStorage disk(folder.path);
    REQUIRE(disk.load());
    tamper(folder.path, "DROP TABLE uploads; DROP TABLE files");
    auto file = file_of(upload_of(1, 0), 1, {});
    CHECK_FALSE(disk.begin(upload_of(1, 0)));
    CHECK_FALSE(disk.finish(file));
    CHECK_FALSE(disk.discard(upload_of(1, 0).id));
    CHECK_FALSE(disk.remove(1, wire::sha256({})));
}

TEST_CASE("content that is sent again takes the place of a blob that was damaged") {
    Folder folder;
    const auto content = content_of(1000);
    DiskStorage disk(folder.path);
    REQUIRE(disk.load());
    for (std::uint8_t id = 1; id <= 2; ++id) {
        const auto upload = upload_of(id, content.size());
        REQUIRE((*disk.begin(upload))->write(0, content));
        auto file = file_of(upload, id, content);
        REQUIRE(disk.finish(file));
        Buffer read(content.size());
        REQUIRE(*(*disk.open(wire::sha256(content)))->read(0, read) == content.size());
        CHECK(read == content);
        for (const auto& entry : fs::recursive_directory_iterator(folder.path / "blobs")) {
            if (entry.is_regular_file()) fs::resize_file(entry.path(), 500);
        }
    }
    CHECK(files_in(folder.path / "blobs") == 1);
}

std::uint32_t version_of_next(DiskStorage& disk, std::uint8_t id) {
    const auto upload = upload_of(id, 0);
    REQUIRE(disk.begin(upload));
    auto file = file_of(upload, id, {});
    REQUIRE(disk.finish(file));
    return file.info.version();
}

TEST_CASE("the versions of a name are counted on after its files were removed, and after a restart") {
    Folder folder;
    {
        DiskStorage disk(folder.path);
        REQUIRE(disk.load());
        CHECK(version_of_next(disk, 1) == 1);
        CHECK(version_of_next(disk, 2) == 2);
        CHECK(disk.load()->files[1].info.version() == 2);
        REQUIRE(disk.remove(1, wire::sha256({})));
        REQUIRE(disk.remove(2, wire::sha256({})));
    }
    DiskStorage disk(folder.path);
    REQUIRE(disk.load());
    CHECK(version_of_next(disk, 3) == 3);
}

TEST_CASE("an index of an earlier version of the program is taken over") {
    Folder folder;
    {
        DiskStorage disk(folder.path);
        REQUIRE(disk.load());
        CHECK(version_of_next(disk, 1) == 1);
        const auto file = disk.begin(upload_of(5, 1000));
        REQUIRE((*file)->write(0, content_of(400)));
    }
    tamper(folder.path, "DROP TABLE versions; DROP TABLE boot; ALTER TABLE uploads DROP COLUMN synced");
    DiskStorage disk(folder.path);
    const auto contents = disk.load();
    REQUIRE(contents);
    REQUIRE(contents->uploads.size() == 1);
    CHECK(contents->uploads[0].received == 400);
    CHECK(version_of_next(disk, 2) == 2);
}

}  // namespace
}  // namespace connectsphere::file_store::test
