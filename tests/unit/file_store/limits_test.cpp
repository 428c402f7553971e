#include "tests/unit/file_store/support.hpp"

namespace connectsphere::file_store::test {
namespace {

proto::ClientMessage begin_message(const std::string& key, std::uint64_t size) {
    proto::ClientMessage message;
    message.set_request_id(1);
    message.mutable_begin_upload()->set_upload_key(Store::wide(key));
    message.mutable_begin_upload()->set_name("a");
    message.mutable_begin_upload()->set_size(size);
    return message;
}

std::string key_of(int number) { return std::string("k") += std::to_string(number); }

TEST_CASE("who begins and cancels without waiting fills no queue") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    for (int i = 0; i < 5000; ++i) {
        store.send(kAnnLine, begin_message(key_of(i), 10));
        proto::ClientMessage cancel;
        cancel.set_request_id(2);
        cancel.mutable_cancel_transfer()->set_transfer_id(static_cast<std::uint32_t>(i) + 1);
        store.send(kAnnLine, cancel);
    }
    CHECK(store.jobs() <= 2 * StoreEngine::kMaxSessionJobs);
    CHECK(store.refusals(proto::RATE_LIMITED) > 4900);
    CHECK(store.figure("files_limited_total") > 4900);
    store.received.clear();
    store.run_jobs();
    CHECK(store.figure("files_disk_jobs") == 0);
    CHECK(store.upload(kAnnLine, "later", "a", content_of(10)).has_file_stored());
}

TEST_CASE("who removes without waiting fills no queue") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    REQUIRE(store.upload(kAnnLine, "k", "a", content_of(10)).has_file_stored());
    proto::ClientMessage remove;
    remove.set_request_id(2);
    remove.mutable_remove_file()->set_file_id(1);
    for (int i = 0; i < 1000; ++i) store.send(kAnnLine, remove);
    CHECK(store.jobs() <= StoreEngine::kMaxSessionJobs);
}

// Begins `count` uploads on connections that close again.
void begin_and_go(Store& store, SessionId session, int first, int count, std::uint64_t size,
                  std::size_t bytes = 0) {
    const ConnectionId line{500};
    for (int done = 0; done < count;) {
        REQUIRE(store.enter(line, store.ticket(session)).has_files_entered());
        for (std::size_t i = 0; i < StoreEngine::kMaxTransfers && done < count; ++i, ++done) {
            const auto ready = store.begin_upload(line, key_of(first + done), "a", size);
            if (ready.has_upload_ready() && bytes > 0)
                store.data(line, ready.upload_ready().transfer_id(), 0, content_of(bytes));
        }
        store.close(line);
        store.run_jobs();
    }
}

TEST_CASE("uploads that were begun and left lock nobody out") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    SECTION("many of them, by one session") {
        begin_and_go(store, kAnn, 0, 1100, 10, 1);
        CHECK(store.figure("files_uploads_unfinished") == StoreEngine::kMaxSessionUploads);
        CHECK(store.begin_upload(kAnnLine, "mine", "a", 10).error().code() == proto::RATE_LIMITED);
        CHECK(store.upload(kBobLine, "other", "a", content_of(10)).has_file_stored());
        store.pass(StoreEngine::kIdle);
        CHECK(store.begin_upload(kAnnLine, "mine", "a", 10).has_upload_ready());
        CHECK(store.figure("files_evicted_total") == 1);
    }
    SECTION("so large that nothing else has room") {
        begin_and_go(store, kAnn, 0, 4, 16ULL << 30);
        CHECK(store.begin_upload(kBobLine, "other", "a", 10).error().code() == proto::STORAGE_FULL);
        store.pass(StoreEngine::kEmptyLife + StoreEngine::kSweepGap);
        CHECK(store.begin_upload(kBobLine, "other", "a", 10).has_upload_ready());
        CHECK(store.figure("files_evicted_total") == 0);
    }
    SECTION("so large, and with a byte each") {
        begin_and_go(store, kAnn, 0, 4, 16ULL << 30, 1);
        store.pass(StoreEngine::kEmptyLife + StoreEngine::kSweepGap);
        CHECK(store.begin_upload(kBobLine, "other", "a", 10).error().code() == proto::STORAGE_FULL);
        store.pass(StoreEngine::kIdle);
        CHECK(store.begin_upload(kBobLine, "other", "a", 10).has_upload_ready());
        CHECK(store.figure("files_evicted_total") == 1);
    }
}

