// Commands that do one thing and end. Who only asks (who, history, rooms) visits the server without joining;
// who speaks (say, tell, react) joins with the name for as long as it takes.
#pragma once

#include "client-cli/options.hpp"

namespace connectsphere::cli {

int say(const SayOptions& options);  // tell, when `to` names somebody
int react(const ReactOptions& options);
int who(const GlobalOptions& options);
int rooms(const GlobalOptions& options);
int history(const HistoryOptions& options);

}  // namespace connectsphere::cli
