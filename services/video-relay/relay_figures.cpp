// What the relay tells status about itself, once a second.
#include <algorithm>
#include <string>

#include "services/common/metrics.hpp"
#include "services/video-relay/relay_engine.hpp"

namespace connectsphere::relay {
namespace {

constexpr auto kDropped = "video_packets_dropped_total";
constexpr auto kDroppedHelp = "Packets that were not forwarded, by reason";

}  // namespace

void VideoRelayEngine::fill_beat(proto::Beat& beat) {
    fill_totals(beat);
    fill_streams(beat);
    fill_sessions(beat);
}

void VideoRelayEngine::fill_totals(proto::Beat& beat) {
    const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t value) {
        add_counter(beat, name, help, static_cast<double>(value));
    };
    counter("video_packets_received_total", "RTP packets that verified", counters_.packets_received);
    counter("video_received_bytes_total", "Bytes of RTP that verified", counters_.bytes_received);
    counter("video_packets_sent_total", "RTP packets forwarded", counters_.packets_sent);
    counter("video_sent_bytes_total", "Bytes of SRTP forwarded", counters_.bytes_sent);
    counter("video_rtcp_received_total", "RTCP datagrams that verified", counters_.rtcp_received);
    counter("video_rtcp_sent_total", "RTCP datagrams sent", counters_.rtcp_sent);
    counter("video_nacks_total", "Requests to send packets again", counters_.nacks);
    counter("video_packets_repeated_total", "Packets sent again on request", counters_.repeated);
    counter("video_repeats_refused_total", "Packets asked for that are gone, or were too many",
            counters_.not_repeated);
    counter("video_nacks_sent_total", "Packets that senders were asked for again", counters_.asked_again);
    counter("video_thinned_packets_total", "Packets left out for receivers that can not take more",
            counters_.thinned);
    counter("video_layer_switches_total", "Changes of a receiver from one encoding to another",
            counters_.switches);
    counter("video_subscriptions_total", "Requests that say what a receiver wants", counters_.subscribed);
    counter("video_key_renewals_total", "New keys asked for: the old ones had few places left for streams",
            counters_.renewals);
    counter("video_key_frames_asked_total", "Key frames that senders were asked for",
            counters_.key_frames_asked);
    counter("video_key_frame_requests_total", "Requests for a key frame", counters_.key_frame_requests);
    counter("video_refused_keys_total", "Keys from the gateway of a wrong size", sessions_.refused_grants());

    const auto drop = [&](std::string_view reason, std::uint64_t value) {
        add_counter(beat, kDropped, kDroppedHelp, static_cast<double>(value), {{"reason", reason}});
    };
    for (std::size_t i = 0; i < kMediaDropKinds; ++i) {
        const auto reason = static_cast<MediaDrop>(i);
        drop(name(reason), sessions_.drops(reason));
    }
    for (std::size_t i = 0; i < kRelayDropKinds; ++i)
        drop(name(static_cast<RelayDrop>(i)), counters_.drops[i]);
    drop("batch-full", counters_.batch_full);

    std::size_t receivers = 0, forwardings = 0;
    for (const auto& [id, member] : switchboard_.all_members()) {
        const MediaSession* session = sessions_.find(id);
        if (session != nullptr && session->reachable()) ++receivers;
        forwardings += member.forwardings.size();
    }
    add_gauge(beat, "video_receivers", "Sessions whose media address is known",
              static_cast<double>(receivers));
    add_gauge(beat, "video_forwardings", "Streams that receivers were given under their keys, gone ones too",
              static_cast<double>(forwardings));
    add_gauge(beat, "video_streams", "Encodings that are published",
              static_cast<double>(switchboard_.sources().size()));
}

std::size_t VideoRelayEngine::receivers_of(const Source& source) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(switchboard_.members(source.room), [&](Member* member) {
            const View* view = member->view(source.stream);
            return view != nullptr && view->current == source.ssrc;
        }));
}

void VideoRelayEngine::fill_streams(proto::Beat& beat) const {
    for (const auto& [ssrc, source] : switchboard_.sources()) {
        const media::VideoReception& reception = source.reception;
        const std::string session = std::to_string(source.stream.owner.value);
        const std::string encoding = std::to_string(ssrc.value);
        const Labels labels{{"session", session}, {"ssrc", encoding}};
        add_counter(beat, "video_stream_packets_total", "RTP packets of an encoding",
                    static_cast<double>(reception.packets()), labels);
        add_counter(beat, "video_stream_bytes_total", "Bytes of RTP of an encoding",
                    static_cast<double>(reception.bytes()), labels);
        add_gauge(beat, "video_stream_lost_packets", "Packets of an encoding that never came to us",
                  static_cast<double>(reception.lost()), labels);
        add_gauge(beat, "video_stream_jitter_seconds", "Interarrival jitter of an encoding",
                  reception.jitter_seconds(), labels);
        const auto counter = [&](std::string_view name, std::string_view help, std::uint64_t value) {
            add_counter(beat, name, help, static_cast<double>(value), labels);
        };
        const StreamCounters& counters = source.counters;
        counter("video_stream_forwarded_total",
                "Packets of an encoding that went to its receivers, all together", counters.forwarded);
        counter("video_stream_thinned_total", "Left out for receivers that can not take more",
                counters.thinned);
        counter("video_stream_broken_total", "Left out, of frames that could not arrive whole any more",
                counters.broken);
        counter("video_stream_repeated_total", "Sent again to receivers that asked", counters.repeated);
        counter("video_stream_asked_again_total", "Asked from the sender again", counters.asked);
        counter("video_stream_key_frames_asked_total", "Key frames that the sender was asked for",
                counters.key_frames);
        add_gauge(beat, "video_stream_receivers", "Who gets an encoding now",
                  static_cast<double>(receivers_of(source)), labels);
    }
}

void VideoRelayEngine::fill_sessions(proto::Beat& beat) const {
    for (const auto& [id, member] : switchboard_.all_members()) {
        if (!member.room) continue;
        const double limit = member.estimate.bits_per_second(chosen_at_);
        if (limit != media::RateEstimate::kUnlimited) {
            const std::string session = std::to_string(id.value);
            add_gauge(beat, "video_receiver_limit_bits_per_second",
                      "What a receiver can take, where that is less than everything", limit,
                      {{"session", session}});
        }
        auto& figures = *beat.add_sessions();
        figures.set_session_id(id.value);
        for (const Ssrc ssrc : member.sources) {
            const media::VideoReception& reception = switchboard_.sources().at(ssrc).reception;
            figures.set_packets_received(figures.packets_received() + reception.packets());
            figures.set_packets_lost(figures.packets_lost() + reception.lost());
        }
        figures.set_packets_sent(member.packets_sent);
        figures.set_jitter_seconds(member.downlink.jitter_seconds);
        figures.set_round_trip_seconds(member.downlink.round_trip_seconds);
        figures.set_loss_ratio(member.downlink.loss_ratio);
    }
}

}  // namespace connectsphere::relay
