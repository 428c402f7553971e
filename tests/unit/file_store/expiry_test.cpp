#include "tests/unit/file_store/support.hpp"

namespace connectsphere::file_store::test {
namespace {

Config two_hours() {
    Config config;
    config.files.keep_hours = 2;
    return config;
}

TEST_CASE("files whose time has come are gone for everybody at once, and from the disk soon") {
    constexpr std::uint64_t kMany = 2000;
    Disk disk;
    for (std::uint64_t id = 1; id <= kMany; ++id) {
        auto& file = disk.files[id];
        file.room = "lobby";
        file.info.set_file_id(id);
        file.info.set_name("a");
        file.info.set_expires_at(2 * 3'600'000);
        file.upload.fill(static_cast<std::uint8_t>(id));
    }
    for (const auto id : {1U, 7U, 8U}) disk.stuck.insert(id);
    Store store(disk, two_hours());
    store.enter_all();
    CHECK(store.list(kAnnLine).files_size() == kMany);
    store.now = Time{2h};
    CHECK(store.list(kAnnLine).files_size() == 0);
    CHECK(store.begin_download(kAnnLine, 5).error().code() == proto::NOT_FOUND);
    store.pass(10s);
    CHECK(disk.files.size() == 3);  // the disk would not
    CHECK(store.figure("files_expired_total") == kMany - 3);
    disk.stuck.clear();
    store.pass(StoreEngine::kRemovalRetry);
    CHECK(disk.files.empty());
}

TEST_CASE("few removals of expired files are under way at once") {
    Disk disk;
    Store store(disk, two_hours());
    store.enter_all();
    for (int i = 0; i < 40; ++i)
        REQUIRE(store.upload(kAnnLine, std::string("k") += std::to_string(i), "a", content_of(5))
                    .has_file_stored());
    store.now += 3h;
    store.tick();
    CHECK(store.jobs() == StoreEngine::kMaxExpiries);
}

TEST_CASE("an upload whose file has expired is not said to be there") {
    Disk disk;
    Store store(disk, two_hours());
    store.enter_all();
    REQUIRE(store.upload(kAnnLine, "k", "a", content_of(5)).has_file_stored());
    store.now += 3h;
    CHECK(store.begin_upload(kAnnLine, "k", "a", 5).error().code() == proto::UNAVAILABLE);
    store.pass(10s);
    CHECK(store.upload(kAnnLine, "k", "a", content_of(5)).has_file_stored());
}

TEST_CASE("a file for one person goes once both ends have been away for long") {
    const Store::Member cid{{3}, "Cid", proto::HOST};
    Disk disk;
    Store store(disk);
    store.enter_all();
    REQUIRE(store.upload(kAnnLine, "k", "secret", content_of(10), kBob).has_file_stored());
    REQUIRE(store.upload(kAnnLine, "k2", "for all", content_of(20)).has_file_stored());
    store.publish(7, "lobby", {cid, {kBob, "Bob", proto::PARTICIPANT}});  // the sender is gone
    store.pass(3h);
    CHECK(disk.files.size() == 2);
    store.publish(7, "lobby", {cid});
    store.pass(Orphans::kGrace / 2);
    SECTION("not before the grace is over") { CHECK(disk.files.size() == 2); }
    SECTION("not if one of them comes back") {
        store.publish(7, "lobby", {cid, {kBob, "Bob", proto::PARTICIPANT}});
        store.pass(Orphans::kGrace);
        CHECK(disk.files.size() == 2);
    }
    SECTION("then it goes, and nothing else does") {
        store.pass(Orphans::kGrace);
        CHECK(disk.files.size() == 1);
        CHECK(disk.files.contains(2));
    }
    SECTION("also after a restart") {
        store.restart();
        store.publish(7, "lobby", {cid});
        store.pass(Orphans::kGrace / 2);
        CHECK(disk.files.size() == 2);
        store.pass(Orphans::kGrace);
        CHECK(disk.files.size() == 1);
    }
}

TEST_CASE("nobody is missed before signaling has said who is here") {
    Disk disk;
    {
        Store store(disk);
        store.enter_all();
        REQUIRE(store.upload(kAnnLine, "k", "secret", content_of(10), kBob).has_file_stored());
    }
    Store store(disk, {}, Store::Signaling::away);
    store.pass(10h);
    CHECK(disk.files.size() == 1);
}

TEST_CASE("who has the key removes a file for one person by its id, without seeing it") {
    Disk disk;
    Store store(disk);
    store.publish(7, "lobby",
                  {{{3}, "Cid", proto::HOST}, {kAnn, "Ann", proto::HOST}, {kBob, "Bob", proto::HOST}});
    store.enter_all();
    REQUIRE(store.enter({13}, store.ticket({3})).has_files_entered());
    REQUIRE(store.upload(kAnnLine, "k", "secret", content_of(10), kBob).has_file_stored());
    CHECK(store.list({13}).files_size() == 0);
    CHECK(store.remove({13}, 1, "wrong").error().code() == proto::NOT_FOUND);
    CHECK(store.remove({13}, 1, "k").has_done());
    CHECK(disk.files.empty());
}

}  // namespace
}  // namespace connectsphere::file_store::test
