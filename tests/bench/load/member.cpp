#include "tests/bench/load/member.hpp"

#include <algorithm>
#include <utility>

#include "lib/client/random.hpp"
#include "lib/net/clock.hpp"
#include "lib/net/socket.hpp"
#include "lib/net/tcp.hpp"
#include "tests/bench/load/program.hpp"

namespace connectsphere::bench {

namespace {

constexpr std::size_t kMaxFrame = 1 << 20;

net::Fd bind_on_loopback() {
    auto fd = net::bind_udp(*parse_address("127.0.0.1:0", 0));
    if (!fd) give_up(fd.error().what);
    return std::move(*fd);
}

Address address_of(int fd) {
    const auto address = net::local_address(fd);
    if (!address) give_up(address.error().what);
    return *address;
}

client::Session::Options session_options(const Member::Options& options) {
    return {.room = options.room,
            .name = options.name,
            .password = {},
            .software = "connectsphere bench",
            .history = 0,
            .streams = options.streams,
            .resume_token = {}};
}

}  // namespace

// ---- MediaEnd

MediaEnd::MediaEnd(net::Loop& loop, DatagramBatch& batch)
    : loop_(loop),
      batch_(batch),
      link_(client::random_bytes),
      socket_(bind_on_loopback()),
      address_(address_of(socket_.fd())),
      report_(loop.timer([this] {
          link_.on_time(net::now(), batch_);
          flush();
          report_.set(link_.deadline());
      })) {}

void MediaEnd::install(const proto::MediaKeys& keys, const Address& server, Ssrc own) {
    if (const auto done = link_.install(keys, server, own, net::now()); !done) give_up(done.error().what);
    own_ = own;
    report_.set(link_.deadline());
}

void MediaEnd::flush() {
    socket_.send(batch_);
    batch_.clear();
}

std::span<Datagram> MediaEnd::receive() { return socket_.receive(net::now()); }

void MediaEnd::watch(std::function<void(std::span<Datagram>)> on_datagrams) {
    watch_ = loop_.watch(socket_.fd(), EPOLLIN,
                         [this, take = std::move(on_datagrams)](auto) { take(socket_.receive(net::now())); });
}

// ---- Member

Member::Member(net::Loop& loop, const net::TlsContext& tls, DatagramBatch& batch, Options options)
    : options_(std::move(options)),
      session_(session_options(options_)),
      parser_(kMaxFrame),
      session_timer_(
          loop.timer([this] { act([](auto& session, auto& out) { session.on_time(net::now(), out); }); })),
      reconnect_timer_(loop.timer([this, &loop, &tls] { connect(loop, tls); })) {
    if (options_.plane) media_ = std::make_unique<MediaEnd>(loop, batch);
    connect(loop, tls);
}

void Member::connect(net::Loop& loop, const net::TlsContext& tls) {
    auto fd = net::connect_tcp(options_.server);
    if (!fd) give_up(fd.error().what);
    connection_ = net::TlsConnection(
        loop, tls, std::move(*fd), options_.server,
        {.on_open = [this] { act([](auto& session, auto& out) { session.connected(net::now(), out); }); },
         .on_bytes = [this](Bytes bytes) { on_bytes(bytes); },
         .on_close = [this](const Error& error) { on_break(error); }});
}

void Member::on_break(const Error& error) {
    if (!options_.returns) give_up("a connection closed: " + error.what);
    parser_ = wire::FrameParser(kMaxFrame);
    act([&](auto& session, auto& out) { session.disconnected(error, net::now(), out); });
    reconnect_timer_.set(session_.reconnect_at());
}

bool Member::is_ready() const {
    return session_.is_joined() && (!media_ || media_->is_ready()) &&
           (options_.streams.empty() || video_ssrc_);
}

void Member::on_bytes(Bytes bytes) {
    client::Session::Output out;
    if (!parser_.append(bytes)) give_up("frames");
    for (auto frame = parser_.next(); frame && *frame; frame = parser_.next())
        session_.frame(**frame, net::now(), out);
    carry_out(out);
}

void Member::carry_out(client::Session::Output& out) {
    if (!out.bytes.empty() && !connection_.send(out.bytes)) give_up("the server does not read");
    for (const auto& event : std::exchange(out.events, {})) {
        on_own_event(event);
        if (on_event) on_event(event);
    }
    session_timer_.set(session_.deadline());
}

void Member::on_own_event(const client::Event& event) {
    if (const auto* ended = std::get_if<client::Ended>(&event)) give_up("refused: " + ended->error.text());
    // A ticket for a screen is asked for again: the broker may hear of a new member a moment later.
    if (const auto* failed = std::get_if<client::RequestFailed>(&event); failed && failed->what != "screen") {
        give_up(failed->what + " failed: " + failed->error.text());
    }
    if (const auto* published = std::get_if<proto::Published>(&event)) {
        for (const auto& stream : published->streams())
            if (stream.kind() == proto::VIDEO) video_ssrc_ = {stream.encodings(0).ssrc()};
    }
    if (const auto* keys = std::get_if<proto::MediaKeys>(&event)) {
        if (keys->plane() != options_.plane || session_.self() == nullptr) return;
        const bool is_audio = keys->plane() == proto::PLANE_AUDIO;
        media_->install(*keys, options_.server,
                        {is_audio ? session_.self()->audio_ssrc() : session_.self()->video_rtcp_ssrc()});
    }
}

std::vector<Member::Options> alike(const Member::Options& each, std::size_t count) {
    std::vector<Member::Options> all(count, each);
    for (std::size_t i = 0; i < count; ++i) all[i].name += " " + std::to_string(i);
    return all;
}

std::vector<std::unique_ptr<Member>> join_all(net::Loop& loop, const net::TlsContext& tls,
                                              DatagramBatch& batch,
                                              const std::vector<Member::Options>& options) {
    std::vector<std::unique_ptr<Member>> members;
    std::size_t ready = 0;
    wait_until(
        loop, "not everybody came into the room",
        [&] {
            while (ready < members.size() && members[ready]->is_ready()) ++ready;
            while (members.size() < options.size() && members.size() < ready + kAtOnce) {
                members.push_back(std::make_unique<Member>(loop, tls, batch, options[members.size()]));
            }
            return ready == options.size();
        },
        30s);
    return members;
}

}  // namespace connectsphere::bench
