#include "tests/bench/load/floor_relay.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <openssl/evp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "lib/base/seq.hpp"
#include "lib/wire/rtp.hpp"
#include "lib/wire/srtp_kdf.hpp"
#include "tests/bench/load/program.hpp"

namespace connectsphere::bench {

namespace {

constexpr std::size_t kTag = 16;
constexpr std::size_t kHeader = wire::kRtpFixedHeaderSize;
constexpr int kSocketBuffer = 4 << 20;

// AEAD_AES_128_GCM (RFC 7714) with nothing around it.
class Gcm {
  public:
    Gcm(const wire::SrtpKey& master, bool seals) : context_(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free) {
        std::array<std::uint8_t, wire::kSrtpKeySize> key;
        const bool ok = wire::derive_srtp_key(master, wire::SrtpLabel::rtp_encryption, key) &&
                        wire::derive_srtp_key(master, wire::SrtpLabel::rtp_salt, salt_) &&
                        EVP_CipherInit_ex(context_.get(), EVP_aes_128_gcm(), nullptr, key.data(), nullptr,
                                          seals ? 1 : 0) == 1;
        if (!ok) give_up("aes-gcm");
    }

    // `out` gets the whole packet with its tag; its size.
    std::size_t seal(Bytes plain, std::uint64_t index, std::uint8_t* out) {
        std::memcpy(out, plain.data(), kHeader);
        run(plain, index, out);
        EVP_EncryptFinal_ex(context_.get(), nullptr, &ignored_);
        EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kTag, out + plain.size());
        return plain.size() + kTag;
    }

    // In place; empty for what is not genuine.
    MutableBytes open(MutableBytes packet, std::uint64_t index) {
        const MutableBytes plain = packet.first(packet.size() - kTag);
        run(plain, index, plain.data());
        EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kTag, plain.data() + plain.size());
        return EVP_DecryptFinal_ex(context_.get(), nullptr, &ignored_) == 1 ? plain : MutableBytes{};
    }

  private:
    void run(Bytes packet, std::uint64_t index, std::uint8_t* out) {
        std::array<std::uint8_t, 12> iv{};
        std::memcpy(iv.data() + 2, packet.data() + 8, 4);  // SSRC
        for (std::size_t i = 0; i < 6; ++i) iv[6 + i] = static_cast<std::uint8_t>(index >> (40 - 8 * i));
        for (std::size_t i = 0; i < iv.size(); ++i) iv[i] ^= salt_[i];
        EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, iv.data(), -1);
        EVP_CipherUpdate(context_.get(), nullptr, &ignored_, packet.data(), kHeader);
        EVP_CipherUpdate(context_.get(), out + kHeader, &ignored_, packet.data() + kHeader,
                         static_cast<int>(packet.size() - kHeader));
    }

    std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> context_;
    std::array<std::uint8_t, 12> salt_{};
    int ignored_ = 0;
};

struct Leg {
    Gcm gcm;
    sockaddr_in address;
};

sockaddr_in to_ipv4(const Address& address) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(address.port);
    std::memcpy(&in.sin_addr, address.ip.data() + 12, 4);
    return in;
}

class Floor {
  public:
    explicit Floor(FloorRelay relay)
        : socket_(std::move(relay.socket)), is_clear_(relay.is_clear), opener_(relay.from_sender, false) {
        for (const auto& receiver : relay.receivers)
            legs_.push_back({Gcm(receiver.key, true), to_ipv4(receiver.address)});
    }

    [[noreturn]] void single() {
        std::array<std::uint8_t, kMaxPacket> in, out;
        for (;;) {
            const auto size = recv(socket_.get(), in.data(), in.size(), 0);
            if (size <= static_cast<ssize_t>(kHeader + kTag) || wire::is_rtcp(in)) continue;
            const Plain plain = open(MutableBytes(in).first(static_cast<std::size_t>(size)));
            if (plain.packet.empty()) continue;
            for (auto& leg : legs_) {
                const auto sealed = seal(leg, plain, out.data());
                sendto(socket_.get(), out.data(), sealed, 0, reinterpret_cast<sockaddr*>(&leg.address),
                       sizeof leg.address);
            }
        }
    }

