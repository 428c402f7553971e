// The load of the file plane: transfers of their own connections, from memory and to nowhere, so that what is
// measured is the server and TLS, not this program's disk or hash. Uploads carry their SHA-256, computed
// beforehand.
//
//   load_files --server 127.0.0.1:9000 --way down --transfers 8 --mebibytes 1024
//   load_files --server 127.0.0.1:9000 --way list                    all files of the room, page after page
//   load_files --server 127.0.0.1:9000 --way busy --transfers 20 --seconds 30   half down, half up, for ever
//   load_files --server 127.0.0.1:9000 --way resume --mebibytes 256  an upload whose connection goes half-way
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "lib/client/list_page.hpp"
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
constexpr std::size_t kChunk = 128 << 10;      // of an upload, in one frame
constexpr std::size_t kSendAhead = 256 << 10;  // bytes given to TLS before the kernel has taken them

// The block, and as much of the next as a chunk that begins in it may need.
Buffer block_of(std::uint8_t seed) {
    Buffer block(kBlock);
    std::uint32_t state = seed;
    for (auto& byte : block) byte = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
    block.resize(kBlock + kChunk);
    std::copy_n(block.begin(), kChunk, block.begin() + kBlock);
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
                                .on_bytes = [this](Bytes bytes) { on_bytes(bytes.size()); },
                                .on_close = [](const Error& e) { give_up("file plane: " + e.what); },
                                .on_drained = [this] { push(); },
                                .space = [this] { return parser_.space(); }});
    }

    void upload(const Buffer& block, std::uint64_t size, const wire::Sha256& hash) {
        std::array<std::uint8_t, 32> key{};
        client::random_bytes(key);
        upload(block, {.key = std::string(as_text(key)), .name = "load", .size = size}, hash);
    }
    void upload(const Buffer& block, const client::UploadPlan& plan, const wire::Sha256& hash) {
        block_ = &block;
        hash_ = hash;
        upload_.emplace(plan);
        ask(upload_->begin());
    }
    void list(std::uint64_t after = 0) {
        proto::ClientMessage message;
        message.mutable_list_files()->set_after_file_id(after);
        ask(message);
    }
    void download(const proto::FileInfo& file) {
        begun_at_ = net::now();
        download_.emplace(file, 0);
        ask(download_->begin());
    }

    const client::UploadTransfer& uploading() const { return *upload_; }

    bool has_entered = false;
    bool is_done = false;
    std::size_t listed = 0;
    std::optional<std::uint64_t> resumed_at;  // where the server let an upload begin
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
    void on_bytes(std::size_t count) {
        parser_.filled(count);
        for (auto frame = parser_.next(); frame && *frame; frame = parser_.next()) {
            const auto page = client::list_page_in((*frame)->message);
            if (page.more_after != 0) {
                list(page.more_after);
                connection_.flush();
            }
            google::protobuf::Arena arena;  // the files of a list are many
            auto& message = *google::protobuf::Arena::CreateMessage<proto::ServerMessage>(&arena);
            message.ParseFromArray((*frame)->message.data(), static_cast<int>((*frame)->message.size()));
            on_message(message, (*frame)->data.size());
        }
    }
    void on_message(const proto::ServerMessage& message, std::size_t data) {
        if (message.has_error()) give_up(message.error().text());
        if (message.has_transfer_failed()) give_up(message.transfer_failed().error().text());
        if (message.has_files_entered()) has_entered = true;
        if (message.has_upload_ready()) {
            (void)upload_->ready(message.upload_ready());
            resumed_at = message.upload_ready().offset();
        }
        if (message.has_upload_credit()) upload_->credit(message.upload_credit());
        if (message.has_upload_ready() || message.has_upload_credit()) push();
        if (message.has_file_stored()) {
            stored = message.file_stored().file();
            is_done = true;
        }
        if (message.has_file_list()) {
            listed += static_cast<std::size_t>(message.file_list().files_size());
            is_done = message.file_list().more_after_file_id() == 0;
        }
        if (message.has_download_ready()) (void)download_->ready(message.download_ready());
        if (!message.has_download_data()) return;
        if (first_byte == Duration{}) first_byte = net::now() - begun_at_;
        if (!download_->data(message.download_data().offset(), data)) give_up("out of order");
        if (download_->unacknowledged() >= client::DownloadTransfer::kCreditStep || download_->is_complete())
            send(download_->credit());
        is_done = download_->is_complete();
    }
    void push() {
        if (!upload_) return;
        while (connection_.buffered() < kSendAhead) {
            const auto span = upload_->next_in_frame(kChunk);
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

class Load {
  public:
    Load(const Arguments& arguments, std::size_t count)
        : server_(arguments.server()), size_(std::uint64_t{arguments.number("mebibytes", 1024)} << 20) {
        // Four connections a session are allowed: a member each.
        std::vector<Member::Options> options;
        for (std::size_t i = 0; i < count; ++i) {
            std::string name = "fetcher ";
            options.push_back(
                {.server = server_, .name = name += std::to_string(i), .plane = {}, .streams = {}});
        }
        members_ = join_all(loop_, *tls_, batch_, options);
        transfers_.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            members_[i]->on_event = [this, i](const client::Event& event) {
                if (const auto* ticket = std::get_if<proto::Ticket>(&event))
                    transfers_[i] = std::make_unique<Transfer>(loop_, *tls_, server_, *ticket);
            };
        }
        run_for(loop_, 300ms);  // until signaling has published them
        enter();
        wire::Sha256Stream hash;
        for (std::uint64_t done = 0; done < size_; done += kBlock) hash.add(Bytes(block_).first(kBlock));
        digest_ = hash.digest();
    }

    void list() {
        begin();
        transfers_[0]->list();
        const auto time = finish();
        say("end", {{"ms", time * 1000}, {"files", static_cast<double>(transfers_[0]->listed)}});
    }
    void resume() {
        begin();
        transfers_[0]->upload(block_, size_, digest_);
        const auto& upload = transfers_[0]->uploading();
        wait_until(loop_, "not half of it", [&] { return upload.sent() >= size_ / 2; });
        const auto plan = upload.plan();
        const auto sent = upload.sent();
        transfers_[0].reset();
        enter();
        transfers_[0]->upload(block_, plan, digest_);
        wait_until(loop_, "no answer", [&] { return transfers_[0]->resumed_at.has_value(); });
        const auto kept = std::min(sent, *transfers_[0]->resumed_at);
        finish();
        say("end", {{"again", static_cast<double>(sent - kept)}});
    }
    void busy(Duration time) {
        prepare_file();
        begin();
        std::size_t moved = 0;
        const auto again = [&](std::size_t i) {
            if (i % 2 == 0)
                transfers_[i]->download(*transfers_[0]->stored);
            else
                transfers_[i]->upload(block_, size_, digest_);
        };
        for (std::size_t i = 0; i < transfers_.size(); ++i) again(i);
        while (net::now() < begun_ + time) {
            loop_.run_once(20ms);
            for (std::size_t i = 0; i < transfers_.size(); ++i) {
                if (!std::exchange(transfers_[i]->is_done, false)) continue;
                ++moved;
                again(i);
            }
        }
        say("end", {{"files", static_cast<double>(moved)}});
    }
    void transfer(bool is_upload) {
        if (!is_upload) prepare_file();
        begin();
        for (auto& transfer : transfers_) {
            if (is_upload)
                transfer->upload(block_, size_, digest_);
            else
                transfer->download(*transfers_[0]->stored);
        }
        const auto time = finish();
        const auto bytes = static_cast<double>(size_) * static_cast<double>(transfers_.size());
        say("end", {{"bytes", bytes},
                    {"seconds", time},
                    {"rate", bytes / time / 1e6},
                    {"first_byte_ms", seconds(transfers_[0]->first_byte) * 1000}});
    }

  private:
    template <class Is>
    bool all(Is is) const {
        return std::all_of(transfers_.begin(), transfers_.end(), is);
    }
    void enter() {
        for (auto& member : members_) member->act([](auto& session, auto& out) { session.open_files(out); });
        wait_until(loop_, "no way in",
                   [&] { return all([](const auto& t) { return t && t->has_entered; }); });
    }
    void prepare_file() {  // one that is there to be downloaded
        transfers_[0]->upload(block_, size_, digest_);
        while (!transfers_[0]->is_done) loop_.run_once(20ms);
        transfers_[0]->is_done = false;
    }
    void begin() {
        say("begin");
        begun_ = net::now();
    }
    // Since begin(), in seconds.
    double finish() {
        while (!all([](const auto& t) { return t->is_done; })) loop_.run_once(20ms);
        return seconds(net::now() - begun_);
    }

    Address server_;
    std::uint64_t size_;
    net::Loop loop_;
    DatagramBatch batch_{1 << 16};
    Result<net::TlsContext> tls_ = net::TlsContext::client();
    Buffer block_ = block_of(1);
    wire::Sha256 digest_{};
    std::vector<std::unique_ptr<Member>> members_;
    std::vector<std::unique_ptr<Transfer>> transfers_;
    Time begun_{};
};

void work(const Arguments& arguments) {
    const auto way = arguments.text("way", "down");
    Load load(arguments, arguments.number("transfers", 1));
    if (way == "list") return load.list();
    if (way == "resume") return load.resume();
    if (way == "busy") return load.busy(arguments.duration("seconds", 10));
    load.transfer(way == "up");
}

}  // namespace

int main(int argc, char** argv) { return run_program(argc, argv, work); }
