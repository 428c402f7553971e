// What the file store keeps, and where: the engine decides, a Storage does. On disk it is folders of blobs
// and an SQLite index (disk_storage); in tests it is memory. Names that people gave to files are data in
// here: blobs are named by their content, unfinished uploads by the hash of their key.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/result.hpp"
#include "lib/wire/sha256.hpp"
#include "proto/files.pb.h"

namespace connectsphere::file_store {

using wire::Sha256;
using UploadId = Sha256;  // the hash of the upload's key: who reads the index can not continue an upload

struct StoredFile {
    proto::FileInfo info;
    std::string room;  // by name: a room that was empty for a while has its files again
    UploadId upload{};
};

struct UnfinishedUpload {
    UploadId id{};
    std::string room;
    proto::FileInfo info;          // without file_id, sha256, version and times
    std::uint64_t touched_at = 0;  // Unix milliseconds
    std::uint64_t received = 0;    // bytes that are there
    std::uint64_t synced = 0;      // … of which so many survive a power cut
};

// An open upload or blob. One thread may read it while another writes behind what that reads.
class OpenFile {
  public:
    virtual ~OpenFile() = default;
    virtual std::uint64_t size() const = 0;
    // Fewer bytes than asked for only at the end of the file.
    virtual Result<std::size_t> read(std::uint64_t offset, MutableBytes out) = 0;
    virtual Result<void> write(std::uint64_t offset, Bytes bytes) = 0;  // Errc::full: the disk is full
    // Begins to bring what was written to the disk, so that finish() has little left to wait for.
    virtual void write_back(std::uint64_t, std::uint64_t) {}
    // Waits until what was written is on the disk.
    virtual Result<void> sync() { return {}; }
};

class Storage {
  public:
    struct Contents {
        std::vector<StoredFile> files;
        std::vector<UnfinishedUpload> uploads;
        std::uint64_t last_file_id = 0;
    };

    virtual ~Storage() = default;

    // While starting up: what there is, after tidying what a crash or a power cut left behind.
    virtual Result<Contents> load() = 0;

    // In the engine's turn: quick.
    virtual std::uint64_t available() const = 0;  // bytes
    virtual Result<std::shared_ptr<OpenFile>> open(const Sha256& content) = 0;

    // In jobs, one after another: they wait for the disk.
    virtual Result<std::shared_ptr<OpenFile>> begin(const UnfinishedUpload& upload) = 0;  // new, or again
    // The first `bytes` of the upload survive a power cut.
    virtual Result<void> secure(const UploadId& upload, OpenFile& file, std::uint64_t bytes) = 0;
    virtual Result<void> finish(StoredFile& file) = 0;  // durable, with a version; or as if never asked
    virtual Result<void> discard(const UploadId& upload) = 0;
    virtual Result<void> remove(std::uint64_t file_id, const Sha256& content) = 0;
};

}  // namespace connectsphere::file_store
