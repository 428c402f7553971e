// The bytes are a message on the control plane: of a client that has not greeted, of one that has not joined,
// and of one that has. What the gateway passes on reaches signaling, whose answers come back. No bytes may
// break either, and a request that is well formed is answered once.
#include <cstdlib>
#include <initializer_list>

#include "services/gateway/gateway_engine.hpp"
#include "services/signaling/signaling_engine.hpp"
#include "tests/support/entropy.hpp"

using namespace connectsphere;

namespace {

void require(bool claim) {
    if (!claim) std::abort();
}

EngineContext context(std::uint64_t seed) {
    EngineContext context;
    context.entropy = test::seeded_entropy(seed);
    context.to_wall = [](Time time) {
        return WallTime(std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()));
    };
    return context;
}

class Server {
  public:
    // Gives the number of answers to `request`.
    int frame(ConnectionId connection, Bytes message, std::uint64_t request) {
        Outbox out;
        gateway_.on_frame(connection, {.message = message, .data = {}}, now_, out);
        return settle(out, connection, request);
    }
    void open(ConnectionId connection) {
        Outbox out;
        gateway_.on_open(connection, *parse_address("192.0.2.1", 5000), now_, out);
        settle(out, connection, 0);
    }
    void close(ConnectionId connection) {
        Outbox out;
        gateway_.on_close(connection, now_, out);
        settle(out, connection, 0);
    }
    void wait(Duration duration) {
        now_ += duration;
        Outbox asked, decided;
        gateway_.on_time(now_, asked);
        settle(asked, {}, 0);
        signaling_.on_time(now_, decided);
        pass_back(decided, asked);
        settle(asked, {}, 0);
    }
    std::size_t sessions() const {
        proto::GatewayHello hello;
        gateway_.fill_gateway_hello(proto::SIGNALING, hello);
        return static_cast<std::size_t>(hello.connections_size());
    }

  private:
    // Carries messages between the two until both are quiet.
    int settle(Outbox& out, ConnectionId connection, std::uint64_t request) {
        int answers = 0;
        for (;;) {
            answers += count_answers(out, connection, request);
            const auto to_service = std::move(out.to_service);
            out.clear();
            if (to_service.empty()) return answers;
            for (const auto& [service, message] : to_service) {
                Outbox decided;
                if (service == proto::SIGNALING) {
                    signaling_.on_ctl(message, now_, decided);
                    pass_back(decided, out);
                } else {
                    gateway_.on_unsent(service, message, now_, out);
                }
            }
        }
    }
    void pass_back(const Outbox& decided, Outbox& out) {
        for (const auto& message : decided.to_gateway)
            gateway_.on_service(proto::SIGNALING, message, now_, out);
    }
    static int count_answers(const Outbox& out, ConnectionId connection, std::uint64_t request) {
        int answers = 0;
        for (const auto& frame : out.frames) {
            wire::FrameParser parser(1 << 20);
            require(parser.append(*frame.frame).has_value());
            const auto view = parser.next();
            require(view && *view);
            proto::ServerMessage message;
            require(
                message.ParseFromArray((*view)->message.data(), static_cast<int>((*view)->message.size())));
            if (request != 0 && message.request_id() == request && frame.to.front() == connection) ++answers;
        }
        return answers;
    }

    gateway::GatewayEngine gateway_{context(1)};
    signaling::SignalingEngine signaling_{context(2)};
    Time now_{1h};
};

Buffer bytes_of(const proto::ClientMessage& message) {
    Buffer bytes(message.ByteSizeLong());
    message.SerializeToArray(bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto loud = google::protobuf::SetLogHandler(nullptr);  // it logs strings that are no UTF-8
    static_cast<void>(loud);
    constexpr ConnectionId kStranger{1}, kGreeted{2}, kJoined{3};
    const Bytes input(data, size);
    proto::ClientMessage parsed;
    const bool is_message = parsed.ParseFromArray(data, static_cast<int>(size));
    const std::uint64_t request = is_message ? parsed.request_id() : 0;

    Server server;
    for (const auto connection : {kStranger, kGreeted, kJoined}) server.open(connection);
    proto::ClientMessage hello, join;
    hello.set_request_id(1);
    hello.mutable_hello()->set_protocol_version(1);
    join.set_request_id(2);
    join.mutable_join()->set_room("lobby");
    join.mutable_join()->set_name("Ann");
    server.frame(kGreeted, bytes_of(hello), 0);
    server.frame(kJoined, bytes_of(hello), 0);
    require(server.frame(kJoined, bytes_of(join), 2) == 1);

    for (const auto connection : {kStranger, kGreeted, kJoined, kGreeted, kJoined}) {
        const int answers = server.frame(connection, input, request);
        require(request == 0 || answers == 1);
    }
    for (const auto connection : {kStranger, kGreeted, kJoined}) server.close(connection);
    require(server.sessions() == 0);
    server.wait(60s);
    return 0;
}
