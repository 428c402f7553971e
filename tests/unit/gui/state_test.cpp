#include "client-gui/state.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/gui/fixture.hpp"

using namespace connectsphere;
using namespace connectsphere::gui;

namespace {

client::Event chat(std::uint64_t id, std::uint64_t from, std::uint64_t to, const std::string& text) {
    proto::ChatMessage message;
    message.set_message_id(id);
    message.set_from_session_id(from);
    message.set_from_name(from == 1 ? "Ann" : "Ben");
    message.set_to_session_id(to);
    message.set_to_name(to == 1 ? "Ann" : "Ben");
    message.set_text(text);
    return message;
}

client::Event ended(client::Ended::Why why, proto::ErrorCode code = proto::ERROR_CODE_UNSPECIFIED) {
    client::Ended out{.why = why, .error = {}, .text = "why"};
    out.error.set_code(code);
    if (code == proto::NAME_TAKEN) out.error.set_suggestion("Ann 2");
    return out;
}

}  // namespace

TEST_CASE("joining shows the call; who is there is in order, oneself last") {
    const auto state = in_call(4);
    CHECK(state.view == View::call);
    REQUIRE(state.call.people().size() == 4);
    CHECK(state.call.people().front().name == "Ben");
    CHECK(state.call.people().back().is_self);
    CHECK(state.card.recent.size() == 1);
}

TEST_CASE("what can not be joined says why where it can be put right") {
    struct Row {
        client::Event event;
        std::optional<std::uint64_t> focused;
        std::string name;
    };
    for (const auto& row :
         {Row{ended(client::Ended::Why::unreachable), JoinCard::name, "Ann"},
          Row{ended(client::Ended::Why::refused, proto::WRONG_PASSWORD), JoinCard::password, "Ann"},
          Row{ended(client::Ended::Why::refused, proto::NAME_TAKEN), JoinCard::name, "Ann 2"}}) {
        State state;
        state.card.fields[JoinCard::server].set("192.0.2.1");
        state.card.fields[JoinCard::name].set("Ann");
        state.card.fields[JoinCard::room].set("lobby");
        apply(state, {.does = Does::join}, kStart);
        CHECK(state.card.is_connecting);
        tell(state, row.event);
        CHECK(state.view == View::join);
        CHECK_FALSE(state.card.is_connecting);
        CHECK_FALSE(state.card.fault.empty());
        CHECK(state.card.focused == row.focused);
        CHECK(state.card.fields[JoinCard::name].text() == row.name);
    }
}

TEST_CASE("a new certificate is asked about, a changed one can not be trusted") {
    State state;
    state.card.fields[JoinCard::server].set("192.0.2.1");
    state.card.fields[JoinCard::name].set("Ann");
    state.card.fields[JoinCard::room].set("lobby");
    tell(state, CertificateQuestion{.server = "192.0.2.1:9000", .shown = "SHA256:new"});
    CHECK(find_spot(scene_of(state), "trust") != nullptr);
    const auto commands = apply(state, {.does = Does::trust}, kStart);
    REQUIRE(commands.size() == 2);
    CHECK(commands[0] == Command(Trust{.server = "192.0.2.1:9000", .fingerprint = "SHA256:new"}));
    CHECK(std::holds_alternative<Connect>(commands[1]));
    tell(state,
         CertificateQuestion{.server = "192.0.2.1:9000", .shown = "SHA256:new", .known = "SHA256:old"});
    CHECK(find_spot(scene_of(state), "trust") == nullptr);
    CHECK(apply(state, {.does = Does::trust}, kStart).empty());
    CHECK(find_spot(scene_of(state), "back") != nullptr);
}

TEST_CASE("messages count as unread in their conversation until it is open") {
    auto state = in_call(3);
    tell(state, chat(1, 2, 0, "to all"));
    tell(state, chat(2, 2, 1, "to me"));
    tell(state, chat(3, 1, 0, "my own"));
    CHECK(state.call.unread() == 2);
    CHECK(state.call.unread(2) == 1);
    type(state, "c");
    CHECK(state.call.unread() == 1);
    apply(state, {.does = Does::converse, .id = 2}, kStart);
    CHECK(state.call.unread() == 0);
    tell(state, chat(4, 2, 1, "read at once"));
    CHECK(state.call.unread() == 0);
    type(state, "hi");
    CHECK(hit(state, KeyCode::enter) == Commands{Say{.text = "hi", .to = 2}});
}

