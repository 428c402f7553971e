#include "services/video-relay/relay_engine.hpp"

#include <algorithm>
#include <utility>

#include "lib/wire/rtp.hpp"
#include "lib/wire/srtp.hpp"

namespace connectsphere::relay {
namespace {

constexpr std::size_t kUsualBatch = 256;  // packets; more only cost one allocation

}  // namespace

std::string_view name(RelayDrop reason) {
    static constexpr std::array<std::string_view, kRelayDropKinds> kNames{
        "unpublished", "camera-off", "too-long", "too-late", "unsealed", "bad-rtcp", "bad-payload", "broken"};
    return kNames[static_cast<std::size_t>(reason)];
}

VideoRelayEngine::VideoRelayEngine(const EngineContext& context)
    : switchboard_(context.config.video.history_packets) {
    opened_.reserve(kUsualBatch);
    receivers_.reserve(kUsualBatch);
}

void VideoRelayEngine::on_ctl(const proto::ToService& message, Time now, Outbox& out) {
    if (message.has_client_request() && on_subscribe(message, now, out)) return;
    if (message.has_hello()) {  // a new gateway: its clients may have missed what we said
        for (auto& [id, member] : switchboard_.all_members()) member.was_told = false;
    }
    if (const auto changed = sessions_.on_ctl(message, now, out)) switchboard_.restart(*changed);
    choose_views(now, out);
}

void VideoRelayEngine::on_state(const proto::StateMessage& message, Time now, Outbox& out) {
    if (message.has_speech()) {
        on_speech(message.speech());
        return choose_views(now, out);
    }
    const auto change = mirror_.apply(message);
    sessions_.on_rooms(mirror_, change, now);
    switchboard_.apply(mirror_, change);
    // A Forwarding must live as long as the key that it numbers packets under.
    switchboard_.forget([this](SessionId id) { return sessions_.find(id) == nullptr; });
    choose_views(now, out);
}

void VideoRelayEngine::on_datagrams(std::span<Datagram> datagrams, Time now, Outbox& out) {
    for (Datagram& datagram : datagrams) {
        const auto media = sessions_.accept(datagram);
        if (!media) continue;  // counted there
        if (Member* member = switchboard_.member(media->session->id)) member->heard_at = datagram.received_at;
        if (media->rtp) {
            open_rtp(*media, datagram);
        } else {
            on_rtcp(*media, datagram.received_at, out);
        }
    }
    forward_opened(now, out);
    if (now >= ask_at_) ask_again(now, out);
}

void VideoRelayEngine::on_time(Time now, Outbox& out) {
    if (now >= ask_at_) ask_again(now, out);
    if (now >= report_at_) report_reception(now, out);
    if (now >= choose_at_) choose_views(now, out);
}

void VideoRelayEngine::open_rtp(const AcceptedMedia& media, const Datagram& datagram) {
    const wire::RtpHeader& header = media.rtp->header;
    ++counters_.packets_received;
    counters_.bytes_received += media.packet.size();
    Source* source = switchboard_.source(header.ssrc);
    if (source == nullptr || source->stream.owner != media.session->id) return count(RelayDrop::unpublished);
    const auto seq =
        source->reception.on_packet(header.seq, header.timestamp, media.packet.size(), datagram.received_at);
    if (source->camera_off) return count(RelayDrop::camera_off);
    if (header.payload_type != source->payload_type) return sessions_.count(MediaDrop::wrong_kind);
    if (media.packet.size() + wire::kSrtpMaxOverhead > kMaxDatagramAccepted)
        return count(RelayDrop::too_long);

    const auto facts = facts_of(*media.rtp);
    if (!facts) return count(RelayDrop::bad_payload);
    source->history.keep(seq, media.packet);
    source->count_frame(header.timestamp, seq);
    source->rates.on_packet(facts->temporal_layer, media.packet.size(), datagram.received_at);
    // So much is missing at once that nothing of it is asked for: what is there of this frame is a rest.
    if (!source->missing.on_packet(seq, datagram.received_at)) give_up(*source, header.timestamp);
    ask_at_ = std::min(ask_at_, source->missing.deadline());
    if (report_at_ == kNever) report_at_ = datagram.received_at + kReportPeriod;

    opened_.push_back({.source = source,
                       .packet = datagram.payload.first(media.packet.size()),
                       .payload_bytes = media.rtp->payload.size(),
                       .numbers = {.generation = source->generation,
                                   .seq = seq,
                                   .timestamp = header.timestamp,
                                   .received_at = datagram.received_at,
                                   .picture = picture_of(*facts)},
                       .facts = *facts,
                       .frame = source->frame,
                       .is_overtaken = source->frame_timestamp != header.timestamp});
}

void VideoRelayEngine::forward_opened(Time now, Outbox& out) {
    const auto refused_before = out.datagrams.dropped();
    hand_out_runs();
    for (Member* receiver : receivers_) {
        forward_to(*receiver, now, out);
        receiver->runs.clear();
        out.datagrams.end_train();
    }
    counters_.batch_full += out.datagrams.dropped() - refused_before;
    for (const Opened& opened : opened_)
        if (std::exchange(opened.source->is_awaited, false)) ask_key_frame(*opened.source, now, out);
    opened_.clear();
    receivers_.clear();
}

// Packets of a source come in runs, and each run goes to those who see it.
void VideoRelayEngine::hand_out_runs() {
    for (std::size_t first = 0, next = 0; first < opened_.size(); first = next) {
        Source* source = opened_[first].source;
        while (next < opened_.size() && opened_[next].source == source) ++next;
        for (const Leg& leg : switchboard_.legs_of(*source)) {
            if (leg.receiver->runs.empty()) receivers_.push_back(leg.receiver);
            leg.receiver->runs.push_back(
                {.first = first, .count = next - first, .view = leg.view, .forwarding = leg.forwarding});
        }
    }
}

MediaSession* VideoRelayEngine::listening(const Member& receiver, Time now) {
    MediaSession* session = sessions_.find(receiver.id);
    if (session == nullptr || !session->reachable()) return nullptr;
    // Whose address was declared (ReceiveAt) need not send anything.
    const bool is_there = session->route_declared || now - receiver.heard_at <= kMaxSilence;
    return is_there ? session : nullptr;
}

void VideoRelayEngine::forward_to(Member& receiver, Time now, Outbox& out) {
    MediaSession* session = listening(receiver, now);
    if (session == nullptr) return;
    for (const Run& run : receiver.runs) {
        auto& [first, count, view, forwarding] = run;
        for (const Opened& opened : std::span(opened_).subspan(first, count)) {
            const Verdict verdict = judge(opened, *view, *forwarding);
            if (verdict == Verdict::skip) forwarding->skip(opened.numbers, !is_broken(opened, *view));
            if (verdict == Verdict::send) forward(opened, *view, *forwarding, receiver, *session, out);
        }
    }
}

bool VideoRelayEngine::is_broken(const Opened& opened, const View& view) {
    const auto frame = opened.numbers.timestamp;
    return view.broken_frame == frame || opened.source->broken_frame == frame;
}

VideoRelayEngine::Verdict VideoRelayEngine::judge(const Opened& opened, View& view, Forwarding& forwarding) {
    const Source& source = *opened.source;
    if (view.current != source.ssrc) {
        if (view.target != source.ssrc) return Verdict::ignore;
        if (!opened.facts.starts_key_frame) {
            opened.source->is_awaited = true;
            return Verdict::ignore;
        }
        take_over(opened, view, forwarding);
    }
    if (is_broken(opened, view)) {
        count(RelayDrop::broken);
        ++opened.source->counters.broken;
        return Verdict::skip;
    }
    auto sends = view.frames.find(opened.numbers.timestamp);
    if (!sends) {
        sends = fits(opened, view);
        view.frames.set(opened.numbers.timestamp, *sends);
    }
    if (*sends) return Verdict::send;
    ++counters_.thinned;
    ++opened.source->counters.thinned;
    return Verdict::skip;
}

void VideoRelayEngine::take_over(const Opened& opened, View& view, Forwarding& forwarding) {
    if (view.current) {
        ++counters_.switches;
        // Nobody may need the other one any more.
        tell_later(opened.source->room);
        choose_soon(opened.numbers.received_at);
    }
    view.current = opened.source->ssrc;
    view.layers.clear();
    view.frames.clear();
    forwarding.resume();
}

bool VideoRelayEngine::fits(const Opened& opened, View& view) {
    const int layer = opened.facts.temporal_layer;
    // It has numbers of its own, between those that were given: the receiver knows that it lacks something,
    // but not that it could do without.
    if (opened.is_overtaken) return view.layers.had(layer, opened.numbers.seq);
    if (opened.source->payload_type == wire::kPayloadTypeJpeg)
        return view.level == kMaxLevel || opened.frame % (view.level == 0 ? 4 : 2) == 0;
    if (!opened.facts.vp8) return true;
    return view.layers.admit({.layer = layer,
                              .is_key = opened.facts.starts_key_frame,
                              .layer_sync = opened.facts.vp8->descriptor.layer_sync},
                             view.level, opened.numbers.seq);
}

void VideoRelayEngine::forward(const Opened& opened, View& view, Forwarding& forwarding, Member& receiver,
                               MediaSession& session, Outbox& out) {
    const MutableBytes room = out.datagrams.claim(opened.packet.size() + wire::kSrtpMaxOverhead);
    if (room.empty()) {  // counted by the batch; the rest of the frame is useless to the receiver
        view.broken_frame = opened.numbers.timestamp;
        return;
    }
    const auto numbers = forwarding.rewrite(opened.numbers);
    if (!numbers) return count(RelayDrop::too_late);

    renumber(opened.packet, opened.facts, opened.source->stream.first_encoding, *numbers);
    // What was overtaken on its way to us still has its own unused index: each packet of a source passes the
    // replay check once, and a Forwarding gives no number twice.
    const auto size = numbers->is_late ? session.to_client->protect_rtp_again(opened.packet, room)
                                       : session.to_client->protect_rtp(opened.packet, room);
    if (!size) {
        view.broken_frame = opened.numbers.timestamp;
        return count(RelayDrop::unsealed);
    }
    out.datagrams.commit(*session.route, *size);
    forwarding.count_sent(opened.payload_bytes);
    ++opened.source->counters.forwarded;
    ++receiver.packets_sent;
    receiver.repeats = std::min(receiver.repeats + kRepeatsPerPacket, kMaxRepeatsAtOnce);
    receiver.bytes_sent += *size;
    ++counters_.packets_sent;
    counters_.bytes_sent += *size;
}

}  // namespace connectsphere::relay
