#include "services/gateway/routes.hpp"

#include <stdexcept>

namespace connectsphere::gateway {

Routes::Routes() {
    const auto* arms = proto::ClientMessage::descriptor()->FindOneofByName("arm");
    for (int i = 0; i < arms->field_count(); ++i) {
        const auto* field = arms->field(i);
        const auto& options = field->options();
        const Route route{.service = options.GetExtension(proto::handled_by),
                          .before_joining = options.GetExtension(proto::before_joining),
                          .unlimited = options.GetExtension(proto::unlimited)};
        if (route.service == proto::SERVICE_UNSPECIFIED) {
            throw std::logic_error("client.proto: arm " + field->name() + " names no service");
        }
        by_field_.emplace(field->number(), route);
    }
}

std::optional<Route> Routes::find(const proto::ClientMessage& message) const {
    const auto it = by_field_.find(static_cast<int>(message.arm_case()));
    if (it == by_field_.end()) return std::nullopt;
    return it->second;
}

}  // namespace connectsphere::gateway
