#include "tests/unit/file_store/support.hpp"

namespace connectsphere::file_store::test {
namespace {

TEST_CASE("a file of any size arrives whole, is announced, and is fetched as it was sent") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    for (const std::size_t size : {0U, 1U, 1000U, 128U << 10, (128U << 10) + 1, 3'000'017U}) {
        const auto content = content_of(size);
        store.to_gateway.clear();
        const auto stored =
            store.upload(kAnnLine, "key" + std::to_string(size), "a.bin", content).file_stored();
        CHECK(stored.file().size() == size);
        CHECK(stored.file().owner_name() == "Ann");
        CHECK(store.told(proto::ServerMessage::kFileAnnounced) == std::vector<std::uint64_t>{1, 2});
        CHECK(store.download(kBobLine, stored.file().file_id()) == content);
    }
}

TEST_CASE("W9: a name that is used again is a new version; identical content is kept once") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    CHECK(store.upload(kAnnLine, "k1", "a.txt", content_of(10)).file_stored().file().version() == 1);
    CHECK(store.upload(kBobLine, "k2", "a.txt", content_of(10)).file_stored().file().version() == 2);
    CHECK(store.list(kAnnLine).files_size() == 2);
    CHECK(disk.blobs.size() == 1);
    REQUIRE(store.remove(kAnnLine, 1).has_done());
    CHECK(store.download(kBobLine, 2) == content_of(10));
}

