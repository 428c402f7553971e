#include "tests/e2e/x11/display.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xcb/randr.h>
#include <xcb/xtest.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstring>

#include "lib/client/x11_connection.hpp"

namespace connectsphere::client {

TestDisplay::TestDisplay(const std::string& screen) {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    const std::string told = std::to_string(ends[1]);
    pid_ = fork();
    if (pid_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ends[0]);
        const int nothing = open("/dev/null", O_RDWR);
        dup2(nothing, STDOUT_FILENO);
        dup2(nothing, STDERR_FILENO);
        execlp(CS_XVFB, "Xvfb", "-displayfd", told.c_str(), "-screen", "0", screen.c_str(), "-nolisten",
               "tcp", "-noreset", nullptr);
        _exit(127);
    }
    close(ends[1]);
    name_ = ":";
    char c = 0;
    while (read(ends[0], &c, 1) == 1 && c != '\n') name_ += c;
    close(ends[0]);
    REQUIRE(name_.size() > 1);
}

TestDisplay::~TestDisplay() { kill(); }

void TestDisplay::kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

Painter::Painter(const TestDisplay& display) : connection_(xcb_connect(display.name().c_str(), nullptr)) {
    REQUIRE(xcb_connection_has_error(connection_) == 0);
    screen_ = xcb_setup_roots_iterator(xcb_get_setup(connection_)).data;
    context_ = xcb_generate_id(connection_);
    const std::uint32_t no_exposures = 0;
    xcb_create_gc(connection_, context_, root(), XCB_GC_GRAPHICS_EXPOSURES, &no_exposures);
}

Painter::~Painter() { xcb_disconnect(connection_); }

void Painter::finish() {
    const Xcb<xcb_get_input_focus_reply_t> done(
        xcb_get_input_focus_reply(connection_, xcb_get_input_focus(connection_), nullptr));
}

xcb_window_t Painter::open_window(const ScreenRect& place, std::uint32_t colour, const std::string& title) {
    const xcb_window_t window = xcb_generate_id(connection_);
    xcb_create_window(connection_, screen_->root_depth, window, root(), static_cast<std::int16_t>(place.x),
                      static_cast<std::int16_t>(place.y), static_cast<std::uint16_t>(place.width),
                      static_cast<std::uint16_t>(place.height), 0, XCB_WINDOW_CLASS_INPUT_OUTPUT,
                      screen_->root_visual, XCB_CW_BACK_PIXEL, &colour);
    xcb_change_property(connection_, XCB_PROP_MODE_REPLACE, window, XCB_ATOM_WM_NAME, XCB_ATOM_STRING, 8,
                        static_cast<std::uint32_t>(title.size()), title.data());
    xcb_map_window(connection_, window);
    finish();
    return window;
}

void Painter::fill(xcb_window_t window, const ScreenRect& rect, std::uint32_t colour) {
    xcb_change_gc(connection_, context_, XCB_GC_FOREGROUND, &colour);
    const xcb_rectangle_t area{static_cast<std::int16_t>(rect.x), static_cast<std::int16_t>(rect.y),
                               static_cast<std::uint16_t>(rect.width),
                               static_cast<std::uint16_t>(rect.height)};
    xcb_poly_fill_rectangle(connection_, window, context_, 1, &area);
    finish();
}

void Painter::scroll_up(xcb_window_t window, const ScreenRect& rect, int by) {
    xcb_copy_area(connection_, window, window, context_, static_cast<std::int16_t>(rect.x),
                  static_cast<std::int16_t>(rect.y + by), static_cast<std::int16_t>(rect.x),
                  static_cast<std::int16_t>(rect.y), static_cast<std::uint16_t>(rect.width),
                  static_cast<std::uint16_t>(rect.height - by));
    finish();
}

void Painter::move(xcb_window_t window, const ScreenRect& place) {
    const std::array<std::uint32_t, 4> values{
        static_cast<std::uint32_t>(place.x), static_cast<std::uint32_t>(place.y),
        static_cast<std::uint32_t>(place.width), static_cast<std::uint32_t>(place.height)};
    xcb_configure_window(
        connection_, window,
        XCB_CONFIG_WINDOW_X | XCB_CONFIG_WINDOW_Y | XCB_CONFIG_WINDOW_WIDTH | XCB_CONFIG_WINDOW_HEIGHT,
        values.data());
    finish();
}

void Painter::move_pointer(int x, int y) {
    xcb_test_fake_input(connection_, XCB_MOTION_NOTIFY, 0, XCB_CURRENT_TIME, root(),
                        static_cast<std::int16_t>(x), static_cast<std::int16_t>(y), 0);
    finish();
}

