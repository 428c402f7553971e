// Routes: which service handles an arm of ClientMessage, read from the schema's own options
// (proto/options.proto), so that a new arm needs no line here.
#pragma once

#include <optional>
#include <unordered_map>

#include "proto/client.pb.h"

namespace connectsphere::gateway {

struct Route {
    proto::Service service;
    bool before_joining;
    bool unlimited;
};

class Routes {
  public:
    Routes();

    // By the arm that was parsed; nothing for a message without an arm that we know.
    std::optional<Route> find(const proto::ClientMessage& message) const;

  private:
    std::unordered_map<int, Route> by_field_;
};

}  // namespace connectsphere::gateway
