// The load of the file plane: transfers of their own connections, from memory and to nowhere, so that what is
// measured is the server and TLS, not this program's disk or hash. Uploads carry their SHA-256, computed
// beforehand.
//
//   load_files --server 127.0.0.1:9000 --way down --transfers 8 --mebibytes 1024
#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "lib/client/random.hpp"
#include "lib/client/transfer.hpp"
#include "lib/net/clock.hpp"
#include "lib/net/tcp.hpp"
#include "lib/wire/sha256.hpp"
#include "tests/bench/load/member.hpp"
#include "tests/bench/load/program.hpp"

namespace {

using namespace connectsphere;
using namespace connectsphere::bench;

constexpr std::size_t kBlock = 1 << 20;        // the content of every file is this, again and again
constexpr std::size_t kSendAhead = 256 << 10;  // bytes given to TLS before the kernel has taken them

Buffer block_of(std::uint8_t seed) {
    Buffer block(kBlock);
    std::uint32_t state = seed;
    for (auto& byte : block) byte = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
    return block;
}

// One transfer on one connection.
class Transfer {
  public:
    Transfer(net::Loop& loop, const net::TlsContext& tls, Address server, const proto::Ticket& ticket)
        : parser_(1 << 20) {
        server.port = static_cast<std::uint16_t>(ticket.port());
        auto fd = net::connect_tcp(server);
        if (!fd) give_up(fd.error().what);
        connection_ =
            net::TlsConnection(loop, tls, std::move(*fd), server,
                               {.on_open =
                                    [this, ticket] {
                                        proto::ClientMessage message;
                                        message.mutable_enter_files()->set_ticket(ticket.ticket());
                                        ask(message);
                                    },
                                .on_bytes = [this](Bytes bytes) { on_bytes(bytes); },
                                .on_close = [](const Error& e) { give_up("file plane: " + e.what); },
                                .on_drained = [this] { push(); }});
    }

    void upload(const Buffer& block, std::uint64_t size, const wire::Sha256& hash, std::uint8_t key) {
        block_ = &block;
        hash_ = hash;
        client::UploadPlan plan{.key = std::string(32, static_cast<char>(key)), .name = "load", .size = size};
        client::random_bytes(MutableBytes(reinterpret_cast<std::uint8_t*>(plan.key.data()), plan.key.size()));
        upload_.emplace(std::move(plan));
        ask(upload_->begin());
    }
    void download(const proto::FileInfo& file) {
        begun_at_ = net::now();
        download_.emplace(file, 0);
        ask(download_->begin());
    }

    bool has_entered = false;
    bool is_done = false;
    std::optional<proto::FileInfo> stored;
    Duration first_byte{};

  private:
    void ask(proto::ClientMessage message) {
        message.set_request_id(++request_);
        send(message);
    }
    void send(const proto::ClientMessage& message) {
        frame_.clear();
        wire::append_frame(frame_, as_bytes(message.SerializeAsString()));
        if (!connection_.send(frame_)) give_up("the server does not read");
    }
    void on_bytes(Bytes bytes) {
        if (!parser_.append(bytes)) give_up("frames");
        for (auto frame = parser_.next(); frame && *frame; frame = parser_.next()) {
            proto::ServerMessage message;
            message.ParseFromArray((*frame)->message.data(), static_cast<int>((*frame)->message.size()));
            on_message(message, (*frame)->data.size());
        }
    }
    void on_message(const proto::ServerMessage& message, std::size_t data) {
        if (message.has_error()) give_up(message.error().text());
        if (message.has_transfer_failed()) give_up(message.transfer_failed().error().text());
        if (message.has_files_entered()) has_entered = true;
        if (message.has_upload_ready()) (void)upload_->ready(message.upload_ready());
        if (message.has_upload_credit()) upload_->credit(message.upload_credit());
        if (message.has_upload_ready() || message.has_upload_credit()) push();
        if (message.has_file_stored()) {
            stored = message.file_stored().file();
            is_done = true;
        }
        if (message.has_download_ready()) (void)download_->ready(message.download_ready());
        if (!message.has_download_data()) return;
        if (first_byte == Duration{}) first_byte = net::now() - begun_at_;
        if (!download_->data(message.download_data().offset(), data)) give_up("out of order");
        if (const auto credit = download_->credit()) send(*credit);
        is_done = download_->is_complete();
    }
    void push() {
        if (!upload_) return;
        while (connection_.buffered() < kSendAhead) {
            const auto span = upload_->next(128 << 10);
            if (!span) break;
            const auto message = upload_->data(*span);
            const auto data = wire::lay_out_frame(frame_, as_bytes(message.SerializeAsString()), span->size);
            std::memcpy(data.data(), block_->data() + span->offset % kBlock, data.size());
            if (!connection_.send(frame_)) give_up("the server does not read");
        }
        if (upload_->is_sent()) ask(upload_->finish(hash_));
    }

