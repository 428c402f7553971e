#include "tests/sim/mixer/conference.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>

#include "proto/client.pb.h"

namespace connectsphere::test {
namespace {

constexpr std::uint16_t kFirstPort = 20'000;

wire::SrtpKey srtp_key(const proto::MasterKey& master) {
    wire::SrtpKey key;
    std::ranges::copy(as_bytes(master.key()), key.key.begin());
    std::ranges::copy(as_bytes(master.salt()), key.salt.begin());
    return key;
}

void fill(proto::MasterKey& master, std::mt19937& rng) {
    for (int i = 0; i < 16; ++i) master.mutable_key()->push_back(static_cast<char>(rng()));
    for (int i = 0; i < 12; ++i) master.mutable_salt()->push_back(static_cast<char>(rng()));
}

}  // namespace

Speech tone(double hertz, double amplitude) {
    return [=](std::size_t n) {
        media::AudioFrame frame;
        for (std::size_t i = 0; i < frame.size(); ++i) {
            const double t = static_cast<double>(n * frame.size() + i) / media::kSampleRate;
            frame[i] = static_cast<std::int16_t>(amplitude * std::sin(2 * std::numbers::pi * hertz * t));
        }
        return std::optional(frame);
    };
}

Speech recording(std::span<const std::int16_t> samples) {
    return [samples](std::size_t n) -> std::optional<media::AudioFrame> {
        if ((n + 1) * media::kFrame > samples.size()) return std::nullopt;
        media::AudioFrame frame;
        std::ranges::copy(samples.subspan(n * media::kFrame, media::kFrame), frame.begin());
        return frame;
    };
}

Speech silence() {
    return [](std::size_t) -> std::optional<media::AudioFrame> { return std::nullopt; };
}

double amplitude_at(std::span<const std::int16_t> samples, double hertz) {
    const double w = 2 * std::numbers::pi * hertz / media::kSampleRate;
    double s1 = 0, s2 = 0;
    for (const std::int16_t sample : samples) {
        const double s0 = sample + 2 * std::cos(w) * s1 - s2;
        s2 = s1;
        s1 = s0;
    }
    const double power = s1 * s1 + s2 * s2 - 2 * std::cos(w) * s1 * s2;
    return 2 * std::sqrt(std::max(power, 0.0)) / static_cast<double>(samples.size());
}

int largest_step(std::span<const std::int16_t> samples) {
    int largest = 0;
    for (std::size_t i = 1; i < samples.size(); ++i) {
        largest = std::max(largest, std::abs(samples[i] - samples[i - 1]));
    }
    return largest;
}

proto::GrantKeys Client::new_keys(std::mt19937& rng) {
    proto::GrantKeys keys;
    keys.set_session_id(id.value);
    keys.set_epoch(++epoch);
    keys.set_profile(proto::AEAD_AES_128_GCM);
    fill(*keys.mutable_from_client(), rng);
    fill(*keys.mutable_to_client(), rng);
    up.emplace(srtp_key(keys.from_client()));
    down.emplace(srtp_key(keys.to_client()));
    seq = static_cast<std::uint16_t>(rng() & 0x7FFF);
    heard_seq = {};
    heard_timestamp = {};
    return keys;
}

Conference::Conference(std::size_t clients, std::uint32_t max_talkers) : max_talkers_(max_talkers) {
    for (std::size_t i = 0; i < clients; ++i) {
        auto& client = *clients_.emplace_back(std::make_unique<Client>(SessionId{i + 1}));
        client.audio_ssrc = {static_cast<std::uint32_t>(0x1000 + i)};
        client.mix_ssrc = {static_cast<std::uint32_t>(0x2000 + i)};
        client.route.peer = *parse_address("127.0.0.1", static_cast<std::uint16_t>(kFirstPort + i));
    }
    restart_engine();
}

void Conference::restart_engine() {
    EngineContext context;
    context.config.audio.max_talkers = max_talkers_;
    context.entropy = [this](MutableBytes bytes) {
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng_());
    };
    context.to_wall = [](Time at) {
        return WallTime{std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch())};
    };
    engine_ = std::make_unique<mixer::AudioMixerEngine>(context);
}

void Conference::publish() {
    proto::StateMessage message;
    message.set_instance_id(7);
    message.set_version(++version_);
    message.mutable_room()->set_room_id(1);
    for (const auto& client : clients_) {
        if (!client->present) continue;
        auto& participant = *message.mutable_room()->add_participants();
        participant.set_session_id(client->id.value);
        participant.set_audio_ssrc(client->audio_ssrc.value);
        participant.set_mix_ssrc(client->mix_ssrc.value);
        participant.set_microphone_muted(client->muted);
    }
    engine_->on_state(message, now_, out_);
    note_announcements();
    out_.to_gateway.clear();
}

void Conference::grant(Client& to) {
    proto::ToService message;
    message.set_request_id(1);
    *message.mutable_grant_keys() = to.new_keys(rng_);
    engine_->on_ctl(message, now_, out_);
    note_announcements();
    out_.clear();
}

void Conference::ring() {
    for (const auto& client : clients_) {
        if (!client->up) continue;  // it has no keys yet
        Buffer bytes(100);
        Writer w(bytes);
        wire::write_receiver_report(w, client->audio_ssrc);
        bytes.resize(*client->up->protect_rtcp(w.written(), bytes));
        deliver(*client, std::move(bytes));
    }
    carry_out();
}

void Conference::deliver(Client& from, Buffer datagram) {
    Datagram one{.route = from.route, .payload = datagram, .received_at = now_};
    on_engine_call(true);
    engine_->on_datagrams(std::span(&one, 1), now_, out_);
    on_engine_call(false);
}

