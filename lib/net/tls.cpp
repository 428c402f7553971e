#include "lib/net/tls.hpp"

#include <sys/socket.h>

#include <algorithm>

#include "lib/net/openssl.hpp"
#include "lib/net/tcp.hpp"
#include "lib/net/tls_errors.hpp"
#include "lib/net/tls_socket.hpp"

namespace connectsphere::net {

namespace {

constexpr std::size_t kMaxRecord = 16 * 1024;     // RFC 8446 section 5.1
constexpr std::size_t kReadAtOnce = 64 * 1024;    // bytes in one on_bytes, of owners without a space
constexpr std::size_t kReadPerWake = 256 * 1024;  // then the others get their turn
constexpr std::size_t kKeptCapacity = 4 * 1024;   // an idle connection holds no larger output buffer

}  // namespace

// Lives in the loop's hands while one of its callbacks runs (LoopEntry), so that its owner may destroy it
// there: after each callback `attached` says whether that happened.
struct TlsConnection::Core : LoopEntry {
    enum class State { connecting, handshaking, open, closing, said_goodbye, closed };

    Core(Loop& loop, SSL* session, Fd socket, const Address& address, Handlers callbacks, std::size_t most)
        : fd(std::move(socket)),
          tcp(fd.get()),
          ssl(session),
          peer(address),
          handlers(std::move(callbacks)),
          limit(most) {
        tcp.attach_to(session);
        if (SSL_is_server(session) == 1) {
            state = State::handshaking;
            interest = EPOLLIN;
        }
        watch = loop.watch(fd.get(), interest, [this](auto events) { on_ready(events); });
        flush = loop.deferred([this] { write(); });
        again = loop.deferred([this] { read(); });
    }

    void detach(Loop&) override { release(); }
    void release();
    void end(Error error);

    void on_ready(std::uint32_t events);
    void connect();
    void handshake();
    void read();
    std::size_t read_once();
    Bytes put(Bytes bytes);
    bool put_output();
    void put_at_once(Bytes& bytes);
    void keep(Bytes bytes);
    void write();
    void after_write();
    void say_goodbye();
    void update_interest();

