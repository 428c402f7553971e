// The two ends of a transfer on this machine: a file that is read, and a file that is written beside its
// place, as ".part", and takes it only when it is whole. Both hash what passes. Both are open only from
// open() to close(), so that ten thousand of them may wait for their turn.
#pragma once

#include <filesystem>
#include <string>

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/net/fd.hpp"
#include "lib/wire/sha256.hpp"
#include "proto/client.pb.h"

namespace connectsphere::client {

class LocalSource {
  public:
    // What there is to send, closed again.
    static Result<LocalSource> inspect(const std::filesystem::path& path);

    Result<void> open();  // the file that was inspected, or an error
    void close() { fd_ = {}; }
    std::uint64_t size() const { return size_; }
    // Changes when the content does: device, inode, size and time of change.
    const std::string& identity() const { return identity_; }
    Result<void> check_unchanged() const;                       // since it was inspected
    std::uint64_t hashed() const { return hashed_; }            // bytes from the start
    Result<void> read(std::uint64_t offset, MutableBytes out);  // hashes what follows the hashed ones
    Result<void> hash_on(std::size_t most);                     // without anybody who wants the bytes
    wire::Sha256 digest() const { return hash_.digest(); }

  private:
    net::Fd fd_;
    std::filesystem::path path_;
    std::uint64_t size_ = 0;
    std::string identity_;
    wire::Sha256Stream hash_;
    std::uint64_t hashed_ = 0;
};

class PartFile {
  public:
    // The content's SHA-256 is part of its name, so that it goes on with what an earlier attempt left. Where
    // the target is there and may not be overwritten, it stands for it, if only it has the same size: whoever
    // repeats a command has some of the files already. Errc::exists otherwise.
    static Result<PartFile> beside(const std::filesystem::path& target, const proto::FileInfo& content,
                                   bool overwrite);

    Result<void> open();  // and lock; what is there already is to be hashed
    void close();
    std::uint64_t size() const { return size_; }
    std::uint64_t hashed() const { return hashed_; }
    Result<void> append(Bytes bytes);
    Result<void> hash_on(std::size_t most);  // what an earlier attempt left
    wire::Sha256 digest() const { return hash_.digest(); }
    Result<void> restart();  // its bytes are not those of the file; Errc::exists where they are the target's
    // Takes its place, once it is on disk: that may take a while. Errc::exists where the place is taken.
    Result<void> complete();

  private:
    net::Fd fd_;  // locked while it is open: two downloads do not write to one file
    std::filesystem::path part_, target_;
    bool overwrite_ = false;
    bool is_target_ = false;  // what is read is the target itself
    std::uint64_t size_ = 0;
    wire::Sha256Stream hash_;
    std::uint64_t hashed_ = 0;
};

}  // namespace connectsphere::client
