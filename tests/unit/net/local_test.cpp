#include "lib/net/local.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "lib/net/clock.hpp"
#include "lib/net/socket.hpp"
#include "lib/net/udp.hpp"

using namespace connectsphere;
using namespace connectsphere::net;

namespace {

// A folder of its own for each test.
struct Folder {
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "cs_net_XXXXXX").string();
        path = mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string socket() const { return path + "/lend"; }
    std::string path;
};

struct Pair {
    Folder folder;
    Fd listener = *listen_local(folder.socket());
    Fd client = *connect_local(folder.socket());
    Fd server = *accept_local(listener.get());
};

std::string receive(int fd, std::vector<Fd>& fds) {
    std::array<std::uint8_t, 256> buffer;
    const auto size = receive_with_fds(fd, buffer, fds);
    REQUIRE(size);
    return std::string(as_text(Bytes(buffer).first(*size)));
}

}  // namespace

TEST_CASE("a bound UDP socket is lent to another process and works there") {
    const Pair pair;
    Address address;
    {
        const Fd bound = *bind_udp(*parse_address("127.0.0.1", 0));
        address = *local_address(bound.get());
        const int lent = bound.get();
        REQUIRE(send_with_fds(pair.server.get(), as_bytes("video 10000"), {&lent, 1}));
    }  // the lender closes its own: the borrower's stays
    std::vector<Fd> fds;
    CHECK(receive(pair.client.get(), fds) == "video 10000");
    REQUIRE(fds.size() == 1);
    CHECK((fcntl(fds[0].get(), F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(bind_udp(address).error().code == Errc::exists);

    UdpSocket borrower(std::move(fds[0]));
    UdpSocket sender(*bind_udp(*parse_address("127.0.0.1", 0)));
    sender.send({.peer = address, .local = {}}, as_bytes("hello"));
    const auto got = borrower.receive(now());
    REQUIRE(got.size() == 1);
    CHECK(as_text(got[0].payload) == "hello");
}

TEST_CASE("a secret travels in a sealed memfd") {
    const Pair pair;
    const Fd secret = *memfd_of(as_bytes("certificate and key"));
    const int lent[] = {secret.get(), secret.get()};
    REQUIRE(send_with_fds(pair.client.get(), as_bytes("identity"), lent));
    std::vector<Fd> fds;
    CHECK(receive(pair.server.get(), fds) == "identity");
    REQUIRE(fds.size() == 2);
    for (const auto& fd : fds) CHECK(as_text(*read_memfd(fd.get(), 100)) == "certificate and key");
    CHECK(::write(fds[0].get(), "x", 1) == -1);
    CHECK(ftruncate(fds[0].get(), 0) == -1);
    CHECK(read_memfd(fds[0].get(), 5).error().code == Errc::oversized);
}

TEST_CASE("a memfd that its owner could still change is refused") {
    const Fd open(memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    CHECK(read_memfd(open.get(), 100).error().code == Errc::refused);
    const Fd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    CHECK(read_memfd(file.get(), 100).error().code == Errc::refused);
}

TEST_CASE("messages keep their borders, and an oversized one is thrown away with its descriptors") {
    const Pair pair;
    const int lent = pair.listener.get();
    REQUIRE(send_with_fds(pair.client.get(), as_bytes(std::string(300, 'x')), {&lent, 1}));
    REQUIRE(send_with_fds(pair.client.get(), as_bytes("one"), {}));
    REQUIRE(send_with_fds(pair.client.get(), as_bytes("two"), {}));
    std::array<std::uint8_t, 256> buffer;
    std::vector<Fd> fds;
    CHECK(receive_with_fds(pair.server.get(), buffer, fds).error().code == Errc::oversized);
    CHECK(fds.empty());
    CHECK(receive(pair.server.get(), fds) == "one");
    CHECK(receive(pair.server.get(), fds) == "two");
    CHECK(receive_with_fds(pair.server.get(), buffer, fds).error().code == Errc::would_block);
}

TEST_CASE("a peer that is gone and a queue that is full are told apart") {
    Pair pair;
    Result<void> sent;
    for (int i = 0; i < 100'000 && sent; ++i) sent = send_with_fds(pair.client.get(), as_bytes("flood"), {});
    REQUIRE_FALSE(sent);
    CHECK(sent.error().code == Errc::would_block);
    pair.server.reset();
    CHECK(send_with_fds(pair.client.get(), as_bytes("x"), {}).error().code == Errc::closed);
}

TEST_CASE("a listener replaces a dead one's socket file, never a living one or another file") {
    const Folder folder;
    const auto first = listen_local(folder.socket());
    REQUIRE(first);
    CHECK(listen_local(folder.socket()).error().code == Errc::exists);
    struct stat status {};
    REQUIRE(stat(folder.socket().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0660);
    CHECK(*peer_user(connect_local(folder.socket())->get()) == geteuid());

    const auto stale = folder.path + "/stale";
    { const auto dead = *listen_local(stale); }
    CHECK(connect_local(stale).error().code == Errc::unavailable);
    CHECK(listen_local(stale));

    const auto file = folder.path + "/file";
    std::ofstream(file) << "keep me";
    CHECK(listen_local(file).error().code == Errc::exists);
    CHECK(std::filesystem::file_size(file) == 7);
    CHECK(listen_local(folder.path + std::string(200, 'x')).error().code == Errc::usage);
}
