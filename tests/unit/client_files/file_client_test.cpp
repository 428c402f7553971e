// FileClient against a plane that does what a test says: over loopback, in real time, and no longer than
// needed.
#include "lib/client/file_client.hpp"

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <map>

#include "tests/support/loop.hpp"
#include "tests/unit/client_files/folder.hpp"
#include "tests/unit/client_files/plane.hpp"

namespace connectsphere::client {
namespace {

using test::run_until;
namespace fs = std::filesystem;

// A client, its plane, and what the client said of its jobs.
struct Room {
    explicit Room(Plane::OnRequest on_request, Duration patience = 30s)
        : plane(loop, std::move(on_request)),
          client(loop,
                 {.link = {.server = *parse_address("127.0.0.1", 0),
                           .verify = [](const std::string&) -> Result<void> { return {}; }},
                  .patience = patience},
                 {.want_ticket = [this] { ticket.request(); },
                  .on_stored = [this](auto id, const auto&) { done.push_back(id); },
                  .on_fetched = [this](auto id, const auto&) { done.push_back(id); },
                  .on_list = [this](auto id, const auto&) { done.push_back(id); },
                  .on_removed = [this](auto id) { done.push_back(id); },
                  .on_failed = [this](auto id, const auto& failure) { failed[id] = failure; }}) {}

    bool settles(Duration limit = 30s) {
        return run_until(
            loop, [&] { return client.is_idle(); }, limit);
    }
    FileClient::JobId send(const fs::path& path) {
        auto source = *LocalSource::inspect(path);
        const auto size = source.size();
        return client.upload({.key = path.string(), .name = path.filename().string(), .size = size},
                             std::move(source));
    }
    FileClient::JobId get(const proto::FileInfo& file, const fs::path& target) {
        return client.download(file, *PartFile::beside(target, file, false));
    }

    net::Loop loop;
    std::vector<FileClient::JobId> done;
    std::map<FileClient::JobId, FileClient::Failure> failed;
    Plane plane;
    FileClient client;
    net::Deferred ticket = loop.deferred([this] { client.ticket(plane.ticket()); });
};

proto::ServerMessage ready(std::uint64_t request, std::uint32_t transfer, std::uint64_t offset,
                           std::uint64_t limit) {
    proto::ServerMessage message;
    message.set_request_id(request);
    message.mutable_upload_ready()->set_transfer_id(transfer);
    message.mutable_upload_ready()->set_offset(offset);
    message.mutable_upload_ready()->set_limit(limit);
    return message;
}

proto::ServerMessage stored(std::uint64_t request) {
    proto::ServerMessage message;
    message.set_request_id(request);
    message.mutable_file_stored()->mutable_file()->set_file_id(request);
    return message;
}

proto::FileInfo file_of(std::uint64_t id, const std::string& content) {
    proto::FileInfo file;
    file.set_file_id(id);
    file.set_size(content.size());
    file.set_sha256(hash_of(content));
    return file;
}

// Takes whole files; transfers are numbered by their requests.
struct Taker {
    void operator()(const proto::ClientMessage& message, Bytes) {
        if (message.has_begin_upload())
            room->plane.send(ready(message.request_id(), static_cast<std::uint32_t>(message.request_id()), 0,
                                   message.begin_upload().size()));
        if (message.has_finish_upload()) room->plane.send(stored(message.request_id()));
    }
    Room* room = nullptr;
};

// Sends files as the store does: chunks of all downloads in turn, at most a window ahead of their credit.
struct Giver {
    void operator()(const proto::ClientMessage& message, Bytes) {
        if (message.has_begin_download()) {
            const auto& begin = message.begin_download();
            proto::ServerMessage reply;
            reply.set_request_id(message.request_id());
            auto& answer = *reply.mutable_download_ready();
            answer.set_transfer_id(++last);
            *answer.mutable_file() = file_of(begin.file_id(), *content);
            answer.set_offset(begin.offset());
            room->plane.send(reply);
            if (begin.offset() < content->size()) sent[last] = acked[last] = begin.offset();
        }
        if (message.has_download_credit()) {
            auto& before = acked.at(message.download_credit().transfer_id());
            in_flight -= message.download_credit().received() - before;
            before = message.download_credit().received();
        }
        pump();
    }
    void pump() {
        constexpr std::size_t kWindow = 512 << 10, kChunk = 128 << 10;
        for (bool has_more = true; has_more && in_flight < kWindow;) {
            has_more = false;
            for (auto& [transfer, offset] : sent) {
                const auto size = std::min({kChunk, content->size() - offset, kWindow - in_flight});
                if (size == 0) continue;
                proto::ServerMessage message;
                message.mutable_download_data()->set_transfer_id(transfer);
                message.mutable_download_data()->set_offset(offset);
                room->plane.send(message, as_bytes(*content).subspan(offset, size));
                offset += size;
                in_flight += size;
                has_more = true;
            }
        }
    }

