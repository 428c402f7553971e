#include "services/file-store/upload_sink.hpp"

#include <algorithm>

namespace connectsphere::file_store {

namespace {

constexpr std::size_t kBlock = 256 << 10;   // read at once: it stays in the processor's cache
constexpr std::size_t kGrowth = 128 << 10;  // of a copy

}  // namespace

void UploadBatch::add(Bytes bytes, std::shared_ptr<const Buffer> block) {
    if (block && bytes.size() >= block->size() - block->size() / 8) {
        pieces_.push_back({.kept = bytes, .block = std::move(block), .copy = {}});
        return;
    }
    if (pieces_.empty() || pieces_.back().block) pieces_.emplace_back();
    auto& copy = pieces_.back().copy;
    if (copy.capacity() - copy.size() < bytes.size())
        copy.reserve(copy.size() + std::max(bytes.size(), kGrowth));
    copy.insert(copy.end(), bytes.begin(), bytes.end());
}

void UploadSink::go_on_at(std::uint64_t size) {
    if (progress_.hashed > size) {  // bytes that we had are gone: what is there counts
        hash_ = {};
        progress_.hashed = 0;
    }
    progress_.written = size;
    has_failed_ = false;
}

Result<void> UploadSink::take(OpenFile& file, const UploadBatch& batch) {
    if (has_failed_) return Error{Errc::system, "an earlier write failed"};
    auto taken = batch.each([&](Bytes bytes) -> Result<void> {
        if (auto written = file.write(progress_.written, bytes); !written) return written;
        if (progress_.hashed == progress_.written) {
            hash_.add(bytes);
            progress_.hashed += bytes.size();
        }
        progress_.written += bytes.size();
        return {};
    });
    if (taken) taken = catch_up(file);
    has_failed_ = !taken;
    if (progress_.written - std::min(written_back_, progress_.written) >= kWriteBack) {
        file.write_back(written_back_, progress_.written);
        written_back_ = progress_.written;
    }
    return taken;
}

Result<void> UploadSink::catch_up(OpenFile& file) {
    const auto end = std::min(progress_.written, progress_.hashed + kSlice);
    Buffer block(std::min<std::uint64_t>(kBlock, end - progress_.hashed));
    while (progress_.hashed < end) {
        const auto part =
            MutableBytes(block).first(std::min<std::uint64_t>(block.size(), end - progress_.hashed));
        const auto got = file.read(progress_.hashed, part);
        if (!got || *got != part.size()) return Error{Errc::truncated, "upload can not be read"};
        hash_.add(part);
        progress_.hashed += part.size();
    }
    return {};
}

}  // namespace connectsphere::file_store