TEST_CASE("history is in order and never unread, an edit replaces, a deletion removes") {
    auto state = in_call(2);
    proto::History history;
    *history.add_messages() = std::get<proto::ChatMessage>(chat(1, 2, 0, "first"));
    history.set_more(true);
    tell(state, chat(2, 2, 0, "second"));
    tell(state, client::Event(history));
    REQUIRE(state.call.lines().size() == 2);
    CHECK(state.call.lines()[0].text == "first");
    CHECK(state.call.has_earlier_chat());
    CHECK(state.call.unread() == 1);
    proto::ChatEdited edited;
    *edited.mutable_message() = std::get<proto::ChatMessage>(chat(1, 2, 0, "first, edited"));
    tell(state, client::Event(edited));
    CHECK(state.call.lines()[0].text == "first, edited");
    proto::ChatDeleted deleted;
    deleted.set_message_id(1);
    tell(state, client::Event(deleted));
    CHECK(state.call.lines().size() == 1);
}

TEST_CASE("speakers get a ring, and the main one is never oneself") {
    auto state = in_call(3);
    proto::Speakers speakers;
    speakers.add_session_ids(1);
    speakers.add_session_ids(3);
    tell(state, client::Event(speakers));
    CHECK(state.call.person(1)->is_speaking);
    CHECK_FALSE(state.call.person(2)->is_speaking);
    CHECK(state.call.main_speaker() == 3);
    apply(state, {.does = Does::set_layout, .id = static_cast<std::uint64_t>(Layout::speaker)}, kStart);
    CHECK(stage_order(state).front() == 3);
    apply(state, {.does = Does::pin, .id = 2}, kStart);
    CHECK(stage_order(state).front() == 2);
    tell(state, client::Event(proto::Speakers{}));
    CHECK_FALSE(state.call.person(3)->is_speaking);
}

TEST_CASE("who speaks is known of those who are only heard of later") {
    State state;
    proto::Speakers speakers;
    speakers.add_session_ids(3);
    tell(state, client::Event(speakers));
    tell(state, client::Event(joined(3)));
    CHECK(state.call.person(3)->is_speaking);
    CHECK_FALSE(state.call.person(2)->is_speaking);
}

TEST_CASE("hands have an order") {
    auto state = in_call(3);
    for (const auto& [session, at] : {std::pair{2, 50}, std::pair{3, 40}}) {
        proto::ParticipantUpdated updated;
        *updated.mutable_participant() = participant(static_cast<std::uint64_t>(session), "x");
        updated.mutable_participant()->set_hand_raised_at(static_cast<std::uint64_t>(at));
        tell(state, client::Event(updated));
    }
    CHECK(state.call.person(3)->hand_place == 1);
    CHECK(state.call.person(2)->hand_place == 2);
    CHECK(state.call.person(1)->hand_place == 0);
}

TEST_CASE("reactions float, toasts stay a while, and both go by themselves") {
    auto state = in_call(2);
    proto::Reaction reaction;
    reaction.set_emoji("🎉");
    reaction.set_from_name("Ben");
    tell(state, client::Event(reaction));
    proto::ParticipantLeft left;
    left.set_session_id(2);
    left.set_name("Ben");
    tell(state, client::Event(left));
    CHECK(state.call.is_moving());
    CHECK(state.call.toasts().size() == 1);
    CHECK(state.call.deadline() == kStart + CallModel::kReactionLife);
    state.call.on_time(kStart + CallModel::kReactionLife);
    CHECK_FALSE(state.call.is_moving());
    state.call.on_time(kStart + CallModel::kToastLife);
    CHECK(state.call.toasts().empty());
    CHECK(state.call.deadline() == kNever);
}

TEST_CASE("a lost connection is told, comes back as it was, or ends in a card") {
    auto state = in_call(2);
    type(state, "m");
    tell(state, client::Event(client::Disconnected{.error = {Errc::closed, "gone"}, .retry_at = kStart}));
    CHECK(state.view == View::call);
    CHECK(state.call.link() == Link::reconnecting);
    // Not resumed: the server must be told again that we are muted.
    CHECK(tell(state, client::Event(joined(2))) == Commands{SetMedia{.microphone_muted = true}});
    CHECK(state.call.link() == Link::joined);
    tell(state, ended(client::Ended::Why::unreachable));
    CHECK(state.view == View::over);
    CHECK(find_spot(scene_of(state), "join again") != nullptr);
}

