// The join card: where to, as whom, with which devices. Also what is asked about a server's certificate.
#include "client-gui/view_parts.hpp"

namespace connectsphere::gui {

namespace {

void view_label(Builder& b, const Rect& row, const char* text) {
    b.scene.text(row, text, b.theme.dim, b.style(12, Weight::bold));
}

void view_field(Builder& b, Rect box, std::uint64_t which, const char* label, const char* hint) {
    view_label(b, box.take_top(b.px(18)), label);
    b.field(box.take_top(b.px(38)), which, hint, label);
}

// The own picture, as the others will see it (but mirrored, as one knows oneself).
void view_preview(Builder& b, Rect box) {
    const auto& card = b.state.card;
    auto frame = box.take_top(box.width * 9 / 16);
    b.scene.fill(frame, b.theme.tile, b.px(12));
    const auto picture = b.around.picture(kOwnPicture);
    if (picture.version != 0 && card.camera.device().spec != "none") {
        b.scene.picture({.rect = frame,
                         .colour = b.theme.surface,
                         .radius = b.px(12),
                         .picture = kOwnPicture,
                         .version = picture.version,
                         .is_mirrored = b.state.is_mirrored});
    } else {
        const auto name = card.fields[JoinCard::name].text();
        b.avatar(centred({b.px(84), b.px(84)}, frame), name.empty() ? "?" : name);
    }
    if (!card.device_fault.empty())
        b.pill({frame.x + b.px(8), frame.bottom() - b.px(32)}, card.device_fault, 0xB0101318, 0xFFFFFFFF,
               Icon::none, frame.width - b.px(16));
    box.take_top(b.px(12));
    view_devices(b, box, b.px(38));
}

void view_recent(Builder& b, Rect row) {
    for (const auto& server : b.state.card.recent) {
        const int width = b.text_width(server, b.style(14, Weight::bold)) + b.px(24);
        if (width > row.width) return;
        b.button({.rect = row.take_left(width),
                  .action = {.does = Does::pick_server, .text = server},
                  .name = std::string("recent ") + server,
                  .label = server,
                  .is_round = true});
        row.take_left(b.px(6));
    }
}

void view_form(Builder& b, Rect box, bool is_small) {
    const auto& card = b.state.card;
    const int row = b.px(is_small ? 60 : 68);
    const auto pair = [&](auto first, auto second) {
        auto both = box.take_top(row);
        const auto left = both.take_left((both.width - b.px(12)) / 2);
        both.take_left(b.px(12));
        first(left);
        second(both);
    };
    const auto field = [&](std::uint64_t which, const char* label, const char* hint) {
        return [&b, which, label, hint](const Rect& rect) { view_field(b, rect, which, label, hint); };
    };
    if (is_small) {
        pair(field(JoinCard::server, "Server", "Name or address"), field(JoinCard::room, "Room", "Any name"));
        pair(field(JoinCard::name, "Your name", "As others see it"),
             field(JoinCard::password, "Password", "If asked for"));
    } else {
        view_field(b, box.take_top(row), JoinCard::server, "Server", "Name or address, such as 192.0.2.10");
        if (!card.recent.empty()) {
            view_recent(b, box.take_top(b.px(30)));
            box.take_top(b.px(8));
        }
        view_field(b, box.take_top(row), JoinCard::name, "Your name", "As the others see it");
        pair(field(JoinCard::room, "Room", "Any name makes one"),
             field(JoinCard::password, "Password", "If asked for"));
    }
    const auto join = box.take_bottom(b.px(44));
    b.button({.rect = join,
              .action = {.does = card.is_connecting ? Does::go_back : Does::join},
              .name = card.is_connecting ? "cancel" : "join",
              .label = card.is_connecting ? "Connecting …  (cancel)" : "Join",
              .colour = card.is_connecting ? 0 : b.theme.accent,
              .ink = card.is_connecting ? 0 : b.theme.on_accent});
    if (is_small && card.fault.empty()) return view_devices(b, box, b.px(30));
    auto fault_style = b.style(14);
    fault_style.wraps = true;
    box.take_bottom(b.px(8));
    if (!card.fault.empty()) b.scene.text(box, card.fault, b.theme.poor, fault_style);
}

void view_question(Builder& b) {
    const auto& question = *b.state.card.question;
    const bool is_changed = !question.known.empty();
    auto card = b.dialog({b.px(560), b.px(is_changed ? 360 : 270)}).inset(b.px(22));
    const auto title_style = b.style(19, Weight::bold);
    b.scene.text(card.take_top(b.text_height("Ág", title_style, 0)),
                 is_changed ? "This is not the server that you know" : "Is this the right server?",
                 is_changed ? b.theme.poor : b.theme.text, title_style);
    card.take_top(b.px(8));
    auto buttons = card.take_bottom(b.px(40));
    auto text_style = b.style(14);
    text_style.wraps = true;
    auto text = std::string(question.server);
    if (is_changed) {
        text +=
            " shows another certificate than before. It was installed anew, or somebody pretends to be it: "
            "so you are"
            " not connected. Ask its administrator; if it was installed anew, start once with "
            "--trust-new.\n\nknown\n";
        text += question.known;
        text += "\nshown\n";
    } else {
        text +=
            " is new to you. Its administrator can tell whether this is its fingerprint. It is remembered, "
            "and you are"
            " warned should it ever change.\n\n";
    }
    text += question.shown;
    b.scene.text(card, text, b.theme.dim, text_style);
    if (!is_changed) {
        b.button({.rect = buttons.take_right(b.px(150)),
                  .action = {.does = Does::trust},
                  .name = "trust",
                  .label = "Trust and join",
                  .colour = b.theme.accent,
                  .ink = b.theme.on_accent});
        buttons.take_right(b.px(10));
    }
    b.button({.rect = buttons.take_right(b.px(100)),
              .action = {.does = Does::go_back},
              .name = "back",
              .label = "Back"});
}

}  // namespace

void view_join(Builder& b) {
    const auto window = b.around.window;
    b.is_behind = b.state.card.question.has_value();
    const bool is_wide = window.width >= b.px(820) && window.height >= b.px(460);
    const bool is_small = !is_wide && window.height < b.px(520);
    const Size wanted{b.px(is_wide ? 860 : 440), b.px(is_wide ? 470 : is_small ? 350 : 500)};
    auto card = centred(
        {std::min(wanted.width, window.width - b.px(12)), std::min(wanted.height, window.height - b.px(8))},
        {0, 0, window.width, window.height});
    b.scene.fill(card, b.theme.surface, b.px(18));
    b.scene.stroke(card, b.theme.line, b.px(1), b.px(18));
    card = card.inset(b.px(is_small ? 12 : 28));
    auto title = card.take_top(b.px(is_small ? 34 : 54));
    const auto title_style = b.style(is_small ? 19 : 24, Weight::bold);
    b.scene.text({title.x, title.y, title.width - b.px(90), b.text_height("Ág", title_style, 0)},
                 "ConnectSphere", b.theme.text, title_style);
    const bool is_dark = b.theme.name == "dark";
    const auto corner = title.take_right(b.px(36));
    b.button({.rect = centred({b.px(34), b.px(34)},
                              {corner.x, corner.y, corner.width, b.text_height("Ág", title_style, 0)}),
              .action = {.does = Does::set_theme, .text = is_dark ? "light" : "dark"},
              .name = "theme",
              .tip = is_dark ? "Light colours" : "Dark colours",
              .icon = is_dark ? Icon::sun : Icon::moon,
              .is_flat = true});
    if (is_wide) {
        view_preview(b, card.take_left(card.width * 46 / 100));
        card.take_left(b.px(32));
    }
    view_form(b, card, is_small || (!is_wide && card.height < b.px(360)));
    view_device_list(b);
    if (b.state.card.question) view_question(b);
}

}  // namespace connectsphere::gui
