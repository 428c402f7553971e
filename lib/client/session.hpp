// Session: the client's side of the control plane as a state machine. Frames and the time come in; frames and
// events go out. It says hello, joins, keeps the room's picture, repeats what was not acknowledged after a
// broken connection, and returns under its own identity with its resume token. The runner gives it a
// connection and a clock.
//
//   connected() ─► Hello ─► Welcome ─► Join ─► Joined ─► in the room ◄─► disconnected(), reconnect_at
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lib/base/id.hpp"
#include "lib/base/result.hpp"
#include "lib/base/time.hpp"
#include "lib/wire/frame.hpp"
#include "proto/client.pb.h"

namespace connectsphere::client {

// ---- what the user of a session is told

struct RequestFailed {
    std::string what;  // "chat", "reaction", …
    proto::Error error;
};
// A request that has no answer of its own was carried out.
struct Done {
    std::string what;  // "edit", "delete", "reaction", "hand", "mute", "password", "remove", "role"
};
struct Disconnected {
    Error error;
    Time retry_at;
};
// There are no more pictures of ours: the camera was unplugged, a file can not be read on.
struct CaptureEnded {
    Error error;
};
// The session is over and will not come back by itself.
struct Ended {
    enum class Why { left, refused, dismissed, unreachable, distrusted };
    Why why;
    proto::Error error;  // refused
    std::string text;
};

using Event =
    std::variant<proto::Welcome, proto::Joined, proto::ParticipantJoined, proto::ParticipantUpdated,
                 proto::ParticipantLeft, proto::ChatMessage, proto::ChatAccepted, proto::ChatEdited,
                 proto::ChatDeleted, proto::History, proto::Reaction, proto::MediaKeys, proto::Published,
                 proto::WantedEncodings, proto::Room, proto::RoomList, proto::Ticket, proto::FileAnnounced,
                 proto::FileRemoved, Done, RequestFailed, Disconnected, Ended, proto::Speakers, proto::Muted,
                 proto::PresenterChanged, proto::PresentingRequested, CaptureEnded>;

class Session {
  public:
    struct Options {
        std::string room = "lobby";
        std::string name;
        std::string password;
        std::string software;
        proto::SrtpProfile srtp_profile = proto::AEAD_AES_128_GCM;
        bool visit = false;  // only greet: for questions that need no joining; Welcome is the sign to ask
        std::optional<std::uint32_t> history;  // messages to replay on joining; absent: the server decides
        std::vector<proto::Stream> streams;    // what to send beside audio, published after joining
        std::string resume_token;              // of an earlier life of this client; empty: none
        std::uint64_t first_client_message_id =
            0;  // random, so that two lives of a client never use one id twice
    };
    struct Output {
        Buffer bytes;               // frames for the connection
        std::vector<Event> events;  // in order
        bool disconnect = false;    // close the connection now
    };

    explicit Session(Options options);

    // ---- the connection
    void connected(Time now, Output& out);
    void frame(wire::FrameView frame, Time now, Output& out);
    void disconnected(const Error& error, Time now, Output& out);
    void distrust(const Error& error, Output& out);  // its certificate is not the one that we know
    void on_time(Time now, Output& out);
    Time deadline() const;
    // When the runner should connect again; kNever while connected or over.
    Time reconnect_at() const { return reconnect_at_; }

    // ---- what a participant does. Answers come as events.
    void chat(std::string text, SessionId to, Output& out);  // zero: everybody
    void react(std::string emoji, Output& out);
    void raise_hand(bool raised, Output& out);
    void set_media_state(bool microphone_muted, bool camera_off, Output& out);
    // To others: for hosts and moderators.
    void lower_hand(SessionId whose, Output& out);
    void mute(SessionId whom, bool microphone, bool camera, Output& out);
    void remove(SessionId whom, std::string reason, Output& out);
    void set_role(SessionId whose, proto::Role role, Output& out);
    void edit_chat(MessageId message, std::string text, Output& out);
    void delete_chat(MessageId message, Output& out);
    void get_history(proto::GetHistory query, Output& out);
    void list_rooms(std::string password, Output& out);
    void set_room_password(std::string password, Output& out);
    void get_room(Output& out);
    void subscribe(const proto::Subscribe& wishes, Output& out);
    void receive_audio_at(std::uint16_t port, Output& out);  // where a stock tool hears the mix
    void receive_video_at(std::uint16_t port, Output& out);  // where one sees the pictures
    void open_files(Output& out);   // a ticket for the file plane; what was refused is called "files"
    void open_screen(Output& out);  // the same for the screen plane; "screen"
    void leave(Output& out);

