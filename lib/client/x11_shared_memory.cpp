#include "lib/client/x11_shared_memory.hpp"

#include <sys/mman.h>
#include <xcb/shm.h>

#include <utility>

#include "lib/net/fd.hpp"

namespace connectsphere::client {

std::optional<X11SharedMemory> X11SharedMemory::open(const X11Connection& connection, std::size_t size) {
    if (!connection.extensions().has_shared_memory) return std::nullopt;
    net::Fd file(memfd_create("connectsphere-screen", MFD_CLOEXEC));
    if (!file || ftruncate(file.get(), static_cast<off_t>(size)) != 0) return std::nullopt;
    void* const mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (mapped == MAP_FAILED) return std::nullopt;

    X11SharedMemory out;
    out.connection_ = connection.get();
    out.data_ = static_cast<std::byte*>(mapped);
    out.size_ = size;
    const std::uint32_t id = xcb_generate_id(out.connection_);
    const auto asked = xcb_shm_attach_fd_checked(out.connection_, id, file.release(), 0);  // libxcb closes it
    const Xcb<xcb_generic_error_t> fault(xcb_request_check(out.connection_, asked));
    if (fault) return std::nullopt;
    out.id_ = id;
    return out;
}

X11SharedMemory::~X11SharedMemory() {
    if (id_ != 0) xcb_shm_detach(connection_, id_);
    if (data_) munmap(data_, size_);
}

X11SharedMemory::X11SharedMemory(X11SharedMemory&& other) noexcept
    : connection_(other.connection_),
      data_(std::exchange(other.data_, nullptr)),
      size_(other.size_),
      id_(std::exchange(other.id_, 0)) {}

X11SharedMemory& X11SharedMemory::operator=(X11SharedMemory&& other) noexcept {
    std::swap(connection_, other.connection_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(id_, other.id_);
    return *this;
}

}  // namespace connectsphere::client
