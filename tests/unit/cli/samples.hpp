// One event of every kind, with every field said, as reporters see them.
#pragma once

#include <vector>

#include "client-cli/report.hpp"

namespace connectsphere::cli {

constexpr std::uint64_t kSentAt = 1'769'851'800'250;  // 2026-01-31T09:30:00.250Z

inline proto::Participant participant(const std::string& name, std::uint64_t session) {
    proto::Participant out;
    out.set_name(name);
    out.set_session_id(session);
    out.set_role(proto::HOST);
    out.set_connected(true);
    return out;
}

inline proto::Room room() {
    proto::Room out;
    out.set_name("lab");
    *out.add_participants() = participant("Ann", 1);
    *out.add_participants() = participant("Ben", 2);
    out.mutable_participants(1)->set_hand_raised_at(kSentAt);
    out.mutable_participants(1)->set_microphone_muted(true);
    out.mutable_participants(1)->set_connected(false);
    return out;
}

inline proto::ChatMessage chat(const std::string& text, bool is_private = false) {
    proto::ChatMessage out;
    out.set_message_id(7);
    out.set_from_session_id(1);
    out.set_from_name("Ann");
    out.set_text(text);
    out.set_sent_at(kSentAt);
    if (!is_private) return out;
    out.set_to_session_id(2);
    out.set_to_name("Ben");
    out.set_edited_at(kSentAt + 1000);
    return out;
}

inline proto::Error name_taken() {
    proto::Error out;
    out.set_code(proto::NAME_TAKEN);
    out.set_text("the name is taken");
    out.set_suggestion("Ann 2");
    out.set_retry_after_ms(100);
    return out;
}

inline proto::FileInfo file_info() {
    proto::FileInfo out;
    out.set_file_id(3);
    out.set_name("report.pdf");
    out.set_version(2);
    out.set_size(1'234'567);
    out.set_media_type("application/pdf");
    out.set_owner_name("Ann");
    out.set_stored_at(kSentAt);
    out.set_expires_at(kSentAt + 1000);
    return out;
}

inline proto::WantedEncodings wanted_encodings() {
    proto::WantedEncodings out;
    out.add_ssrcs(11);
    return out;
}

inline proto::PresenterChanged presenter_changed() {
    proto::PresenterChanged out;
    out.set_session_id(1);
    out.set_name("Ann");
    out.set_by_session_id(2);
    return out;
}

inline proto::PresentingRequested presenting_requested() {
    proto::PresentingRequested out;
    out.set_session_id(2);
    out.set_name("Ben");
    return out;
}

inline std::vector<client::Event> every_event() {
    proto::FileAnnounced announced;
    *announced.mutable_file() = file_info();
    proto::Joined joined;
    joined.set_session_id(1);
    *joined.mutable_room() = room();
    proto::ParticipantJoined came;
    *came.mutable_participant() = participant("Ben", 2);
    proto::ParticipantUpdated updated;
    *updated.mutable_participant() = participant("Ben", 2);
    proto::ParticipantLeft left;
    left.set_name("Ben");
    left.set_reason(proto::TIMED_OUT);
    proto::ChatEdited edited;
    *edited.mutable_message() = chat("hello", true);
    proto::History history;
    *history.add_messages() = chat("hello", true);
    proto::RoomList rooms;
    rooms.add_rooms()->set_name("lab");
    return {proto::Welcome(),
            joined,
            came,
            updated,
            left,
            chat("hello", true),
            proto::ChatAccepted(),
            edited,
            proto::ChatDeleted(),
            history,
            proto::Reaction(),
            proto::MediaKeys(),
            proto::Published(),
            wanted_encodings(),
            room(),
            rooms,
            proto::Ticket(),
            announced,
            proto::FileRemoved(),
            client::Done{"edit"},
            client::RequestFailed{"chat", name_taken()},
            client::Disconnected{{Errc::closed, "the connection broke"}, {}},
            client::Ended{client::Ended::Why::refused, name_taken(), "the name is taken"},
            proto::Speakers(),
            presenter_changed(),
            presenting_requested(),
            proto::Muted(),
            client::CaptureEnded{{Errc::closed, "the camera gives no more pictures"}}};
}

}  // namespace connectsphere::cli