    bool is_joined() const { return state_ == State::joined; }
    bool is_over() const { return state_ == State::over; }
    SessionId id() const { return id_; }
    const proto::Room& room() const { return room_; }
    SessionId presenter() const { return {presenter_}; }  // who shows its screen; zero: nobody
    const proto::Participant* self() const { return participant(id_); }
    const proto::Participant* participant(SessionId id) const;
    const proto::Participant* participant_by_name(std::string_view name) const;
    const std::string& resume_token() const { return options_.resume_token; }
    std::optional<Duration> round_trip() const { return round_trip_; }
    std::size_t unacknowledged_chats() const { return chats_.size(); }
    // The newest message of this session that was not taken back; zero when there is none.
    MessageId last_own_message() const { return own_messages_.empty() ? MessageId{} : own_messages_.back(); }

    static constexpr Duration kFirstRetry = 100ms;
    static constexpr Duration kMaxRetry = 2s;
    static constexpr Duration kAnswerTimeout = 10s;  // for Hello and Join
    static constexpr Duration kRejoinGap = 200ms;    // while signaling is away
    static constexpr std::size_t kOwnMessages = 100;

  private:
    enum class State { idle, greeting, visiting, joining, joined, waiting, over };

    void handle(const proto::ServerMessage& message, Time now, Output& out);
    void on_welcome(const proto::Welcome& welcome, Time now, Output& out);
    void on_joined(const proto::Joined& joined, Time now, Output& out);
    void publish(Output& out);
    void note_chat(const proto::ChatMessage& chat);
    void on_error(std::uint64_t request, const proto::Error& error, Time now, Output& out);
    void join(Output& out);
    void send_chat(const proto::SendChat& chat, Output& out);
    void put(const proto::Participant& participant);
    void finish(Ended ended, Output& out);
    std::uint64_t send(proto::ClientMessage& message, const char* what, Output& out);

    Options options_;
    State state_ = State::idle;
    bool leaving_ = false;  // said so: a connection that breaks now is not made again
    SessionId id_;
    proto::Room room_;
    std::uint64_t presenter_ = 0;  // session of who shows its screen; 0: nobody
    std::uint64_t last_request_ = 0;
    std::map<std::uint64_t, std::string> requests_;      // unanswered, and what each was
    std::map<std::uint64_t, std::uint64_t> chat_of_;     // request -> client_message_id
    std::map<std::uint64_t, proto::SendChat> chats_;     // not yet acknowledged, by client_message_id
    std::map<std::uint64_t, Time> retry_chats_;          // refused for their rate: when to send again
    std::map<proto::Plane, std::uint32_t> held_epochs_;  // keys that we were told
    std::uint64_t last_client_message_ = 0;
    std::uint64_t last_message_ = 0;       // newest chat message seen
    std::vector<MessageId> own_messages_;  // ascending, the newest kOwnMessages
    Duration keepalive_ = 5s;
    Duration retry_ = kFirstRetry;
    Time heard_at_{};
    Time ping_at_ = kNever;
    Time answer_by_ = kNever;
    Time rejoin_at_ = kNever;  // signaling was away
    Time reconnect_at_ = kNever;
    Time give_up_at_ = kNever;
    Duration resume_for_ = 30s;
    std::optional<Duration> round_trip_;
};

}  // namespace connectsphere::client
