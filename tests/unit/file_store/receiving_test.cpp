// Bytes of uploads between their arrival and the disk: whatever happens meanwhile.
#include "tests/unit/file_store/support.hpp"

namespace connectsphere::file_store::test {
namespace {

// Ann's upload: all its bytes have arrived, and no job has run.
struct Queued {
    explicit Queued(Store& s, std::size_t announced = 0) : store(s) {
        store.enter_all();
        const auto begun = store.begin_upload(kAnnLine, "k", "a", std::max(content.size(), announced));
        transfer = begun.upload_ready().transfer_id();
        for (std::size_t offset = 0; offset < content.size(); offset += 100'000)
            store.send_data(kAnnLine, transfer, offset, Bytes(content).subspan(offset, 100'000));
    }
    proto::UploadReady come_back() {
        return store.begin_upload(kBobLine, "k", "a", content.size()).upload_ready();
    }

    Store& store;
    Buffer content = content_of(500'000);
    std::uint32_t transfer = 0;
};

TEST_CASE("an upload that is finished while its bytes wait for the disk is stored") {
    Disk disk;
    Store store(disk);
    Queued queued(store);
    CHECK(store.finish(kAnnLine, queued.transfer, queued.content).has_file_stored());
    CHECK(store.download(kBobLine, 1) == queued.content);
}

TEST_CASE("a wrong hash is found though its bytes wait for the disk") {
    Disk disk;
    Store store(disk);
    Queued queued(store);
    CHECK(store.finish(kAnnLine, queued.transfer, content_of(500'000, 2)).error().code() ==
          proto::BAD_REQUEST);
    store.run_jobs();
    CHECK(disk.uploads.empty());
}

TEST_CASE("a disk that gets full while bytes wait for it is told once, and nothing is kept") {
    Disk disk;
    Store store(disk);
    Queued queued(store);
    disk.capacity = 150'000;
    SECTION("in the middle") { store.run_jobs(); }
    SECTION("while the end is waited for") {
        CHECK(store.finish(kAnnLine, queued.transfer, queued.content).error().code() == proto::STORAGE_FULL);
    }
    const auto failures = std::count_if(store.received.begin(), store.received.end(),
                                        [](const auto& each) { return each.message.has_transfer_failed(); });
    CHECK(failures == 1);
    REQUIRE(store.failure(kAnnLine));
    CHECK(store.failure(kAnnLine)->error().code() == proto::STORAGE_FULL);
    store.run_jobs();
    CHECK(disk.uploads.empty());
    disk.capacity = 10 << 20;
    CHECK(store.upload(kAnnLine, "k", "a", queued.content).has_file_stored());
}

TEST_CASE("a disk that refuses a write lets the upload go on behind what it has, without a hole") {
    Disk disk;
    Store store(disk);
    Queued queued(store);
    disk.fails_writes_at = 100'000;
    store.run_jobs();
    REQUIRE(store.failure(kAnnLine));
    CHECK(store.failure(kAnnLine)->resumable());
    disk.fails_writes_at = UINT64_MAX;
    const auto ready = queued.come_back();
    CHECK(ready.offset() == 100'000);
    for (std::size_t offset = 100'000; offset < queued.content.size(); offset += 100'000)
        store.data(kBobLine, ready.transfer_id(), offset, Bytes(queued.content).subspan(offset, 100'000));
    CHECK(store.finish(kBobLine, ready.transfer_id(), queued.content).has_file_stored());
}

TEST_CASE("bytes that wait for the disk while their sender goes need not come again") {
    Disk disk;
    Store store(disk);
    Queued queued(store);
    SECTION("its connection is gone") { store.close(kAnnLine); }
    SECTION("its connection is broken, and nobody knows") {}
    const auto ready = queued.come_back();
    CHECK(ready.offset() == queued.content.size());
    CHECK(store.finish(kBobLine, ready.transfer_id(), queued.content).has_file_stored());
}

TEST_CASE("a service that is killed while bytes wait has what was written, and hashes it anew") {
    Disk disk;
    Store store(disk);
    Queued queued(store);
    store.run_jobs(1);
    store.restart();
    store.enter_all();
    const auto ready = queued.come_back();
    CHECK(ready.offset() == 100'000);
    for (std::size_t offset = 100'000; offset < queued.content.size(); offset += 100'000)
        store.data(kBobLine, ready.transfer_id(), offset, Bytes(queued.content).subspan(offset, 100'000));
    CHECK(store.finish(kBobLine, ready.transfer_id(), queued.content).has_file_stored());
    CHECK(store.download(kBobLine, 1) == queued.content);
}

TEST_CASE("an upload that is cancelled while its bytes wait leaves nothing, and its key is free") {
    Disk disk;
    Store store(disk);
    Queued queued(store);
    proto::ClientMessage cancel;
    cancel.mutable_cancel_transfer()->set_transfer_id(queued.transfer);
    CHECK(store.ask(kAnnLine, cancel).has_done());
    CHECK(disk.uploads.empty());
    CHECK_FALSE(store.failure(kAnnLine));
    const auto other = content_of(300'000, 7);
    CHECK(store.upload(kAnnLine, "k", "b", other).has_file_stored());
    CHECK(store.download(kBobLine, 1) == other);
}

TEST_CASE("no credit comes for what is not written, so a slow disk holds up its sender") {
    Disk disk;
    Store store(disk);
    store.received.clear();
    Queued queued(store, 10 << 20);
    const auto credits = [&] {
        return std::count_if(store.received.begin(), store.received.end(),
                             [](const auto& each) { return each.message.has_upload_credit(); });
    };
    CHECK(credits() == 0);
    store.run_jobs();
    CHECK(credits() > 0);
    CHECK(store.received.back().message.upload_credit().limit() == 500'000 + StoreEngine::kUploadWindow);
    CHECK(store.received.back().message.upload_credit().received() == 500'000);
}

TEST_CASE("after a restart credit waits until the hash has nearly caught up") {
    const std::uint64_t there = UploadSink::kBehind + 2 * UploadSink::kSlice;
    Disk disk;
    Store store(disk);
    store.enter_all();
    REQUIRE(store.begin_upload(kAnnLine, "k", "a", there + (10 << 20)).has_upload_ready());
    disk.uploads.begin()->second.second->bytes.resize(there);
    store.restart();
    store.enter_all();
    proto::ClientMessage again;
    again.set_request_id(1);
    again.mutable_begin_upload()->set_upload_key(Store::wide("k"));
    again.mutable_begin_upload()->set_name("a");
    again.mutable_begin_upload()->set_size(there + (10 << 20));
    store.received.clear();
    store.send(kAnnLine, again);
    store.run_jobs(1);  // the disk opens it
    REQUIRE(store.received.size() == 1);
    const auto ready = store.received[0].message.upload_ready();
    CHECK(ready.offset() == there);
    const auto content = content_of(StoreEngine::kChunk);
    for (auto offset = there; offset < ready.limit(); offset += content.size())
        store.send_data(kAnnLine, ready.transfer_id(), offset, content);
    store.run_jobs(1);
    CHECK(store.received.size() == 1);  // a slice is hashed, and more is behind than may be
    store.run_jobs();
    CHECK(store.received.back().message.upload_credit().limit() ==
          ready.limit() + StoreEngine::kUploadWindow);
}

TEST_CASE("a batch keeps blocks that it fills, and copies the rest together") {
    const auto block = std::make_shared<const Buffer>(content_of(1000));
    UploadBatch batch;
    CHECK(batch.is_empty());
    batch.add(Bytes(*block).first(60), block);
    for (std::size_t i = 60; i < 100; ++i) batch.add(Bytes(*block).subspan(i, 1), block);
    CHECK(block.use_count() == 1);  // nothing of it is kept
    batch.add(Bytes(*block).last(900), block);
    CHECK(block.use_count() == 2);
    Buffer all;
    std::vector<std::size_t> sizes;
    CHECK(batch.each([&](Bytes bytes) -> Result<void> {
        all.insert(all.end(), bytes.begin(), bytes.end());
        sizes.push_back(bytes.size());
        return {};
    }));
    CHECK(all == *block);
    CHECK(sizes == std::vector<std::size_t>{100, 900});
}

TEST_CASE("what has come of an upload is brought to the disk when its sender goes, and while it is large") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    const auto synced = [&] { return disk.uploads.begin()->second.first.synced; };
    const std::uint64_t size = StoreEngine::kSyncStep + (10 << 20);
    const auto content = content_of(StoreEngine::kChunk);
    const auto ready = store.begin_upload(kAnnLine, "k", "a", size).upload_ready();
    const auto send = [&](std::uint64_t from, std::uint64_t to) {
        for (; from < to; from += content.size()) store.data(kAnnLine, ready.transfer_id(), from, content);
    };
    SECTION("it goes") {
        send(0, 1 << 20);
        CHECK(synced() == 0);
        store.send_data(kAnnLine, ready.transfer_id(), 1 << 20, content);  // and the disk has not got it yet
        store.close(kAnnLine);
        store.run_jobs();
        CHECK(synced() == (1 << 20) + content.size());
    }
    SECTION("it is large") {
        send(0, StoreEngine::kSyncStep - content.size());
        CHECK(synced() == 0);
        send(StoreEngine::kSyncStep - content.size(), StoreEngine::kSyncStep);
        CHECK(synced() == StoreEngine::kSyncStep);
    }
    SECTION("the disk can not keep it") {
        send(0, 1 << 20);
        disk.is_broken = true;
        store.close(kAnnLine);
        store.run_jobs();
        disk.is_broken = false;
        CHECK(disk.uploads.empty());
    }
}

}  // namespace
}  // namespace connectsphere::file_store::test
