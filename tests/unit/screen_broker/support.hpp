// A broker with a room, presenters that encode real pixels and viewers that draw them, in virtual time.
#pragma once

#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "lib/media/screen_copies.hpp"
#include "services/screen-broker/broker_engine.hpp"
#include "tests/support/canvas.hpp"

namespace connectsphere::screen_broker::test {

using connectsphere::test::Canvas;
using connectsphere::test::same_pixels;

struct Received {
    proto::ServerMessage message;
    Buffer data;
    std::size_t size = 0;
    Time at{};
};

class World {
  public:
    World() { restart(); }

    // A new process: the connections are gone, the room is published again.
    void restart() {
        EngineContext context;
        context.entropy = [this](MutableBytes out) {
            for (auto& byte : out) byte = static_cast<std::uint8_t>(++random_ * 167 >> 3);
        };
        engine_ = std::make_unique<BrokerEngine>(context);
        engine_->on_port(9001);
        for (auto& [line, inbox] : inboxes) inbox.clear();
        ++instance_;
        publish();
    }
    // Sessions 1 to `count`; 1 is the host, 2 a moderator, 9 a listener.
    void set_members(std::size_t count) {
        members_ = count;
        publish();
    }
    void remove_member(std::uint64_t session) {
        absent_.push_back(session);
        publish();
    }

    proto::ServerMessage ctl(std::uint64_t session, const proto::ClientMessage& message) {
        proto::ToService request;
        request.set_request_id(5);
        request.mutable_client_request()->set_session_id(session);
        request.mutable_client_request()->set_client_message(message.SerializeAsString());
        run([&](Outbox& out) { engine_->on_ctl(request, now, out); });
        proto::ServerMessage answer;
        REQUIRE_FALSE(to_gateway.empty());
        REQUIRE(answer.ParseFromString(to_gateway.back().answer().server_message()));
        return answer;
    }
    std::string ticket(std::uint64_t session) {
        proto::ClientMessage message;
        message.mutable_open_screen();
        return ctl(session, message).ticket().ticket();
    }
    // A connection of the session; its number is 10 times the session's, and `nth`.
    ConnectionId enter(std::uint64_t session, std::uint64_t nth = 0) {
        const ConnectionId line{10 * session + nth};
        proto::ClientMessage message;
        message.mutable_enter_screen()->set_ticket(ticket(session));
        send(line, message);
        REQUIRE(last(line).has_screen_entered());
        return line;
    }
    void send(ConnectionId line, const proto::ClientMessage& message, Bytes data = {}) {
        const auto bytes = message.SerializeAsString();
        run([&](Outbox& out) {
            engine_->on_frame(line, {.message = as_bytes(bytes), .data = data}, now, out);
        });
    }
    void close(ConnectionId line) {
        run([&](Outbox& out) { engine_->on_close(line, now, out); });
    }
    proto::ServerMessage start(ConnectionId line, bool take_over = false, bool ask = false) {
        proto::ClientMessage message;
        message.set_request_id(77);
        message.mutable_start_presenting()->set_take_over(take_over);
        message.mutable_start_presenting()->set_ask(ask);
        const auto seen = inboxes[line].size();
        send(line, message);
        for (auto i = seen; i < inboxes[line].size(); ++i) {
            if (inboxes[line][i].message.request_id() == 77) return inboxes[line][i].message;
        }
        return {};
    }
    void pass(Duration time) {
        const auto end = now + time;
        while (engine_->deadline() <= end) {
            now = std::max(now, engine_->deadline());
            run([&](Outbox& out) { engine_->on_time(now, out); });
        }
        now = end;
    }
    proto::ServerMessage last(ConnectionId line) {
        REQUIRE_FALSE(inboxes[line].empty());
        return inboxes[line].back().message;
    }
    bool was_closed(ConnectionId line) const {
        return std::find(closed.begin(), closed.end(), line) != closed.end();
    }
    // Who was told of whom on the control plane since the last call: session -> presenter.
    std::map<std::uint64_t, std::uint64_t> take_announcements() {
        std::map<std::uint64_t, std::uint64_t> told;
        for (const auto& message : std::exchange(to_gateway, {})) {
            proto::ServerMessage event;
            if (!message.has_deliver() || !event.ParseFromString(message.deliver().server_message()))
                continue;
            if (!event.has_presenter_changed()) continue;
            for (const auto session : message.deliver().session_ids())
                told[session] = event.presenter_changed().session_id();
        }
        return told;
    }
    double metric(const std::string& name) const {
        proto::Beat beat;
        engine_->fill_beat(beat);
        for (const auto& each : beat.metrics()) {
            if (each.name() == name) return each.value();
        }
        return -1;
    }

