// Unix-domain sockets between the processes of one machine: whole messages (SOCK_SEQPACKET), and descriptors
// that travel with them (SCM_RIGHTS). This is how sockets are lent, and secrets handed over in a memfd.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "lib/base/bytes.hpp"
#include "lib/net/fd.hpp"

namespace connectsphere::net {

constexpr std::size_t kMaxFdsPerMessage = 16;

// Listens at `path`, mode 0660. A socket file that a dead process left behind is replaced; one that somebody
// answers on is Errc::exists.
Result<Fd> listen_local(const std::string& path);
Result<Fd> connect_local(const std::string& path);  // Errc::unavailable: nobody listens; would_block: a crowd
Result<Fd> accept_local(int listener);              // Errc::would_block when nobody waits

// The user that a peer runs as, by the kernel's word.
Result<unsigned> peer_user(int fd);

// One message, not empty, all or nothing; the descriptors are duplicated, the caller keeps its own.
// Errc::would_block when the queue is full, Errc::closed when the peer is gone.
Result<void> send_with_fds(int fd, Bytes message, std::span<const int> fds);

// One message into `buffer`: its size. The descriptors that came with it are appended to `fds` (CLOEXEC).
// Errc::oversized when message or descriptors were cut off; then everything of it was thrown away.
Result<std::size_t> receive_with_fds(int fd, MutableBytes buffer, std::vector<Fd>& fds);

// Bytes in anonymous memory, sealed: whoever gets the descriptor can read them, and nobody can change them.
Result<Fd> memfd_of(Bytes bytes);

// Refuses what is not sealed (its owner could change it while we read) or is longer than `max_size`.
Result<Buffer> read_memfd(int fd, std::size_t max_size);

}  // namespace connectsphere::net
