#include "client-cli/sdp_text.hpp"

#include <cstdio>

#include "lib/base/bytes.hpp"

namespace connectsphere::cli {

namespace {

std::string base64(std::string_view in) {
    static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < in.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            group = group << 8 | (i + j < in.size() ? static_cast<std::uint8_t>(in[i + j]) : 0U);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            out += i + j <= in.size() ? kAlphabet[group >> (18 - 6 * j) & 0x3F] : '=';
        }
    }
    return out;
}

std::string hex(std::string_view in) {
    std::string out;
    for (const char c : in) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(static_cast<std::uint8_t>(c)));
        out += digits;
    }
    return out;
}

struct Direction {
    const std::string& ip;
    std::uint16_t port;
    Ssrc ssrc;
    const proto::MasterKey& key;
    const char* attribute;  // as the one sees it who uses this description
};

std::string sdp(const AudioOffer& offer, const Direction& direction) {
    const bool is_ipv6 = direction.ip.find(':') != std::string::npos;
    const std::string address = (is_ipv6 ? "IN IP6 " : "IN IP4 ") + direction.ip;
    return "v=0\r\n"
           "o=- " +
           std::to_string(offer.keys.epoch()) + " 0 " + address +
           "\r\n"
           "s=ConnectSphere " +
           offer.room +
           "\r\n"
           "c=" +
           address +
           "\r\n"
           "t=0 0\r\n"
           "m=audio " +
           std::to_string(direction.port) +
           " RTP/SAVP 111\r\n"
           "a=rtpmap:111 opus/48000/2\r\n"
           "a=fmtp:111 useinbandfec=1\r\n"
           "a=ptime:20\r\n"
           "a=rtcp-mux\r\n"
           "a=ssrc:" +
           std::to_string(direction.ssrc.value) +
           " cname:connectsphere\r\n"
           "a=crypto:1 " +
           suite_name(offer.keys.profile()) + " inline:" + inline_key(direction.key) +
           "\r\n"
           "a=" +
           direction.attribute + "\r\n";
}

bool is_gcm(const AudioOffer& offer) { return offer.keys.profile() == proto::AEAD_AES_128_GCM; }

std::string gstreamer_cipher(const AudioOffer& offer) {
    return is_gcm(offer) ? "aes-128-gcm" : "aes-128-icm";
}
std::string gstreamer_auth(const AudioOffer& offer) { return is_gcm(offer) ? "null" : "hmac-sha1-80"; }

}  // namespace

std::string suite_name(proto::SrtpProfile profile) { return proto::SrtpProfile_Name(profile); }

std::string inline_key(const proto::MasterKey& key) { return base64(key.key() + key.salt()); }

std::string receive_sdp(const AudioOffer& offer) {
    return sdp(offer, {.ip = offer.receive_ip,
                       .port = offer.receive_port,
                       .ssrc = offer.mix,
                       .key = offer.keys.to_client(),
                       .attribute = "recvonly"});
}

std::string send_sdp(const AudioOffer& offer) {
    return sdp(offer, {.ip = offer.server,
                       .port = static_cast<std::uint16_t>(offer.keys.port()),
                       .ssrc = offer.voice,
                       .key = offer.keys.to_server(),
                       .attribute = "sendonly"});
}

std::string ffmpeg_send_command(const AudioOffer& offer) {
    if (is_gcm(offer)) return {};
    const auto port = std::to_string(offer.keys.port());
    const std::string host =
        offer.server.find(':') == std::string::npos ? offer.server : "[" + offer.server + "]";
    // ffmpeg takes an SSRC as a signed number, and needs to be told that RTCP shares the port.
    return "ffmpeg -re -i FILE -ac 1 -ar 48000 -c:a libopus -application voip -frame_duration 20 -f rtp"
           " -payload_type 111 -ssrc " +
           std::to_string(static_cast<std::int32_t>(offer.voice.value)) + " -srtp_out_suite " +
           suite_name(offer.keys.profile()) + " -srtp_out_params " + inline_key(offer.keys.to_server()) +
           " 'srtp://" + host + ":" + port + "?rtcpport=" + port + "'";
}

std::string gstreamer_send_command(const AudioOffer& offer) {
    const auto& key = offer.keys.to_server();
    return "gst-launch-1.0 filesrc location=FILE ! decodebin ! audioconvert ! audioresample"
           " ! audio/x-raw,rate=48000,channels=1 ! opusenc frame-size=20 ! rtpopuspay pt=111 ssrc=" +
           std::to_string(offer.voice.value) + " ! srtpenc key=" + hex(key.key() + key.salt()) +
           " rtp-cipher=" + gstreamer_cipher(offer) + " rtp-auth=" + gstreamer_auth(offer) +
           " ! udpsink sync=true host=" + offer.server + " port=" + std::to_string(offer.keys.port());
}

std::string gstreamer_receive_command(const AudioOffer& offer) {
    const auto& key = offer.keys.to_client();
    const auto cipher = gstreamer_cipher(offer), auth = gstreamer_auth(offer);
    return "gst-launch-1.0 udpsrc port=" + std::to_string(offer.receive_port) +
           " caps='application/"
           "x-srtp,media=audio,clock-rate=48000,encoding-name=OPUS,payload=111,ssrc=(uint)" +
           std::to_string(offer.mix.value) + ",srtp-key=(buffer)" + hex(key.key() + key.salt()) +
           ",srtp-cipher=" + cipher + ",srtp-auth=" + auth + ",srtcp-cipher=" + cipher +
           ",srtcp-auth=" + auth + "' ! srtpdec ! rtpjitterbuffer ! rtpopusdepay ! opusdec ! autoaudiosink";
}

}  // namespace connectsphere::cli
