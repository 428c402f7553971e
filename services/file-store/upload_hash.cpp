#include "services/file-store/upload_hash.hpp"

#include <algorithm>

namespace connectsphere::file_store {

namespace {

constexpr std::size_t kBlock = 256 << 10;  // read at once: it stays in the processor's cache

}  // namespace

Result<void> UploadHash::read_on(OpenFile& file, std::uint64_t end) {
    const auto begin = hashed_;
    Buffer block(std::min<std::uint64_t>(kBlock, end - begin));
    while (hashed_ < end) {
        const auto part = MutableBytes(block).first(std::min<std::uint64_t>(block.size(), end - hashed_));
        const auto got = file.read(hashed_, part);
        if (!got || *got != part.size()) return Error{Errc::system, "upload can not be read"};
        stream_.add(part);
        hashed_ += part.size();
    }
    file.write_back(begin, end);
    return {};
}

}  // namespace connectsphere::file_store