TEST_CASE("an upload goes on where the server's bytes end") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    const auto content = content_of(3'000'000);
    const auto ready = store.begin_upload(kAnnLine, "k", "a.bin", content.size()).upload_ready();
    for (std::size_t offset = 0; offset < 1'000'000; offset += 100'000)
        store.data(kAnnLine, ready.transfer_id(), offset, Bytes(content).subspan(offset, 100'000));

    SECTION("after a broken connection") {
        store.close(kAnnLine);
        REQUIRE(store.enter(kAnnLine, store.ticket(kAnn)).has_files_entered());
    }
    SECTION("after a restart of the service, which hashes anew what it has") {
        store.restart();
        store.enter_all();
    }
    SECTION("while the server does not know yet that the connection is broken") {}
    CHECK(store.list(kBobLine).files_size() == 0);
    const auto line = kBobLine;  // whoever knows the key, from the same room
    const auto again = store.begin_upload(line, "k", "a.bin", content.size()).upload_ready();
    CHECK(again.offset() == 1'000'000);
    for (std::size_t offset = 1'000'000; offset < content.size(); offset += 100'000)
        store.data(line, again.transfer_id(), offset, Bytes(content).subspan(offset, 100'000));
    REQUIRE(store.finish(line, again.transfer_id(), content).has_file_stored());
    CHECK(store.download(kBobLine, 1) == content);
}

TEST_CASE("an upload whose last answer got lost is stored once") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    const auto stored = store.upload(kAnnLine, "k", "a", content_of(10)).file_stored();
    const auto again = store.begin_upload(kAnnLine, "k", "a", 10);
    CHECK(again.file_stored().file().file_id() == stored.file().file_id());
    CHECK(store.list(kAnnLine).files_size() == 1);
}

TEST_CASE("who lies about size or hash stores nothing and keeps nothing") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    const auto content = content_of(1000);
    const auto transfer = store.begin_upload(kAnnLine, "k", "a", 500).upload_ready().transfer_id();
    SECTION("more bytes than announced") { store.data(kAnnLine, transfer, 0, content); }
    SECTION("fewer") {
        store.data(kAnnLine, transfer, 0, Bytes(content).first(499));
        CHECK(store.finish(kAnnLine, transfer, Bytes(content).first(499)).error().code() ==
              proto::BAD_REQUEST);
    }
    SECTION("another content") {
        store.data(kAnnLine, transfer, 0, Bytes(content).first(500));
        CHECK(store.finish(kAnnLine, transfer, Bytes(content).last(500)).error().code() ==
              proto::BAD_REQUEST);
    }
    SECTION("an offset beyond what was sent") { store.data(kAnnLine, transfer, 1, Bytes(content).first(10)); }
    SECTION("a negative offset") {
        store.data(kAnnLine, transfer, static_cast<std::uint64_t>(-5), Bytes(content).first(10));
    }
    SECTION("an offset that overlaps") {
        store.data(kAnnLine, transfer, 0, Bytes(content).first(10));
        store.data(kAnnLine, transfer, 5, Bytes(content).first(10));
    }
    SECTION("a chunk without bytes") { store.data(kAnnLine, transfer, 0, {}); }
    store.run_jobs();
    REQUIRE(store.failure(kAnnLine));
    CHECK_FALSE(store.failure(kAnnLine)->resumable());
    CHECK(store.list(kAnnLine).files_size() == 0);
    CHECK(disk.uploads.empty());
}

TEST_CASE("bytes beyond the credit end the upload") {
    Disk disk;
    Store store(disk, [] {
        Config config;
        config.files.upload_mebibytes_per_second = 1;  // so that credit is slow
        return config;
    }());
    store.enter_all();
    const auto content = content_of(StoreEngine::kChunk);
    const auto transfer = store.begin_upload(kAnnLine, "k", "a", 10 << 20).upload_ready().transfer_id();
    constexpr auto kChunks = StoreEngine::kUploadWindow / StoreEngine::kChunk;
    for (std::size_t i = 0; i < kChunks; ++i) store.data(kAnnLine, transfer, i * content.size(), content);
    CHECK_FALSE(store.failure(kAnnLine));
    store.data(kAnnLine, transfer, kChunks * content.size(), content);
    CHECK(store.failure(kAnnLine));
}

TEST_CASE("an upload whose sender goes while it is hashed rests, and is stored when somebody comes back") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    const auto content = content_of(100'000);
    const auto ready = store.begin_upload(kAnnLine, "k", "a", content.size()).upload_ready();
    store.send_data(kAnnLine, ready.transfer_id(), 0, content);
    proto::ClientMessage finish;
    finish.mutable_finish_upload()->set_transfer_id(ready.transfer_id());
    const auto hash = wire::sha256(content);
    finish.mutable_finish_upload()->set_sha256(hash.data(), hash.size());
    store.send(kAnnLine, finish);
    store.close(kAnnLine);
    store.run_jobs();
    CHECK(store.list(kBobLine).files_size() == 0);
    const auto again = store.begin_upload(kBobLine, "k", "a", content.size()).upload_ready();
    CHECK(again.offset() == content.size());
    CHECK(store.finish(kBobLine, again.transfer_id(), content).has_file_stored());
}

// How often the sender was told that there is no more credit yet.
std::size_t news(const Store& store, std::uint64_t received, std::uint64_t limit) {
    return static_cast<std::size_t>(
        std::count_if(store.received.begin(), store.received.end(), [&](const auto& each) {
            const auto& credit = each.message.upload_credit();
            return each.message.has_upload_credit() && credit.received() == received &&
                   credit.limit() == limit;
        }));
}

TEST_CASE("who waits for the hash of what is there is told so, and is not taken for stalled") {
    constexpr std::uint64_t kThere = 80 << 20, kLimit = kThere + StoreEngine::kUploadWindow;
    Disk disk;
    Store store(disk);
    store.enter_all();
    REQUIRE(store.begin_upload(kAnnLine, "k", "a", kThere + (4 << 20)).has_upload_ready());
    disk.uploads.begin()->second.second->bytes.resize(kThere);
    store.restart();
    store.enter_all();
    store.works_alone = false;
    proto::ClientMessage begin;
    begin.mutable_begin_upload()->set_upload_key(Store::wide("k"));
    begin.mutable_begin_upload()->set_name("a");
    begin.mutable_begin_upload()->set_size(kThere + (4 << 20));
    store.send(kAnnLine, begin);
    store.run_jobs(1);
    const auto content = content_of(StoreEngine::kChunk);
    for (auto at = kThere; at < kLimit; at += content.size()) store.send_data(kAnnLine, 1, at, content);
    store.received.clear();
    SECTION("for as long as the disk gets on") {
        store.pass(1min);
        CHECK(news(store, kThere, kLimit) >= 11);
        store.pass(StoreEngine::kDiskPatience - 2min);
        CHECK_FALSE(store.failure(kAnnLine));
        store.run_jobs();
        CHECK(store.received.back().message.upload_credit().limit() > kLimit);
    }
    SECTION("a disk that does nothing at all is not waited for") {
        store.pass(StoreEngine::kDiskPatience + StoreEngine::kStall + 10s);
        REQUIRE(store.failure(kAnnLine));
        CHECK(store.failure(kAnnLine)->resumable());
    }
}

TEST_CASE("who waits for the disk after the last byte is told so") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    const auto content = content_of(1000);
    const auto transfer = store.begin_upload(kAnnLine, "k", "a", 1000).upload_ready().transfer_id();
    store.send_data(kAnnLine, transfer, 0, content);
    store.works_alone = false;
    proto::ClientMessage finish;
    finish.mutable_finish_upload()->set_transfer_id(transfer);
    const auto hash = wire::sha256(content);
    finish.mutable_finish_upload()->set_sha256(hash.data(), hash.size());
    store.send(kAnnLine, finish);
    store.received.clear();
    std::uint64_t written = 0;
    SECTION("hashing") {}
    SECTION("storing") {
        store.run_jobs(1);
        written = 1000;
    }
    store.pass(3min);
    CHECK(news(store, written, 1000) >= 30);
    store.run_jobs();
    CHECK(store.list(kBobLine).files_size() == 1);
}

TEST_CASE("an upload that is begun again goes on there, and the first one is told") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    const auto content = content_of(1000);
    const auto first = store.begin_upload(kAnnLine, "k", "a", 1000).upload_ready().transfer_id();
    store.data(kAnnLine, first, 0, Bytes(content).first(100));
    auto line = kAnnLine;
    SECTION("on the same connection") {}
    SECTION("on another one") { line = kBobLine; }
    const auto second = store.begin_upload(line, "k", "a", 1000).upload_ready();
    CHECK(second.offset() == 100);
    REQUIRE(store.failure(kAnnLine));
    CHECK(store.failure(kAnnLine)->transfer_id() == first);
    CHECK(store.failure(kAnnLine)->error().code() == proto::ALREADY_JOINED);
    CHECK_FALSE(store.failure(kAnnLine)->resumable());
    store.data(kAnnLine, first, 100, Bytes(content).subspan(100));  // was on its way: it does no harm
    store.data(line, second.transfer_id(), 100, Bytes(content).subspan(100));
    CHECK(store.finish(line, second.transfer_id(), content).has_file_stored());
}

TEST_CASE("uploads keep to the rate that the configuration allows") {
    Disk disk;
    Config config;
    config.files.upload_mebibytes_per_second = 1;
    Store store(disk, config);
    store.enter_all();
    const auto content = content_of(StoreEngine::kChunk);
    const auto ready = store.begin_upload(kAnnLine, "k", "a", 10 << 20).upload_ready();
    std::uint64_t sent = 0, limit = ready.limit();
    const auto begun = store.now;
    while (sent < 5 << 20) {
        for (; sent < limit; sent += content.size()) store.data(kAnnLine, ready.transfer_id(), sent, content);
        store.pass(10ms);
        for (const auto& each : store.received)
            if (each.message.has_upload_credit())
                limit = std::max(limit, each.message.upload_credit().limit());
    }
    CHECK(seconds(store.now - begun) > 3.5);
    CHECK(seconds(store.now - begun) < 5.5);
}

TEST_CASE("quotas are told before the first byte") {
    struct Row {
        const char* what;
        std::uint64_t size;
        proto::ErrorCode code;
    };
    Disk disk;
    Config config;
    config.files.max_file_mebibytes = 4;
    config.files.room_mebibytes = 6;
    config.files.server_mebibytes = 8;
    Store store(disk, config);
    store.enter_all();
    REQUIRE(store.begin_upload(kAnnLine, "first", "a", 3 << 20).has_upload_ready());
    CHECK(store.begin_upload(kAnnLine, "large", "a", (4 << 20) + 1).error().code() == proto::TOO_LARGE);
    CHECK(store.begin_upload(kAnnLine, "room", "a", (3 << 20) + 1).error().code() == proto::STORAGE_FULL);
    REQUIRE(store.begin_upload(kAnnLine, "fits", "a", 3 << 20).has_upload_ready());
    CHECK(store.begin_upload(kEveLine, "server", "a", (2 << 20) + 1).error().code() == proto::STORAGE_FULL);
    CHECK(store.begin_upload(kEveLine, "small", "a", 2 << 20).has_upload_ready());
}

TEST_CASE("a disk of 10 MiB refuses what it can not hold, and keeps what it has") {
    Disk disk;
    disk.capacity = 10 << 20;
    Store store(disk);
    store.enter_all();
    const auto six = content_of(6 << 20);
    REQUIRE(store.upload(kAnnLine, "k1", "six", six).has_file_stored());
    CHECK(store.begin_upload(kAnnLine, "k2", "again", 6 << 20).error().code() == proto::STORAGE_FULL);
    const auto ready = store.begin_upload(kBobLine, "k3", "two", 2 << 20).upload_ready();
    CHECK(store.begin_upload(kAnnLine, "k4", "two", 2 << 20).error().code() == proto::STORAGE_FULL);

    // Somebody else fills the disk meanwhile.
    disk.capacity = (6 << 20) + 1000;
    store.data(kBobLine, ready.transfer_id(), 0, content_of(2000));
    store.run_jobs();
    REQUIRE(store.failure(kBobLine));
    CHECK(store.failure(kBobLine)->error().code() == proto::STORAGE_FULL);
    CHECK(store.list(kBobLine).files_size() == 1);
    CHECK(store.download(kBobLine, 1) == six);
    CHECK(disk.uploads.empty());
}

TEST_CASE("a disk that fails at the end lets the upload go on later") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    const auto content = content_of(1000);
    const auto transfer = store.begin_upload(kAnnLine, "k", "a", 1000).upload_ready().transfer_id();
    store.data(kAnnLine, transfer, 0, content);
    disk.is_broken = true;
    CHECK(store.finish(kAnnLine, transfer, content).error().code() == proto::UNAVAILABLE);
    disk.is_broken = false;
    CHECK(store.list(kAnnLine).files_size() == 0);
    CHECK(store.upload(kAnnLine, "k", "a", content).has_file_stored());
}

