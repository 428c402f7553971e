#include "services/common/lend.hpp"

#include <fcntl.h>
#include <systemd/sd-daemon.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "lib/net/clock.hpp"
#include "lib/net/local.hpp"
#include "lib/net/socket.hpp"
#include "lib/net/tcp.hpp"
#include "lib/net/udp.hpp"
#include "services/common/log.hpp"

namespace connectsphere {

namespace {

constexpr Duration kHandBackPatience = 1s;
constexpr Duration kRetry = 50ms;
constexpr std::size_t kMaxMessage = 256;        // bytes of a LendRequest or LendReply
constexpr std::size_t kMaxIdentity = 64 << 10;  // bytes of a TlsIdentity
constexpr std::size_t kMaxBorrowers = 64;       // connections; five services and their restarts need few

std::string lend_path(const std::filesystem::path& run_dir) { return (run_dir / "gateway.lend").string(); }

Result<void> send(int connection, const google::protobuf::Message& message, std::span<const int> fds) {
    return net::send_with_fds(connection, as_bytes(message.SerializeAsString()), fds);
}

// One message of the peer; a malformed one ends the connection as a closed one does.
template <class Message>
Result<Message> receive(int connection, std::vector<net::Fd>& fds) {
    std::array<std::uint8_t, kMaxMessage> buffer;
    const auto size = net::receive_with_fds(connection, buffer, fds);
    if (!size) return size.error();
    Message message;
    if (!message.ParseFromArray(buffer.data(), static_cast<int>(*size)))
        return Error{Errc::malformed, "lend message"};
    return message;
}

bool is_of_type(int socket, bool is_udp) {
    int type = 0;
    socklen_t size = sizeof type;
    if (::getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) != 0) return false;
    return type == (is_udp ? SOCK_DGRAM : SOCK_STREAM);
}

Error no_port(bool is_udp, std::uint16_t port) {
    const std::string protocol = is_udp ? "UDP" : "TCP";
    return Error{Errc::exists, protocol + " port " + std::to_string(port) +
                                   " is taken by another program, and no service of this server has handed it"
                                   " back; see who holds it: ss -lp" +
                                   (is_udp ? "u" : "t") + "n 'sport = :" + std::to_string(port) + "'"};
}

}  // namespace

// ---- Lender

Lender::Lender(net::Loop& loop, const Config& config, net::CertificateAndKey identity)
    : loop_(loop),
      identity_(std::move(identity)),
      planes_{Plane{"control", proto::GATEWAY, false, config.listen.control, {}, 0},
              Plane{"screen", proto::SCREEN_BROKER, false, config.listen.screen, {}, 0},
              Plane{"files", proto::FILE_STORE, false, config.listen.files, {}, 0},
              Plane{"video", proto::VIDEO_RELAY, true, config.listen.video, {}, 0},
              Plane{"audio", proto::AUDIO_MIXER, true, config.listen.audio, {}, 0}} {
    auto listener = net::listen_local(lend_path(config.run_dir));
    if (!listener) throw std::runtime_error(lend_path(config.run_dir) + ": " + listener.error().what);
    listener_ = std::move(*listener);
    watch_ = loop.watch(listener_.get(), EPOLLIN, [this](std::uint32_t) { accept(); });

    take_from_systemd();
    const Time end = net::now() + kHandBackPatience;
    while (!bind_missing()) {
        if (net::now() < end) {
            loop.run_once(kRetry);
            continue;
        }
        for (const auto& plane : planes_) {
            if (!plane.socket) throw std::runtime_error(no_port(plane.is_udp, plane.address.port).what);
        }
    }
}

void Lender::take_from_systemd() {
    char** names = nullptr;
    const int count = sd_listen_fds_with_names(1, &names);
    for (int i = 0; i < count; ++i) {
        net::Fd socket(SD_LISTEN_FDS_START + i);
        const std::unique_ptr<char, void (*)(void*)> name(names[i], std::free);
        for (auto& plane : planes_) {
            if (plane.name == std::string_view(name.get()) && is_of_type(socket.get(), plane.is_udp))
                adopt(plane, std::move(socket));
        }
        if (socket) log::warn("unknown-socket-from-systemd", {{"name", name.get()}});
    }
    std::free(names);
}

bool Lender::bind_missing() {
    bool complete = true;
    for (auto& plane : planes_) {
        if (plane.socket) continue;
        auto socket = plane.is_udp ? net::bind_udp(plane.address) : net::listen_tcp(plane.address);
        if (socket) {
            adopt(plane, std::move(*socket));
        } else if (socket.error().code == Errc::exists) {
            complete = false;
        } else {
            throw std::runtime_error(std::string(plane.name) + " on " + plane.address.text() + ": " +
                                     socket.error().what);
        }
    }
    return complete;
}

void Lender::adopt(Plane& plane, net::Fd socket) {
    const auto local = net::local_address(socket.get());
    if (!local) return;
    ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) | O_NONBLOCK);  // systemd's may block
    plane.port = local->port;
    plane.socket = std::move(socket);
    for (const auto& borrower : borrowers_) {  // who asked too early
        if (borrower.plane == &plane) lend(borrower);
    }
}

BoundPorts Lender::ports() const {
    return {.control = planes_[0].port,
            .screen = planes_[1].port,
            .files = planes_[2].port,
            .video = planes_[3].port,
            .audio = planes_[4].port};
}