    wire::FrameParser parser_;
    net::TlsConnection connection_;
    std::optional<client::UploadTransfer> upload_;
    std::optional<client::DownloadTransfer> download_;
    const Buffer* block_ = nullptr;
    wire::Sha256 hash_{};
    Buffer frame_;
    std::uint64_t request_ = 0;
    Time begun_at_{};
};

void work(const Arguments& arguments) {
    const auto count = arguments.number("transfers", 1);
    const auto size = std::uint64_t{arguments.number("mebibytes", 1024)} << 20;
    const bool is_upload = arguments.text("way", "down") == "up";
    net::Loop loop;
    DatagramBatch batch(1 << 16);
    const auto tls = net::TlsContext::client();
    // Four connections a session are allowed: a member each.
    std::vector<Member::Options> options;
    for (std::size_t i = 0; i < count; ++i)
        options.push_back({.server = arguments.server(),
                           .name = "member " + std::to_string(i),
                           .plane = {},
                           .streams = {}});
    auto members = join_all(loop, *tls, batch, options);
    std::vector<std::unique_ptr<Transfer>> transfers(count);
    for (std::size_t i = 0; i < count; ++i) {
        members[i]->on_event = [&, i](const client::Event& event) {
            if (const auto* ticket = std::get_if<proto::Ticket>(&event))
                transfers[i] = std::make_unique<Transfer>(loop, *tls, arguments.server(), *ticket);
        };
    }
    run_for(loop, 300ms);  // until signaling has published them
    for (auto& member : members) member->act([](auto& session, auto& out) { session.open_files(out); });
    const auto all = [&](auto is) { return std::all_of(transfers.begin(), transfers.end(), is); };
    wait_until(loop, "no way in", [&] { return all([](const auto& t) { return t && t->has_entered; }); });

    const auto block = block_of(static_cast<std::uint8_t>(arguments.number("seed", 1)));
    wire::Sha256Stream hash;
    for (std::uint64_t done = 0; done < size; done += kBlock) hash.add(block);
    const auto digest = hash.digest();
    if (!is_upload) {
        transfers[0]->upload(block, size, digest, 1);
        while (!transfers[0]->is_done) loop.run_once(20ms);
        transfers[0]->is_done = false;
    }
    say("begin");
    const auto begun = net::now();
    for (std::size_t i = 0; i < count; ++i) {
        if (is_upload)
            transfers[i]->upload(block, size, digest, static_cast<std::uint8_t>(i + 2));
        else
            transfers[i]->download(*transfers[0]->stored);
    }
    while (!all([](const auto& t) { return t->is_done; })) loop.run_once(20ms);
    const auto time = seconds(net::now() - begun);
    const auto bytes = static_cast<double>(size) * static_cast<double>(count);
    say("end", {{"bytes", bytes},
                {"seconds", time},
                {"rate", bytes / time / 1e6},
                {"first_byte_ms", seconds(transfers[0]->first_byte) * 1000}});
}

}  // namespace

int main(int argc, char** argv) { return run_program(argc, argv, work); }