TEST_CASE("W10: names are data: whatever they look like they come back as they were, or are refused") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    int key = 0;
    for (const std::string name :
         {"../../etc/passwd", "/", "..", "🎉", "عقد.pdf", "a b\"c'", "nul", "C:\\x"}) {
        const auto stored = store.upload(kAnnLine, "k" + std::to_string(++key), name, content_of(3));
        CHECK(stored.file_stored().file().name() == name);
    }
    for (const std::string& name : {std::string("a\0b", 3), std::string("a\nb"), std::string("\x1b[31m"),
                                    std::string(300, 'x'), std::string()}) {
        CHECK(store.begin_upload(kAnnLine, "k" + std::to_string(++key), name, 3).error().code() ==
              proto::BAD_REQUEST);
    }
}

TEST_CASE("an upload that nobody continues is thrown away after its time") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    const auto ready = store.begin_upload(kAnnLine, "k", "a", 1000).upload_ready();
    store.data(kAnnLine, ready.transfer_id(), 0, content_of(100));
    store.pass(1h);
    CHECK(store.failure(kAnnLine)->resumable());  // it stood still
    CHECK(disk.uploads.size() == 1);
    store.pass(25h);
    CHECK(disk.uploads.empty());
}

TEST_CASE("nothing that its sender does while a file is being stored takes it back") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    const auto transfer = store.begin_upload(kAnnLine, "k", "a", 0).upload_ready().transfer_id();
    proto::ClientMessage finish;
    finish.mutable_finish_upload()->set_transfer_id(transfer);
    const auto hash = wire::sha256({});
    finish.mutable_finish_upload()->set_sha256(hash.data(), hash.size());
    store.send(kAnnLine, finish);  // and the disk is slow
    SECTION("data without bytes") { store.data(kAnnLine, transfer, 0, {}); }
    SECTION("data beyond the end") { store.data(kAnnLine, transfer, 0, content_of(10)); }
    SECTION("cancelling") {
        proto::ClientMessage cancel;
        cancel.mutable_cancel_transfer()->set_transfer_id(transfer);
        store.send(kAnnLine, cancel);
    }
    SECTION("finishing again") { store.send(kAnnLine, finish); }
    SECTION("going") { store.close(kAnnLine); }
    store.run_jobs();
    CHECK_FALSE(store.failure(kAnnLine));
    CHECK(store.list(kBobLine).files_size() == 1);
    CHECK(disk.uploads.empty());
}

TEST_CASE("a cancelled upload leaves nothing") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    const auto ready = store.begin_upload(kAnnLine, "k", "a", 1000).upload_ready();
    proto::ClientMessage message;
    message.mutable_cancel_transfer()->set_transfer_id(ready.transfer_id());
    CHECK(store.ask(kAnnLine, message).has_done());
    CHECK(disk.uploads.empty());
    CHECK(store.ask(kAnnLine, message).error().code() == proto::NOT_FOUND);
}

}  // namespace
}  // namespace connectsphere::file_store::test
