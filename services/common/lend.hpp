// Lending: the gateway binds the ports of all planes and lends each media or bulk socket to the service of
// that plane, which then reads and writes it directly. Both keep a descriptor, so the port stays bound while
// either restarts, and a restarted gateway gets its sockets back from the services that hold them.
//
// Over run_dir/gateway.lend (SOCK_SEQPACKET): LendRequest, with the socket beside it if the service holds
// one; LendReply, with the socket beside it, and for a TCP plane a memfd with the TLS identity. Then the
// connection stays, so that each side notices when the other restarts.
#pragma once

#include <array>
#include <functional>
#include <list>
#include <optional>
#include <string>

#include "lib/base/id.hpp"
#include "lib/net/certificate.hpp"
#include "lib/net/loop.hpp"
#include "proto/bus.pb.h"
#include "services/common/engine.hpp"

namespace connectsphere {

// The gateway's side.
class Lender {
  public:
    // Opens all five sockets: systemd's (LISTEN_FDS), else bound here, else handed back by the service that
    // holds it, for which it waits up to 1 s. Throws std::runtime_error with a sentence that names the port.
    // Runs the loop meanwhile: make it before there is anything else to run.
    Lender(net::Loop& loop, const Config& config, net::CertificateAndKey identity);

    int control_socket() const { return planes_[0].socket.get(); }
    BoundPorts ports() const;
    void set_identity(net::CertificateAndKey identity);  // lends it to everybody again

  private:
    struct Plane {
        const char* name;  // as in LISTEN_FDNAMES
        proto::Service borrower;
        bool is_udp;
        Address address;  // as configured
        net::Fd socket;
        std::uint16_t port = 0;
    };
    struct Borrower {
        net::Fd connection;
        Plane* plane = nullptr;  // of the service that asked
        net::Watch watch;
    };
    using Borrowers = std::list<Borrower>;

    void take_from_systemd();
    bool bind_missing();  // whether all sockets are there
    void accept();
    void on_ready(Borrowers::iterator borrower);
    void on_request(Borrower& borrower, const proto::LendRequest& request, std::vector<net::Fd>& fds);
    void lend(const Borrower& borrower) const;
    void adopt(Plane& plane, net::Fd socket);

    net::Loop& loop_;
    net::CertificateAndKey identity_;
    std::array<Plane, 5> planes_;
    net::Fd listener_;
    Borrowers borrowers_;
    net::Watch watch_;
};

// A plane service's side: keeps asking until it has its socket, and keeps it when the gateway goes.
class SocketBorrower {
  public:
    struct Lent {
        int socket = -1;  // valid until on_lent is called with another one
        std::uint16_t port = 0;
        bool is_new = false;  // another socket than before
        std::optional<net::CertificateAndKey> identity;
    };

    SocketBorrower(net::Loop& loop, const std::filesystem::path& run_dir, proto::Service service,
                   InstanceId instance, std::function<void(const Lent&)> on_lent);

    bool has_socket() const { return static_cast<bool>(socket_); }

  private:
    void ask();
    void on_ready();
    void on_reply(const proto::LendReply& reply, std::vector<net::Fd>& fds);
    void again();

    net::Loop& loop_;
    std::string path_;
    proto::LendRequest request_;
    std::function<void(const Lent&)> on_lent_;
    net::Fd socket_;
    std::uint16_t port_ = 0;
    net::Fd connection_;
    net::Watch watch_;
    net::Timer retry_;
};

}  // namespace connectsphere
