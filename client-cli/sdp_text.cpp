#include "client-cli/sdp_text.hpp"

#include <cstdio>
#include <initializer_list>
#include <string_view>

#include "lib/base/bytes.hpp"
#include "lib/wire/rtp.hpp"

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

// How each format is named and made. No tool of these answers a request for a key frame: they make one every
// two seconds of themselves.
struct Names {
    std::uint8_t payload_type;
    const char* encoding;  // of RTP, with the clock
    const char* format;    // a=fmtp, or nothing
    const char* ffmpeg;    // how it is encoded and put into RTP
    const char* gst_encoder;
    const char* gst_decoder;
};

const Names& names_of(const Offer& offer) {
    static constexpr Names kOpus{wire::kPayloadTypeOpus,
                                 "opus/48000/2",
                                 "useinbandfec=1",
                                 "-vn -ac 1 -ar 48000 -c:a libopus -application voip -frame_duration 20",
                                 "audioconvert ! audioresample ! audio/x-raw,rate=48000,channels=1 ! opusenc "
                                 "frame-size=20 ! rtpopuspay",
                                 "rtpopusdepay ! opusdec ! autoaudiosink"};
    // RFC 2435 knows the standard Huffman tables only, and sides that are multiples of 8.
    static constexpr Names kJpeg{
        wire::kPayloadTypeJpeg,
        "JPEG/90000",
        nullptr,
        "-an -vf scale='trunc(iw/8)*8:trunc(ih/8)*8' -pix_fmt yuvj420p -c:v mjpeg -q:v 5 -huffman default"
        " -force_duplicated_matrix 1",
        "videoconvert ! jpegenc ! rtpjpegpay",
        "rtpjpegdepay ! jpegdec ! videoconvert ! autovideosink"};
    static constexpr Names kVp8{
        wire::kPayloadTypeVp8,
        "VP8/90000",
        nullptr,
        "-an -pix_fmt yuv420p -c:v libvpx -deadline realtime -cpu-used 8 -error-resilient 1 -auto-alt-ref 0"
        " -b:v 1M -g 50",
        "videoconvert ! vp8enc deadline=1 error-resilient=default keyframe-max-dist=50 ! rtpvp8pay"
        " picture-id-mode=15-bit",
        "rtpvp8depay ! vp8dec ! videoconvert ! autovideosink"};
    static constexpr Names kH264{
        wire::kPayloadTypeH264,
        "H264/90000",
        "packetization-mode=1;profile-level-id=42e01f",
        "-an -pix_fmt yuv420p -c:v libx264 -profile:v baseline -preset veryfast -tune zerolatency -b:v 1M -g "
        "50"
        " -bsf:v dump_extra",
        "videoconvert ! openh264enc complexity=low bitrate=1000000 gop-size=50 ! h264parse ! rtph264pay"
        " config-interval=-1",
        "rtph264depay ! h264parse ! openh264dec ! videoconvert ! autovideosink"};
    switch (offer.format) {
        case OfferFormat::jpeg:
            return kJpeg;
        case OfferFormat::vp8:
            return kVp8;
        case OfferFormat::h264:
            return kH264;
        default:
            return kOpus;
    }
}

struct Direction {
    const std::string& ip;
    std::uint16_t port;
    Ssrc ssrc;
    const proto::MasterKey& key;
    const char* attribute;  // as the one sees it who uses this description
};

std::string sdp(const Offer& offer, const Direction& direction) {
    const Names& names = names_of(offer);
    const bool is_ipv6 = direction.ip.find(':') != std::string::npos;
    const std::string address = (is_ipv6 ? "IN IP6 " : "IN IP4 ") + direction.ip;
    const auto type = std::to_string(names.payload_type);
    std::string text;
    const auto line = [&](std::initializer_list<std::string_view> parts) {
        for (const auto part : parts) text += part;
        text += "\r\n";
    };
    line({"v=0"});
    line({"o=- ", std::to_string(offer.keys.epoch()), " 0 ", address});
    line({"s=ConnectSphere ", offer.room});
    line({"c=", address});
    line({"t=0 0"});
    line({"m=", is_video(offer) ? "video " : "audio ", std::to_string(direction.port), " RTP/SAVP ", type});
    line({"a=rtpmap:", type, " ", names.encoding});
    if (names.format != nullptr) line({"a=fmtp:", type, " ", names.format});
    if (!is_video(offer)) line({"a=ptime:20"});
    line({"a=rtcp-mux"});
    line({"a=ssrc:", std::to_string(direction.ssrc.value), " cname:connectsphere"});
    line({"a=crypto:1 ", suite_name(offer.keys.profile()), " inline:", inline_key(direction.key)});
    line({"a=", direction.attribute});
    return text;
}

