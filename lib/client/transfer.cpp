#include "lib/client/transfer.hpp"

#include <algorithm>

#include "lib/wire/frame.hpp"

namespace connectsphere::client {

namespace {

constexpr std::size_t kRecord = 16 << 10;  // of TLS, at most

}  // namespace

proto::ClientMessage UploadTransfer::begin() const {
    proto::ClientMessage message;
    auto& begin = *message.mutable_begin_upload();
    begin.set_upload_key(plan_.key);
    begin.set_name(plan_.name);
    begin.set_size(plan_.size);
    begin.set_media_type(plan_.media_type);
    begin.set_to_session_id(plan_.to_session);
    return message;
}

Result<void> UploadTransfer::ready(const proto::UploadReady& ready) {
    if (ready.offset() > plan_.size || ready.limit() > plan_.size || ready.limit() < ready.offset())
        return Error{Errc::malformed, "the server wants bytes that are not there"};
    id_ = ready.transfer_id();
    sent_ = ready.offset();
    limit_ = ready.limit();
    is_ready_ = true;
    return {};
}

void UploadTransfer::credit(const proto::UploadCredit& credit) {
    limit_ = std::clamp(credit.limit(), limit_, std::max(limit_, plan_.size));
}

std::optional<UploadTransfer::Span> UploadTransfer::next(std::size_t chunk) const {
    if (!is_ready_ || sent_ >= limit_) return std::nullopt;
    return Span{.offset = sent_,
                .size = static_cast<std::size_t>(std::min<std::uint64_t>(chunk, limit_ - sent_))};
}

std::optional<UploadTransfer::Span> UploadTransfer::next_in_frame(std::size_t chunk) const {
    const auto head = wire::kFrameHeaderSize + data_from(sent_).ByteSizeLong();
    const auto most = chunk > 2 * head ? chunk - head : chunk;
    const auto span = next(most);
    const bool is_rest = span && span->size < std::min(most, kRecord) && limit_ < plan_.size;
    return is_rest ? std::nullopt : span;
}

proto::ClientMessage UploadTransfer::data_from(std::uint64_t offset) const {
    proto::ClientMessage message;
    message.mutable_upload_data()->set_transfer_id(id_);
    message.mutable_upload_data()->set_offset(offset);
    return message;
}

proto::ClientMessage UploadTransfer::data(const Span& span) {
    sent_ = span.offset + span.size;
    return data_from(span.offset);
}

proto::ClientMessage UploadTransfer::finish(Bytes sha256) {
    is_ready_ = false;
    proto::ClientMessage message;
    message.mutable_finish_upload()->set_transfer_id(id_);
    message.mutable_finish_upload()->set_sha256(sha256.data(), sha256.size());
    return message;
}

proto::ClientMessage DownloadTransfer::begin() const {
    proto::ClientMessage message;
    message.mutable_begin_download()->set_file_id(file_.file_id());
    message.mutable_begin_download()->set_offset(received_);
    return message;
}

Result<void> DownloadTransfer::ready(const proto::DownloadReady& ready) {
    if (ready.offset() != received_ || ready.file().sha256() != file_.sha256() ||
        ready.file().size() != file_.size())
        return Error{Errc::malformed, "the server sends another file than was asked for"};
    id_ = ready.transfer_id();
    acknowledged_ = received_;
    return {};
}

Result<void> DownloadTransfer::data(std::uint64_t offset, std::size_t size) {
    if (offset != received_ || size > file_.size() - received_)
        return Error{Errc::malformed, "the server sends bytes out of order"};
    received_ += size;
    return {};
}

proto::ClientMessage DownloadTransfer::credit() {
    acknowledged_ = received_;
    proto::ClientMessage message;
    message.mutable_download_credit()->set_transfer_id(id_);
    message.mutable_download_credit()->set_received(received_);
    return message;
}

}  // namespace connectsphere::client