    Room* room = nullptr;
    const std::string* content = nullptr;
    std::uint32_t last = 0;
    std::map<std::uint32_t, std::size_t> sent{}, acked{};
    std::size_t in_flight = 0;
};

TEST_CASE("many downloads share the window of a connection, and all of them end") {
    const Folder folder;
    const auto content = content_of((1 << 20) + 12345);
    Giver giver;
    Room room([&](const auto& message, Bytes data) { giver(message, data); });
    giver.room = &room;
    giver.content = &content;
    for (unsigned i = 0; i < 16; ++i) room.get(file_of(i + 1, content), folder.path / std::to_string(i));
    REQUIRE(room.settles());
    CHECK(room.failed.empty());
    for (int i = 0; i < 16; ++i) CHECK(folder.read(std::to_string(i)) == content);
    CHECK(room.plane.connections == 1);
}

TEST_CASE("a download goes on where an earlier one ended, and anew where that was damaged") {
    const Folder folder;
    const auto content = content_of(300'000);
    Giver giver;
    std::vector<std::uint64_t> offsets;
    Room room([&](const auto& message, Bytes data) {
        if (message.has_begin_download()) offsets.push_back(message.begin_download().offset());
        giver(message, data);
    });
    giver.room = &room;
    giver.content = &content;
    const auto file = file_of(1, content);
    const auto part = "got." + to_hex(as_bytes(file.sha256()).first(4)) + ".part";
    SECTION("its bytes are good") {
        folder.write(part, content.substr(0, 100'000));
        room.get(file, folder.path / "got");
        REQUIRE(room.settles());
        CHECK(offsets == std::vector<std::uint64_t>{100'000});
    }
    SECTION("all of them are there") {
        folder.write(part, content);
        room.get(file, folder.path / "got");
        REQUIRE(room.settles());
        CHECK(offsets == std::vector<std::uint64_t>{300'000});
    }
    SECTION("one is bad") {
        folder.write(part, "x" + content.substr(1, 100'000));
        room.get(file, folder.path / "got");
        REQUIRE(room.settles());
        CHECK(offsets == std::vector<std::uint64_t>{100'001, 0});
    }
    SECTION("there are too many") {
        folder.write(part, content + "more");
        room.get(file, folder.path / "got");
        REQUIRE(room.settles());
        CHECK(offsets == std::vector<std::uint64_t>{0});
    }
    CHECK(room.failed.empty());
    CHECK(folder.read("got") == content);
}

TEST_CASE("a file that is there already is not fetched again") {
    const Folder folder;
    const auto content = content_of(300'000);
    Giver giver;
    int chunks = 0;
    Room room([&](const auto& message, Bytes data) {
        chunks += message.has_download_credit() ? 1 : 0;
        giver(message, data);
    });
    giver.room = &room;
    giver.content = &content;
    SECTION("with this content") {
        folder.write("got", content);
        room.get(file_of(1, content), folder.path / "got");
        REQUIRE(room.settles());
        CHECK(room.done.size() == 1);
    }
    SECTION("with another one") {
        folder.write("got", "x" + content.substr(1));
        const auto id = room.get(file_of(1, content), folder.path / "got");
        REQUIRE(room.settles());
        CHECK(room.failed.at(id).error.text().find("exists") != std::string::npos);
        CHECK(folder.read("got") == "x" + content.substr(1));
    }
    CHECK(chunks == 0);
}

TEST_CASE("a download that somebody else's file is put in the way of fails, and keeps its bytes") {
    const Folder folder;
    const auto content = content_of(300'000);
    Giver giver;
    Room room([&](const auto& message, Bytes data) {
        folder.write("got", "mine");
        giver(message, data);
    });
    giver.room = &room;
    giver.content = &content;
    const auto id = room.get(file_of(1, content), folder.path / "got");
    REQUIRE(room.settles());
    CHECK(room.failed.at(id).error.code() == proto::BAD_REQUEST);
    CHECK(folder.read("got") == "mine");
}

TEST_CASE("no more files are open than are sent at once") {
    const Folder folder;
    Taker taker;
    Room room([&](const auto& message, Bytes data) { taker(message, data); });
    taker.room = &room;
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    const rlimit few{.rlim_cur = 64, .rlim_max = before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &few);
    for (int i = 0; i < 200; ++i) room.send(folder.write(std::to_string(i), content_of(100)));
    const bool has_settled = room.settles();
    setrlimit(RLIMIT_NOFILE, &before);
    CHECK(has_settled);
    CHECK(room.done.size() == 200);
}

TEST_CASE("who was told to wait is not overslept, whoever else waits") {
    const Folder folder;
    std::map<std::string, int> asked;
    Taker taker;
    Room room([&](const auto& message, Bytes data) {
        if (message.has_begin_upload() && ++asked[message.begin_upload().name()] == 1)
            return taker.room->plane.refuse(message.request_id(), proto::RATE_LIMITED,
                                            message.begin_upload().name() == "soon" ? 200 : 60'000);
        taker(message, data);
    });
    taker.room = &room;
    const auto soon = room.send(folder.write("soon", "hello"));
    room.send(folder.write("late", "hello"));
    CHECK(run_until(
        room.loop, [&] { return room.done == std::vector{soon}; }, 20s));
    CHECK_FALSE(room.client.is_idle());
}

TEST_CASE("a server that says that it is at work is waited for, one that says nothing is not") {
    const bool speaks = GENERATE(true, false);
    const Folder folder;
    int said = 0;
    std::uint64_t finish = 0;
    Taker taker;
    std::optional<net::Timer> timer;
    Room room(
        [&](const proto::ClientMessage& message, Bytes data) {
            if (!message.has_finish_upload()) return taker(message, data);
            finish = message.request_id();
            if (speaks) timer->set(net::now() + 400ms);
        },
        1500ms);
    taker.room = &room;
    timer = room.loop.timer([&] {
        if (++said == 6) return room.plane.send(stored(finish));
        proto::ServerMessage credit;
        credit.mutable_upload_credit()->set_transfer_id(2);
        credit.mutable_upload_credit()->set_limit(5);
        room.plane.send(credit);
        timer->set(net::now() + 400ms);
    });
    const auto id = room.send(folder.write("a", "hello"));
    REQUIRE(room.settles());
    CHECK(room.done.size() == (speaks ? 1 : 0));
    if (!speaks) CHECK(room.failed.at(id).is_incomplete);
    timer.reset();  // before its loop goes
}

TEST_CASE("an upload whose first part was damaged at the server is sent anew, once") {
    const int bad = GENERATE(1, 2);
    const Folder folder;
    std::size_t received = 0;
    int begun = 0, finished = 0;
    Room* at = nullptr;
    Room room([&](const proto::ClientMessage& message, Bytes data) {
        if (message.has_begin_upload()) {
            const auto offset = ++begun == 1 ? 60'000U : 0U;
            at->plane.send(ready(message.request_id(), static_cast<std::uint32_t>(begun), offset, 100'000));
        }
        received += data.size();
        if (!message.has_finish_upload()) return;
        if (++finished > bad) return at->plane.send(stored(message.request_id()));
        at->plane.refuse(message.request_id(), proto::BAD_REQUEST);
        proto::ServerMessage failed;
        failed.mutable_transfer_failed()->set_transfer_id(static_cast<std::uint32_t>(begun));
        at->plane.send(failed);
    });
    at = &room;
    const auto id = room.send(folder.write("a", content_of(100'000)));
    REQUIRE(room.settles());
    CHECK(received == 40'000 + 100'000);
    if (bad == 1)
        CHECK(room.done.size() == 1);
    else
        CHECK_FALSE(room.failed.at(id).is_incomplete);
}

TEST_CASE("a file that changes while it is sent is not stored") {
    const Folder folder;
    Taker taker;
    int finished = 0;
    bool is_cancelled = false;
    Room room([&](const proto::ClientMessage& message, Bytes data) {
        if (message.has_begin_upload()) folder.write("a", content_of(200'000));  // longer, and begun anew
        finished += message.has_finish_upload() ? 1 : 0;
        is_cancelled = is_cancelled || message.has_cancel_transfer();
        taker(message, data);
    });
    taker.room = &room;
    const auto id = room.send(folder.write("a", content_of(100'000)));
    REQUIRE(room.settles());
    CHECK(room.failed.at(id).error.text().find("changed") != std::string::npos);
    CHECK(run_until(room.loop, [&] { return is_cancelled; }));
    CHECK(finished == 0);
}

TEST_CASE("what breaks in the middle goes on over a new connection") {
    const Folder folder;
    const auto content = content_of(1 << 20);
    Buffer taken;
    bool was_broken = false;
    Room* at = nullptr;
    Room room([&](const proto::ClientMessage& message, Bytes data) {
        if (message.has_begin_upload())
            at->plane.send(ready(message.request_id(), 1, taken.size(), content.size()));
        taken.insert(taken.end(), data.begin(), data.end());
        if (taken.size() > content.size() / 2 && !std::exchange(was_broken, true)) return at->plane.hang_up();
        if (message.has_finish_upload()) at->plane.send(stored(message.request_id()));
    });
    at = &room;
    room.send(folder.write("a", content));
    REQUIRE(room.settles());
    CHECK(room.done.size() == 1);
    CHECK(as_text(taken) == content);
    CHECK(room.plane.connections == 2);
}

}  // namespace
}  // namespace connectsphere::client
