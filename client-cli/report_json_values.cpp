#include "client-cli/report_json_values.hpp"

#include <cctype>

#include "client-cli/times.hpp"
#include "lib/base/bytes.hpp"

namespace connectsphere::cli {

std::string lower(std::string_view text) {
    std::string out(text);
    for (auto& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

json describe(const proto::Participant& participant) {
    return {{"session", participant.session_id()},
            {"name", participant.name()},
            {"role", lower(proto::Role_Name(participant.role()))},
            {"connected", participant.connected()},
            {"microphone_muted", participant.microphone_muted()},
            {"camera_off", participant.camera_off()},
            {"hand_raised", participant.hand_raised_at() != 0}};
}

json describe(const google::protobuf::RepeatedPtrField<proto::Participant>& participants) {
    auto list = json::array();
    for (const auto& participant : participants) list.push_back(describe(participant));
    return list;
}

json describe(const proto::Error& error) {
    json out = {{"code", lower(proto::ErrorCode_Name(error.code()))}, {"text", error.text()}};
    if (!error.suggestion().empty()) out["suggestion"] = error.suggestion();
    return out;
}

json describe(const proto::FileInfo& file) {
    json out = {{"id", file.file_id()},
                {"name", file.name()},
                {"version", file.version()},
                {"size", file.size()},
                {"type", file.media_type()},
                {"sha256", to_hex(as_bytes(file.sha256()))},
                {"owner", file.owner_name()},
                {"private", file.to_session_id() != 0},
                {"stored_at", rfc3339(file.stored_at())}};
    if (file.expires_at() != 0) out["expires_at"] = rfc3339(file.expires_at());
    return out;
}

json describe(const proto::ChatMessage& chat) {
    json out = {{"id", chat.message_id()},
                {"from", chat.from_name()},
                {"from_session", chat.from_session_id()},
                {"private", chat.to_session_id() != 0}};
    if (chat.to_session_id() != 0) out["to"] = chat.to_name();
    out["text"] = chat.text();
    out["sent_at"] = rfc3339(chat.sent_at());
    out["replayed"] = chat.replayed();
    if (chat.edited_at() != 0) out["edited_at"] = rfc3339(chat.edited_at());
    return out;
}

}  // namespace connectsphere::cli
