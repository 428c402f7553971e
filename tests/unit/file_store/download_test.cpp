#include "tests/unit/file_store/support.hpp"

namespace connectsphere::file_store::test {
namespace {

TEST_CASE("a download goes on from any offset, and not from beyond the end") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    const auto content = content_of(1'000'000);
    REQUIRE(store.upload(kAnnLine, "k", "a", content).has_file_stored());
    for (const std::size_t offset : {0U, 1U, 131'072U, 999'999U, 1'000'000U}) {
        CHECK(store.download(kBobLine, 1, offset) ==
              Buffer(content.begin() + static_cast<std::ptrdiff_t>(offset), content.end()));
    }
    CHECK(store.begin_download(kBobLine, 1, 1'000'001).error().code() == proto::BAD_REQUEST);
    CHECK(store.begin_download(kBobLine, 1, static_cast<std::uint64_t>(-1)).error().code() ==
          proto::BAD_REQUEST);
    CHECK(store.begin_download(kBobLine, 2).error().code() == proto::NOT_FOUND);
}

TEST_CASE("a receiver that does not acknowledge gets one window, whatever it asks for") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    const auto content = content_of(4 << 20);
    REQUIRE(store.upload(kAnnLine, "k", "a", content).has_file_stored());
    store.received.clear();
    for (int i = 0; i < 4; ++i) REQUIRE(store.begin_download(kBobLine, 1).has_download_ready());
    CHECK(store.data_sent_to(kBobLine) <= StoreEngine::kDownloadWindow);
    CHECK(store.data_sent_to(kBobLine) > StoreEngine::kDownloadWindow - StoreEngine::kChunk);
    CHECK(store.download(kAnnLine, 1) == content);  // the others do not notice
}

TEST_CASE("a reader that stalls for an hour is let go of, and may come back") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    const auto content = content_of(4 << 20);
    REQUIRE(store.upload(kAnnLine, "k", "a", content).has_file_stored());
    REQUIRE(store.begin_download(kBobLine, 1).has_download_ready());
    store.received.clear();
    store.pass(1h);
    CHECK(store.data_sent_to(kBobLine) == 0);
    REQUIRE(store.failure(kBobLine));
    CHECK(store.failure(kBobLine)->resumable());
    CHECK(store.closed == std::vector{kBobLine});
    REQUIRE(store.enter(kBobLine, store.ticket(kBob)).has_files_entered());
    CHECK(store.download(kBobLine, 1, 1 << 20).size() == 3 << 20);
}

TEST_CASE("a reader that says again and again what it has stalls all the same") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    REQUIRE(store.upload(kAnnLine, "k", "a", content_of(4 << 20)).has_file_stored());
    const auto transfer = store.begin_download(kBobLine, 1).download_ready().transfer_id();
    store.credit(kBobLine, transfer, 1000);
    for (int i = 0; i < 15 && store.closed.empty(); ++i) {
        store.credit(kBobLine, transfer, 1000);
        store.pass(10s);
    }
    CHECK(store.failure(kBobLine));
    CHECK(store.closed == std::vector{kBobLine});
}

TEST_CASE("transfers of one connection share its window in turn") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    REQUIRE(store.upload(kAnnLine, "k1", "a", content_of(4 << 20)).has_file_stored());
    REQUIRE(store.upload(kAnnLine, "k2", "b", content_of(4 << 20, 2)).has_file_stored());
    std::map<std::uint32_t, std::uint64_t> got;
    got[store.begin_download(kBobLine, 1).download_ready().transfer_id()] = 0;
    got[store.begin_download(kBobLine, 2).download_ready().transfer_id()] = 0;
    const auto window = store.data_sent_to(kBobLine);  // all of the first one
    store.received.clear();
    store.credit(kBobLine, got.begin()->first, window);
    got.begin()->second = window;
    for (std::size_t i = 0; i < store.received.size() && i < 20; ++i) {
        const auto each = store.received[i];
        auto& bytes = got.at(each.message.download_data().transfer_id());
        bytes += each.data.size();
        store.credit(kBobLine, each.message.download_data().transfer_id(), bytes);
    }
    const auto first = got.begin()->second - window, second = got.rbegin()->second;
    CHECK(std::max(first, second) - std::min(first, second) <= 2 * StoreEngine::kChunk);
}

TEST_CASE("a credit for bytes that were not sent ends the download") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    REQUIRE(store.upload(kAnnLine, "k", "a", content_of(4 << 20)).has_file_stored());
    const auto transfer = store.begin_download(kBobLine, 1).download_ready().transfer_id();
    store.credit(kBobLine, transfer, 2 << 20);
    CHECK(store.failure(kBobLine));
}

TEST_CASE("a file that is removed while it is fetched arrives whole") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    REQUIRE(store.upload(kAnnLine, "k", "a", content_of(2 << 20)).has_file_stored());
    store.received.clear();
    const auto transfer = store.begin_download(kBobLine, 1).download_ready().transfer_id();
    REQUIRE(store.remove(kAnnLine, 1).has_done());
    std::uint64_t got = 0;
    for (std::size_t i = 0; i < store.received.size(); ++i) {
        if (store.received[i].to != kBobLine || !store.received[i].message.has_download_data()) continue;
        got += store.received[i].data.size();
        store.credit(kBobLine, transfer, got);
    }
    CHECK(got == 2 << 20);
}

TEST_CASE("downloads keep to the rate that the configuration allows") {
    Disk disk;
    Config config;
    config.files.download_mebibytes_per_second = 1;
    Store store(disk, config);
    store.enter_all();
    REQUIRE(store.upload(kAnnLine, "k", "a", content_of(3 << 20)).has_file_stored());
    store.received.clear();
    const auto begun = store.now;
    const auto transfer = store.begin_download(kBobLine, 1).download_ready().transfer_id();
    std::uint64_t got = 0;
    for (std::size_t i = 0; got < 3 << 20;) {
        store.pass(10ms);
        for (; i < store.received.size(); ++i) got += store.received[i].data.size();
        store.credit(kBobLine, transfer, got);
    }
    CHECK(seconds(store.now - begun) > 2.5);
    CHECK(seconds(store.now - begun) < 3.5);
}

}  // namespace
}  // namespace connectsphere::file_store::test
