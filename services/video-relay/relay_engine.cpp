#include "services/video-relay/relay_engine.hpp"

#include <algorithm>

#include "lib/wire/rtp.hpp"
#include "lib/wire/srtp.hpp"

namespace connectsphere::relay {
namespace {

constexpr std::size_t kUsualBatch = 256;  // packets; more only cost one allocation

}  // namespace

std::string_view name(RelayDrop reason) {
    static constexpr std::array<std::string_view, kRelayDropKinds> kNames{
        "unpublished", "camera-off", "too-long", "too-late", "unsealed", "bad-rtcp"};
    return kNames[static_cast<std::size_t>(reason)];
}

VideoRelayEngine::VideoRelayEngine(const EngineContext&) {
    opened_.reserve(kUsualBatch);
    rooms_.reserve(kUsualBatch);
}

void VideoRelayEngine::on_ctl(const proto::ToService& message, Time now, Outbox& out) {
    if (const auto changed = sessions_.on_ctl(message, now, out)) switchboard_.restart(*changed);
}

void VideoRelayEngine::on_state(const proto::StateMessage& message, Time now, Outbox&) {
    const auto change = mirror_.apply(message);
    sessions_.on_rooms(mirror_, change, now);
    switchboard_.apply(mirror_, change);
    // A Forwarding must live as long as the key that it numbers packets under.
    switchboard_.forget([this](SessionId id) { return sessions_.find(id) == nullptr; });
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

    opened_.push_back({.source = source,
                       .packet = datagram.payload.first(media.packet.size()),
                       .payload_bytes = media.rtp->payload.size(),
                       .numbers = {.generation = source->generation,
                                   .seq = seq,
                                   .timestamp = header.timestamp,
                                   .received_at = datagram.received_at}});
    if (std::ranges::find(rooms_, source->room) == rooms_.end()) rooms_.push_back(source->room);
}

void VideoRelayEngine::forward_opened(Time now, Outbox& out) {
    const auto refused_before = out.datagrams.dropped();
    for (const RoomId room : rooms_)
        for (Member* receiver : switchboard_.members(room)) forward_to(*receiver, now, out);
    counters_.batch_full += out.datagrams.dropped() - refused_before;
    opened_.clear();
    rooms_.clear();
}

MediaSession* VideoRelayEngine::listening(const Member& receiver, Time now) {
    MediaSession* session = sessions_.find(receiver.id);
    const bool is_there =
        session != nullptr && session->reachable() && now - receiver.heard_at <= kMaxSilence;
    return is_there ? session : nullptr;
}

void VideoRelayEngine::forward_to(Member& receiver, Time now, Outbox& out) {
    MediaSession* session = listening(receiver, now);
    if (session == nullptr) return;
    // Packets of one source come in runs: what holds for a run is looked up once.
    const Source* source = nullptr;
    Forwarding* forwarding = nullptr;
    for (const Opened& opened : opened_) {
        if (opened.source->room != receiver.room) continue;
        if (opened.source != source) {
            source = opened.source;
            const bool is_wanted = receiver.subscription(source->stream).encoding == source->ssrc;
            forwarding = is_wanted ? &receiver.forwardings[source->ssrc] : nullptr;
        }
        if (forwarding != nullptr) forward(opened, *forwarding, receiver, *session, out);
    }
}

void VideoRelayEngine::forward(const Opened& opened, Forwarding& forwarding, Member& receiver,
                               MediaSession& session, Outbox& out) {
    const MutableBytes room = out.datagrams.claim(opened.packet.size() + wire::kSrtpMaxOverhead);
    if (room.empty()) return;  // counted by the batch; the receiver sees a loss
    const auto numbers = forwarding.rewrite(opened.numbers);
    if (!numbers) return count(RelayDrop::too_late);

    wire::set_seq(opened.packet, numbers->seq);
    wire::set_timestamp(opened.packet, numbers->timestamp);
    // What was overtaken on its way to us still has its own unused index: each packet of a source passes the
    // replay check once, and a Forwarding gives no number twice.
    const auto size = numbers->is_late ? session.to_client->protect_rtp_again(opened.packet, room)
                                       : session.to_client->protect_rtp(opened.packet, room);
    if (!size) return count(RelayDrop::unsealed);
    out.datagrams.commit(*session.route, *size);
    forwarding.count_sent(opened.payload_bytes);
    ++receiver.packets_sent;
    receiver.bytes_sent += *size;
    ++counters_.packets_sent;
    counters_.bytes_sent += *size;
}

}  // namespace connectsphere::relay