    Time now{1h};
    std::map<ConnectionId, std::deque<Received>> inboxes;
    std::vector<ConnectionId> closed;
    std::vector<proto::ToGateway> to_gateway;
    std::size_t largest_frame = 0;

  private:
    void publish() {
        proto::StateMessage state;
        state.set_instance_id(1);
        state.set_version(++version_);
        state.mutable_room()->set_room_id(7);
        state.mutable_room()->set_name("lobby");
        for (std::uint64_t session = 1; session <= members_; ++session) {
            if (std::find(absent_.begin(), absent_.end(), session) != absent_.end()) continue;
            auto& participant = *state.mutable_room()->add_participants();
            participant.set_session_id(session);
            std::string name = "P";
            name += std::to_string(session);
            participant.set_name(name);
            participant.set_role(session == 1   ? proto::HOST
                                 : session == 2 ? proto::MODERATOR
                                 : session == 9 ? proto::LISTENER
                                                : proto::PARTICIPANT);
        }
        run([&](Outbox& out) { engine_->on_state(state, now, out); });
    }
    template <class Call>
    void run(Call call) {
        Outbox out;
        call(out);
        for (const auto& frame : out.frames) {
            largest_frame = std::max(largest_frame, frame.frame->size());
            wire::FrameParser parser(1 << 20);
            for (Bytes rest(*frame.frame); !rest.empty();) {
                const auto chunk = rest.first(std::min(rest.size(), wire::kMaxFrameChunk));
                REQUIRE(parser.append(chunk));
                rest = rest.subspan(chunk.size());
            }
            const auto view = parser.next();
            REQUIRE(view);
            REQUIRE(*view);
            Received each;
            REQUIRE(each.message.ParseFromString(std::string(as_text((*view)->message))));
            each.data.assign((*view)->data.begin(), (*view)->data.end());
            each.size = frame.frame->size();
            each.at = now;
            for (const auto line : frame.to) inboxes[line].push_back(each);
        }
        to_gateway.insert(to_gateway.end(), out.to_gateway.begin(), out.to_gateway.end());
        for (const auto line : out.closes) {
            closed.push_back(line);
            close(line);
        }
    }

    std::unique_ptr<BrokerEngine> engine_;
    std::uint64_t instance_ = 0;
    std::uint64_t version_ = 0;
    std::size_t members_ = 9;
    std::vector<std::uint64_t> absent_;
    std::uint64_t random_ = 0;
};

// Encodes a canvas and sends what has changed; answers when backing is asked for.
class Presenter {
  public:
    Presenter(World& world, ConnectionId line, media::ScreenEncoder::Options options = {})
        : world_(world), line_(line), encoder_(options) {}

    // On a new connection, or again: everything is said anew.
    void begin(ConnectionId line) {
        line_ = line;
        number_ = 0;
        encoder_.restart();
    }
    void show(const Canvas& canvas) {
        const auto all = canvas.all();
        send(encoder_.update(canvas.view(), {&all, 1}, world_.now));
    }
    void refine() { send(encoder_.refine(world_.now)); }
    void rest() {
        while (encoder_.deadline() != kNever) {
            if (encoder_.deadline() > world_.now) world_.pass(encoder_.deadline() - world_.now);
            refine();
        }
    }
    // Does what the broker wants.
    void answer() {
        bool wants_backing = false;
        for (auto& inbox = world_.inboxes[line_]; !inbox.empty(); inbox.pop_front()) {
            if (!inbox.front().message.has_present_need()) continue;
            need = inbox.front().message.present_need();
            wants_backing = wants_backing || need.backing();
        }
        if (wants_backing) send(encoder_.back());
    }

