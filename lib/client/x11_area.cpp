#include "lib/client/x11_area.hpp"

#include <algorithm>

#include "lib/base/overloaded.hpp"
#include "lib/client/screen_rects.hpp"
#include "lib/client/x11_list.hpp"

namespace connectsphere::client {

namespace {

using Geometry = Xcb<xcb_get_geometry_reply_t>;

Geometry geometry_of(const X11Connection& connection, xcb_window_t window) {
    auto* c = connection.get();
    return Geometry(xcb_get_geometry_reply(c, xcb_get_geometry(c, window), nullptr));
}

using Attributes = Xcb<xcb_get_window_attributes_reply_t>;

Attributes attributes_of(const X11Connection& connection, xcb_window_t window) {
    auto* c = connection.get();
    return Attributes(xcb_get_window_attributes_reply(c, xcb_get_window_attributes(c, window), nullptr));
}

Error unsupported_depth(int depth) {
    std::string text = "only displays and windows of 24 or 32 bits a pixel can be shared; this one has ";
    text.append(std::to_string(depth));
    return {Errc::unsupported, std::move(text)};
}

// Blue, green, red, unused: what a little-endian word of 0xrrggbb is in memory.
Result<void> check_pixels(const X11Connection& connection, int depth) {
    if (depth != 24 && depth != 32) return unsupported_depth(depth);
    const auto* setup = xcb_get_setup(connection.get());
    bool wide = false;
    for (auto format = xcb_setup_pixmap_formats_iterator(setup); format.rem > 0; xcb_format_next(&format)) {
        wide = wide || (format.data->depth == depth && format.data->bits_per_pixel == 32);
    }
    bool blue_first = false;
    for (auto depths = xcb_screen_allowed_depths_iterator(&connection.screen()); depths.rem > 0;
         xcb_depth_next(&depths)) {
        for (auto visual = xcb_depth_visuals_iterator(depths.data); visual.rem > 0;
             xcb_visualtype_next(&visual)) {
            blue_first =
                blue_first || (depths.data->depth == depth && visual.data->blue_mask == 0xff &&
                               visual.data->green_mask == 0xff00 && visual.data->red_mask == 0xff0000);
        }
    }
    if (wide && blue_first && setup->image_byte_order == XCB_IMAGE_ORDER_LSB_FIRST) return {};
    return Error{Errc::unsupported, "the display's pixels are not blue, green, red and one unused byte"};
}

}  // namespace

Result<X11Area> X11Area::find(const X11Connection& connection, const X11Target& what) {
    X11Area area;
    area.what_ = what;
    area.window_ = connection.root();
    if (const auto* window = std::get_if<X11WindowId>(&what)) area.window_ = window->id;
    if (const auto* monitor = std::get_if<X11MonitorIndex>(&what)) {
        const auto all = monitors_of(connection);
        if (monitor->index < 0 || static_cast<std::size_t>(monitor->index) >= all.size()) {
            std::string text = "there is no such monitor; they are numbered from 0 and there are ";
            return Error{Errc::not_found, text.append(std::to_string(all.size()))};
        }
        area.monitor_ = all[static_cast<std::size_t>(monitor->index)].name;
    }
    const auto geometry = geometry_of(connection, area.window_);
    if (!geometry || !attributes_of(connection, area.window_)) {  // a pixmap has a geometry too
        return Error{Errc::not_found, "there is no such window"};
    }
    if (const auto fit = check_pixels(connection, geometry->depth); !fit) return fit.error();
    if (!area.locate(connection)) return Error{Errc::usage, "the region lies outside of the screen"};
    return area;
}

bool X11Area::locate(const X11Connection& connection) {
    const auto geometry = geometry_of(connection, window_);
    if (!geometry) return false;
    const ScreenRect whole{0, 0, geometry->width, geometry->height};
    const auto by_name = [&](const X11MonitorIndex&) {
        const auto all = monitors_of(connection);
        const auto at =
            std::find_if(all.begin(), all.end(), [&](const auto& m) { return m.name == monitor_; });
        return at == all.end() ? ScreenRect{} : intersection(at->area, whole);
    };
    part_ = std::visit(
        Overloaded{[&](const X11WholeDisplay&) { return whole; }, [&](const X11WindowId&) { return whole; },
                   by_name, [&](const ScreenRect& region) { return intersection(region, whole); }},
        what_);
    return !is_empty(part_);
}

bool X11Area::is_viewable(const X11Connection& connection) const {
    const auto reply = attributes_of(connection, window_);
    return reply && reply->map_state == XCB_MAP_STATE_VIEWABLE;
}

}  // namespace connectsphere::client
