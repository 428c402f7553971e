#include "tests/bench/load/rfb_viewer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <initializer_list>

#include "tests/bench/load/program.hpp"

namespace connectsphere::bench {

namespace {

constexpr std::size_t kBuffer = 256 << 10;
// https://github.com/rfbproto/rfbproto: encodings
constexpr std::int32_t kRaw = 0, kCopy = 1, kTight = 7, kLastRectangle = -224;
// Of TigerVNC's ten steps the one that is nearest to what we send: JPEG at 77 with halved colours.
constexpr std::int32_t kJpegQuality5 = -27;
constexpr std::int32_t kCompression2 = -254;  // what TigerVNC's own viewer asks for

}  // namespace

RfbViewer::RfbViewer(std::uint16_t port, OnUpdate on_update)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      on_update_(std::move(on_update)),
      buffer_(kBuffer) {
    sockaddr_in server{};
    server.sin_family = AF_INET;
    server.sin_port = htons(port);
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const void* raw = &server;
    if (connect(socket_.get(), static_cast<const sockaddr*>(raw), sizeof(server)) != 0)
        give_up("no VNC server");
    const int on = 1;
    setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    greet();
    thread_ = std::thread([this] { run(); });
}

RfbViewer::~RfbViewer() {
    shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
}

void RfbViewer::greet() {
    skip(12);
    send({'R', 'F', 'B', ' ', '0', '0', '3', '.', '0', '0', '8', '\n'});
    skip(number(1));  // the kinds of security on offer
    send({1});        // none
    if (number(4) != 0) give_up("the VNC server wants a password");
    send({1});  // others may look too
    width_ = static_cast<std::uint16_t>(number(2));
    height_ = static_cast<std::uint16_t>(number(2));
    skip(16);         // its pixels are 32 bits, as ours
    skip(number(4));  // its name
    std::vector<std::uint8_t> wish{2, 0, 0, 6};
    for (const auto encoding : {kTight, kCopy, kRaw, kLastRectangle, kJpegQuality5, kCompression2}) {
        const auto word = static_cast<std::uint32_t>(encoding);
        for (const int shift : {24, 16, 8, 0}) wish.push_back(static_cast<std::uint8_t>(word >> shift));
    }
    if (!send(wish) || !ask(false)) give_up("the VNC server has gone");
}

void RfbViewer::run() {
    for (bool open = true; open && !ended_;) {
        const auto type = number(1);
        if (ended_) return;
        if (type == 0) {
            open = read_update() && ask(true);
        } else if (type == 3) {  // a clipboard
            open = skip(3) && skip(number(4));
        } else if (type != 2) {  // a bell
            give_up("the VNC server says what nobody asked for");
        }
    }
}

bool RfbViewer::read_update() {
    bytes_ = 1;
    last_rectangle_ = false;
    skip(1);
    for (auto left = number(2); left > 0 && !last_rectangle_; --left) {
        if (!read_rectangle()) return false;
    }
    on_update_(bytes_);
    return !ended_;
}

bool RfbViewer::read_rectangle() {
    skip(4);  // x, y
    const auto width = number(2);
    const auto height = number(2);
    const auto encoding = static_cast<std::int32_t>(number(4));
    switch (encoding) {
        case kRaw:
            return skip(width * height * 4);
        case kCopy:
            return skip(4);
        case kTight:
            return read_tight(width, height);
        case kLastRectangle:
            last_rectangle_ = true;
            return !ended_;
        default:
            give_up("the VNC server sends an encoding that nobody asked for");
    }
}

// Of 24-bit pixels, which Tight packs into 3 bytes.
bool RfbViewer::read_tight(std::size_t width, std::size_t height) {
    constexpr std::size_t kFill = 8, kJpeg = 9, kUncompressed = 12;
    const auto control = number(1);
    if (control >> 4 == kFill) return skip(3);
    if (control >> 4 == kJpeg) return skip_compact();
    std::size_t size = width * height * 3;
    const bool has_filter = (control & 0x40) != 0;
    if (has_filter && number(1) == 1) {  // a palette
        const auto colours = number(1) + 1;
        skip(colours * 3);
        size = colours == 2 ? (width + 7) / 8 * height : width * height;
    }
    return size < kUncompressed ? skip(size) : skip_compact();
}

// A length in one to three bytes of seven bits, the lowest first, and so many bytes.
bool RfbViewer::skip_compact() {
    std::size_t size = 0;
    for (int shift = 0; shift <= 14; shift += 7) {
        const auto byte = number(1);
        size |= (shift == 14 ? byte : byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) break;
    }
    return skip(size);
}

bool RfbViewer::ask(bool incremental) {
    const auto high = [](std::uint16_t value) { return static_cast<std::uint8_t>(value >> 8); };
    const auto low = [](std::uint16_t value) { return static_cast<std::uint8_t>(value); };
    return send({3, static_cast<std::uint8_t>(incremental), 0, 0, 0, 0, high(width_), low(width_),
                 high(height_), low(height_)});
}

std::size_t RfbViewer::number(std::size_t bytes) {
    std::size_t value = 0;
    for (; bytes > 0; --bytes) {
        if (at_ == end_ && !fill()) return 0;
        value = value << 8 | buffer_[at_++];
        ++bytes_;
    }
    return value;
}

bool RfbViewer::skip(std::size_t bytes) {
    bytes_ += bytes;
    while (bytes > 0) {
        if (at_ == end_ && !fill()) return false;
        const auto step = std::min(bytes, end_ - at_);
        at_ += step;
        bytes -= step;
    }
    return !ended_;
}

bool RfbViewer::fill() {
    const auto got = recv(socket_.get(), buffer_.data(), buffer_.size(), 0);
    at_ = 0;
    end_ = got > 0 ? static_cast<std::size_t>(got) : 0;
    ended_ = got <= 0;
    return !ended_;
}

bool RfbViewer::send(const std::vector<std::uint8_t>& bytes) {
    return ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
}

}  // namespace connectsphere::bench
