#include "lib/client/x11_screen.hpp"

#include <xcb/composite.h>
#include <xcb/damage.h>
#include <xcb/xfixes.h>

#include <cstdlib>
#include <span>
#include <utility>
#include <vector>

#include "lib/client/screen_rects.hpp"
#include "lib/client/x11_area.hpp"
#include "lib/client/x11_events.hpp"
#include "lib/client/x11_pixels.hpp"
#include "lib/client/x11_pointer.hpp"

namespace connectsphere::client {

namespace {

// A picture may be refused while a window changes; one refused again and again never comes.
constexpr int kMaxRefusals = 10;

class X11Screen final : public ScreenSource {
  public:
    X11Screen(X11Connection connection, X11Area area, bool shared_memory);

    Result<ScreenChange> capture() override;
    ScreenPixels pixels() const override { return pixels_.view(); }
    const ScreenCursor& cursor() const override { return pointer_.cursor(); }
    int event_fd() const override { return events_.fd(); }

  private:
    ScreenRect whole() const { return {0, 0, area_.part().width, area_.part().height}; }
    bool locate();
    std::vector<ScreenRect> take_damage(bool damaged);
    Result<void> refused();

    X11Connection connection_;
    X11Area area_;
    X11Events events_;
    X11Pixels pixels_;
    X11Pointer pointer_;
    xcb_damage_damage_t damage_;
    xcb_xfixes_region_t damaged_region_;
    bool new_size_ = true;
    bool stale_ = true;  // nothing of the picture can be trusted
    bool ended_ = false;
    int refusals_ = 0;
};

X11Screen::X11Screen(X11Connection connection, X11Area area, bool shared_memory)
    : connection_(std::move(connection)),
      area_(std::move(area)),
      events_(connection_, area_.window()),
      pixels_(connection_, shared_memory),
      pointer_(connection_),
      damage_(xcb_generate_id(connection_.get())),
      damaged_region_(xcb_generate_id(connection_.get())) {
    auto* c = connection_.get();
    // Gives the window a picture of its own, which windows above it are not part of.
    if (area_.is_window(connection_)) {
        xcb_composite_redirect_window(c, area_.window(), XCB_COMPOSITE_REDIRECT_AUTOMATIC);
    }
    xcb_damage_create(c, damage_, area_.window(), XCB_DAMAGE_REPORT_LEVEL_NON_EMPTY);
    xcb_xfixes_create_region(c, damaged_region_, 0, nullptr);
    pixels_.resize(area_.part().width, area_.part().height);
    events_.wake();
    xcb_flush(c);
}

Result<ScreenChange> X11Screen::capture() {
    const auto news = events_.take();
    ended_ = ended_ || news.closed || (news.reshaped && !locate());
    if (const auto here = connection_.check(); !here) return here.error();
    if (ended_) return ScreenChange{.damage = {}, .cursor_moved = false, .ended = true};

    stale_ = stale_ || news.exposed;
    pointer_.ask(area_, news.cursor_changed || pointer_.cursor().argb.empty());
    ScreenChange change{.damage = take_damage(news.damaged)};
    if (change.damage.empty() ||
        pixels_.read(area_.window(), area_.part().x, area_.part().y, change.damage)) {
        stale_ = new_size_ = false;
        refusals_ = 0;
    } else if (const auto again = refused(); !again) {
        return again.error();
    } else {
        change.damage.clear();
        if (std::exchange(new_size_, false)) change.damage.push_back(whole());
    }
    change.cursor_moved = pointer_.take(area_);
    events_.settle();
    return change;
}

// False: what was shared is no more.
bool X11Screen::locate() {
    const auto before = area_.part();
    if (!area_.locate(connection_)) return false;
    const auto& now = area_.part();
    if (now == before) return true;  // a window that was only moved
    stale_ = true;
    if (now.width != before.width || now.height != before.height) {
        pixels_.resize(now.width, now.height);
        new_size_ = true;
    }
    return true;
}

// What has changed since it was asked last. Damage is taken off before the pixels are read: what changes in
// between is told, and read, once more.
std::vector<ScreenRect> X11Screen::take_damage(bool damaged) {
    auto* c = connection_.get();
    if (stale_) {
        xcb_damage_subtract(c, damage_, XCB_NONE, XCB_NONE);
        return {whole()};
    }
    if (!damaged) return {};
    xcb_damage_subtract(c, damage_, XCB_NONE, damaged_region_);
    const Xcb<xcb_xfixes_fetch_region_reply_t> reply(
        xcb_xfixes_fetch_region_reply(c, xcb_xfixes_fetch_region(c, damaged_region_), nullptr));
    if (!reply) return {};  // the display is gone: the next call says so
    const auto* rects = xcb_xfixes_fetch_region_rectangles(reply.get());
    const auto count = xcb_xfixes_fetch_region_rectangles_length(reply.get());
    std::vector<ScreenRect> out;
    for (const auto& rect : std::span(rects, static_cast<std::size_t>(count))) {
        out.push_back({rect.x - area_.part().x, rect.y - area_.part().y, rect.width, rect.height});
    }
    return join_rects(out, whole());
}

// The picture could not be read: the window has another size already, or is minimised, or closed.
Result<void> X11Screen::refused() {
    stale_ = true;
    if (const auto here = connection_.check(); !here) return here.error();
    if (!area_.is_viewable(connection_)) return {};  // an event will tell more
    ended_ = !locate();
    if (++refusals_ > kMaxRefusals) return Error{Errc::system, "the display refuses to give its picture"};
    events_.wake();
    return {};
}

// Programs that speak Wayland have no windows there, and the root window is black. Window managers of such a
// display know the name; some of those of an X11 session do too, hence the environment.
bool is_only_xwayland(const X11Connection& connection, const X11ScreenOptions& options) {
    return options.display.empty() && std::getenv("WAYLAND_DISPLAY") &&
           connection.atom("WL_SURFACE_ID") != XCB_NONE;
}

}  // namespace

Result<std::unique_ptr<ScreenSource>> open_x11_screen(const X11ScreenOptions& options) {
    auto connection = X11Connection::open(options.display);
    if (!connection) return connection.error();
    auto area = X11Area::find(*connection, options.what);
    if (!area) return area.error();
    if (!area->is_window(*connection) && is_only_xwayland(*connection, options)) {
        return Error{
            Errc::unsupported,
            "in this Wayland session only windows of X11 programs can be captured: share one of them, or "
            "log in to an X11 (Xorg) session"};
    }
    if (area->is_window(*connection) && !connection->extensions().has_composite) {
        return Error{Errc::unsupported,
                     "the display has no COMPOSITE, so that no single window can be shared"};
    }
    return std::unique_ptr<ScreenSource>(
        std::make_unique<X11Screen>(std::move(*connection), std::move(*area), options.shared_memory));
}

}  // namespace connectsphere::client
