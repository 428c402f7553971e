// Tickets of the screen plane, from the session to who waits for one.
#pragma once

#include "lib/client/screen_presenter.hpp"
#include "lib/client/screen_viewer.hpp"
#include "lib/client/session.hpp"

namespace connectsphere::client {

// A ticket, or its refusal, reaches the presenter or the viewer, whichever there is; of both the presenter
// first. All other events are none of theirs.
void pass_screen_ticket(const Event& event, ScreenPresenter* presenter, ScreenViewer* viewer);

}  // namespace connectsphere::client
