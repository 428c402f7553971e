#include "client-gui/call_model.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "lib/base/overloaded.hpp"

namespace connectsphere::gui {

namespace {

// A golden ratio of a turn further each time: neighbours in time are far apart in place.
double place_of(std::uint32_t count) {
    const double turn = count * 0.6180339887;
    return turn - static_cast<double>(static_cast<std::uint32_t>(turn));
}

// Of requests, as the session calls them.
std::string_view what_failed(std::string_view request) {
    static constexpr std::pair<std::string_view, std::string_view> kWords[] = {
        {"chat", "Your message was not sent"},     {"edit", "Your message was not changed"},
        {"delete", "The message was not removed"}, {"reaction", "Your reaction was not shown"},
        {"hand", "The hand stays as it was"},      {"mute", "Nobody was muted"},
        {"remove", "Nobody was removed"},          {"role", "The role was not given"},
        {"password", "The password was not set"},  {"history", "Nothing could be found"}};
    for (const auto& [known, words] : kWords)
        if (request == known) return words;
    return request;
}

SharedFile shared_file(const proto::FileInfo& info, std::uint64_t self) {
    return {.id = info.file_id(),
            .name = info.name(),
            .owner = info.owner_name(),
            .size = info.size(),
            .version = info.version(),
            .is_own = info.owner_session_id() == self,
            .is_private = info.to_session_id() != 0};
}

}  // namespace

void CallModel::on_event(const client::Event& event, Time now) {
    std::visit(
        Overloaded{[&](const proto::Joined& e) { joined(e, now); },
                   [&](const proto::Room& e) {
                       for (const auto& participant : e.participants()) put(participant);
                   },
                   [&](const proto::ParticipantJoined& e) {
                       const bool is_new = !find(e.participant().session_id());
                       put(e.participant());
                       if (is_new)
                           toast(Toast::Kind::note, std::string(e.participant().name()) + " joined", now);
                   },
                   [&](const proto::ParticipantUpdated& e) { put(e.participant()); },
                   [&](const proto::ParticipantLeft& e) { left(e, now); },
                   [&](const proto::Speakers& e) { speakers(e); },
                   [&](const proto::ChatMessage& e) { chat(e, !e.replayed()); },
                   [&](const proto::ChatEdited& e) { chat(e.message(), false); },
                   [&](const proto::ChatDeleted& e) {
                       std::erase_if(lines_, [&](const auto& line) { return line.id == e.message_id(); });
                   },
                   [&](const proto::History& e) {
                       has_earlier_chat_ = e.more();
                       for (const auto& message : e.messages()) chat(message, false);
                   },
                   [&](const proto::Reaction& e) { react(e, now); },
                   [&](const proto::FileAnnounced& e) { announced(e, now); },
                   [&](const proto::FileRemoved& e) {
                       std::erase_if(files_, [&](const auto& file) { return file.id == e.file_id(); });
                   },
                   [&](const client::RequestFailed& e) { failed(e, now); },
                   [&](const client::Done& e) {
                       if (e.what == "password")
                           toast(Toast::Kind::good, "The password of this room was changed", now);
                   },
                   [&](const client::Disconnected&) { link_ = Link::reconnecting; },
                   [&](const client::Ended& e) { end(e); }, [](const auto&) {}},
        event);
}

// ---- people

void CallModel::joined(const proto::Joined& joined, Time now) {
    if (link_ == Link::reconnecting) toast(Toast::Kind::good, "You are back in the call", now);
    link_ = Link::joined;
    self_ = joined.session_id();
    room_ = joined.room().name();
    people_.clear();
    for (const auto& participant : joined.room().participants()) put(participant);
}

void CallModel::put(const proto::Participant& p) {
    auto* person = find(p.session_id());
    if (!person) person = &people_.emplace_back();
    person->session = p.session_id();
    person->name = p.name();
    person->role = p.role();
    person->is_self = p.session_id() == self_;
    person->connected = p.connected();
    person->microphone_muted = p.microphone_muted();
    person->camera_off = p.camera_off();
    person->hand_raised_at = p.hand_raised_at();
    person->joined_at = p.joined_at();
    person->is_speaking = std::find(speaking_.begin(), speaking_.end(), person->session) != speaking_.end();
    person->sends_video = std::any_of(p.streams().begin(), p.streams().end(),
                                      [](const auto& stream) { return stream.kind() == proto::VIDEO; });
    names_[p.session_id()] = p.name();
    sort_people();
}

void CallModel::sort_people() {
    std::stable_sort(people_.begin(), people_.end(), [](const Person& a, const Person& b) {
        return a.is_self != b.is_self ? b.is_self : a.joined_at < b.joined_at;
    });
    for (auto& person : people_) {
        person.hand_place = 0;
        if (person.hand_raised_at == 0) continue;
        person.hand_place =
            1 + static_cast<int>(std::count_if(people_.begin(), people_.end(), [&](const Person& other) {
                return other.hand_raised_at != 0 && std::pair(other.hand_raised_at, other.session) <
                                                        std::pair(person.hand_raised_at, person.session);
            }));
    }
}

void CallModel::left(const proto::ParticipantLeft& left, Time now) {
    std::erase_if(people_, [&](const auto& person) { return person.session == left.session_id(); });
    if (main_speaker_ == left.session_id()) main_speaker_ = 0;
    sort_people();
    const char* how = left.reason() == proto::KICKED      ? " was removed"
                      : left.reason() == proto::TIMED_OUT ? " lost the connection"
                                                          : " left";
    toast(Toast::Kind::note, std::string(left.name()) + how, now);
}

void CallModel::speakers(const proto::Speakers& speakers) {
    const auto& ids = speakers.session_ids();
    speaking_.assign(ids.begin(), ids.end());
    for (auto& person : people_) {
        person.is_speaking = std::find(ids.begin(), ids.end(), person.session) != ids.end();
    }
    const auto other = std::find_if(ids.begin(), ids.end(), [&](auto id) { return id != self_; });
    if (other != ids.end()) main_speaker_ = *other;
}

Person* CallModel::find(std::uint64_t session) {
    const auto found = std::find_if(people_.begin(), people_.end(),
                                    [&](const Person& person) { return person.session == session; });
    return found == people_.end() ? nullptr : &*found;
}

const Person* CallModel::person(std::uint64_t session) const {
    return const_cast<CallModel*>(this)->find(session);  // NOLINT: the same search for both
}

const std::string& CallModel::name_of(std::uint64_t session) const {
    static const std::string kEverybody = "Everybody";
    const auto found = names_.find(session);
    return found == names_.end() ? kEverybody : found->second;
}

void CallModel::set_quality(std::uint64_t session, Quality quality) {
    if (auto* person = find(session)) person->quality = std::move(quality);
}

// ---- what is said

ChatLine CallModel::line_of(const proto::ChatMessage& message) const {
    const bool is_own = message.from_session_id() == self_;
    return {.id = message.message_id(),
            .with = message.to_session_id() == 0 ? 0
                    : is_own                     ? message.to_session_id()
                                                 : message.from_session_id(),
            .from = message.from_name(),
            .text = message.text(),
            .sent_at = message.sent_at(),
            .is_own = is_own,
            .is_edited = message.edited_at() != 0};
}

void CallModel::chat(const proto::ChatMessage& message, bool is_live) {
    const auto line = line_of(message);
    if (line.with != 0 && !names_.contains(line.with))
        names_[line.with] = line.is_own ? message.to_name() : message.from_name();
    const auto place = std::lower_bound(lines_.begin(), lines_.end(), line.id,
                                        [](const ChatLine& a, std::uint64_t id) { return a.id < id; });
    if (place != lines_.end() && place->id == line.id) {
        *place = line;
        return;
    }
    lines_.insert(place, line);
    if (lines_.size() > kMostLines) lines_.erase(lines_.begin());
    if (is_live && !line.is_own && reading_ != line.with) ++unread_[line.with];
}

int CallModel::unread(std::uint64_t with) const {
    const auto found = unread_.find(with);
    return found == unread_.end() ? 0 : found->second;
}

int CallModel::unread() const {
    int all = 0;
    for (const auto& [with, count] : unread_) all += count;
    return all;
}

void CallModel::set_reading(std::optional<std::uint64_t> with) {
    reading_ = with;
    if (with) mark_read(*with);
}

void CallModel::react(const proto::Reaction& reaction, Time now) {
    if (reactions_.size() >= kMostReactions) reactions_.erase(reactions_.begin());
    reactions_.push_back({.emoji = reaction.emoji(),
                          .name = reaction.from_name(),
                          .born = now,
                          .x = place_of(++reactions_seen_)});
}

// ---- files

void CallModel::announced(const proto::FileAnnounced& announced, Time now) {
    const auto file = shared_file(announced.file(), self_);
    std::erase_if(files_, [&](const auto& other) { return other.id == file.id; });
    files_.push_back(file);
    if (file.is_own) return;
    ++new_files_;
    toast(Toast::Kind::note, std::string(file.owner) + " sent " + file.name, now);
}

void CallModel::on_transfer(const Transfer& transfer, Time now) {
    transfers_[transfer.job] = transfer;
    using State = Transfer::State;
    if (transfer.state == State::finished) {
        toast(Toast::Kind::good, std::string(transfer.name) + (transfer.is_upload ? " was sent" : " is here"),
              now);
    } else if (transfer.state == State::failed) {
        toast(Toast::Kind::bad, std::string(transfer.name) + ": " + transfer.note, now);
    }
}

// ---- what has to be told

void CallModel::toast(Toast::Kind kind, std::string text, Time now) {
    if (toasts_.size() >= kMostToasts) toasts_.erase(toasts_.begin());
    toasts_.push_back(
        {.id = ++last_toast_, .kind = kind, .text = std::move(text), .until = now + kToastLife});
}

void CallModel::failed(const client::RequestFailed& failed, Time now) {
    if (failed.what == "files") return;  // the file client tells it with the file's name
    toast(Toast::Kind::bad, std::string(what_failed(failed.what)) + ": " + failed.error.text(), now);
}

void CallModel::end(const client::Ended& ended) {
    link_ = Link::ended;
    ended_ = ended;
}

void CallModel::on_time(Time now) {
    std::erase_if(toasts_, [&](const Toast& toast) { return toast.until <= now; });
    std::erase_if(reactions_, [&](const auto& reaction) { return reaction.born + kReactionLife <= now; });
}

Time CallModel::deadline() const {
    auto first = kNever;
    for (const auto& toast : toasts_) first = std::min(first, toast.until);
    for (const auto& reaction : reactions_) first = std::min(first, reaction.born + kReactionLife);
    return first;
}

}  // namespace connectsphere::gui
