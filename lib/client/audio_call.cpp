#include "lib/client/audio_call.hpp"

#include <algorithm>

namespace connectsphere::client {

namespace {

media::OpusConfig voice_config() {
    return {.bitrate = 32'000, .complexity = 5, .inband_fec = false, .expected_loss_percent = 0, .dtx = true};
}

constexpr std::uint64_t kDelayPeriod = 50;  // ticks: devices change their buffers seldom

}  // namespace

AudioCall::AudioCall(Devices devices) : devices_(std::move(devices)) {
    if (devices_.processing && devices_.processing->any()) processing_.emplace(*devices_.processing);
}

void AudioCall::set_source(std::unique_ptr<AudioSource> source,
                           const std::optional<media::VoiceProcessing::Options>& processing) {
    devices_.source = std::move(source);
    processing_.reset();
    if (devices_.source && processing && processing->any()) processing_.emplace(*processing);
}

void AudioCall::restart(Ssrc voice, Ssrc mix) {
    in_.restart();
    reports_ = {};
    mix_ = mix;
    out_ ? out_->set_ssrc(voice) : (void)out_.emplace(voice_config(), voice);
}

void AudioCall::packet(const MediaLink::Packet& packet) {
    if (packet.rtp.header.ssrc != mix_) return;
    reports_.on_rtp(packet.rtp.header, packet.arrival);
    in_.packet(packet);
}

void AudioCall::report(Bytes compound, Time arrival, WallTime wall) {
    if (!out_ || !reports_.on_rtcp(compound, out_->ssrc(), arrival, wall)) return;
    out_->expect_loss(reports_.expected_loss());
}

void AudioCall::write_report(Writer& w, Time now, WallTime wall) {
    if (out_) reports_.write(w, out_->sent(), mix_, "connectsphere", now, wall);
}

void AudioCall::tick(Time due, MediaLink& link, DatagramBatch& batch) {
    media::AudioFrame frame;
    if (processing_ && ticks_++ % kDelayPeriod == 0) {
        if (const auto delay = echo_delay(); delay > Duration{}) processing_->set_delay(delay);
    }
    const bool has_sound = devices_.source && devices_.source->read(frame);
    if (has_sound) level_ = std::min(level_, media::level_dbov(frame));
    if (has_sound && processing_) processing_->near_end(frame);
    if (out_) out_->tick(has_sound && !muted_ ? &frame : nullptr, link, batch);
    in_.tick(due, frame);
    if (processing_) processing_->far_end(frame);
    if (devices_.sink) devices_.sink->write(frame);
}

// From the loudspeaker's queue into the microphone's, and out of that.
Duration AudioCall::echo_delay() const {
    Duration delay{};
    if (devices_.source) delay += devices_.source->latency();
    if (devices_.sink) delay += devices_.sink->latency();
    return delay;
}

NetworkFigures AudioCall::network() const {
    const auto& reception = reports_.reception();
    return {.round_trip = reports_.round_trip(),
            .loss = reception.loss(),
            .loss_up = reports_.loss(),
            .jitter = std::chrono::duration_cast<Duration>(
                std::chrono::duration<double>(reception.jitter_seconds())),
            .delay = in_.delay()};
}

}  // namespace connectsphere::client
