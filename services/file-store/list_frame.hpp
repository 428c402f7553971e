// The answer to ListFiles as a frame, of a list that is serialised already.
#pragma once

#include <memory>

#include "services/file-store/catalogue.hpp"

namespace connectsphere::file_store {

std::shared_ptr<const Buffer> list_frame(std::uint64_t request, const Catalogue::Page& page);

}  // namespace connectsphere::file_store
