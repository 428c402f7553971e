// The Prometheus answer (text format 0.0.4). What a service reports appears under its own name with the
// prefix connectsphere_ and a label `service`; a service that is silent reports nothing but service_up 0.
// Labels stay few: rooms and planes, never sessions or people (those are in /status).
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <sstream>

#include "services/common/service_name.hpp"
#include "services/status/picture.hpp"

namespace connectsphere::status {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

constexpr std::string_view kPrefix = "connectsphere_";

bool is_valid_name(std::string_view name) {
    const auto fits = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    return !name.empty() && !std::isdigit(static_cast<unsigned char>(name.front())) &&
           std::all_of(name.begin(), name.end(), fits);
}

// Families by name, so that what several services report under one name stands together, as the format asks.
class Families {
  public:
    struct Head {
        std::string name;
        std::string help;
        MetricType type = MetricType::Gauge;
    };

    void add(Head head, Labels labels, double value) {
        if (!head.name.starts_with(kPrefix)) head.name.insert(0, kPrefix);
        auto& family = families_[head.name];
        if (family.name.empty()) {
            std::replace(head.help.begin(), head.help.end(), '\n', ' ');  // the serializer does not escape it
            family = MetricFamily{std::move(head.name), std::move(head.help), head.type, {}};
        }
        ClientMetric metric;
        metric.label = std::move(labels);
        (family.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
        family.metric.push_back(std::move(metric));
    }

    std::string text() const {
        std::vector<MetricFamily> families;
        for (const auto& [name, family] : families_) families.push_back(family);
        std::ostringstream out;
        prometheus::TextSerializer().Serialize(out, families);
        return out.str();
    }

  private:
    std::map<std::string, MetricFamily> families_;
};

// A series for each session would grow without end in the database that collects them.
bool is_of_a_session(const proto::Metric& metric) {
    return std::any_of(metric.labels().begin(), metric.labels().end(),
                       [](const auto& label) { return label.name() == "session" || label.name() == "ssrc"; });
}

void add_reported(Families& out, const ServiceView& view) {
    for (const auto& metric : view.beat->metrics()) {
        if (!is_valid_name(metric.name()) || is_of_a_session(metric)) continue;
        Labels labels{{"service", service_name(view.service)}};
        for (const auto& label : metric.labels())
            if (is_valid_name(label.name())) labels.push_back({label.name(), label.value()});
        out.add({.name = metric.name(),
                 .help = metric.help(),
                 .type = metric.type() == proto::COUNTER ? MetricType::Counter : MetricType::Gauge},
                std::move(labels), metric.value());
    }
}

void add_service(Families& out, const ServiceView& view) {
    const Labels labels{{"service", service_name(view.service)}};
    out.add({.name = "service_up", .help = "1 while the service is heard."}, labels, view.is_heard());
    out.add({.name = "service_ready", .help = "1 while the service does its work."}, labels, view.is_ready);
    out.add({.name = "service_restarts_total",
             .help = "New instances of the service since cs-status started.",
             .type = MetricType::Counter},
            labels, view.restarts);
    if (!view.is_heard()) return;
    out.add({.name = "service_uptime_seconds", .help = "Time since this instance of the service started."},
            labels, seconds(view.uptime));
    out.add({.name = "build_info", .help = "Always 1; the labels say what runs."},
            {{"service", service_name(view.service)}, {"version", view.beat->version()}}, 1);
    add_reported(out, view);
}

// The worst of each plane: what an alert is set on. Who it is stands in /status.
struct Worst {
    unsigned sessions = 0;
    double loss_ratio = 0;
    double jitter_seconds = 0;
    double round_trip_seconds = 0;

    void take(const proto::SessionFigures& figures) {
        ++sessions;
        loss_ratio = std::max({loss_ratio, figures.loss_ratio(), figures.up_loss_ratio()});
        jitter_seconds = std::max({jitter_seconds, figures.jitter_seconds(), figures.up_jitter_seconds()});
        round_trip_seconds = std::max(round_trip_seconds, figures.round_trip_seconds());
    }
};

void add_plane(Families& out, const std::string& plane, const Worst& worst) {
    const Labels labels{{"plane", plane}};
    out.add({.name = "media_sessions", .help = "Sessions with figures on the plane."}, labels,
            worst.sessions);
    out.add({.name = "media_loss_ratio_max", .help = "Loss of the session that loses most, 0 to 1."}, labels,
            worst.loss_ratio);
    out.add({.name = "media_jitter_seconds_max", .help = "Highest interarrival jitter (RFC 3550)."}, labels,
            worst.jitter_seconds);
    out.add({.name = "media_round_trip_seconds_max", .help = "Longest round trip of a session."}, labels,
            worst.round_trip_seconds);
}

void add_rooms(Families& out, const std::vector<RoomView>& rooms) {
    std::map<std::string, Worst> planes;
    std::size_t participants = 0;
    std::size_t connected = 0;
    for (const auto& room : rooms) {
        participants += room.participants.size();
        out.add({.name = "room_participants", .help = "Participants in the room."},
                {{"room", room.room->name()}}, static_cast<double>(room.participants.size()));
        for (const auto& entry : room.participants) {
            if (entry.participant->connected()) ++connected;
            for (const auto& [plane, figures] : entry.figures) planes[std::string(plane)].take(*figures);
        }
    }
    out.add({.name = "rooms", .help = "Rooms with somebody in them."}, {}, static_cast<double>(rooms.size()));
    out.add(
        {.name = "participants", .help = "Participants in all rooms, with those who lost their connection."},
        {}, static_cast<double>(participants));
    out.add({.name = "participants_connected", .help = "Participants whose control connection is up."}, {},
            static_cast<double>(connected));
    for (const auto& [plane, worst] : planes) add_plane(out, plane, worst);
}

}  // namespace

std::string to_prometheus(const Picture& picture) {
    Families families;
    families.add({.name = "ready", .help = "1 while every service is heard and ready."}, {},
                 picture.is_ready);
    for (const auto& service : picture.services) add_service(families, service);
    add_rooms(families, picture.rooms);
    return families.text();
}

}  // namespace connectsphere::status