    proto::PresentNeed need;
    std::uint64_t sent_bytes = 0;
    std::uint64_t number() const { return number_; }

  private:
    void send(const media::ScreenFrame& frame) {
        if (frame.is_empty()) return;
        std::size_t next = 0;
        do {
            proto::ClientMessage message;
            auto& update = *message.mutable_screen_update();
            update.set_number(++number_);
            if (next == 0 && frame.is_new) {
                update.set_width(static_cast<std::uint32_t>(frame.grid.width()));
                update.set_height(static_cast<std::uint32_t>(frame.grid.height()));
            }
            if (next == 0) {
                for (const auto& copy : frame.copies) media::describe(copy, *update.add_copies());
            }
            Buffer data;
            while (next < frame.tiles.size() && data.size() + frame.tiles[next].size <= BrokerEngine::kPart) {
                const auto& tile = frame.tiles[next++];
                auto& out = *update.add_tiles();
                out.set_index(static_cast<std::uint32_t>(tile.index));
                out.set_encoding(static_cast<proto::TileEncoding>(tile.encoding));
                out.set_bytes(static_cast<std::uint32_t>(tile.size));
                out.set_backing(tile.backing);
                const auto bytes = frame.bytes(tile);
                data.insert(data.end(), bytes.begin(), bytes.end());
            }
            update.set_more(next < frame.tiles.size());
            sent_bytes += data.size();
            world_.send(line_, message, data);
        } while (next < frame.tiles.size());
    }

    World& world_;
    ConnectionId line_;
    media::ScreenEncoder encoder_;
    std::uint64_t number_ = 0;
};

// Draws what comes, and acknowledges it when it is told to.
class Watcher {
  public:
    Watcher(World& world, ConnectionId line) : world_(world), line_(line) {
        proto::ClientMessage message;
        message.mutable_watch_screen();
        world_.send(line_, message);
    }
    // Takes what has arrived, at most `frames` of it; the rest stays on its way.
    void read(std::size_t frames = SIZE_MAX) {
        auto& inbox = world_.inboxes[line_];
        for (; !inbox.empty() && frames > 0; --frames) {
            const auto each = std::move(inbox.front());
            inbox.pop_front();
            take(each);
        }
    }
    void acknowledge() {
        proto::ClientMessage message;
        message.mutable_screen_received()->set_bytes(received);
        world_.send(line_, message);
    }
    // Until nothing comes any more.
    void catch_up() {
        while (!world_.inboxes[line_].empty()) {
            read();
            acknowledge();
        }
    }
    std::size_t waiting_bytes() {
        std::size_t sum = 0;
        for (const auto& each : world_.inboxes[line_]) sum += each.size;
        return sum;
    }

    media::ScreenPicture picture;
    std::uint64_t received = 0;
    std::vector<std::pair<Time, std::uint64_t>> deltas;  // when, which version
    std::size_t copies = 0;
    bool whole = false;
    std::size_t cleared = 0;
    proto::ScreenCursor cursor;

  private:
    void take(const Received& each) {
        const auto& message = each.message;
        if (message.has_screen_delta() || message.has_screen_cursor() || message.has_screen_cleared())
            received += each.size;
        if (message.has_screen_cursor()) cursor = message.screen_cursor();
        if (message.has_screen_cleared()) {
            picture = {};
            whole = false;
            ++cleared;
        }
        if (!message.has_screen_delta()) return;
        const auto& delta = message.screen_delta();
        if (delta.width() != 0) REQUIRE(picture.resize(delta.width(), delta.height()));
        for (const auto& copy : delta.copies()) REQUIRE(picture.copy(media::copy_of(copy)));
        Reader rest(each.data);
        for (const auto& tile : delta.tiles()) {
            REQUIRE(picture.draw(tile.index(), static_cast<media::TileEncoding>(tile.encoding()),
                                 rest.bytes(tile.bytes())));
        }
        REQUIRE(rest.ok());
        REQUIRE(rest.left() == 0);
        copies += static_cast<std::size_t>(delta.copies_size());
        whole = delta.whole();
        deltas.emplace_back(each.at, delta.version());
    }

    World& world_;
    ConnectionId line_;
};

}  // namespace connectsphere::screen_broker::test