void Lender::set_identity(net::CertificateAndKey identity) {
    identity_ = std::move(identity);
    for (const auto& borrower : borrowers_) lend(borrower);
}

void Lender::accept() {
    auto connection = net::accept_local(listener_.get());
    if (!connection) return;
    if (borrowers_.size() >= kMaxBorrowers) return log::count("too-many-borrowers");
    const auto borrower = borrowers_.emplace(borrowers_.end());
    borrower->connection = std::move(*connection);
    borrower->watch = loop_.watch(borrower->connection.get(), EPOLLIN,
                                  [this, borrower](std::uint32_t) { on_ready(borrower); });
}

void Lender::on_ready(Borrowers::iterator borrower) {
    std::vector<net::Fd> fds;
    const auto request = receive<proto::LendRequest>(borrower->connection.get(), fds);
    if (request) return on_request(*borrower, *request, fds);
    if (request.error().code == Errc::would_block) return;
    if (request.error().code != Errc::closed) log::warn("lend-failed", {{"why", request.error()}});
    borrowers_.erase(borrower);
}

// A socket that is handed back counts only where we wait for it: else we have that port ourselves.
void Lender::on_request(Borrower& borrower, const proto::LendRequest& request, std::vector<net::Fd>& fds) {
    for (auto& plane : planes_) {
        if (plane.borrower == request.service() && request.service() != proto::GATEWAY)
            borrower.plane = &plane;
    }
    if (!borrower.plane) return log::warn("lend-refused", {{"peer", proto::Service_Name(request.service())}});
    auto& plane = *borrower.plane;
    if (plane.socket) return lend(borrower);
    if (!request.holds_socket() || fds.empty() || !is_of_type(fds[0].get(), plane.is_udp)) return;
    const auto local = net::local_address(fds[0].get());
    if (local && local->port == plane.address.port) adopt(plane, std::move(fds[0]));
}

void Lender::lend(const Borrower& borrower) const {
    if (!borrower.plane || !borrower.plane->socket) return;
    proto::LendReply reply;
    reply.set_port(borrower.plane->port);
    std::vector<int> fds{borrower.plane->socket.get()};
    net::Fd memfd;
    if (!borrower.plane->is_udp) {
        proto::TlsIdentity identity;
        identity.set_certificate_pem(identity_.certificate_pem);
        identity.set_key_pem(identity_.key_pem);
        auto made = net::memfd_of(as_bytes(identity.SerializeAsString()));
        if (!made) return log::error("lend-failed", {{"why", made.error()}});
        memfd = std::move(*made);
        fds.push_back(memfd.get());
    }
    if (const auto sent = send(borrower.connection.get(), reply, fds); !sent)
        log::warn("lend-failed", {{"plane", borrower.plane->name}, {"why", sent.error()}});
}

// ---- SocketBorrower

SocketBorrower::SocketBorrower(net::Loop& loop, const std::filesystem::path& run_dir, proto::Service service,
                               InstanceId instance, std::function<void(const Lent&)> on_lent)
    : loop_(loop),
      path_(lend_path(run_dir)),
      on_lent_(std::move(on_lent)),
      retry_(loop.at(net::now(), [this] { ask(); })) {
    request_.set_service(service);
    request_.set_instance_id(instance.value);
}

void SocketBorrower::ask() {
    auto connection = net::connect_local(path_);
    if (!connection) return again();
    connection_ = std::move(*connection);
    request_.set_holds_socket(has_socket());
    const int held = socket_.get();
    const auto sent =
        send(connection_.get(), request_, std::span(&held, has_socket() ? std::size_t{1} : std::size_t{0}));
    if (!sent) return again();
    watch_ = loop_.watch(connection_.get(), EPOLLIN, [this](std::uint32_t) { on_ready(); });
}

void SocketBorrower::again() {
    watch_.reset();
    connection_.reset();
    retry_.set(net::now() + kRetry);
}

void SocketBorrower::on_ready() {
    std::vector<net::Fd> fds;
    const auto reply = receive<proto::LendReply>(connection_.get(), fds);
    if (reply) return on_reply(*reply, fds);
    if (reply.error().code == Errc::would_block) return;
    if (reply.error().code != Errc::closed) log::warn("lend-failed", {{"why", reply.error()}});
    again();
}

void SocketBorrower::on_reply(const proto::LendReply& reply, std::vector<net::Fd>& fds) {
    if (fds.empty()) return log::warn("lend-failed", {{"why", "no socket in the reply"}});
    Lent lent;
    lent.port = static_cast<std::uint16_t>(reply.port());
    if (fds.size() > 1) {
        proto::TlsIdentity identity;
        const auto bytes = net::read_memfd(fds[1].get(), kMaxIdentity);
        if (!bytes || !identity.ParseFromArray(bytes->data(), static_cast<int>(bytes->size())))
            return log::error("lend-failed", {{"why", "no TLS identity in the reply"}});
        lent.identity = {.certificate_pem = identity.certificate_pem(), .key_pem = identity.key_pem()};
    }
    // The same port is the same socket: the port can not be bound twice.
    lent.is_new = !socket_ || port_ != lent.port;
    net::Fd old;
    if (lent.is_new) {
        old = std::move(socket_);
        socket_ = std::move(fds[0]);
        port_ = lent.port;
    }
    lent.socket = socket_.get();
    on_lent_(lent);
}

}  // namespace connectsphere