    [[noreturn]] void batch() {
        std::array<std::array<std::uint8_t, kMaxPacket>, kBatch> in;
        std::array<iovec, kBatch> parts{};
        std::array<mmsghdr, kBatch> headers{};
        std::vector<std::array<std::uint8_t, kMaxPacket>> out(legs_.size());
        std::vector<iovec> out_parts(legs_.size());
        std::vector<mmsghdr> out_headers(legs_.size());
        for (;;) {
            for (std::size_t i = 0; i < kBatch; ++i) {
                parts[i] = {in[i].data(), in[i].size()};
                headers[i] = {};
                headers[i].msg_hdr.msg_iov = &parts[i];
                headers[i].msg_hdr.msg_iovlen = 1;
            }
            const int count = recvmmsg(socket_.get(), headers.data(), kBatch, MSG_WAITFORONE, nullptr);
            for (std::size_t i = 0; i < static_cast<std::size_t>(std::max(count, 0)); ++i) {
                const auto packet = MutableBytes(in[i]).first(headers[i].msg_len);
                if (packet.size() <= kHeader + kTag || wire::is_rtcp(packet)) continue;
                const Plain plain = open(packet);
                if (plain.packet.empty()) continue;
                for (std::size_t leg = 0; leg < legs_.size(); ++leg) {
                    out_parts[leg] = {out[leg].data(), seal(legs_[leg], plain, out[leg].data())};
                    auto& header = out_headers[leg].msg_hdr;
                    header = {};
                    header.msg_name = &legs_[leg].address;
                    header.msg_namelen = sizeof legs_[leg].address;
                    header.msg_iov = &out_parts[leg];
                    header.msg_iovlen = 1;
                }
                sendmmsg(socket_.get(), out_headers.data(), static_cast<unsigned>(out_headers.size()), 0);
            }
        }
    }

    [[noreturn]] void burst() {
        const int on = 1;
        setsockopt(socket_.get(), IPPROTO_UDP, UDP_GRO, &on, sizeof on);
        std::vector<std::uint8_t> in(64 << 10), out(64 << 10);
        std::vector<Plain> plains;
        for (;;) {
            const auto [size, segment] = receive_train(in);
            plains.clear();
            for (std::size_t at = 0; at < size; at += segment) {
                const auto packet = MutableBytes(in).subspan(at, std::min(segment, size - at));
                if (packet.size() <= kHeader + kTag || wire::is_rtcp(packet)) continue;
                if (const Plain plain = open(packet); !plain.packet.empty()) plains.push_back(plain);
            }
            if (plains.empty()) continue;
            for (auto& leg : legs_) {
                std::size_t used = 0;
                for (const Plain& plain : plains) used += seal(leg, plain, out.data() + used);
                send_train(leg, Bytes(out).first(used),
                           plains.front().packet.size() + (is_clear_ ? 0 : kTag));
            }
        }
    }

  private:
    static constexpr std::size_t kMaxPacket = 1500;
    static constexpr std::size_t kBatch = 32;
    struct Plain {
        Bytes packet;
        std::uint64_t index;
    };
    struct Train {
        std::size_t size, segment;
    };

    Plain open(MutableBytes packet) {
        Reader reader(packet.subspan(2));
        const auto index = static_cast<std::uint64_t>(unwrapper_.unwrap(reader.u16()) - (1 << 16));
        return {is_clear_ ? packet : opener_.open(packet, index), index};
    }

    std::size_t seal(Leg& leg, const Plain& plain, std::uint8_t* out) const {
        if (!is_clear_) return leg.gcm.seal(plain.packet, plain.index, out);
        std::ranges::copy(plain.packet, out);
        return plain.packet.size();
    }

    Train receive_train(MutableBytes in) {
        alignas(cmsghdr) std::array<char, 64> control{};
        iovec part{in.data(), in.size()};
        msghdr header{};
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        header.msg_control = control.data();
        header.msg_controllen = control.size();
        const auto size = recvmsg(socket_.get(), &header, 0);
        if (size <= 0) return {0, 1};
        int segment = static_cast<int>(size);
        for (auto* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c))
            if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO)
                std::memcpy(&segment, CMSG_DATA(c), sizeof segment);
        return {static_cast<std::size_t>(size), static_cast<std::size_t>(segment)};
    }

    void send_train(Leg& leg, Bytes train, std::size_t segment) {
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> control{};
        iovec part{const_cast<std::uint8_t*>(train.data()), train.size()};
        msghdr header{};
        header.msg_name = &leg.address;
        header.msg_namelen = sizeof leg.address;
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        header.msg_control = control.data();
        header.msg_controllen = control.size();
        auto* c = CMSG_FIRSTHDR(&header);
        c->cmsg_level = IPPROTO_UDP;
        c->cmsg_type = UDP_SEGMENT;
        c->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
        const auto size = static_cast<std::uint16_t>(segment);
        std::memcpy(CMSG_DATA(c), &size, sizeof size);
        sendmsg(socket_.get(), &header, 0);
    }

    net::Fd socket_;
    bool is_clear_;
    Gcm opener_;
    SeqUnwrapper unwrapper_;
    std::vector<Leg> legs_;
};

}  // namespace

net::Fd bind_floor_socket() {
    net::Fd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) give_up("bind");
    for (const int option : {SO_RCVBUF, SO_SNDBUF})
        setsockopt(fd.get(), SOL_SOCKET, option, &kSocketBuffer, sizeof kSocketBuffer);
    return fd;
}

int run_floor_relay(FloorRelay relay) {
    const auto how = relay.how;
    Floor floor(std::move(relay));
    switch (how) {
        case FloorRelay::How::single:
            floor.single();
        case FloorRelay::How::batch:
            floor.batch();
        case FloorRelay::How::burst:
            floor.burst();
    }
    return 0;
}

}  // namespace connectsphere::bench
