#include "lib/client/x11_list.hpp"

#include <xcb/randr.h>

#include "lib/client/x11_connection.hpp"

namespace connectsphere::client {

namespace {

constexpr std::uint32_t kMaxTitleWords = 256;  // of 4 bytes
constexpr std::uint32_t kMaxListedWindows = 4096;

std::string name_of(const X11Connection& connection, xcb_get_atom_name_cookie_t asked) {
    const Xcb<xcb_get_atom_name_reply_t> reply(xcb_get_atom_name_reply(connection.get(), asked, nullptr));
    if (!reply) return {};
    return {xcb_get_atom_name_name(reply.get()),
            static_cast<std::size_t>(xcb_get_atom_name_name_length(reply.get()))};
}

using Property = Xcb<xcb_get_property_reply_t>;

xcb_get_property_cookie_t ask_property(const X11Connection& connection, xcb_window_t window, xcb_atom_t name,
                                       std::uint32_t words) {
    return xcb_get_property(connection.get(), 0, window, name, XCB_ATOM_ANY, 0, words);
}

Property take_property(const X11Connection& connection, xcb_get_property_cookie_t asked) {
    return Property(xcb_get_property_reply(connection.get(), asked, nullptr));
}

// The old WM_NAME of type STRING is Latin-1.
std::string latin1_to_utf8(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            out += c;
        } else {
            out += static_cast<char>(0xC0 | (byte >> 6));
            out += static_cast<char>(0x80 | (byte & 0x3F));
        }
    }
    return out;
}

std::string text_of(const Property& property) {
    if (!property || property->format != 8) return {};
    const auto size = static_cast<std::size_t>(xcb_get_property_value_length(property.get()));
    const void* value = xcb_get_property_value(property.get());
    const std::string text(static_cast<const char*>(value), size);
    return property->type == XCB_ATOM_STRING ? latin1_to_utf8(text) : text;
}

// A window manager lists the windows of programs; without one they are the children of the root.
std::vector<xcb_window_t> top_windows(const X11Connection& connection) {
    auto* c = connection.get();
    const auto list_name = connection.atom("_NET_CLIENT_LIST");
    if (list_name != XCB_NONE) {
        const auto list = take_property(
            connection, ask_property(connection, connection.root(), list_name, kMaxListedWindows));
        if (list && list->format == 32 && list->value_len > 0) {
            const auto* ids = static_cast<const xcb_window_t*>(xcb_get_property_value(list.get()));
            return {ids, ids + list->value_len};
        }
    }
    const Xcb<xcb_query_tree_reply_t> tree(
        xcb_query_tree_reply(c, xcb_query_tree(c, connection.root()), nullptr));
    if (!tree) return {};
    const auto* ids = xcb_query_tree_children(tree.get());
    return {ids, ids + xcb_query_tree_children_length(tree.get())};
}

}  // namespace

std::vector<X11Monitor> monitors_of(const X11Connection& connection) {
    auto* c = connection.get();
    std::vector<X11Monitor> out;
    if (connection.extensions().has_monitors) {
        const Xcb<xcb_randr_get_monitors_reply_t> reply(
            xcb_randr_get_monitors_reply(c, xcb_randr_get_monitors(c, connection.root(), 1), nullptr));
        if (!reply) return out;
        for (auto at = xcb_randr_get_monitors_monitors_iterator(reply.get()); at.rem > 0;
             xcb_randr_monitor_info_next(&at)) {
            const auto& m = *at.data;
            out.push_back({.name = name_of(connection, xcb_get_atom_name(c, m.name)),
                           .area = {m.x, m.y, m.width, m.height},
                           .is_primary = m.primary != 0});
        }
    }
    if (out.empty()) {
        const Xcb<xcb_get_geometry_reply_t> whole(
            xcb_get_geometry_reply(c, xcb_get_geometry(c, connection.root()), nullptr));
        if (whole)
            out.push_back(
                {.name = "screen", .area = {0, 0, whole->width, whole->height}, .is_primary = true});
    }
    return out;
}

Result<std::vector<X11Monitor>> list_x11_monitors(const std::string& display) {
    const auto connection = X11Connection::open(display);
    if (!connection) return connection.error();
    auto monitors = monitors_of(*connection);
    if (const auto here = connection->check(); !here) return here.error();
    return monitors;
}

Result<std::vector<X11Window>> list_x11_windows(const std::string& display) {
    const auto connection = X11Connection::open(display);
    if (!connection) return connection.error();
    struct Asked {
        xcb_window_t id;
        xcb_get_window_attributes_cookie_t attributes;
        xcb_get_geometry_cookie_t geometry;
        xcb_get_property_cookie_t title;
        xcb_get_property_cookie_t old_title;
    };
    auto* c = connection->get();
    const auto title_name = connection->atom("_NET_WM_NAME");
    std::vector<Asked> asked;
    for (const auto id : top_windows(*connection)) {
        asked.push_back({id, xcb_get_window_attributes(c, id), xcb_get_geometry(c, id),
                         ask_property(*connection, id, title_name, kMaxTitleWords),
                         ask_property(*connection, id, XCB_ATOM_WM_NAME, kMaxTitleWords)});
    }
    std::vector<X11Window> out;
    for (const auto& one : asked) {
        const Xcb<xcb_get_window_attributes_reply_t> attributes(
            xcb_get_window_attributes_reply(c, one.attributes, nullptr));
        const Xcb<xcb_get_geometry_reply_t> geometry(xcb_get_geometry_reply(c, one.geometry, nullptr));
        const auto title = text_of(take_property(*connection, one.title));
        const auto old_title = text_of(take_property(*connection, one.old_title));
        if (!attributes || !geometry || attributes->map_state != XCB_MAP_STATE_VIEWABLE ||
            attributes->_class == XCB_WINDOW_CLASS_INPUT_ONLY) {
            continue;
        }
        out.push_back({.id = one.id,
                       .title = title.empty() ? old_title : title,
                       .width = geometry->width,
                       .height = geometry->height});
    }
    if (const auto here = connection->check(); !here) return here.error();
    return out;
}

}  // namespace connectsphere::client