TEST_CASE("leaving goes back to the card") {
    auto state = in_call(2);
    apply(state, {.does = Does::leave}, kStart);
    CHECK(apply(state, {.does = Does::leave_now}, kStart) == Commands{Leave{}});
    tell(state, ended(client::Ended::Why::left));
    CHECK(state.view == View::join);
}

TEST_CASE("the devices found are offered, and a choice is kept") {
    State state;
    state.card.camera.choose("pattern");
    tell(state, DevicesFound{.cameras = {{"camera:0", "Front"}}, .microphones = {{"mic", "Default"}}});
    CHECK(state.card.camera.device().spec == "pattern");
    CHECK(state.card.microphone.device().spec == "mic");
    CHECK(state.card.speaker.device().spec == "none");
    apply(state, {.does = Does::choose_device, .text = "camera:0"}, kStart);
    CHECK(state.card.camera.device().spec == "camera:0");
}

TEST_CASE("who was muted by another can only turn on again") {
    auto state = in_call(2);
    proto::Muted muted;
    muted.set_by_name("Ben");
    muted.set_microphone(true);
    CHECK(tell(state, client::Event(muted)) == Commands{SetMedia{.microphone_muted = true}});
    CHECK(state.microphone_muted);
    CHECK_FALSE(state.camera_off);
    CHECK(state.call.toasts().back().text == "Ben muted you");
    CHECK(type(state, "m") == Commands{SetMedia{.microphone_muted = false}});
}

TEST_CASE("only hosts and moderators get the buttons of power, and never over themselves") {
    struct Row {
        proto::Role role;
        bool acts, promotes;
    };
    for (const auto& row : {Row{proto::HOST, true, true}, Row{proto::MODERATOR, true, false},
                            Row{proto::PARTICIPANT, false, false}, Row{proto::LISTENER, false, false}}) {
        CAPTURE(proto::Role_Name(row.role));
        auto state = in_call(3);
        proto::ParticipantUpdated self;
        *self.mutable_participant() = participant(1, "Ann");
        self.mutable_participant()->set_role(row.role);
        tell(state, client::Event(self));
        apply(state, {.does = Does::toggle_panel, .id = 2}, kStart);
        CHECK((find_spot(scene_of(state), "actions Ben") != nullptr) == row.acts);
        CHECK(find_spot(scene_of(state), "actions Ann") == nullptr);
        apply(state, {.does = Does::show_actions, .id = 2}, kStart);
        const auto scene = scene_of(state);
        CHECK((find_spot(scene, "mute Ben") != nullptr) == row.acts);
        CHECK((find_spot(scene, "promote Ben") != nullptr) == row.promotes);
        if (!row.acts) continue;
        CHECK(apply(state, find_spot(scene, "mute Ben")->action, kStart) ==
              Commands{MuteOther{.session = 2, .microphone = true}});
        CHECK(apply(state, find_spot(scene, "remove Ben")->action, kStart) ==
              Commands{RemoveOther{.session = 2}});
    }
}

TEST_CASE("a shared screen opens by itself, and goes by itself") {
    auto state = in_call(3);
    apply(state, {.does = Does::set_layout, .id = static_cast<std::uint64_t>(Layout::focus)}, kStart);
    tell(state, ScreenChange{.is_shown = true, .presenter = 2});
    CHECK(current_layout(state) == Layout::presenter);
    CHECK(state.call.toasts().back().text == "Ben shares a screen");
    CHECK(find_spot(scene_of(state), "screen") != nullptr);
    tell(state, ScreenChange{.is_shown = false});
    CHECK(current_layout(state) == Layout::grid);
}

TEST_CASE("what to share is chosen, and the same button ends it") {
    auto state = in_call(2);
    CHECK(type(state, "s") == Commands{FindScreens{}});
    tell(state, ScreensFound{{{"screen", "Whole screen"}, {"window:0x1", "Editor"}}});
    const auto scene = scene_of(state);
    const auto* spot = find_spot(scene, "share Editor");
    REQUIRE(spot);
    CHECK(apply(state, Action(spot->action), kStart) == Commands{ShareScreen{.what = "window:0x1"}});
    CHECK(state.popup == Popup::none);
    tell(state, Sharing{.state = Sharing::State::on});
    CHECK(type(state, "s") == Commands{StopSharing{}});
    tell(state, Sharing{.text = "Somebody else shares a screen now"});
    CHECK(state.sharing == Sharing::State::off);
}
