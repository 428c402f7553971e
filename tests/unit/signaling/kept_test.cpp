// What signaling keeps: history, sessions over a restart, and what happens when the disk will not.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <deque>
#include <filesystem>
#include <fstream>

#include "services/common/password.hpp"
#include "services/signaling/sqlite_store.hpp"
#include "tests/unit/signaling/support.hpp"

namespace connectsphere::signaling {
namespace {

// A database of its own, gone with the test.
struct Disk {
    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("cs-kept-" + std::to_string(getpid()));

    Disk() { std::filesystem::create_directories(folder); }
    ~Disk() { std::filesystem::remove_all(folder); }
    std::shared_ptr<Store> store() const { return open_sqlite_store(folder / "signaling.db"); }
};

// A disk that is full.
class FullStore : public Store {
  public:
    Loaded load() override { return {}; }
    Result<void> commit(const std::vector<Write>&) override { return Error{Errc::full, "disk full"}; }
    Result<proto::History> history(const HistoryQuery&) override { return proto::History(); }
    Result<proto::ChatMessage> message(std::uint64_t) override { return Error{Errc::not_found, "message"}; }
};

proto::ClientMessage history_query(const std::string& room = {}, const std::string& search = {},
                                   std::uint32_t limit = 0) {
    proto::ClientMessage message;
    message.mutable_get_history()->set_room(room);
    message.mutable_get_history()->set_search(search);
    message.mutable_get_history()->set_limit(limit);
    return message;
}

std::vector<std::string> texts(const proto::History& history) {
    std::vector<std::string> list;
    for (const auto& message : history.messages()) list.push_back(message.text());
    return list;
}

proto::ToService hello(const std::vector<Signaling::Member>& live) {
    proto::ToService message;
    message.mutable_hello()->set_instance_id(5);
    for (const auto& member : live) {
        auto& connection = *message.mutable_hello()->add_connections();
        connection.set_connection_id(member.connection);
        connection.set_session_id(member.session);
    }
    return message;
}

using Texts = std::vector<std::string>;

TEST_CASE("who joins late gets what was said in public, as history") {
    const Disk disk;
    Signaling signaling(context(), disk.store());
    const auto ann = signaling.join("Ann");
    const auto ben = signaling.join("Ben");
    signaling.say(ann, "hello", 1);
    signaling.say(ann, "only for Ben", 2, ben.session);
    signaling.join("Cy");
    const auto events = signaling.events();
    const auto history =
        std::find_if(events.begin(), events.end(), [](const auto& e) { return e.message.has_history(); });
    REQUIRE(history != events.end());
    CHECK(history->to.size() == 1);
    CHECK(texts(history->message.history()) == Texts{"hello"});
    CHECK(history->message.history().messages(0).replayed());
}

TEST_CASE("private history is for its two ends only") {
    const Disk disk;
    Signaling signaling(context(), disk.store());
    const auto ann = signaling.join("Ann");
    const auto ben = signaling.join("Ben");
    const auto cy = signaling.join("Cy");
    signaling.say(ann, "secret", 1, ben.session);
    CHECK(texts(signaling.ask(ann, history_query()).history()) == Texts{"secret"});
    CHECK(texts(signaling.ask(ben, history_query()).history()) == Texts{"secret"});
    CHECK(texts(signaling.ask(cy, history_query()).history()).empty());
    CHECK(texts(signaling.ask(99, 0, history_query("lobby")).history()).empty());
}

TEST_CASE("history is searched and limited to the newest") {
    const Disk disk;
    Signaling signaling(context(), disk.store());
    const auto ann = signaling.join("Ann");
    for (std::uint64_t i = 1; i <= 5; ++i)
        signaling.say(ann, "line " + std::to_string(i) + (i == 3 ? " 100%" : ""), i);
    const auto newest = signaling.ask(ann, history_query({}, {}, 2)).history();
    CHECK(texts(newest) == Texts{"line 4", "line 5"});
    CHECK(newest.more());
    CHECK(texts(signaling.ask(ann, history_query({}, "100%")).history()) == Texts{"line 3 100%"});
    CHECK(texts(signaling.ask(ann, history_query({}, "LINE 2")).history()) == Texts{"line 2"});
    CHECK(signaling.ask(ann, history_query("elsewhere")).error().code() == proto::FORBIDDEN);
}

TEST_CASE("one changes and takes back one's own messages only") {
    const Disk disk;
    Signaling signaling(context(), disk.store());
    const auto ann = signaling.join("Ann");
    const auto ben = signaling.join("Ben");
    const auto id = signaling.say(ann, "helo", 1).chat_accepted().message_id();
    proto::ClientMessage edit;
    edit.mutable_edit_chat()->set_message_id(id);
    edit.mutable_edit_chat()->set_text("hello");
    CHECK(signaling.ask(ben, edit).error().code() == proto::NOT_FOUND);
    CHECK(signaling.ask(ann, edit).has_done());
    CHECK(signaling.event().message.chat_edited().message().text() == "hello");
    CHECK(signaling.event().message.chat_edited().message().edited_at() != 0);
    CHECK(texts(signaling.ask(ben, history_query()).history()) == Texts{"hello"});
    proto::ClientMessage drop;
    drop.mutable_delete_chat()->set_message_id(id);
    CHECK(signaling.ask(ben, drop).error().code() == proto::NOT_FOUND);
    CHECK(signaling.ask(ann, drop).has_done());
    CHECK(signaling.event().message.chat_deleted().message_id() == id);
    CHECK(texts(signaling.ask(ann, history_query()).history()).empty());
}

TEST_CASE("a restart ends no session, and message ids go on") {
    const Disk disk;
    std::vector<Signaling::Member> live;
    std::uint64_t last_id = 0;
    {
        Signaling before(context(), disk.store());
        live = {before.join("Ann"), before.join("Ben")};
        last_id = before.say(live[0], "before", 1).chat_accepted().message_id();
    }
    Signaling after(context(), disk.store());
    after.out.clear();
    after.engine.on_subscriber(after.now, after.out);
    CHECK(after.out.state.empty());  // not before the gateway has said who is connected
    CHECK(after.say(live[0], "too early", 2).error().code() == proto::UNAVAILABLE);

    after.ctl(hello(live));
    CHECK(after.dismissed().empty());
    CHECK(after.published().participants_size() == 2);
    const auto accepted = after.say(live[0], "after", 2).chat_accepted();
    CHECK(accepted.message_id() > last_id);
    CHECK(after.event().to.size() == 2);
    CHECK(after.say(live[0], "before", 1).chat_accepted().message_id() == last_id);  // a repeated request
    CHECK(texts(after.ask(live[1], history_query()).history()) == Texts{"before", "after"});
}

TEST_CASE("who did not come back while signaling was away is lost, not gone") {
    const Disk disk;
    Signaling::Member ann, ben;
    {
        Signaling before(context(), disk.store());
        ann = before.join("Ann");
        ben = before.join("Ben");
    }
    Signaling after(context(), disk.store());
    after.ctl(hello({ann}));
    const auto room = after.published();
    REQUIRE(room.participants_size() == 2);
    CHECK(room.participants(0).connected());
    CHECK_FALSE(room.participants(1).connected());
    const auto back = after.resume(ben);
    CHECK(back.session == ben.session);
    CHECK(back.participant.audio_ssrc() == ben.participant.audio_ssrc());
}

TEST_CASE("who comes back gets the private message that it missed") {
    const Disk disk;
    Signaling signaling(context(), disk.store());
    const auto ann = signaling.join("Ann");
    const auto ben = signaling.join("Ben");
    signaling.lose(ben);
    CHECK(signaling.say(ann, "are you there?", 1, ben.session).chat_accepted().receiver_away());
    signaling.resume(ben);
    const auto events = signaling.events();
    const auto history =
        std::find_if(events.begin(), events.end(), [](const auto& e) { return e.message.has_history(); });
    REQUIRE(history != events.end());
    CHECK(history->to == std::vector{ben.session});
    CHECK(texts(history->message.history()) == Texts{"are you there?"});
}

TEST_CASE("a full disk is told to the sender, and nobody sees the message") {
    Signaling signaling(context(), std::make_shared<FullStore>());
    const auto ann = signaling.join("Ann");
    signaling.join("Ben");
    CHECK(signaling.say(ann, "hello", 1).error().code() == proto::STORAGE_FULL);
    CHECK(signaling.events().empty());
    CHECK(signaling.say(ann, "hello", 1).error().code() ==
          proto::STORAGE_FULL);  // not taken for a repeated one
}

TEST_CASE("nothing is delivered or acknowledged before it is durable") {
    const Disk disk;
    std::deque<std::pair<std::function<void()>, std::function<void(Time, Outbox&)>>> jobs;
    auto with = context();
    with.offload = [&](auto job, auto done) { jobs.emplace_back(std::move(job), std::move(done)); };
    Signaling signaling(with, disk.store());
    const auto run_jobs = [&] {
        signaling.out.clear();
        while (!jobs.empty()) {
            auto [job, done] = std::move(jobs.front());
            jobs.pop_front();
            job();
            done(signaling.now, signaling.out);
        }
    };
    const auto ann = signaling.join("Ann");
    run_jobs();
    proto::ToService request;
    request.set_request_id(1);
    request.mutable_client_request()->set_session_id(ann.session);
    proto::ClientMessage chat;
    chat.set_request_id(1);
    chat.mutable_send_chat()->set_text("hello");
    chat.mutable_send_chat()->set_client_message_id(1);
    request.mutable_client_request()->set_client_message(chat.SerializeAsString());
    signaling.ctl(request);
    CHECK(signaling.out.to_gateway.empty());
    run_jobs();
    CHECK(signaling.events().size() == 1);
    CHECK(signaling.out.to_gateway.size() == 2);
}

TEST_CASE("retention keeps the newest messages of a room") {
    const Disk disk;
    auto with = context();
    with.config.chat.history_messages = 10;
    Signaling signaling(with, disk.store());
    const auto ann = signaling.join("Ann");
    for (std::uint64_t i = 1; i <= 64; ++i) signaling.say(ann, std::to_string(i), i);
    const auto kept = texts(signaling.ask(ann, history_query({}, {}, 100)).history());
    REQUIRE(kept.size() == 10);
    CHECK(kept.front() == "55");
}

TEST_CASE("a password is asked of who joins, not of who returns; wrong ones are slowed down") {
    const Disk disk;
    const auto file = disk.folder / "password";
    std::ofstream(file) << hash_password("sesame", test::seeded_entropy(1)) << '\n';
    auto with = context();
    with.config.password_hash_file = file;
    Signaling signaling(with);
    proto::Join join;
    join.set_name("Ann");
    join.set_room("lobby");
    CHECK(signaling.try_join(join).error().code() == proto::WRONG_PASSWORD);
    join.set_password("wrong");
    for (int i = 0; i < 5; ++i) CHECK(signaling.try_join(join).error().code() == proto::WRONG_PASSWORD);
    join.set_password("sesame");
    const auto slowed = signaling.try_join(join);
    CHECK(slowed.error().code() == proto::RATE_LIMITED);
    CHECK(slowed.error().retry_after_ms() > 0);
    CHECK(signaling.try_join(join, "192.0.2.99").has_joined());  // another address is not punished
    join.set_name("Ben");
    const auto ben = signaling.member_of(signaling.try_join(join, "192.0.2.98"));
    signaling.lose(ben);
    CHECK(signaling.resume(ben).session == ben.session);
}

TEST_CASE("the host gives the room a password") {
    Signaling signaling;
    const auto ann = signaling.join("Ann");
    const auto ben = signaling.join("Ben");
    proto::ClientMessage set;
    set.mutable_set_room_password()->set_password("inner");
    CHECK(signaling.ask(ben, set).error().code() == proto::FORBIDDEN);
    CHECK(signaling.ask(ann, set).has_done());
    CHECK(signaling.try_join("Cy").error().code() == proto::WRONG_PASSWORD);
    CHECK(signaling.ask(99, 0, history_query("lobby")).error().code() == proto::WRONG_PASSWORD);
    proto::Join join;
    join.set_name("Cy");
    join.set_room("lobby");
    join.set_password("inner");
    CHECK(signaling.try_join(join).has_joined());
}

}  // namespace
}  // namespace connectsphere::signaling
