#include "services/screen-broker/broker_engine.hpp"

#include "services/common/answers.hpp"
#include "services/common/metrics.hpp"

namespace connectsphere::screen_broker {
namespace {

constexpr const char* kNotYet = "Screen sharing is not available on this server yet.";

// Anything but the request that opens this plane is no message for this service.
proto::ServerMessage refuse(std::string_view bytes) {
    proto::ClientMessage message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        return error_message(0, proto::BAD_REQUEST, "This is not a ClientMessage.");
    if (!message.has_open_screen())
        return error_message(message.request_id(), proto::BAD_REQUEST,
                             "cs-screen-broker does not handle this request.");
    return error_message(message.request_id(), proto::NOT_AVAILABLE_YET, kNotYet);
}

}  // namespace

void BrokerEngine::on_ctl(const proto::ToService& message, Time, Outbox& out) {
    if (!message.has_client_request()) return;
    ++refused_;
    out.to_gateway.push_back(answer(message.request_id(), refuse(message.client_request().client_message())));
}

void BrokerEngine::on_state(const proto::StateMessage& message, Time, Outbox&) { mirror_.apply(message); }

// Who comes to the plane itself gets the same sentence, whatever it sent: no ticket was ever given out.
void BrokerEngine::on_frame(ConnectionId connection, wire::FrameView frame, Time, Outbox& out) {
    ++refused_;
    proto::ClientMessage message;
    const bool is_message =
        message.ParseFromArray(frame.message.data(), static_cast<int>(frame.message.size()));
    out.frames.push_back(frame_to(
        connection, error_message(is_message ? message.request_id() : 0, proto::NOT_AVAILABLE_YET, kNotYet)));
    out.closes.push_back(connection);
}

void BrokerEngine::fill_beat(proto::Beat& beat) {
    add_gauge(beat, "known_sessions", "Sessions that the service knows of",
              static_cast<double>(mirror_.session_count()));
    add_counter(beat, "refused_requests_total", "Requests refused because the feature is not there yet",
                static_cast<double>(refused_));
}

}  // namespace connectsphere::screen_broker
