// One file on its way, as two state machines: what has been sent or has arrived, what may follow, and the
// messages for it. Pure: file_client gives them a connection and a disk. A broken connection is begin()
// again: an upload goes on where the server's bytes end, a download where ours do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "proto/client.pb.h"

namespace connectsphere::client {

struct UploadPlan {
    std::string key{};  // 32 bytes: names the upload, for as long as it takes
    std::string name{};
    std::uint64_t size = 0;
    std::string media_type{};
    std::uint64_t to_session = 0;  // 0: everybody in the room
};

class UploadTransfer {
  public:
    struct Span {
        std::uint64_t offset;
        std::size_t size;
    };

    explicit UploadTransfer(UploadPlan plan) : plan_(std::move(plan)) {}

    proto::ClientMessage begin() const;
    Result<void> ready(const proto::UploadReady& ready);
    void credit(const proto::UploadCredit& credit);

    // The next bytes that may be sent, at most `chunk`; nothing where credit must come first.
    std::optional<Span> next(std::size_t chunk) const;
    // The same, as many as make a frame of `chunk` bytes, which fills TLS records. A few bytes at the end of
    // the credit wait for more of it.
    std::optional<Span> next_in_frame(std::size_t chunk) const;
    proto::ClientMessage data(const Span& span);  // the bytes go beside it
    bool is_sent() const { return is_ready_ && sent_ == plan_.size; }
    proto::ClientMessage finish(Bytes sha256);

    const UploadPlan& plan() const { return plan_; }
    std::uint32_t id() const { return id_; }
    std::uint64_t sent() const { return sent_; }

  private:
    proto::ClientMessage data_from(std::uint64_t offset) const;

    UploadPlan plan_;
    std::uint32_t id_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t limit_ = 0;
    bool is_ready_ = false;
};

class DownloadTransfer {
  public:
    // Bytes that arrive before the server is told. Its window is one for all downloads of a connection, and
    // so is this count: each transfer that waited for a step of its own could wait for the window of the
    // others.
    static constexpr std::uint64_t kCreditStep = 192 << 10;

    explicit DownloadTransfer(proto::FileInfo file, std::uint64_t received = 0)
        : file_(std::move(file)), received_(received), acknowledged_(received) {}

    proto::ClientMessage begin() const;
    Result<void> ready(const proto::DownloadReady& ready);
    Result<void> data(std::uint64_t offset, std::size_t size);  // bytes that were written
    std::uint64_t unacknowledged() const { return received_ - acknowledged_; }
    proto::ClientMessage credit();  // acknowledges them
    bool is_complete() const { return received_ == file_.size(); }
    void go_on_at(std::uint64_t received) { received_ = acknowledged_ = received; }

    const proto::FileInfo& file() const { return file_; }
    std::uint32_t id() const { return id_; }
    std::uint64_t received() const { return received_; }

  private:
    proto::FileInfo file_;
    std::uint32_t id_ = 0;
    std::uint64_t received_;
    std::uint64_t acknowledged_;
};

}  // namespace connectsphere::client