void Painter::set_cursor(xcb_window_t window, int hot_x, int hot_y) {
    const xcb_pixmap_t shape = xcb_generate_id(connection_);
    xcb_create_pixmap(connection_, 1, shape, root(), 16, 16);
    const xcb_gcontext_t bits = xcb_generate_id(connection_);
    const std::uint32_t one = 1;
    xcb_create_gc(connection_, bits, shape, XCB_GC_FOREGROUND, &one);
    const xcb_rectangle_t all{0, 0, 16, 16};
    xcb_poly_fill_rectangle(connection_, shape, bits, 1, &all);
    const xcb_cursor_t cursor = xcb_generate_id(connection_);
    xcb_create_cursor(connection_, cursor, shape, shape, 0xffff, 0, 0, 0, 0, 0,
                      static_cast<std::uint16_t>(hot_x), static_cast<std::uint16_t>(hot_y));
    xcb_change_window_attributes(connection_, window, XCB_CW_CURSOR, &cursor);
    finish();
}

// A screen may not become smaller than what its monitors show, so they are switched off first.
bool Painter::resize_screen(int width, int height) {
    const Xcb<xcb_randr_get_screen_resources_current_reply_t> parts(
        xcb_randr_get_screen_resources_current_reply(
            connection_, xcb_randr_get_screen_resources_current(connection_, root()), nullptr));
    if (!parts) return false;
    const auto* crtcs = xcb_randr_get_screen_resources_current_crtcs(parts.get());
    for (int i = 0; i < parts->num_crtcs; ++i) {
        const auto off = xcb_randr_set_crtc_config(connection_, crtcs[i], XCB_CURRENT_TIME, XCB_CURRENT_TIME,
                                                   0, 0, XCB_NONE, XCB_RANDR_ROTATION_ROTATE_0, 0, nullptr);
        xcb_discard_reply(connection_, off.sequence);
    }
    const auto asked = xcb_randr_set_screen_size_checked(
        connection_, root(), static_cast<std::uint16_t>(width), static_cast<std::uint16_t>(height), 100, 100);
    const Xcb<xcb_generic_error_t> fault(xcb_request_check(connection_, asked));
    return fault == nullptr;
}

xcb_atom_t Painter::atom(const std::string& name) {
    const auto asked = xcb_intern_atom(connection_, 0, static_cast<std::uint16_t>(name.size()), name.data());
    const Xcb<xcb_intern_atom_reply_t> reply(xcb_intern_atom_reply(connection_, asked, nullptr));
    REQUIRE(reply);
    return reply->atom;
}

void Painter::set_monitor(const std::string& name, const ScreenRect& place) {
    const Xcb<xcb_randr_get_screen_resources_current_reply_t> parts(
        xcb_randr_get_screen_resources_current_reply(
            connection_, xcb_randr_get_screen_resources_current(connection_, root()), nullptr));
    REQUIRE(parts);
    REQUIRE(parts->num_outputs > 0);
    struct {
        xcb_randr_monitor_info_t info;
        xcb_randr_output_t output;  // one without is not shown
    } monitor{};
    monitor.info.name = atom(name);
    monitor.info.nOutput = 1;
    monitor.info.x = static_cast<std::int16_t>(place.x);
    monitor.info.y = static_cast<std::int16_t>(place.y);
    monitor.info.width = static_cast<std::uint16_t>(place.width);
    monitor.info.height = static_cast<std::uint16_t>(place.height);
    monitor.output = xcb_randr_get_screen_resources_current_outputs(parts.get())[0];
    // Xvfb dies of a monitor that is set twice, so it is deleted before; nobody may look in between.
    xcb_grab_server(connection_);
    xcb_randr_delete_monitor(connection_, root(), monitor.info.name);
    xcb_randr_set_monitor(connection_, root(), &monitor.info);
    xcb_ungrab_server(connection_);
    finish();
}

void Painter::unplug_monitor(const std::string& name) {
    xcb_randr_delete_monitor(connection_, root(), atom(name));
    finish();
}

std::vector<std::uint32_t> Painter::look(xcb_window_t window, const ScreenRect& rect) {
    const auto asked =
        xcb_get_image(connection_, XCB_IMAGE_FORMAT_Z_PIXMAP, window, static_cast<std::int16_t>(rect.x),
                      static_cast<std::int16_t>(rect.y), static_cast<std::uint16_t>(rect.width),
                      static_cast<std::uint16_t>(rect.height), 0xffffffff);
    const Xcb<xcb_get_image_reply_t> reply(xcb_get_image_reply(connection_, asked, nullptr));
    REQUIRE(reply);
    std::vector<std::uint32_t> out(static_cast<std::size_t>(rect.width * rect.height));
    REQUIRE(reply->length == out.size());
    std::memcpy(out.data(), xcb_get_image_data(reply.get()), out.size() * 4);
    for (auto& pixel : out) pixel &= 0xffffff;
    return out;
}

}  // namespace connectsphere::client
