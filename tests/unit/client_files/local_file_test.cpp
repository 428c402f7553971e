#include "lib/client/local_file.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "tests/unit/client_files/folder.hpp"

namespace connectsphere::client {
namespace {

namespace fs = std::filesystem;

// Called "11111111" in the name of a .part.
proto::FileInfo content(std::uint64_t size) {
    proto::FileInfo file;
    file.set_size(size);
    file.set_sha256(std::string(32, '\x11'));
    return file;
}

PartFile part_of(const Folder& folder, bool overwrite = false) {
    return *PartFile::beside(folder.path / "got", content(11), overwrite);
}

bool is_hash_of(const wire::Sha256& digest, const std::string& content) {
    return as_text(digest) == hash_of(content);
}

TEST_CASE("a download is written beside its place and takes it when it is whole") {
    const Folder folder;
    auto part = part_of(folder);
    CHECK_FALSE(fs::exists(folder.path / "got.11111111.part"));  // until it is opened
    REQUIRE(part.open());
    REQUIRE(part.append(as_bytes("hello ")));
    REQUIRE(part.append(as_bytes("world")));
    CHECK_FALSE(fs::exists(folder.path / "got"));
    CHECK(is_hash_of(part.digest(), "hello world"));
    REQUIRE(part.complete());
    CHECK(folder.read("got") == "hello world");
    CHECK_FALSE(fs::exists(folder.path / "got.11111111.part"));
}

TEST_CASE("a download goes on with what an earlier one left, once that is hashed") {
    const Folder folder;
    folder.write("got.11111111.part", "hello ");
    auto part = part_of(folder);
    REQUIRE(part.open());
    CHECK(part.size() == 6);
    CHECK(part.hashed() == 0);
    REQUIRE(part.hash_on(4));
    CHECK(part.hashed() == 4);
    REQUIRE(part.hash_on(100));
    REQUIRE(part.append(as_bytes("world")));
    CHECK(is_hash_of(part.digest(), "hello world"));

    SECTION("and lets go of it while it waits") {
        part.close();
        CHECK(part.size() == 0);
        REQUIRE(part.open());
        CHECK(part.size() == 11);
        REQUIRE(part.hash_on(100));
        CHECK(is_hash_of(part.digest(), "hello world"));
    }
    SECTION("and begins anew where that was damaged") {
        REQUIRE(part.restart());
        CHECK(part.size() == 0);
        REQUIRE(part.append(as_bytes("new")));
        CHECK(is_hash_of(part.digest(), "new"));
        REQUIRE(part.complete());
        CHECK(folder.read("got") == "new");
    }
}

TEST_CASE("two downloads do not write to one file") {
    const Folder folder;
    auto first = part_of(folder), second = part_of(folder);
    REQUIRE(first.open());
    CHECK(second.open().error().code == Errc::exists);
    first.close();
    CHECK(second.open());
}

TEST_CASE("a file that is there is replaced only on demand, however late it came") {
    const Folder folder;
    SECTION("before, unless it is the file itself") {
        folder.write("got", "hello world");
        auto same = part_of(folder);
        REQUIRE(same.open());
        REQUIRE(same.hash_on(100));
        CHECK(is_hash_of(same.digest(), "hello world"));
        CHECK(same.restart().error().code == Errc::exists);
        CHECK(same.complete());
        CHECK(folder.read("got") == "hello world");
    }
    SECTION("before") {
        folder.write("got", "old");
        CHECK(PartFile::beside(folder.path / "got", content(11), false).error().code == Errc::exists);
    }
    SECTION("a link to nowhere is one") {
        fs::create_symlink(folder.path / "nowhere", folder.path / "got");
        CHECK(PartFile::beside(folder.path / "got", content(11), false).error().code == Errc::exists);
    }
    for (const bool overwrite : {false, true}) {
        DYNAMIC_SECTION("meanwhile, overwrite " << overwrite) {
            auto part = part_of(folder, overwrite);
            REQUIRE(part.open());
            REQUIRE(part.append(as_bytes("new")));
            folder.write("got", "old");
            const auto placed = part.complete();
            CHECK(placed.has_value() == overwrite);
            CHECK(folder.read("got") == (overwrite ? "new" : "old"));
            if (!overwrite) CHECK(folder.read("got.11111111.part") == "new");
        }
    }
    SECTION("a link in its place is replaced, not followed") {
        folder.write("other", "other");
        fs::create_symlink(folder.path / "other", folder.path / "got");
        auto part = part_of(folder, true);
        REQUIRE(part.open());
        REQUIRE(part.append(as_bytes("new")));
        REQUIRE(part.complete());
        CHECK(folder.read("other") == "other");
        CHECK_FALSE(fs::is_symlink(folder.path / "got"));
    }
}

TEST_CASE("nothing but a file of ours alone is gone on with") {
    const Folder folder;
    folder.write("other", "other");
    const auto place = folder.path / "got.11111111.part";
    SECTION("no link") { fs::create_symlink(folder.path / "other", place); }
    SECTION("no second name of another file") { fs::create_hard_link(folder.path / "other", place); }
    SECTION("no pipe") { REQUIRE(mkfifo(place.c_str(), 0600) == 0); }
    SECTION("no folder") { fs::create_directory(place); }
    SECTION("no file of somebody else") {
        folder.write(place.filename().string(), "");
        if (geteuid() != 0) return;  // nobody else may give files away
        REQUIRE(chown(place.c_str(), 12345, 12345) == 0);
    }
    CHECK_FALSE(part_of(folder).open());
    CHECK(folder.read("other") == "other");
}

TEST_CASE("a file that can not be written is an error") {
    const Folder folder;
    auto part = *PartFile::beside(folder.path / "missing" / "got", content(11), false);
    CHECK(part.open().error().code == Errc::not_found);
}

TEST_CASE("a source hashes what is read of it, once, in order") {
    const Folder folder;
    auto source = *LocalSource::inspect(folder.write("a", "hello world"));
    CHECK(source.size() == 11);
    REQUIRE(source.open());
    Buffer out(6);
    REQUIRE(source.read(0, out));
    CHECK(as_text(out) == "hello ");
    CHECK(source.hashed() == 6);
    REQUIRE(source.read(0, out));  // sent again
    CHECK(source.hashed() == 6);
    source.close();  // while it waits
    REQUIRE(source.open());
    REQUIRE(source.hash_on(100));
    CHECK(is_hash_of(source.digest(), "hello world"));
    CHECK_FALSE(source.read(6, out));  // it has five bytes more
}

TEST_CASE("a source that has changed is not sent as the one it was") {
    const Folder folder;
    auto source = *LocalSource::inspect(folder.write("a", "hello"));
    SECTION("before it is opened") {
        folder.write("a", "hello world");
        CHECK_FALSE(source.open());
    }
    SECTION("by another file in its place") {
        folder.write("b", "HELLO");
        fs::rename(folder.path / "b", folder.path / "a");
        CHECK_FALSE(source.open());
    }
    SECTION("before its end") {
        REQUIRE(source.open());
        CHECK(source.check_unchanged());
        folder.write("a", "hello world");
        CHECK_FALSE(source.check_unchanged());
    }
    SECTION("it is gone") {
        fs::remove(folder.path / "a");
        CHECK(source.open().error().code == Errc::not_found);
    }
}

TEST_CASE("only files are sent") {
    const Folder folder;
    CHECK(LocalSource::inspect(folder.path).error().code == Errc::unsupported);
    CHECK(LocalSource::inspect("/dev/null").error().code == Errc::unsupported);
    CHECK(LocalSource::inspect(folder.path / "nothing").error().code == Errc::not_found);
    REQUIRE(mkfifo((folder.path / "pipe").c_str(), 0600) == 0);
    CHECK(LocalSource::inspect(folder.path / "pipe").error().code == Errc::unsupported);  // and nobody waits
}

}  // namespace
}  // namespace connectsphere::client
