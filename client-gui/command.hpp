// What follows from an action: work for the conference's thread, or for the window itself. And what comes
// back. All of it are values, so that no thread ever waits for another.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "client-gui/call_model.hpp"

namespace connectsphere::gui {

// ---- for the conference

struct Connect {
    std::string server{}, name{}, room{}, password{};
    std::string video_in{}, audio_in{}, audio_out{};  // as on the command line
    bool operator==(const Connect&) const = default;
};
// The person has seen this fingerprint and takes it for the server's.
struct Trust {
    std::string server{}, fingerprint{};
    bool operator==(const Trust&) const = default;
};
struct Say {
    std::string text{};
    std::uint64_t to = 0;
    bool operator==(const Say&) const = default;
};
struct React {
    std::string emoji{};
    bool operator==(const React&) const = default;
};
struct RaiseHand {
    bool raised = false;
    bool operator==(const RaiseHand&) const = default;
};
struct SetMedia {
    bool microphone_muted = false, camera_off = false;
    bool operator==(const SetMedia&) const = default;
};
struct ShareScreen {
    std::string what{};      // "screen", "monitor:N", "window:ID", "region:WxH+X+Y", or an input
    bool take_over = false;  // for hosts and moderators; else the place is waited for
    bool operator==(const ShareScreen&) const = default;
};
struct StopSharing {
    bool operator==(const StopSharing&) const = default;
};
struct FindScreens {
    bool operator==(const FindScreens&) const = default;
};
struct GrantScreen {
    std::uint64_t session = 0;
    bool operator==(const GrantScreen&) const = default;
};
// Other devices while the call goes on; as on the command line.
struct ChangeCamera {
    std::string what{};
    bool operator==(const ChangeCamera&) const = default;
};
struct ChangeMicrophone {
    std::string what{};
    bool operator==(const ChangeMicrophone&) const = default;
};
struct ChangeLoudspeaker {
    std::string what{};
    bool operator==(const ChangeLoudspeaker&) const = default;
};
struct FindDevices {
    bool operator==(const FindDevices&) const = default;
};
// Whether somebody looks at the microphone's level in a call.
struct ShowLevel {
    bool is_on = false;
    bool operator==(const ShowLevel&) const = default;
};
// To another, by hosts and moderators.
struct MuteOther {
    std::uint64_t session = 0;
    bool microphone = false, camera = false;
    bool operator==(const MuteOther&) const = default;
};
struct LowerHand {
    std::uint64_t session = 0;
    bool operator==(const LowerHand&) const = default;
};
struct SetRole {
    std::uint64_t session = 0;
    proto::Role role = proto::PARTICIPANT;
    bool operator==(const SetRole&) const = default;
};
struct RemoveOther {
    std::uint64_t session = 0;
    bool operator==(const RemoveOther&) const = default;
};
struct SetRoomPassword {
    std::string password{};  // empty: none
    bool operator==(const SetRoomPassword&) const = default;
};
// Who is seen, and how large: nobody sends what nobody looks at.
struct LookAt {
    struct Tile {
        std::uint64_t session = 0;
        int height = 0;  // pixels
        bool operator==(const Tile&) const = default;
    };
    std::vector<Tile> tiles{};  // the largest first
    bool operator==(const LookAt&) const = default;
};
struct EditChat {
    std::uint64_t message = 0;
    std::string text{};
    bool operator==(const EditChat&) const = default;
};
struct DeleteChat {
    std::uint64_t message = 0;
    bool operator==(const DeleteChat&) const = default;
};
struct FetchHistory {
    std::uint32_t limit = 0;
    bool operator==(const FetchHistory&) const = default;
};
struct SearchHistory {
    std::string text{};
    bool operator==(const SearchHistory&) const = default;
};
struct SaveHistory {
    std::string path{};
    bool operator==(const SaveHistory&) const = default;
};
struct SendFile {
    std::string path{};
    std::uint64_t to = 0;
    bool operator==(const SendFile&) const = default;
};
struct GetFile {
    std::uint64_t id = 0;
    bool operator==(const GetFile&) const = default;
};
struct RemoveFile {
    std::uint64_t id = 0;
    bool operator==(const RemoveFile&) const = default;
};
struct ListFiles {
    bool operator==(const ListFiles&) const = default;
};
struct Leave {
    bool operator==(const Leave&) const = default;
};
// What the join card shows of camera and microphone; empty: nothing any more.
struct Preview {
    std::string video_in{}, audio_in{};
    bool operator==(const Preview&) const = default;
};

// ---- for the window

struct CopyText {
    std::string text{};
    bool operator==(const CopyText&) const = default;
};
struct ChooseFile {
    std::uint64_t to = 0;
    bool operator==(const ChooseFile&) const = default;
};
struct ChooseHistoryFile {
    bool operator==(const ChooseHistoryFile&) const = default;
};
// The screen as it is without the window, to choose a part of it; and the window as it was.
struct CoverScreen {
    bool operator==(const CoverScreen&) const = default;
};
struct UncoverScreen {
    bool operator==(const UncoverScreen&) const = default;
};
struct OpenFolder {
    bool operator==(const OpenFolder&) const = default;
};
struct KeepSettings {
    bool operator==(const KeepSettings&) const = default;
};
struct Quit {
    bool operator==(const Quit&) const = default;
};

using Command =
    std::variant<Connect, Trust, Say, React, RaiseHand, SetMedia, ShareScreen, StopSharing, FindScreens,
                 GrantScreen, ChangeCamera, ChangeMicrophone, ChangeLoudspeaker, FindDevices, ShowLevel,
                 MuteOther, LowerHand, SetRole, RemoveOther, SetRoomPassword, LookAt, EditChat, DeleteChat,
                 FetchHistory, SearchHistory, SaveHistory, SendFile, GetFile, RemoveFile, ListFiles, Leave,
                 Preview, CopyText, ChooseFile, ChooseHistoryFile, CoverScreen, UncoverScreen, OpenFolder,
                 KeepSettings, Quit>;
using Commands = std::vector<Command>;

// ---- from the conference

// A certificate that was never seen for this server, or another than the one that was.
struct CertificateQuestion {
    std::string server{}, shown{};
    std::string known{};  // empty: none; else the server is refused
};
struct QualityReport {
    std::uint64_t session = 0;
    Quality quality{};
};
struct SoundLevel {
    double level = 0;  // 0 to 1, of the microphone
};
struct DeviceFault {
    std::string text{};
};
struct Device {
    std::string spec{};   // as on the command line: "mic:NAME"
    std::string label{};  // for people
};
struct DevicesFound {
    std::vector<Device> cameras{}, microphones{}, speakers{};
};

// Somebody's shared screen is to be seen, or no longer.
struct ScreenChange {
    bool is_shown = false;
    std::uint64_t presenter = 0;  // session
};
// One's own.
struct Sharing {
    enum class State { off, waiting, on };
    State state = State::off;
    std::string text{};  // to be told
};
struct ScreensFound {
    std::vector<Device> screens{};
};

// What a search in the chat has found.
struct SearchResult {
    proto::History found{};
};
struct HistorySaved {
    std::string text{};  // what was written where, or why not
    bool is_saved = false;
};

using Notice = std::variant<client::Event, CertificateQuestion, QualityReport, Transfer,
                            std::vector<SharedFile>, SoundLevel, DeviceFault, DevicesFound, ScreenChange,
                            Sharing, ScreensFound, SearchResult, HistorySaved>;

}  // namespace connectsphere::gui
