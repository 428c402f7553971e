// CallModel: what is to be seen of a call, made of a session's events and the time: who is there, what was
// said, which of it was not read yet, what floats by and what has to be told.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/time.hpp"
#include "lib/client/session.hpp"

namespace connectsphere::gui {

// How well somebody's picture or sound gets through.
struct Quality {
    int bars = 3;        // 0 to 3
    std::string reason;  // for people

    bool operator==(const Quality&) const = default;
};

struct Person {
    std::uint64_t session = 0;
    std::string name{};
    proto::Role role = proto::PARTICIPANT;
    bool is_self = false;
    bool connected = true;
    bool microphone_muted = false;
    bool camera_off = false;
    bool sends_video = false;
    bool is_speaking = false;
    std::uint64_t hand_raised_at = 0;
    int hand_place = 0;  // 1: the first in the queue; 0: no hand
    std::uint64_t joined_at = 0;
    Quality quality{};
};

struct ChatLine {
    std::uint64_t id = 0;
    std::uint64_t with = 0;  // the conversation: the other one's session; 0: everybody
    std::string from{};
    std::string text{};
    std::uint64_t sent_at = 0;  // Unix milliseconds
    bool is_own = false;
    bool is_edited = false;
};

struct SharedFile {
    std::uint64_t id = 0;
    std::string name{};
    std::string owner{};
    std::uint64_t size = 0;
    std::uint32_t version = 1;
    bool is_own = false;
    bool is_private = false;
};

struct Transfer {
    std::uint64_t job = 0;
    std::uint64_t file = 0;  // of a download
    std::string name{};
    bool is_upload = false;
    std::uint64_t done = 0, total = 0;  // bytes
    enum class State { running, finished, failed } state = State::running;
    std::string note{};  // where it is now, or why it failed
};

struct Toast {
    enum class Kind { note, good, bad };
    std::uint64_t id = 0;
    Kind kind = Kind::note;
    std::string text{};
    Time until{};
};

// An emoji that floats up: its place follows from the time.
struct FloatingReaction {
    std::string emoji;
    std::string name;
    Time born;
    double x = 0;  // 0 to 1 of the stage's width
};

enum class Link { connecting, joined, reconnecting, ended };

class CallModel {
  public:
    static constexpr Duration kToastLife = 5s;
    static constexpr Duration kReactionLife = 2600ms;
    static constexpr std::size_t kMostToasts = 4;
    static constexpr std::size_t kMostReactions = 60;
    static constexpr std::size_t kMostLines = 2'000;

    void on_event(const client::Event& event, Time now);
    void on_time(Time now);  // what is over goes
    Time deadline() const;   // when on_time has something to do
    bool is_moving() const { return !reactions_.empty(); }

    Link link() const { return link_; }
    const client::Ended* ended() const { return ended_ ? &*ended_ : nullptr; }
    const std::string& room() const { return room_; }
    std::uint64_t self() const { return self_; }
    const std::vector<Person>& people() const { return people_; }  // in the order of their coming; self last
    const Person* person(std::uint64_t session) const;
    std::uint64_t main_speaker() const { return main_speaker_; }  // not oneself; 0: none yet

    const std::vector<ChatLine>& lines() const { return lines_; }
    ChatLine line_of(const proto::ChatMessage& message) const;
    bool has_earlier_chat() const { return has_earlier_chat_; }
    int unread(std::uint64_t with) const;
    int unread() const;
    void mark_read(std::uint64_t with) { unread_.erase(with); }
    void set_reading(std::optional<std::uint64_t> with);      // the conversation that is open
    const std::string& name_of(std::uint64_t session) const;  // also of who has left

    const std::vector<SharedFile>& files() const { return files_; }
    void set_files(std::vector<SharedFile> files) { files_ = std::move(files); }
    int new_files() const { return new_files_; }
    void mark_files_seen() { new_files_ = 0; }
    const std::map<std::uint64_t, Transfer>& transfers() const { return transfers_; }
    void on_transfer(const Transfer& transfer, Time now);

    const std::vector<Toast>& toasts() const { return toasts_; }
    void toast(Toast::Kind kind, std::string text, Time now);
    const std::vector<FloatingReaction>& reactions() const { return reactions_; }

    void set_quality(std::uint64_t session, Quality quality);

  private:
    void joined(const proto::Joined& joined, Time now);
    void put(const proto::Participant& participant);
    void sort_people();
    void left(const proto::ParticipantLeft& left, Time now);
    void chat(const proto::ChatMessage& message, bool is_live);
    void speakers(const proto::Speakers& speakers);
    void react(const proto::Reaction& reaction, Time now);
    void announced(const proto::FileAnnounced& announced, Time now);
    void failed(const client::RequestFailed& failed, Time now);
    void end(const client::Ended& ended);
    Person* find(std::uint64_t session);

    Link link_ = Link::connecting;
    std::optional<client::Ended> ended_;
    std::string room_;
    std::uint64_t self_ = 0;
    std::vector<Person> people_;
    std::map<std::uint64_t, std::string> names_;  // of all that were ever here
    std::vector<std::uint64_t> speaking_;         // also of who is not known to be here yet
    std::uint64_t main_speaker_ = 0;
    std::vector<ChatLine> lines_;  // by id
    bool has_earlier_chat_ = false;
    std::map<std::uint64_t, int> unread_;  // by conversation
    std::optional<std::uint64_t> reading_;
    std::vector<SharedFile> files_;
    int new_files_ = 0;
    std::map<std::uint64_t, Transfer> transfers_;
    std::vector<Toast> toasts_;
    std::uint64_t last_toast_ = 0;
    std::vector<FloatingReaction> reactions_;
    std::uint32_t reactions_seen_ = 0;
};

}  // namespace connectsphere::gui
