// ReceiveAt: a client says where the media of its session go. Only on the address that its control connection
// comes from, so that nobody can point a stream at somebody else.
#include "services/common/answers.hpp"
#include "services/common/media_plane.hpp"

namespace connectsphere {
namespace {

constexpr std::uint32_t kFirstPort = 1024;  // below, services of the machine live

}  // namespace

void MediaSessions::on_request(std::uint64_t request_id, const proto::ClientRequest& request, Outbox& out) {
    proto::ClientMessage message;
    if (!message.ParseFromString(request.client_message())) return;  // the gateway has parsed it before
    out.to_gateway.push_back(answer(request_id, receive_at(request, message)));
}

proto::ServerMessage MediaSessions::receive_at(const proto::ClientRequest& request,
                                               const proto::ClientMessage& message) {
    const bool is_audio = plane_ == proto::PLANE_AUDIO;
    const auto id = message.request_id();
    if (is_audio ? !message.has_receive_audio_at() : !message.has_receive_video_at()) {
        return error_message(id, proto::BAD_REQUEST, "this plane does not handle this request");
    }
    const auto port = is_audio ? message.receive_audio_at().port() : message.receive_video_at().port();
    if (port != 0 && (port < kFirstPort || port > 0xFFFF)) {
        return error_message(id, proto::BAD_REQUEST, "choose a port from 1024 to 65535");
    }
    MediaSession* session = find({request.session_id()});
    const auto address = parse_address(request.peer_ip(), 0);
    if (!session || !session->has_keys() || !address) {
        return error_message(id, proto::UNAVAILABLE, "the keys of this plane are not there yet; try again");
    }
    session->forget_route();
    if (port != 0) {
        session->route = Route{.peer = *address, .local = {}};
        session->route->peer.port = static_cast<std::uint16_t>(port);
        session->route_declared = true;
    }
    proto::ServerMessage done;
    done.set_request_id(id);
    done.mutable_done();
    return done;
}

}  // namespace connectsphere
