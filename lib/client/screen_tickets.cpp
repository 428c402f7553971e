#include "lib/client/screen_tickets.hpp"

namespace connectsphere::client {

void pass_screen_ticket(const Event& event, ScreenPresenter* presenter, ScreenViewer* viewer) {
    if (const auto* ticket = std::get_if<proto::Ticket>(&event);
        ticket && ticket->plane() == proto::PLANE_SCREEN) {
        if (presenter && presenter->link().wants_ticket()) return presenter->link().ticket(*ticket);
        if (viewer) viewer->link().ticket(*ticket);
    }
    if (const auto* failed = std::get_if<RequestFailed>(&event); failed && failed->what == "screen") {
        if (presenter) presenter->link().ticket_refused(failed->error);
        if (viewer) viewer->link().ticket_refused(failed->error);
    }
}

}  // namespace connectsphere::client