bool is_gcm(const Offer& offer) { return offer.keys.profile() == proto::AEAD_AES_128_GCM; }

std::string gstreamer_cipher(const Offer& offer) { return is_gcm(offer) ? "aes-128-gcm" : "aes-128-icm"; }
std::string gstreamer_auth(const Offer& offer) { return is_gcm(offer) ? "null" : "hmac-sha1-80"; }

}  // namespace

bool is_video(const Offer& offer) { return offer.format != OfferFormat::opus; }

std::string suite_name(proto::SrtpProfile profile) { return proto::SrtpProfile_Name(profile); }

std::string inline_key(const proto::MasterKey& key) { return base64(key.key() + key.salt()); }

std::string receive_sdp(const Offer& offer) {
    return sdp(offer, {.ip = offer.receive_ip,
                       .port = offer.receive_port,
                       .ssrc = offer.receive,
                       .key = offer.keys.to_client(),
                       .attribute = "recvonly"});
}

std::string send_sdp(const Offer& offer) {
    return sdp(offer, {.ip = offer.server,
                       .port = static_cast<std::uint16_t>(offer.keys.port()),
                       .ssrc = offer.send,
                       .key = offer.keys.to_server(),
                       .attribute = "sendonly"});
}

std::string ffmpeg_send_command(const Offer& offer) {
    if (is_gcm(offer)) return {};
    const auto port = std::to_string(offer.keys.port());
    const std::string host =
        offer.server.find(':') == std::string::npos ? offer.server : "[" + offer.server + "]";
    const Names& names = names_of(offer);
    // ffmpeg takes an SSRC as a signed number, and needs to be told that RTCP shares the port.
    std::string command = "ffmpeg -re -i FILE ";
    command += names.ffmpeg;
    command += " -f rtp -payload_type " + std::to_string(names.payload_type);
    command += " -ssrc " + std::to_string(static_cast<std::int32_t>(offer.send.value));
    command += " -srtp_out_suite " + suite_name(offer.keys.profile());
    command += " -srtp_out_params " + inline_key(offer.keys.to_server());
    command += " 'srtp://" + host + ":" + port + "?rtcpport=" + port + "&pkt_size=1200'";
    return command;
}

std::string gstreamer_send_command(const Offer& offer) {
    const Names& names = names_of(offer);
    const auto& key = offer.keys.to_server();
    std::string command = "gst-launch-1.0 filesrc location=FILE ! decodebin ! ";
    command += names.gst_encoder;
    command += " pt=" + std::to_string(names.payload_type) + " ssrc=" + std::to_string(offer.send.value);
    if (is_video(offer)) command += " mtu=1100";
    command += " ! srtpenc key=" + hex(key.key() + key.salt());
    command += " rtp-cipher=" + gstreamer_cipher(offer) + " rtp-auth=" + gstreamer_auth(offer);
    command += " ! udpsink sync=true host=" + offer.server + " port=" + std::to_string(offer.keys.port());
    return command;
}

std::string gstreamer_receive_command(const Offer& offer) {
    const Names& names = names_of(offer);
    const auto& key = offer.keys.to_client();
    const auto cipher = gstreamer_cipher(offer), auth = gstreamer_auth(offer);
    const std::string_view encoding(names.encoding);
    const auto slash = encoding.find('/');
    std::string name(encoding.substr(0, slash));
    for (auto& c : name)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    const std::string clock(encoding.substr(slash + 1, encoding.find('/', slash + 1) - slash - 1));
    std::string command = "gst-launch-1.0 udpsrc port=" + std::to_string(offer.receive_port);
    command += " caps='application/x-srtp,media=";
    command += is_video(offer) ? "video" : "audio";
    command += ",clock-rate=" + clock + ",encoding-name=" + name;
    command += ",payload=" + std::to_string(names.payload_type);
    command += ",ssrc=(uint)" + std::to_string(offer.receive.value);
    command += ",srtp-key=(buffer)" + hex(key.key() + key.salt());
    command += ",srtp-cipher=" + cipher + ",srtp-auth=" + auth;
    command += ",srtcp-cipher=" + cipher + ",srtcp-auth=" + auth;
    // RTCP comes to the same port, and must have somewhere to go.
    command += "' ! srtpdec name=open open.rtcp_src ! fakesink sync=false async=false";
    command += " open.rtp_src ! rtpjitterbuffer ! ";
    command += names.gst_decoder;
    return command;
}

}  // namespace connectsphere::cli
