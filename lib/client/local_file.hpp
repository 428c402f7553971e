// The two ends of a transfer on this machine: a file that is read, and a file that is written beside its
// place, as ".part", and takes it only when it is whole. Both hash what passes.
#pragma once

#include <filesystem>
#include <memory>

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/net/fd.hpp"
#include "lib/wire/sha256.hpp"

namespace connectsphere::client {

class LocalSource {
  public:
    static Result<LocalSource> open(const std::filesystem::path& path);

    std::uint64_t size() const { return size_; }
    // Changes when the content does: device, inode, size and time of change.
    const std::string& identity() const { return identity_; }
    std::uint64_t hashed() const { return hashed_; }            // bytes from the start
    Result<void> read(std::uint64_t offset, MutableBytes out);  // hashes what follows the hashed ones
    Result<void> hash_on(std::size_t most);                     // without anybody who wants the bytes
    wire::Sha256 digest() const { return hash_.digest(); }

  private:
    net::Fd fd_;
    std::uint64_t size_ = 0;
    std::string identity_;
    wire::Sha256Stream hash_;
    std::uint64_t hashed_ = 0;
};

class PartFile {
  public:
    // Goes on with what an earlier attempt left: `content` (SHA-256) is part of its name.
    static Result<PartFile> open(const std::filesystem::path& target, Bytes content, bool overwrite);

    std::uint64_t size() const { return size_; }
    std::uint64_t hashed() const { return hashed_; }
    Result<void> append(Bytes bytes);
    Result<void> hash_on(std::size_t most);  // what an earlier attempt left
    wire::Sha256 digest() const { return hash_.digest(); }
    Result<void> restart();   // its bytes are not those of the file
    Result<void> complete();  // takes its place; Errc::exists where that is taken

  private:
    net::Fd fd_;  // locked while it is open: two downloads do not write to one file
    std::filesystem::path part_, target_;
    bool overwrite_ = false;
    std::uint64_t size_ = 0;
    wire::Sha256Stream hash_;
    std::uint64_t hashed_ = 0;
};

}  // namespace connectsphere::client
