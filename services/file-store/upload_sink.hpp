// Where the bytes of an upload go. The engine collects them in batches, where they were received; a job
// brings a batch to the disk and into the SHA-256 while it is still in the processor's cache.
#pragma once

#include <vector>

#include "services/file-store/storage.hpp"

namespace connectsphere::file_store {

// Bytes that follow one another. They are kept where they are (wire::FrameView::block) if they nearly fill
// that; else they are copied together: a sender of single bytes does not hold a block with each.
class UploadBatch {
  public:
    void add(Bytes bytes, std::shared_ptr<const Buffer> block);
    bool is_empty() const { return pieces_.empty(); }

    template <class Use>  // of each piece, in order, until one fails
    Result<void> each(Use use) const {
        for (const auto& piece : pieces_) {
            if (auto used = use(piece.block ? piece.kept : Bytes(piece.copy)); !used) return used;
        }
        return {};
    }

  private:
    struct Piece {
        Bytes kept;
        std::shared_ptr<const Buffer> block;  // what `kept` is a part of; shared with its parser
        Buffer copy;                          // where nothing is kept
    };
    std::vector<Piece> pieces_;
};

class UploadSink {
  public:
    static constexpr std::uint64_t kSlice = 16 << 20;     // read back in one job: others wait
    static constexpr std::uint64_t kBehind = 64 << 20;    // then what comes waits for the hash
    static constexpr std::uint64_t kWriteBack = 4 << 20;  // bytes that are worth a call
    static constexpr int kJobs = 2;                       // at once: one works, and the next is there

    struct Progress {
        std::uint64_t written = 0;  // bytes from the start that are in the file
        std::uint64_t hashed = 0;   // and those that are in the hash as well
    };

    // Goes on behind `size` bytes that are in the file; not while a job is under way.
    void go_on_at(std::uint64_t size);

    // In a job, one after another. What an earlier life of the process has received is read back for the
    // hash, a slice at a time. After a failure nothing more is taken until go_on_at(), for it would leave a
    // hole. Errc::truncated: what was there is gone.
    Result<void> take(OpenFile& file, const UploadBatch& batch);

    Progress progress() const { return progress_; }  // in a job, or while none is under way
    Sha256 digest() const { return hash_.digest(); }

    int jobs = 0;  // under way; the engine counts

  private:
    Result<void> catch_up(OpenFile& file);

    wire::Sha256Stream hash_;
    Progress progress_;
    std::uint64_t written_back_ = 0;
    bool has_failed_ = false;
};

}  // namespace connectsphere::file_store
