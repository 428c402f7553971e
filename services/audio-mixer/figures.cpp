#include "services/audio-mixer/figures.hpp"

#include <algorithm>

#include "services/common/metrics.hpp"

namespace connectsphere::mixer {
namespace {

double number(std::uint64_t value) { return static_cast<double>(value); }

void add_packets(proto::Beat& beat, const Figures& figures) {
    const Counters& c = figures.counters;
    add_counter(beat, "audio_packets_total", "RTP packets of voices and mixes", number(c.packets_in),
                {{"direction", "in"}});
    add_counter(beat, "audio_packets_total", "RTP packets of voices and mixes", number(c.packets_out),
                {{"direction", "out"}});
    add_counter(beat, "audio_rtcp_packets_total", "RTCP compounds", number(c.rtcp_in), {{"direction", "in"}});
    add_counter(beat, "audio_rtcp_packets_total", "RTCP compounds", number(c.rtcp_out),
                {{"direction", "out"}});

    const auto dropped = [&](std::string_view reason, std::uint64_t count) {
        add_counter(beat, "audio_dropped_total", "packets that did not count, by reason", number(count),
                    {{"reason", reason}});
    };
    for (std::size_t i = 0; i < kMediaDropKinds; ++i) {
        const auto reason = static_cast<MediaDrop>(i);
        dropped(name(reason), figures.sessions.drops(reason));
    }
    dropped("bad-rtcp", c.bad_rtcp);
    dropped("muted", c.muted);
    dropped("alone", c.alone);
    dropped("unsent", c.unsent);
    dropped("undecodable", c.undecodable);
}

void add_sound(proto::Beat& beat, const Counters& c) {
    add_counter(beat, "audio_encodes_total", "frames encoded", number(c.shared_encodes),
                {{"kind", "shared"}});
    add_counter(beat, "audio_encodes_total", "frames encoded", number(c.private_encodes),
                {{"kind", "private"}});
    add_counter(beat, "audio_decodes_total", "frames decoded, guessed ones included", number(c.decodes));
    add_counter(beat, "audio_concealed_total", "frames guessed, because nothing came", number(c.concealed));
    add_counter(beat, "audio_fec_recovered_total", "lost frames that the next packet carried",
                number(c.fec_recovered));
    add_counter(beat, "audio_lost_packets_total", "packets of voices that never came, or too late",
                number(c.lost));
}

void add_ticks(proto::Beat& beat, const TickSchedule& schedule) {
    add_counter(beat, "audio_ticks_total", "ticks mixed", number(schedule.ticks()));
    add_counter(beat, "audio_late_ticks_total", "ticks mixed a whole tick late or more",
                number(schedule.late()));
    add_counter(beat, "audio_skipped_ticks_total", "ticks never mixed, after a stall",
                number(schedule.skipped()));
    const auto lateness = schedule.lateness();
    const auto add = [&](std::string_view quantile, Duration value) {
        add_gauge(beat, "audio_tick_lateness_seconds", "how late the last 1024 ticks were", seconds(value),
                  {{"quantile", quantile}});
    };
    add("0.5", lateness.p50);
    add("0.99", lateness.p99);
    add("1", lateness.max);
}

}  // namespace

void add_figures(proto::Beat& beat, const Figures& figures) {
    add_gauge(beat, "audio_rooms", "rooms", number(figures.rooms));
    add_gauge(beat, "audio_active_rooms", "rooms with something to mix", number(figures.active_rooms));
    add_gauge(beat, "audio_participants", "participants", number(figures.participants));
    add_packets(beat, figures);
    add_sound(beat, figures.counters);
    add_ticks(beat, figures.schedule);
}

void add_session_figures(proto::Beat& beat, const Member& member) {
    auto& figures = *beat.add_sessions();
    const auto& reports = member.feedback.reports();
    const auto& reception = reports.reception();
    figures.set_session_id(member.id.value);
    figures.set_packets_received(reception.received());
    figures.set_packets_lost(static_cast<std::uint64_t>(std::max<std::int64_t>(reception.lost(), 0)));
    figures.set_packets_sent(member.sender.packets());
    figures.set_up_jitter_seconds(reception.jitter_seconds());
    figures.set_round_trip_seconds(seconds(reports.round_trip().value_or(Duration{})));
    figures.set_up_loss_ratio(reception.loss());
    figures.set_loss_ratio(reports.loss());
    figures.set_jitter_seconds(seconds(reports.jitter()));
}

}  // namespace connectsphere::mixer
