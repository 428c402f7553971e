#include "tests/unit/file_store/support.hpp"

namespace connectsphere::file_store::test {
namespace {

TEST_CASE("a ticket is good once, in time, and for a member") {
    Disk disk;
    Store store(disk);
    const auto ticket = store.ticket(kAnn);
    REQUIRE(ticket.size() == 32);
    SECTION("once") {
        CHECK(store.enter(kAnnLine, ticket).has_files_entered());
        CHECK(store.enter(kBobLine, ticket).error().code() == proto::BAD_TOKEN);
        CHECK(store.closed == std::vector{kBobLine});
    }
    SECTION("in time") {
        store.pass(31s);
        CHECK(store.enter(kAnnLine, ticket).error().code() == proto::BAD_TOKEN);
    }
    SECTION("for a member") {
        store.publish(7, "lobby", {{kBob, "Bob", proto::HOST}});
        CHECK(store.enter(kAnnLine, ticket).error().code() == proto::BAD_TOKEN);
    }
    SECTION("not a guessed one") {
        CHECK(store.enter(kAnnLine, std::string(32, 'x')).error().code() == proto::BAD_TOKEN);
        CHECK(store.enter(kAnnLine, "").error().code() == proto::BAD_TOKEN);
    }
}

TEST_CASE("a session that signaling has not published yet is told to try again") {
    Disk disk;
    Store store(disk);
    proto::ClientMessage message;
    message.mutable_open_files();
    const auto answer = store.ctl({77}, message);
    CHECK(answer.error().code() == proto::UNAVAILABLE);
    CHECK(answer.error().retry_after_ms() > 0);
}

TEST_CASE("the control plane gives tickets and nothing else") {
    Disk disk;
    Store store(disk);
    proto::ClientMessage message;
    message.mutable_list_files();
    CHECK(store.ctl(kAnn, message).error().code() == proto::BAD_REQUEST);
}

TEST_CASE("without a ticket nothing is answered but the way in") {
    Disk disk;
    Store store(disk);
    proto::ClientMessage message;
    message.mutable_list_files();
    CHECK(store.ask(kAnnLine, message).error().code() == proto::NOT_JOINED);
    CHECK(store.closed == std::vector{kAnnLine});
}

TEST_CASE("who leaves the room loses its connections") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    store.publish(7, "lobby", {{kAnn, "Ann", proto::HOST}});
    CHECK(store.closed == std::vector{kBobLine});
}

TEST_CASE("another room's file is not there: not to list, to fetch or to remove") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    REQUIRE(store.upload(kAnnLine, "k", "a", content_of(10)).has_file_stored());
    CHECK(store.list(kEveLine).files_size() == 0);
    CHECK(store.begin_download(kEveLine, 1).error().code() == proto::NOT_FOUND);
    CHECK(store.remove(kEveLine, 1).error().code() == proto::NOT_FOUND);
    CHECK(store.begin_upload(kEveLine, "k", "a", 10).error().code() == proto::NOT_FOUND);
}

TEST_CASE("a file for one person is for that person and its owner") {
    Disk disk;
    Store store(disk);
    store.publish(
        7, "lobby",
        {{kAnn, "Ann", proto::HOST}, {kBob, "Bob", proto::PARTICIPANT}, {{3}, "Cid", proto::MODERATOR}});
    store.enter_all();
    REQUIRE(store.enter({13}, store.ticket({3})).has_files_entered());
    store.to_gateway.clear();
    REQUIRE(store.upload(kAnnLine, "k", "secret", content_of(10), kBob).has_file_stored());
    CHECK(store.told(proto::ServerMessage::kFileAnnounced) == std::vector<std::uint64_t>{1, 2});
    CHECK(store.list(kBobLine).files_size() == 1);
    CHECK(store.list({13}).files_size() == 0);
    CHECK(store.begin_download({13}, 1).error().code() == proto::NOT_FOUND);
    CHECK(store.remove({13}, 1).error().code() == proto::NOT_FOUND);
    CHECK(store.begin_upload(kAnnLine, "k2", "x", 1, kEve).error().code() == proto::NOT_FOUND);
}

TEST_CASE("a file is removed by its owner, by who has its key, and by a moderator") {
    Disk disk;
    Store store(disk);
    store.publish(7, "lobby",
                  {{kAnn, "Ann", proto::PARTICIPANT},
                   {kBob, "Bob", proto::PARTICIPANT},
                   {{3}, "Cid", proto::MODERATOR}});
    store.enter_all();
    REQUIRE(store.enter({13}, store.ticket({3})).has_files_entered());
    REQUIRE(store.upload(kAnnLine, "k", "a", content_of(10)).has_file_stored());
    CHECK(store.remove(kBobLine, 1).error().code() == proto::FORBIDDEN);
    CHECK(store.remove(kBobLine, 1, "wrong").error().code() == proto::FORBIDDEN);
    SECTION("owner") { CHECK(store.remove(kAnnLine, 1).has_done()); }
    SECTION("key") { CHECK(store.remove(kBobLine, 1, "k").has_done()); }
    SECTION("moderator") { CHECK(store.remove({13}, 1).has_done()); }
    CHECK(store.list(kBobLine).files_size() == 0);
    CHECK(store.told(proto::ServerMessage::kFileRemoved) == std::vector<std::uint64_t>{1, 2, 3});
    CHECK(disk.blobs.empty());
}

TEST_CASE("lists are searched, and come in pages") {
    Disk disk;
    Store store(disk);
    store.enter_all();
    for (int i = 0; i < 12; ++i)
        REQUIRE(
            store
                .upload(kAnnLine, "k" + std::to_string(i), i % 2 == 0 ? "Even.txt" : "odd.txt", content_of(5))
                .has_file_stored());
    CHECK(store.list(kBobLine, "eVEN").files_size() == 6);
    proto::ClientMessage message;
    message.mutable_list_files()->set_limit(5);
    std::vector<std::uint64_t> ids;
    for (int page = 0; page < 3; ++page) {
        const auto list = store.ask(kBobLine, message).file_list();
        for (const auto& file : list.files()) ids.push_back(file.file_id());
        message.mutable_list_files()->set_after_file_id(list.more_after_file_id());
        CHECK((list.more_after_file_id() == 0) == (page == 2));
    }
    CHECK(ids.size() == 12);
}

TEST_CASE("files expire by policy, also after a restart, and their numbers are not used again") {
    Disk disk;
    Config config;
    config.files.keep_hours = 2;
    Store store(disk, config);
    store.enter_all();
    REQUIRE(store.upload(kAnnLine, "k", "a", content_of(10)).has_file_stored());
    store.pass(1h);
    store.restart();
    CHECK(disk.files.size() == 1);
    store.pass(2h);
    CHECK(disk.files.empty());
    store.restart();
    store.enter_all();
    CHECK(store.upload(kAnnLine, "k", "a", content_of(10)).file_stored().file().file_id() == 2);
}

}  // namespace
}  // namespace connectsphere::file_store::test
