// Large buffers that are used again: from the heap, 128 KiB cost as much as filling them.
#pragma once

#include <memory>
#include <vector>

#include "lib/base/bytes.hpp"

namespace connectsphere {

class BufferPool {
  public:
    explicit BufferPool(std::size_t kept) : kept_(kept) {}  // beyond those, more are made and forgotten

    // One that nobody else has, as its last user left it. It is free again when all who shared it have let go
    // of it, in the thread that takes. The first ones come first, so that few are in use and those stay in
    // the processor's cache.
    std::shared_ptr<Buffer> take() {
        for (const auto& buffer : buffers_) {
            if (buffer.use_count() == 1) return buffer;
        }
        auto buffer = std::make_shared<Buffer>();
        if (buffers_.size() < kept_) buffers_.push_back(buffer);
        return buffer;
    }

  private:
    std::size_t kept_;
    std::vector<std::shared_ptr<Buffer>> buffers_;  // shared with their users
};

}  // namespace connectsphere
