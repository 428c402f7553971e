#include "services/common/bus.hpp"

#include <algorithm>
#include <zmq.hpp>

#include "services/common/log.hpp"
#include "services/common/service_name.hpp"

namespace connectsphere {

namespace {

constexpr int kMessagesPerTurn = 256;  // of one socket, before the others and the loop have theirs
constexpr int kPasses = 4;             // a handler may send on a socket that was drained already
constexpr int kCtlQueue = 4096;        // messages; then the receiver counts as sick
constexpr int kStateQueue = 4096;      // messages: a whole state of 1,000 rooms fits; then drop and count
constexpr int kBeatQueue = 4;          // messages; then drop
constexpr int kReconnectMs = 50;
constexpr std::int64_t kMaxMessageBytes = 16 << 20;  // a room of 10,000 is below this
constexpr char kGatewayId[] = "gateway";

zmq::message_t serialise(const google::protobuf::Message& message) {
    zmq::message_t frame(message.ByteSizeLong());
    message.SerializeToArray(frame.data(), static_cast<int>(frame.size()));
    return frame;
}

}  // namespace

struct Bus::Context {
    zmq::context_t zmq{1};  // one I/O thread
};

// One ZeroMQ socket, drained by the bus. `on_frame` gets the last frame of each message: what stands before
// it is the routing id, which says nothing that we do not know.
class Bus::Socket {
  public:
    using OnFrame = std::function<void(const zmq::message_t&)>;

    Socket(Bus& bus, zmq::socket_type type, int queue, OnFrame on_frame)
        : bus_(bus), socket_(bus.context_->zmq, type), on_frame_(std::move(on_frame)) {
        socket_.set(zmq::sockopt::linger, 0);
        socket_.set(zmq::sockopt::sndhwm, queue);
        socket_.set(zmq::sockopt::rcvhwm, queue);
        socket_.set(zmq::sockopt::maxmsgsize, kMaxMessageBytes);
        socket_.set(zmq::sockopt::reconnect_ivl, kReconnectMs);
        socket_.set(zmq::sockopt::reconnect_ivl_max, kReconnectMs);
        watch_ = bus.loop_.watch(socket_.get(zmq::sockopt::fd), EPOLLIN,
                                 [this](std::uint32_t) { may_have_more_ = true; });
        bus.sockets_.push_back(this);
    }
    ~Socket() {
        std::replace(bus_.sockets_.begin(), bus_.sockets_.end(), this, static_cast<Socket*>(nullptr));
    }

    // Whoever calls the socket may eat the edge: it is drained after that.
    zmq::socket_t& zmq() {
        may_have_more_ = true;
        return socket_;
    }

    bool send(zmq::message_t frame) {
        return zmq().send(std::move(frame), zmq::send_flags::dontwait).has_value();
    }

    // Hands out up to a turn of messages; says how many there were.
    int drain() {
        if (!may_have_more_) return 0;
        may_have_more_ = false;
        // A socket that only sends has commands to process too: connections that came and went.
        if (!on_frame_) return (void)socket_.get(zmq::sockopt::events), 0;
        int count = 0;
        zmq::message_t frame;
        while (count < kMessagesPerTurn && socket_.recv(frame, zmq::recv_flags::dontwait)) {
            if (frame.more()) continue;
            ++count;
            on_frame_(frame);
        }
        if (count > 0) may_have_more_ = true;  // until it was found empty
        return count;
    }

