// The store in SQLite: one file in state_dir, WAL, synchronous=FULL (what is acknowledged survives a power
// cut).
#pragma once

#include <filesystem>
#include <memory>

#include "services/signaling/store.hpp"

namespace connectsphere::signaling {

// Throws std::runtime_error with a sentence when the file can not be opened or is not ours.
std::unique_ptr<Store> open_sqlite_store(const std::filesystem::path& file);

}  // namespace connectsphere::signaling