    Fd fd;
    TlsSocket tcp;
    Owned<SSL> ssl;
    Address peer;
    Handlers handlers;
    std::size_t limit;
    Watch watch;
    Deferred flush;
    Deferred again;  // reads what OpenSSL holds, where epoll can not see it
    State state = State::connecting;
    std::uint32_t interest = EPOLLOUT;  // a client's socket becomes writable once connected
    bool paused = false;
    bool read_blocked = false;   // a read waits for the socket to become writable
    bool write_blocked = false;  // so does a write
    bool broken = false;         // writing failed: only what has come in is left to read
    bool faulty = false;         // and it was TLS that failed: nothing more can be read either
    bool has_sent = false;       // past `output`; on_drained tells of it as well
    Buffer output;               // bounded by `limit`
    std::size_t sent = 0;        // bytes at the front of `output` that are gone
};

void TlsConnection::Core::release() {
    if (ssl && state == State::open && output.empty() && !broken) SSL_shutdown(ssl.get());
    ERR_clear_error();
    state = State::closed;
    watch.reset();
    flush.reset();
    again.reset();
    ssl.reset();
    fd.reset();
    output = Buffer();
    sent = 0;
}

void TlsConnection::Core::end(Error error) {
    release();
    if (handlers.on_close) handlers.on_close(error);
}

void TlsConnection::Core::on_ready(std::uint32_t events) {
    if (state == State::connecting) connect();
    if (state == State::handshaking) return handshake();
    if (state == State::closed) return;
    const bool hung_up = events & (EPOLLERR | EPOLLHUP);
    if (paused && hung_up) return end(lost(0));
    if ((events & EPOLLIN) || hung_up || read_blocked) read();
    if (attached && state != State::closed && (events & EPOLLOUT)) write();
}

void TlsConnection::Core::connect() {
    if (const auto result = connect_result(fd.get(), peer); !result) return end(result.error());
    state = State::handshaking;
}

void TlsConnection::Core::handshake() {
    ERR_clear_error();
    errno = 0;
    tcp.on_readable();
    const int result = SSL_do_handshake(ssl.get());
    if (result == 1) {
        state = State::open;
        write_blocked = false;
        update_interest();
        if (handlers.on_open) handlers.on_open();
        if (attached && !output.empty()) flush.request();
        return;
    }
    const int number = errno;
    switch (SSL_get_error(ssl.get(), result)) {
        case SSL_ERROR_WANT_READ:
            write_blocked = false;
            return update_interest();
        case SSL_ERROR_WANT_WRITE:
            write_blocked = true;
            return update_interest();
        case SSL_ERROR_SYSCALL:
            return end(lost(number));
        default:
            return end(handshake_error(SSL_is_server(ssl.get()) == 1));
    }
}

// What is there, up to a limit: a turn of the loop costs as much as reading some records. What OpenSSL has of
// a record is taken to its end.
void TlsConnection::Core::read() {
    tcp.on_readable();
    std::size_t read = 0;
    while (!paused && (read < kReadPerWake || SSL_pending(ssl.get()) > 0)) {
        const auto got = read_once();
        if (got == 0) return;
        read += got;
    }
}

// How many bytes came where there may be more, else 0.
std::size_t TlsConnection::Core::read_once() {
    std::array<std::uint8_t, kReadAtOnce> own;
    const bool is_wanted = state == State::open;
    const MutableBytes space = is_wanted && handlers.space ? handlers.space() : MutableBytes(own);
    std::size_t used = 0;
    int failure = SSL_ERROR_NONE;
    int number = 0;
    while (failure == SSL_ERROR_NONE && used < space.size()) {
        ERR_clear_error();
        errno = 0;
        std::size_t got = 0;
        const int result = SSL_read_ex(ssl.get(), space.data() + used, space.size() - used, &got);
        number = errno;
        used += got;
        if (result != 1) failure = SSL_get_error(ssl.get(), result);
    }
    read_blocked = failure == SSL_ERROR_WANT_WRITE;
    const bool unexpected_end = ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    if (used > 0 && is_wanted && handlers.on_bytes) handlers.on_bytes(space.first(used));
    if (!attached || state == State::closed) return 0;
    switch (failure) {
        case SSL_ERROR_NONE:
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            update_interest();
            return failure == SSL_ERROR_NONE ? used : 0;
        case SSL_ERROR_ZERO_RETURN:
            end(Error{Errc::closed, state == State::open ? "by the peer" : "as asked"});
            return 0;
        case SSL_ERROR_SYSCALL:
            end(lost(number));
            return 0;
        default:
            end(unexpected_end ? lost(0) : Error{Errc::malformed, "TLS record"});
            return 0;
    }
}

// Gives to the kernel what it takes, and returns the rest.
Bytes TlsConnection::Core::put(Bytes bytes) {
    while (!broken && !write_blocked && !bytes.empty()) {
        ERR_clear_error();
        std::size_t written = 0;
        const int result =
            SSL_write_ex(ssl.get(), bytes.data(), std::min(bytes.size(), kMaxRecord), &written);
        bytes = bytes.subspan(written);
        if (result == 1) continue;
        const int failure = SSL_get_error(ssl.get(), result);
        write_blocked = failure == SSL_ERROR_WANT_WRITE;
        if (failure == SSL_ERROR_WANT_READ) break;
        // The peer may have said why before it went. Its hang-up wakes the loop at once, and we read that
        // first.
        broken = !write_blocked;
        faulty = broken && failure != SSL_ERROR_SYSCALL;
    }
    return bytes;
}

// Whether nothing is left in `output`.
bool TlsConnection::Core::put_output() {
    sent = output.size() - put(Bytes(output).subspan(sent)).size();
    return sent == output.size();
}

// Whole records need not wait for others to fill one, and go without being copied: takes from the front of
// `bytes` what the kernel takes behind `output`.
void TlsConnection::Core::put_at_once(Bytes& bytes) {
    if (state != State::open || bytes.size() < kMaxRecord) return;
    tcp.hold();  // packets are filled until the end of the loop's turn
    if (!put_output()) return;
    output.clear();
    sent = 0;
    has_sent = true;
    const auto records = bytes.size() - bytes.size() % kMaxRecord;
    bytes = bytes.subspan(records - put(bytes.first(records)).size());
    if (write_blocked) update_interest();
}

// Sends it at the end of the loop's turn, with what comes until then.
void TlsConnection::Core::keep(Bytes bytes) {
    output.insert(output.end(), bytes.begin(), bytes.end());
    if (state == State::open && !write_blocked) flush.request();
}

void TlsConnection::Core::write() {
    write_blocked = false;
    if (state == State::connecting || state == State::handshaking) return;
    if (output.size() - sent > kMaxRecord) tcp.hold();
    put_output();
    tcp.push();
    if (faulty) return end(Error{Errc::malformed, "TLS write"});
    after_write();
}

void TlsConnection::Core::after_write() {
    const bool has_moved = std::exchange(has_sent, false) || sent > 0;
    const bool drained = has_moved && sent == output.size();
    if (drained || broken) {
        if (output.capacity() > kKeptCapacity)
            output = Buffer();
        else
            output.clear();
        sent = 0;
    } else if (sent > output.size() / 2) {  // move what is left at most once per byte sent
        output.erase(output.begin(), output.begin() + static_cast<std::ptrdiff_t>(sent));
        sent = 0;
    }
    if (state == State::closing && output.empty()) say_goodbye();
    update_interest();
    if (drained && state == State::open && !broken && handlers.on_drained) handlers.on_drained();
}

void TlsConnection::Core::say_goodbye() {
    ERR_clear_error();
    const int result = broken ? 0 : SSL_shutdown(ssl.get());
    if (result < 0 && SSL_get_error(ssl.get(), result) == SSL_ERROR_WANT_WRITE) {
        write_blocked = true;
        return;
    }
    ::shutdown(fd.get(), SHUT_WR);
    state = State::said_goodbye;
}

void TlsConnection::Core::update_interest() {
    const bool wants_out = write_blocked || read_blocked;
    const std::uint32_t wanted = (paused ? 0U : unsigned{EPOLLIN}) | (wants_out ? unsigned{EPOLLOUT} : 0U);
    if (std::exchange(interest, wanted) != wanted) watch.set(wanted);
}

TlsConnection::TlsConnection(Loop& loop, const TlsContext& context, Fd fd, const Address& peer,
                             Handlers handlers, std::size_t limit) {
    SSL* ssl = SSL_new(context.context_.get());
    if (!ssl) throw std::bad_alloc();
    if (context.is_server())
        SSL_set_accept_state(ssl);
    else
        SSL_set_connect_state(ssl);
    loop_ = &loop;
    entry_ = std::make_unique<Core>(loop, ssl, std::move(fd), peer, std::move(handlers), limit);
}

TlsConnection::Core& TlsConnection::core() const { return static_cast<Core&>(*entry_); }

Result<void> TlsConnection::send(Bytes bytes) {
    if (!can_send()) return Error{Errc::closed, "connection"};
    auto& core = this->core();
    if (bytes.size() > core.limit - std::min(core.limit, buffered()))
        return Error{Errc::full, "output buffer"};
    core.put_at_once(bytes);
    core.keep(bytes);
    return {};
}

Result<std::size_t> TlsConnection::offer(Bytes bytes) {
    if (!can_send()) return Error{Errc::closed, "connection"};
    auto& core = this->core();
    if (core.state != Core::State::open) return std::size_t{0};
    auto rest = bytes;
    core.put_at_once(rest);
    if (rest.size() >= kMaxRecord && !core.output.empty()) return std::size_t{0};
    // OpenSSL has the record already that the kernel did not take.
    const auto kept = rest.first(std::min(rest.size(), kMaxRecord));
    core.keep(kept);
    return bytes.size() - rest.size() + kept.size();
}

void TlsConnection::flush() {
    if (!is_open()) return;
    core().put_output();
    core().tcp.push();
}

bool TlsConnection::can_send() const {
    return entry_ && core().state < Core::State::closing && !core().broken;
}

std::size_t TlsConnection::buffered() const { return entry_ ? core().output.size() - core().sent : 0; }

void TlsConnection::close() {
    if (!entry_ || core().state >= Core::State::closing) return;
    auto& core = this->core();
    // Before the handshake is done there is nobody to say goodbye to.
    if (core.state != Core::State::open) ::shutdown(core.fd.get(), SHUT_RDWR);
    if (core.state != Core::State::open) return;
    core.state = Core::State::closing;
    resume();
    if (!core.write_blocked) core.flush.request();
}

void TlsConnection::pause() {
    if (!is_open()) return;
    core().paused = true;
    core().update_interest();
}

void TlsConnection::resume() {
    if (!entry_ || !core().paused || core().state == Core::State::closed) return;
    core().paused = false;
    core().update_interest();
    if (SSL_pending(core().ssl.get()) > 0) core().again.request();
}

bool TlsConnection::is_open() const { return entry_ && core().state == Core::State::open; }

const Address& TlsConnection::peer() const { return core().peer; }

std::string TlsConnection::peer_fingerprint() const {
    if (!entry_ || !core().ssl) return {};
    const Owned<X509> certificate(SSL_get1_peer_certificate(core().ssl.get()));
    return certificate ? fingerprint_of(certificate.get()) : std::string();
}

}  // namespace connectsphere::net