TEST_CASE("many sessions of a room leave room for other rooms") {
    Disk disk;
    Store store(disk);
    std::vector<Store::Member> members;
    for (std::uint64_t id = 100; id < 120; ++id) members.push_back({{id}, "x", proto::PARTICIPANT});
    store.publish(7, "lobby", members);
    int first = 0;
    for (const auto& member : members) begin_and_go(store, member.session, first += 100, 64, 10, 1);
    CHECK(store.figure("files_uploads_unfinished") == StoreEngine::kMaxRoomUploads);
    REQUIRE(store.enter(kEveLine, store.ticket(kEve)).has_files_entered());
    CHECK(store.begin_upload(kEveLine, "other", "a", 10).has_upload_ready());
}

TEST_CASE("of idle uploads the one with the fewest bytes goes first, and only where that helps") {
    Disk disk;
    Config config;
    config.files.room_mebibytes = 10;
    Store store(disk, config);
    store.enter_all();
    begin_and_go(store, kAnn, 1, 1, 4 << 20, 1000);
    begin_and_go(store, kAnn, 2, 1, 4 << 20, 10);
    REQUIRE(store.upload(kBobLine, "stored", "a", content_of(100)).has_file_stored());
    store.pass(StoreEngine::kIdle);
    CHECK(store.begin_upload(kBobLine, "huge", "a", 10 << 20).error().code() == proto::STORAGE_FULL);
    CHECK(disk.uploads.size() == 2);
    CHECK(store.begin_upload(kBobLine, "fits", "a", 5 << 20).has_upload_ready());
    store.run_jobs();
    const auto again = store.begin_upload(kBobLine, "k1", "a", 4 << 20);
    REQUIRE(again.has_upload_ready());
    CHECK(again.upload_ready().offset() == 1000);
}

TEST_CASE("an upload that was just interrupted is not thrown away, nor after a restart of the service") {
    Disk disk;
    Config config;
    config.files.room_mebibytes = 6;
    Store store(disk, config);
    store.enter_all();
    begin_and_go(store, kAnn, 1, 1, 4 << 20, 1000);
    store.pass(1h);
    store.restart();
    store.pass(1s);
    store.enter_all();
    CHECK(store.begin_upload(kBobLine, "large", "a", 4 << 20).error().code() == proto::STORAGE_FULL);
    CHECK(store.begin_upload(kAnnLine, "k1", "a", 4 << 20).upload_ready().offset() == 1000);
}

TEST_CASE("lists have a pace, which a list of all files keeps to") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    proto::ClientMessage message;
    message.set_request_id(1);
    message.mutable_list_files()->set_search("nothing");
    for (int i = 0; i < 1000; ++i) store.send(kAnnLine, message);
    CHECK(store.refusals(proto::RATE_LIMITED) == 1000 - static_cast<std::size_t>(StoreEngine::kListBurst));
    CHECK(store.received.back().message.error().retry_after_ms() > 0);
    CHECK(store.ask(kBobLine, message).has_file_list());
    store.pass(1s);
    CHECK(store.ask(kAnnLine, message).has_file_list());
}

TEST_CASE("a search that finds nothing looks at a part of the files, and says where to go on") {
    Disk disk;
    for (std::uint64_t id = 1; id <= Catalogue::kScan + 100; ++id) {
        auto& file = disk.files[id];
        file.room = "lobby";
        file.info.set_file_id(id);
        file.info.set_name(id == Catalogue::kScan + 50 ? "The Needle" : "hay");
        file.upload.fill(static_cast<std::uint8_t>(id));
    }
    Store store(disk);
    store.enter_all();
    proto::ClientMessage message;
    message.mutable_list_files()->set_search("needle");
    const auto first = store.ask(kAnnLine, message).file_list();
    CHECK(first.files_size() == 0);
    CHECK(first.more_after_file_id() == Catalogue::kScan);
    message.mutable_list_files()->set_after_file_id(first.more_after_file_id());
    const auto second = store.ask(kAnnLine, message).file_list();
    CHECK(second.files_size() == 1);
    CHECK(second.more_after_file_id() == 0);
}

}  // namespace
}  // namespace connectsphere::file_store::test
