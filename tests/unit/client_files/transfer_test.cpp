#include "lib/client/transfer.hpp"

#include <catch2/catch.hpp>

#include "lib/client/file_name.hpp"
#include "lib/wire/frame.hpp"

namespace connectsphere::client {
namespace {

UploadTransfer upload_of(std::uint64_t size) {
    return UploadTransfer({.key = std::string(32, 'k'), .name = "a.txt", .size = size});
}

proto::UploadReady ready_at(std::uint64_t offset, std::uint64_t limit) {
    proto::UploadReady ready;
    ready.set_transfer_id(7);
    ready.set_offset(offset);
    ready.set_limit(limit);
    return ready;
}

proto::FileInfo file_of(std::uint64_t size) {
    proto::FileInfo file;
    file.set_file_id(3);
    file.set_size(size);
    file.set_sha256(std::string(32, 'h'));
    return file;
}

TEST_CASE("an upload sends where the server's bytes end, and no further than its credit") {
    auto upload = upload_of(1000);
    CHECK_FALSE(upload.next(100));
    REQUIRE(upload.ready(ready_at(250, 400)));
    const auto first = upload.next(100);
    REQUIRE(first);
    CHECK(first->offset == 250);
    CHECK(first->size == 100);
    CHECK(upload.data(*first).upload_data().offset() == 250);
    const auto second = upload.next(100);
    REQUIRE(second);
    CHECK(second->size == 50);
    (void)upload.data(*second);
    CHECK_FALSE(upload.next(100));
    proto::UploadCredit credit;
    credit.set_limit(1000);
    upload.credit(credit);
    CHECK(upload.next(1000)->size == 600);
}

TEST_CASE("a frame of an upload is as long as is asked for, with all that is in it") {
    constexpr std::size_t kChunk = 128 << 10;
    auto upload = upload_of(1 << 20);
    REQUIRE(upload.ready(ready_at(0, 300'000)));
    for (int i = 0; i < 2; ++i) {
        const auto span = upload.next_in_frame(kChunk);
        REQUIRE(span);
        Buffer frame;
        wire::append_frame(frame, as_bytes(upload.data(*span).SerializeAsString()), Buffer(span->size));
        CHECK(frame.size() == kChunk);
    }
    const auto rest = upload.next_in_frame(kChunk);
    REQUIRE(rest);
    CHECK(rest->offset + rest->size == 300'000);
}

TEST_CASE("a few bytes of credit wait for more, the last bytes of a file do not") {
    constexpr std::size_t kChunk = 128 << 10;
    auto upload = upload_of(1000);
    REQUIRE(upload.ready(ready_at(0, 400)));
    CHECK_FALSE(upload.next_in_frame(kChunk));
    CHECK(upload.next_in_frame(64)->size < 64);  // who wants small frames gets them
    proto::UploadCredit credit;
    credit.set_limit(1000);
    upload.credit(credit);
    CHECK(upload.next_in_frame(kChunk)->size == 1000);
}

TEST_CASE("an upload takes no credit beyond its end, and none back") {
    auto upload = upload_of(1000);
    REQUIRE(upload.ready(ready_at(0, 400)));
    proto::UploadCredit credit;
    credit.set_limit(5000);
    upload.credit(credit);
    CHECK(upload.next(9999)->size == 1000);
    credit.set_limit(10);
    upload.credit(credit);
    CHECK(upload.next(9999)->size == 1000);
}

TEST_CASE("an upload refuses an offset that its file does not have") {
    CHECK_FALSE(upload_of(10).ready(ready_at(11, 11)));
    CHECK_FALSE(upload_of(10).ready(ready_at(5, 4)));
    CHECK_FALSE(upload_of(10).ready(ready_at(5, 11)));
}

TEST_CASE("an empty file is sent as soon as the server is ready") {
    auto upload = upload_of(0);
    CHECK_FALSE(upload.is_sent());
    REQUIRE(upload.ready(ready_at(0, 0)));
    CHECK(upload.is_sent());
}

TEST_CASE("a download counts what it has not acknowledged") {
    DownloadTransfer download(file_of(500'000), 100'000);
    CHECK(download.begin().begin_download().offset() == 100'000);
    proto::DownloadReady ready;
    ready.set_transfer_id(9);
    ready.set_offset(100'000);
    *ready.mutable_file() = file_of(500'000);
    REQUIRE(download.ready(ready));
    CHECK(download.unacknowledged() == 0);
    REQUIRE(download.data(100'000, 100'000));
    REQUIRE(download.data(200'000, 100'000));
    CHECK(download.unacknowledged() == 200'000);
    CHECK(download.credit().download_credit().received() == 300'000);
    CHECK(download.unacknowledged() == 0);
    REQUIRE(download.data(300'000, 200'000));
    CHECK(download.is_complete());
    CHECK(download.credit().download_credit().received() == 500'000);
}

TEST_CASE("a download refuses bytes that do not follow those it has") {
    DownloadTransfer download(file_of(100), 10);
    CHECK_FALSE(download.data(0, 10));
    CHECK_FALSE(download.data(20, 10));
    CHECK_FALSE(download.data(10, 91));
    CHECK(download.data(10, 90));
}

TEST_CASE("a download refuses another file than it began with") {
    DownloadTransfer download(file_of(100), 10);
    proto::DownloadReady ready;
    ready.set_offset(10);
    *ready.mutable_file() = file_of(100);
    ready.mutable_file()->set_sha256(std::string(32, 'x'));
    CHECK_FALSE(download.ready(ready));
}

TEST_CASE("a name from elsewhere becomes a safe file name") {
    struct Row {
        std::string name, safe;
    };
    for (const auto& [name, safe] :
         {Row{"report.pdf", "report.pdf"}, Row{"../../etc/passwd", "passwd"},
          Row{"C:\\Windows\\win.ini", "win.ini"}, Row{"..", "_."}, Row{".", "_"}, Row{"", "file"},
          Row{"///", "file"}, Row{".bashrc", "_bashrc"}, Row{std::string("a\0b", 3), "a_b"},
          Row{"a\x1b[31mred", "a__31mred"}, Row{"🎉 party.png", "🎉 party.png"}, Row{"عقد.pdf", "عقد.pdf"},
          Row{"photo\u202Egnp.exe", "photo_gnp.exe"}, Row{"bad\xff\xc0.txt", "bad__.txt"}}) {
        CHECK(safe_file_name(name) == (name == "a\x1b[31mred" ? "a_[31mred" : safe));
    }
    const auto longest = safe_file_name(std::string(300, 'x') + ".tar.gz");
    CHECK(longest.size() == 200);
    CHECK(longest.ends_with(".gz"));
    std::string wide;
    while (wide.size() < 300) wide += "ü";
    CHECK(safe_file_name(wide).size() <= 200);
    CHECK(safe_file_name(wide).size() % 2 == 0);
}

}  // namespace
}  // namespace connectsphere::client
