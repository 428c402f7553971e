// The panels of people and of files: lists with rows.
#include <algorithm>
#include <cctype>

#include "client-gui/view_parts.hpp"

namespace connectsphere::gui {

namespace {

constexpr std::size_t kSearchedFiles = 6;  // fewer are seen at once

const char* role_name(proto::Role role) {
    switch (role) {
        case proto::HOST:
            return "Host";
        case proto::MODERATOR:
            return "Moderator";
        case proto::LISTENER:
            return "Listener";
        default:
            return "";
    }
}

Rect icon_button(Builder& b, Rect& row, int side) {
    return centred({side, side}, row.take_right(side + b.px(4)));
}

// A name with a line of less weight below it.
void two_lines(Builder& b, const Rect& box, const std::string& first, const std::string& second) {
    const auto bold = b.style(14, Weight::bold), small = b.style(12);
    const int high = b.text_height("Ág", bold, 0), low = second.empty() ? 0 : b.text_height("Ág", small, 0);
    const int y = box.y + (box.height - high - low) / 2;
    b.scene.text({box.x, y, box.width, high}, first, b.theme.text, bold);
    if (!second.empty()) b.scene.text({box.x, y + high, box.width, low}, second, b.theme.dim, small);
}

std::string about(const Person& person) {
    std::string out = role_name(person.role);
    const auto add = [&](const std::string& text) {
        if (text.empty()) return;
        if (!out.empty()) out += " · ";
        out += text;
    };
    if (!person.connected) add("coming back");
    if (person.is_speaking) add("speaking");
    if (person.hand_place > 0) {
        std::string hand = "hand ";
        hand += std::to_string(person.hand_place);
        add(hand);
    }
    if (person.quality.bars < 3) add(person.quality.reason);
    return out;
}

void view_person(Builder& b, const Person& person, Rect row) {
    if (b.is_hovered(row)) b.scene.fill(row.inset(b.px(2)), b.theme.raised, b.px(8));
    row = {row.x + b.px(14), row.y, row.width - b.px(22), row.height};
    b.avatar(centred({b.px(34), b.px(34)}, row.take_left(b.px(34))), person.name);
    row.take_left(b.px(12));
    const int side = b.px(30);
    const bool is_pinned = b.state.pinned == person.session;
    b.button({.rect = icon_button(b, row, side),
              .action = {.does = Does::pin, .id = person.session},
              .name = std::string("pin ") + person.name,
              .tip = is_pinned ? "Unpin" : "Pin",
              .icon = Icon::pin,
              .ink = is_pinned ? b.theme.accent : b.theme.dim,
              .is_flat = true});
    if (!person.is_self) {
        b.button({.rect = icon_button(b, row, side),
                  .action = {.does = Does::converse, .id = person.session},
                  .name = std::string("message ") + person.name,
                  .tip = "Private message",
                  .icon = Icon::chat,
                  .ink = b.theme.dim,
                  .count = b.state.call.unread(person.session),
                  .is_flat = true});
    }
    const bool is_muted = person.is_self ? b.state.microphone_muted : person.microphone_muted;
    const bool is_dark = person.is_self ? b.state.camera_off : person.camera_off || !person.sends_video;
    for (const auto icon :
         {is_dark ? Icon::camera_off : Icon::none, is_muted ? Icon::microphone_off : Icon::none}) {
        if (icon != Icon::none)
            b.scene.icon(centred({b.px(16), b.px(16)}, row.take_right(b.px(22))), icon, b.theme.dim);
    }
    auto name = person.name;
    if (person.is_self) name += " (you)";
    two_lines(b, row, name, about(person));
}

// What a host or moderator may do to somebody.
void view_actions(Builder& b, const Person& person, Rect row) {
    row = {row.x + b.px(14), row.y + b.px(2), row.width - b.px(28), row.height - b.px(6)};
    const auto add = [&](Icon icon, Does does, const char* name, const char* tip, Colour ink,
                         const char* text = "") {
        const auto rect = row.take_left(b.px(44));
        row.take_left(b.px(6));
        b.button({.rect = rect,
                  .action = {.does = does, .id = person.session, .text = text},
                  .name = std::string(name) + " " + person.name,
                  .tip = tip,
                  .icon = icon,
                  .ink = ink});
    };
    add(Icon::microphone_off, Does::mute_other, "mute", "Mute the microphone", b.theme.text);
    add(Icon::camera_off, Does::stop_camera, "stop camera of", "Turn the camera off", b.theme.text);
    if (person.hand_place > 0)
        add(Icon::hand, Does::lower_hand, "lower hand of", "Lower the hand", b.theme.text);
    if (is_host(b.state)) {
        const bool is_moderator = person.role == proto::MODERATOR,
                   is_listener = person.role == proto::LISTENER;
        add(Icon::people, Does::set_role, is_moderator ? "demote" : "promote",
            is_moderator ? "No longer a moderator" : "Make a moderator",
            is_moderator ? b.theme.accent : b.theme.text, is_moderator ? "participant" : "moderator");
        add(Icon::volume, Does::set_role, is_listener ? "let speak" : "let listen",
            is_listener ? "Let speak again" : "Only let listen", is_listener ? b.theme.accent : b.theme.text,
            is_listener ? "participant" : "listener");
    }
    if (person.role != proto::HOST)
        add(Icon::leave, Does::remove_other, "remove", "Remove from the call", b.theme.danger);
}

const Transfer* transfer_of(const CallModel& call, std::uint64_t file) {
    const Transfer* newest = nullptr;
    for (const auto& [job, transfer] : call.transfers()) {
        if (!transfer.is_upload && transfer.file == file) newest = &transfer;
    }
    return newest;
}

void view_progress(Builder& b, Rect row, const Transfer& transfer) {
    const double share =
        transfer.total > 0 ? static_cast<double>(transfer.done) / static_cast<double>(transfer.total) : 1;
    const Rect bar{row.x, row.bottom() - b.px(6), row.width, b.px(4)};
    b.scene.fill(bar, b.theme.line, b.px(2));
    b.scene.fill({bar.x, bar.y, std::max(b.px(4), static_cast<int>(bar.width * share)), bar.height},
                 b.theme.accent, b.px(2));
}

std::string progress_text(const Transfer& transfer) {
    return size_text(transfer.done) + " of " + size_text(transfer.total);
}

void view_file(Builder& b, const SharedFile& file, Rect row) {
    if (b.is_hovered(row)) b.scene.fill(row.inset(b.px(2)), b.theme.raised, b.px(8));
    row = {row.x + b.px(14), row.y, row.width - b.px(22), row.height};
    b.scene.icon(centred({b.px(22), b.px(22)}, row.take_left(b.px(28))), Icon::file, b.theme.dim);
    row.take_left(b.px(6));
    const auto* transfer = transfer_of(b.state.call, file.id);
    const bool is_running = transfer && transfer->state == Transfer::State::running;
    const bool is_here = transfer && transfer->state == Transfer::State::finished;
    const int side = b.px(30);
    if (file.is_own) {
        b.button({.rect = icon_button(b, row, side),
                  .action = {.does = Does::remove_file, .id = file.id},
                  .name = std::string("remove ") + file.name,
                  .tip = "Remove",
                  .icon = Icon::trash,
                  .ink = b.theme.dim,
                  .is_flat = true});
    }
    if (!is_running) {
        b.button({.rect = icon_button(b, row, side),
                  .action = is_here ? Action{.does = Does::open_folder}
                                    : Action{.does = Does::get_file, .id = file.id},
                  .name = std::string(is_here ? "open " : "get ") + file.name,
                  .tip = is_here ? "Open the folder" : "Fetch",
                  .icon = is_here ? Icon::folder : Icon::download,
                  .ink = b.theme.accent,
                  .is_flat = true});
    }
    auto below = is_running ? progress_text(*transfer) : size_text(file.size);
    if (!is_running) {
        below += " · ";
        below += file.is_own ? "you" : file.owner;
        if (file.is_private) below += " · private";
        if (is_here) below += " · fetched";
    }
    auto name = file.name;
    if (file.version > 1) {
        name += " (";
        name += std::to_string(file.version);
        name += ")";
    }
    two_lines(b, row, name, below);
    if (is_running) view_progress(b, row, *transfer);
}

void view_upload(Builder& b, const Transfer& transfer, Rect row) {
    row = {row.x + b.px(14), row.y, row.width - b.px(22), row.height};
    b.scene.icon(centred({b.px(22), b.px(22)}, row.take_left(b.px(28))), Icon::send, b.theme.accent);
    row.take_left(b.px(6));
    two_lines(b, row, transfer.name, progress_text(transfer));
    view_progress(b, row, transfer);
}

bool matches(const SharedFile& file, const std::string& search) {
    const auto lower = [](std::string text) {
        for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        return text;
    };
    return lower(file.name + " " + file.owner).find(lower(search)) != std::string::npos;
}

}  // namespace

void view_people(Builder& b, Rect panel) {
    if (is_host(b.state)) {
        b.button({.rect = panel.take_bottom(b.px(56)).inset(b.px(10)),
                  .action = {.does = Does::toggle_popup, .id = static_cast<std::uint64_t>(Popup::password)},
                  .name = "password of the room",
                  .label = "Password of this room …",
                  .icon = Icon::lock});
    }
    b.scene.clip_to(panel);
    const int high = b.px(52);
    int y = panel.y - b.state.scroll;
    for (const auto& person : b.state.call.people()) {
        const Rect row{panel.x, y, panel.width, high};
        const bool may_act = can_moderate(b.state) && !person.is_self;
        if (may_act)
            b.spot(row, {.does = Does::show_actions, .id = person.session},
                   std::string("actions ") + person.name, {}, true);
        view_person(b, person, row);
        y += high;
        if (!may_act || b.state.acted_on != person.session) continue;
        view_actions(b, person, {panel.x, y, panel.width, high});
        y += high;
    }
    b.scene.set_overscroll(std::min(b.state.scroll, panel.bottom() - y));
    b.scene.unclip();
}

void view_files(Builder& b, Rect panel) {
    auto buttons = panel.take_bottom(b.px(56)).inset(b.px(10));
    b.button({.rect = buttons.take_left(buttons.width / 2 - b.px(5)),
              .action = {.does = Does::attach},
              .name = "send a file",
              .tip = "Or drop files on the window",
              .label = "Send a file",
              .icon = Icon::attach,
              .colour = b.theme.accent,
              .ink = b.theme.on_accent});
    buttons.take_left(b.px(10));
    b.button({.rect = buttons,
              .action = {.does = Does::open_folder},
              .name = "open folder",
              .tip = "Where fetched files are",
              .label = "Open folder",
              .icon = Icon::folder});
    const auto& files = b.state.call.files();
    if (files.size() >= kSearchedFiles || !b.state.file_search.empty()) {
        const auto row = panel.take_top(b.px(46));
        b.field({row.x + b.px(12), row.y + b.px(2), row.width - b.px(24), b.px(38)}, kFileSearch,
                "Search by name or sender", "file search");
    }
    b.scene.clip_to(panel);
    const int high = b.px(56);
    int y = panel.y - b.state.scroll;
    const auto row = [&] {
        const Rect rect{panel.x, y, panel.width, high};
        y += high;
        return rect;
    };
    for (const auto& [job, transfer] : b.state.call.transfers()) {
        if (transfer.is_upload && transfer.state == Transfer::State::running) view_upload(b, transfer, row());
    }
    for (auto file = files.rbegin(); file != files.rend(); ++file)
        if (matches(*file, b.state.file_search.text())) view_file(b, *file, row());
    b.scene.set_overscroll(std::min(b.state.scroll, panel.bottom() - y));
    if (y == panel.y) {
        b.centred_text(panel, files.empty() ? "No files in this room yet" : "No file of that name",
                       b.theme.dim, b.style(14, Weight::normal, Align::centre));
    }
    b.scene.unclip();
}

}  // namespace connectsphere::gui
