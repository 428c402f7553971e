// X11SharedMemory: memory that an X11 display on this machine writes pictures into (MIT-SHM 1.2). It is an
// unnamed file that both map, so nothing is left behind however this process ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "lib/client/x11_connection.hpp"

namespace connectsphere::client {

class X11SharedMemory {
  public:
    // None where the display does not take it: then its pictures come through the socket.
    static std::optional<X11SharedMemory> open(const X11Connection& connection, std::size_t size);
    ~X11SharedMemory();
    X11SharedMemory(X11SharedMemory&& other) noexcept;
    X11SharedMemory& operator=(X11SharedMemory&& other) noexcept;

    std::byte* data() const { return data_; }
    std::uint32_t id() const { return id_; }

  private:
    X11SharedMemory() = default;

    xcb_connection_t* connection_ = nullptr;
    std::byte* data_ = nullptr;
    std::size_t size_ = 0;
    std::uint32_t id_ = 0;  // of the attached segment; 0: not attached
};

}  // namespace connectsphere::client
