#include "lib/client/x11_connection.hpp"

#include <sys/socket.h>
#include <xcb/composite.h>
#include <xcb/damage.h>
#include <xcb/randr.h>
#include <xcb/shm.h>
#include <xcb/xfixes.h>
#include <xcb/xinput.h>

#include <tuple>

#include "lib/client/x11_options.hpp"

namespace connectsphere::client {

namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

const xcb_screen_t* screen_of(xcb_connection_t* connection, int number) {
    auto screens = xcb_setup_roots_iterator(xcb_get_setup(connection));
    for (; screens.rem > 0; --number, xcb_screen_next(&screens)) {
        if (number == 0) return screens.data;
    }
    return nullptr;
}

// Descriptors pass through Unix sockets only; libxcb takes one for the end of the connection elsewhere.
bool is_local(xcb_connection_t* connection) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    void* raw = &address;
    return getsockname(xcb_get_file_descriptor(connection), static_cast<sockaddr*>(raw), &size) == 0 &&
           address.ss_family == AF_UNIX;
}

const xcb_query_extension_reply_t* extension(xcb_connection_t* connection, xcb_extension_t& id) {
    const auto* data = xcb_get_extension_data(connection, &id);
    return data && data->present ? data : nullptr;
}

}  // namespace

Result<X11Connection> X11Connection::open(const std::string& display) {
    const auto chosen = choose_x11_display(display, environment("DISPLAY"), environment("WAYLAND_DISPLAY"));
    if (!chosen) return chosen.error();
    X11Connection out;
    out.display_ = *chosen;
    int screen = 0;
    out.connection_.reset(xcb_connect(chosen->c_str(), &screen));
    if (const int fault = xcb_connection_has_error(out.get())) {
        const bool bad_name = fault == XCB_CONN_CLOSED_PARSE_ERR || fault == XCB_CONN_CLOSED_INVALID_SCREEN;
        return Error{
            bad_name ? Errc::usage : Errc::unavailable,
            std::string("can not open the X11 display ") + *chosen +
                (bad_name ? ": there is no such one" : ": is it running, and may this user connect?")};
    }
    out.screen_ = screen_of(out.get(), screen);
    if (!out.screen_) return Error{Errc::usage, std::string("no such screen: ") + *chosen};
    for (auto* id :
         {&xcb_damage_id, &xcb_xfixes_id, &xcb_randr_id, &xcb_composite_id, &xcb_shm_id, &xcb_input_id}) {
        xcb_prefetch_extension_data(out.get(), id);
    }
    if (const auto found = out.find_needed(); !found) return found.error();
    out.find_useful();
    if (const auto here = out.check(); !here) return here.error();
    return out;
}

Result<void> X11Connection::find_needed() {
    auto* c = get();
    const auto* damage = extension(c, xcb_damage_id);
    const auto* fixes = extension(c, xcb_xfixes_id);
    const auto* randr = extension(c, xcb_randr_id);
    if (const auto here = check(); !here) return here.error();
    if (!damage || !fixes || !randr) {
        return Error{Errc::unsupported,
                     std::string("the X11 display ") + display_ + " has no DAMAGE, XFIXES or RANDR"};
    }
    extensions_.damage_event = damage->first_event;
    extensions_.fixes_event = fixes->first_event;
    extensions_.randr_event = randr->first_event;
    // Servers differ in the smallest numbers only, and what is used here is older than those.
    xcb_discard_reply(c, xcb_damage_query_version(c, 1, 1).sequence);
    xcb_discard_reply(c, xcb_xfixes_query_version(c, 5, 0).sequence);
    const Xcb<xcb_randr_query_version_reply_t> version(
        xcb_randr_query_version_reply(c, xcb_randr_query_version(c, 1, 5), nullptr));
    extensions_.has_monitors =
        version && std::tuple(version->major_version, version->minor_version) >= std::tuple(1U, 5U);
    return check();
}

void X11Connection::find_useful() {
    auto* c = get();
    if (extension(c, xcb_composite_id)) {
        const Xcb<xcb_composite_query_version_reply_t> version(
            xcb_composite_query_version_reply(c, xcb_composite_query_version(c, 0, 4), nullptr));
        extensions_.has_composite = version != nullptr;
    }
    if (is_local(c) && extension(c, xcb_shm_id)) {
        const Xcb<xcb_shm_query_version_reply_t> version(
            xcb_shm_query_version_reply(c, xcb_shm_query_version(c), nullptr));
        extensions_.has_shared_memory =
            version &&
            std::tuple(int{version->major_version}, int{version->minor_version}) >= std::tuple(1, 2);
    }
    if (const auto* input = extension(c, xcb_input_id)) {
        // 2.1 is the first whose raw events come even while another program grabs the pointer.
        const Xcb<xcb_input_xi_query_version_reply_t> version(
            xcb_input_xi_query_version_reply(c, xcb_input_xi_query_version(c, 2, 1), nullptr));
        if (version && version->major_version >= 2) extensions_.input_opcode = input->major_opcode;
    }
}

Result<void> X11Connection::check() const {
    if (xcb_connection_has_error(get()) == 0) return {};
    return Error{Errc::closed, std::string("the X11 display ") + display_ + " is gone"};
}

xcb_atom_t X11Connection::atom(const std::string& name) const {
    const auto asked = xcb_intern_atom(get(), 1, static_cast<std::uint16_t>(name.size()), name.data());
    const Xcb<xcb_intern_atom_reply_t> reply(xcb_intern_atom_reply(get(), asked, nullptr));
    return reply ? reply->atom : XCB_NONE;
}

}  // namespace connectsphere::client
