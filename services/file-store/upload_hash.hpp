// UploadHash: the SHA-256 of an upload, made beside its arrival. Jobs read back what has been written, while
// it is still in the kernel's memory: whoever receives does not wait for a hash, no bytes are kept for it,
// and what an earlier life of the process has received is hashed in the same way.
#pragma once

#include "services/file-store/storage.hpp"

namespace connectsphere::file_store {

class UploadHash {
  public:
    static constexpr std::uint64_t kBatch = 4 << 20;    // bytes that are worth waking a thread for
    static constexpr std::uint64_t kSlice = 16 << 20;   // in one job: the others have their turn between
    static constexpr std::uint64_t kBehind = 64 << 20;  // then what comes waits for the hash

    // In a job; nobody else touches the hash meanwhile.
    Result<void> read_on(OpenFile& file, std::uint64_t end);

    std::uint64_t hashed() const { return hashed_; }  // bytes from the start
    Sha256 digest() const { return stream_.digest(); }

    bool is_busy = false;  // a job has it

  private:
    wire::Sha256Stream stream_;
    std::uint64_t hashed_ = 0;
};

}  // namespace connectsphere::file_store