void Conference::run(Duration time) {
    const Time end = now_ + time;
    while (now_ < end) step();
}

// One frame of everybody: all speak, the mixer's tick comes 7 ms later, all hear.
void Conference::step() {
    for (const auto& client : clients_) speak(*client);
    happen_until(now_ + media::kFrameDuration);
    if (!records) return;
    for (const auto& client : clients_) {
        media::AudioFrame frame;
        client->ear.pull(now_, frame);
        client->heard.insert(client->heard.end(), frame.begin(), frame.end());
    }
}

void Conference::happen_until(Time end) {
    for (;;) {
        const Time arrival = under_way_.empty() ? kNever : under_way_.begin()->first;
        const Time next = std::min(arrival, engine_->deadline());
        if (next > end) break;
        now_ = std::max(now_, next);
        if (next == arrival) {
            const auto happen = std::move(under_way_.begin()->second);
            under_way_.erase(under_way_.begin());
            happen();
            continue;
        }
        on_engine_call(true);
        engine_->on_time(now_, out_);
        on_engine_call(false);
        carry_out();
    }
    now_ = end;
}

void Conference::speak(Client& client) {
    const auto frame = client.speech(client.frame++);
    client.timestamp += static_cast<std::uint32_t>(media::kFrame);
    if (!frame || !client.up) return;
    Buffer packet = voice_packet(client, *frame);
    if (is_lost(client)) return;
    if (!client.up_link) return deliver(client, std::move(packet));
    const auto arrivals = client.up_link->carry(packet.size(), now_);
    for (std::size_t i = 0; i < arrivals.count; ++i) {
        under_way_.emplace(arrivals.at[i], [this, &client, packet] { deliver(client, packet); });
    }
}

Buffer Conference::voice_packet(Client& from, const media::AudioFrame& frame) {
    Buffer packet(1'200);
    wire::RtpHeader header;
    header.payload_type = wire::kPayloadTypeOpus;
    header.seq = from.seq++;
    header.timestamp = from.timestamp;
    header.ssrc = from.audio_ssrc;
    header.audio_level = wire::AudioLevel{.voice = true, .level = media::level_dbov(frame)};
    const std::size_t head = wire::write_rtp_header(packet, header);
    const std::size_t size = head + *from.encoder.encode(frame, MutableBytes(packet).subspan(head, 1'000));
    packet.resize(*from.up->protect_rtp(Bytes(packet).first(size), packet));
    return packet;
}

bool Conference::is_lost(const Client& client) {
    return client.loss > 0 && std::uniform_real_distribution<>(0, 1)(rng_) < client.loss;
}

void Conference::subscribe() {
    published_.clear();
    engine_->on_subscriber(now_, out_);
    carry_out();
}

void Conference::carry_out() {
    for (std::size_t i = 0; i < out_.datagrams.size(); ++i) {
        const auto& entry = out_.datagrams.entry(i);
        Client& client = *clients_.at(static_cast<std::size_t>(entry.route.peer.port - kFirstPort));
        const Bytes bytes = out_.datagrams.bytes(i);
        if (!records || is_lost(client)) continue;
        Buffer datagram(bytes.begin(), bytes.end());
        if (!client.down_link) {
            hear(client, std::move(datagram));
            continue;
        }
        const auto arrivals = client.down_link->carry(datagram.size(), now_);
        for (std::size_t copy = 0; copy < arrivals.count; ++copy) {
            under_way_.emplace(arrivals.at[copy], [this, &client, datagram] { hear(client, datagram); });
        }
    }
    for (const auto& message : out_.state) {
        published_.clear();
        for (const auto id : message.speech().session_ids()) published_.push_back({id});
    }
    note_announcements();
    out_.clear();
}

void Conference::note_announcements() {
    for (const auto& message : out_.to_gateway) {
        if (!message.has_deliver()) continue;
        proto::ServerMessage event;
        event.ParseFromString(message.deliver().server_message());
        speakers_.clear();
        for (const auto id : event.speakers().session_ids()) speakers_.push_back({id});
        told_.clear();
        for (const auto id : message.deliver().session_ids()) told_.push_back({id});
        ++announcements_;
    }
}

void Conference::hear(Client& client, Buffer datagram) {
    if (wire::is_rtcp(datagram)) {
        const auto size = client.down->unprotect_rtcp(datagram);
        if (!size) {
            ++client.undecipherable;
            return;
        }
        datagram.resize(*size);
        client.rtcp.push_back(std::move(datagram));
        return;
    }
    const auto size = client.down->unprotect_rtp(datagram);
    if (!size) {
        ++client.undecipherable;
        return;
    }
    const auto view = *wire::parse_rtp(Bytes(datagram).first(*size));
    client.ear.push({.seq = client.heard_seq.unwrap(view.header.seq),
                     .timestamp = client.heard_timestamp.unwrap(view.header.timestamp),
                     .payload = view.payload,
                     .arrival = now_});
    client.headers.push_back(view.header);
    client.payloads.emplace_back(view.payload.begin(), view.payload.end());
}

double Conference::metric(const std::string& name, const std::string& label) {
    proto::Beat beat;
    engine_->fill_beat(beat);
    for (const auto& metric : beat.metrics()) {
        if (metric.name() != name) continue;
        if (label.empty() || (metric.labels_size() > 0 && metric.labels(0).value() == label)) {
            return metric.value();
        }
    }
    return -1;
}

}  // namespace connectsphere::test