  private:
    Bus& bus_;
    zmq::socket_t socket_;
    OnFrame on_frame_;
    bool may_have_more_ = true;
    net::Watch watch_;  // goes before the socket does
};

namespace {

// Gives parsed messages to `handler`; what does not parse is counted and dropped.
template <class Message>
auto parsed(std::function<void(const Message&)> handler) {
    return [handler = std::move(handler), message = Message()](const zmq::message_t& frame) mutable {
        if (!message.ParseFromArray(frame.data(), static_cast<int>(frame.size())))
            return log::count("bad-bus-message", {{"type", Message::descriptor()->name()}});
        handler(message);
    };
}

}  // namespace

Bus::Bus(net::Loop& loop, std::filesystem::path run_dir)
    : loop_(loop),
      run_dir_(std::move(run_dir)),
      context_(std::make_unique<Context>()),
      hook_(loop.before_sleep([this] { return drain(); })) {}

Bus::~Bus() = default;

std::string Bus::endpoint(proto::Service service, std::string_view link) const {
    return "ipc://" + (run_dir_ / (service_name(service) + "." + std::string(link))).string();
}

bool Bus::drain() {
    bool busy = true;
    for (int pass = 0; busy && pass < kPasses; ++pass) {
        busy = false;
        for (std::size_t i = 0; i < sockets_.size(); ++i) {  // by index: a handler may open a link
            if (sockets_[i] && sockets_[i]->drain() > 0) busy = true;
        }
    }
    std::erase(sockets_, nullptr);
    return busy;
}

// ---- ctl

CtlClient::CtlClient(Bus& bus, proto::Service service,
                     std::function<void(const proto::ToGateway&)> on_message)
    : socket_(std::make_unique<Bus::Socket>(bus, zmq::socket_type::dealer, kCtlQueue,
                                            parsed(std::move(on_message)))) {
    socket_->zmq().set(zmq::sockopt::routing_id, kGatewayId);
    socket_->zmq().set(zmq::sockopt::immediate, true);  // only to a living service
    socket_->zmq().connect(bus.endpoint(service, "ctl"));
}
CtlClient::~CtlClient() = default;

bool CtlClient::send(const proto::ToService& message) { return socket_->send(serialise(message)); }

CtlServer::CtlServer(Bus& bus, proto::Service service,
                     std::function<void(const proto::ToService&)> on_message)
    : socket_(std::make_unique<Bus::Socket>(bus, zmq::socket_type::router, kCtlQueue,
                                            parsed(std::move(on_message)))) {
    socket_->zmq().set(zmq::sockopt::router_mandatory, true);
    socket_->zmq().set(zmq::sockopt::router_handover, true);  // a restarted gateway has the same routing id
    socket_->zmq().bind(bus.endpoint(service, "ctl"));
}
CtlServer::~CtlServer() = default;

bool CtlServer::send(const proto::ToGateway& message) {
    try {
        zmq::message_t to(kGatewayId, sizeof kGatewayId - 1);
        if (!socket_->zmq().send(to, zmq::send_flags::sndmore | zmq::send_flags::dontwait)) return false;
        return socket_->send(serialise(message));
    } catch (const zmq::error_t&) {  // EHOSTUNREACH: no such peer
        return false;
    }
}

// ---- state

StatePublisher::StatePublisher(Bus& bus, proto::Service owner, std::function<void()> on_subscriber)
    : socket_(std::make_unique<Bus::Socket>(
          bus, zmq::socket_type::xpub, kStateQueue, [on_subscriber](const zmq::message_t& frame) {
              const bool subscribes = frame.size() > 0 && *frame.data<char>() == 1;
              if (subscribes) on_subscriber();
          })) {
    socket_->zmq().set(zmq::sockopt::xpub_verbose, true);
    socket_->zmq().set(zmq::sockopt::xpub_nodrop, true);
    socket_->zmq().bind(bus.endpoint(owner, "state"));
}
StatePublisher::~StatePublisher() = default;

// With NODROP the socket says that a subscriber is stuck, and takes nothing; the others get it all the same.
void StatePublisher::publish(const proto::StateMessage& message) {
    auto frame = serialise(message);
    if (socket_->zmq().send(frame, zmq::send_flags::dontwait)) return;
    ++dropped_;
    socket_->zmq().set(zmq::sockopt::xpub_nodrop, false);
    (void)socket_->zmq().send(frame, zmq::send_flags::dontwait);
    socket_->zmq().set(zmq::sockopt::xpub_nodrop, true);
}

StateSubscriber::StateSubscriber(Bus& bus, proto::Service owner,
                                 std::function<void(const proto::StateMessage&)> on_message)
    : socket_(std::make_unique<Bus::Socket>(bus, zmq::socket_type::sub, kStateQueue,
                                            parsed(std::move(on_message)))) {
    socket_->zmq().set(zmq::sockopt::subscribe, "");
    socket_->zmq().connect(bus.endpoint(owner, "state"));
}
StateSubscriber::~StateSubscriber() = default;

// ---- beat

BeatSender::BeatSender(Bus& bus)
    : socket_(std::make_unique<Bus::Socket>(bus, zmq::socket_type::push, kBeatQueue, nullptr)) {
    socket_->zmq().set(zmq::sockopt::immediate, true);
    socket_->zmq().connect(bus.endpoint(proto::STATUS, "beat"));
}
BeatSender::~BeatSender() = default;

bool BeatSender::send(const proto::Beat& beat) { return socket_->send(serialise(beat)); }

BeatReceiver::BeatReceiver(Bus& bus, std::function<void(const proto::Beat&)> on_beat)
    : socket_(std::make_unique<Bus::Socket>(bus, zmq::socket_type::pull, kStateQueue,
                                            parsed(std::move(on_beat)))) {
    socket_->zmq().bind(bus.endpoint(proto::STATUS, "beat"));
}
BeatReceiver::~BeatReceiver() = default;

}  // namespace connectsphere
