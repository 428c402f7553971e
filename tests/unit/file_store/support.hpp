// A store engine with its room, its disk and virtual time: what a client would do, without a client.
#pragma once

#include <catch2/catch.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/file-store/store_engine.hpp"
#include "tests/unit/file_store/memory_storage.hpp"

namespace connectsphere::file_store::test {

constexpr SessionId kAnn{1}, kBob{2}, kEve{9};  // Ann and Bob are in the room, Eve in another
constexpr ConnectionId kAnnLine{11}, kBobLine{12}, kEveLine{19};

struct Received {
    ConnectionId to;
    proto::ServerMessage message;
    Buffer data;
};

class Store {
  public:
    enum class Signaling { here, away };

    explicit Store(Disk& disk, Config config = {}, Signaling signaling = Signaling::here)
        : disk_(disk), config_(std::move(config)), signaling_(signaling) {
        restart();
    }

    // A new process with the same disk.
    void restart() {
        jobs_.clear();
        EngineContext context;
        context.config = config_;
        context.entropy = [this](MutableBytes out) {
            for (auto& byte : out) byte = static_cast<std::uint8_t>(++random_ * 167 >> 3);
        };
        context.to_wall = [](Time time) {
            return WallTime(std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()));
        };
        context.offload = [this](auto job, auto done) { jobs_.push_back({std::move(job), std::move(done)}); };
        engine_ = std::make_unique<StoreEngine>(context, std::make_unique<MemoryStorage>(disk_));
        engine_->on_port(9002);
        ++version_;
        if (signaling_ == Signaling::away) return;
        publish(7, "lobby", {{kAnn, "Ann", proto::HOST}, {kBob, "Bob", proto::PARTICIPANT}});
        publish(8, "cellar", {{kEve, "Eve", proto::HOST}});
    }

    struct Member {
        SessionId session;
        std::string name;
        proto::Role role;
    };
    void publish(std::uint64_t id, const std::string& name, const std::vector<Member>& members) {
        proto::StateMessage state;
        state.set_instance_id(1);
        state.set_version(++version_);
        state.mutable_room()->set_room_id(id);
        state.mutable_room()->set_name(name);
        for (const auto& member : members) {
            auto& participant = *state.mutable_room()->add_participants();
            participant.set_session_id(member.session.value);
            participant.set_name(member.name);
            participant.set_role(member.role);
        }
        run([&](Outbox& out) { engine_->on_state(state, now, out); });
    }

    // What the control plane answers.
    proto::ServerMessage ctl(SessionId session, const proto::ClientMessage& message) {
        proto::ToService request;
        request.set_request_id(5);
        request.mutable_client_request()->set_session_id(session.value);
        request.mutable_client_request()->set_client_message(message.SerializeAsString());
        to_gateway.clear();
        run([&](Outbox& out) { engine_->on_ctl(request, now, out); });
        proto::ServerMessage answer;
        REQUIRE_FALSE(to_gateway.empty());
        REQUIRE(answer.ParseFromString(to_gateway.back().answer().server_message()));
        return answer;
    }
    std::string ticket(SessionId session) {
        proto::ClientMessage message;
        message.mutable_open_files();
        return ctl(session, message).ticket().ticket();
    }
    proto::ServerMessage enter(ConnectionId line, const std::string& ticket) {
        proto::ClientMessage message;
        message.mutable_enter_files()->set_ticket(ticket);
        return ask(line, message);
    }
    void enter_all() {
        REQUIRE(enter(kAnnLine, ticket(kAnn)).has_files_entered());
        REQUIRE(enter(kBobLine, ticket(kBob)).has_files_entered());
        REQUIRE(enter(kEveLine, ticket(kEve)).has_files_entered());
    }

    void send(ConnectionId line, proto::ClientMessage message, Bytes data = {}) {
        const auto bytes = message.SerializeAsString();
        run([&](Outbox& out) {
            engine_->on_frame(line, {.message = as_bytes(bytes), .data = data}, now, out);
        });
    }
    // The first frame that answers.
    proto::ServerMessage ask(ConnectionId line, proto::ClientMessage message) {
        message.set_request_id(++last_request_);
        send(line, message);
        run_jobs();
        for (const auto& each : received) {
            if (each.to == line && each.message.request_id() == last_request_) return each.message;
        }
        FAIL("no answer");
        return {};
    }
    void close(ConnectionId line) {
        run([&](Outbox& out) { engine_->on_close(line, now, out); });
    }
    void run_jobs(std::size_t most = SIZE_MAX) {
        for (; !jobs_.empty() && most > 0; --most) {
            auto job = std::move(jobs_.front());
            jobs_.pop_front();
            job.first();
            run([&](Outbox& out) { job.second(now, out); });
        }
    }
    void tick() {
        run([&](Outbox& out) { engine_->on_time(now, out); });
    }
    void pass(Duration time) {
        const auto end = now + time;
        while (engine_->deadline() <= end) {
            now = std::max(now, engine_->deadline());
            tick();
            if (works_alone) run_jobs();
        }
        now = end;
    }

    // ---- whole transfers

    proto::ServerMessage begin_upload(ConnectionId line, const std::string& key, const std::string& name,
                                      std::uint64_t size, SessionId to = {}) {
        proto::ClientMessage message;
        auto& begin = *message.mutable_begin_upload();
        begin.set_upload_key(wide(key));
        begin.set_name(name);
        begin.set_size(size);
        begin.set_to_session_id(to.value);
        return ask(line, message);
    }
    // Waits for the disk until the server is known to have taken it: send_data() does not.
    void data(ConnectionId line, std::uint32_t transfer, std::uint64_t offset, Bytes bytes) {
        send_data(line, transfer, offset, bytes);
        run_jobs();
    }
    void send_data(ConnectionId line, std::uint32_t transfer, std::uint64_t offset, Bytes bytes) {
        proto::ClientMessage message;
        message.mutable_upload_data()->set_transfer_id(transfer);
        message.mutable_upload_data()->set_offset(offset);
        send(line, message, bytes);
    }
    proto::ServerMessage finish(ConnectionId line, std::uint32_t transfer, Bytes content) {
        proto::ClientMessage message;
        const auto hash = wire::sha256(content);
        message.mutable_finish_upload()->set_transfer_id(transfer);
        message.mutable_finish_upload()->set_sha256(hash.data(), hash.size());
        return ask(line, message);
    }
    proto::ServerMessage upload(ConnectionId line, const std::string& key, const std::string& name,
                                Bytes content, SessionId to = {}) {
        const auto begun = begin_upload(line, key, name, content.size(), to);
        if (!begun.has_upload_ready()) return begun;
        const auto transfer = begun.upload_ready().transfer_id();
        for (auto offset = begun.upload_ready().offset(); offset < content.size();) {
            const auto size = std::min<std::size_t>(StoreEngine::kChunk, content.size() - offset);
            data(line, transfer, offset, content.subspan(offset, size));
            offset += size;
        }
        return finish(line, transfer, content);
    }
    proto::ServerMessage begin_download(ConnectionId line, std::uint64_t file, std::uint64_t offset = 0) {
        proto::ClientMessage message;
        message.mutable_begin_download()->set_file_id(file);
        message.mutable_begin_download()->set_offset(offset);
        return ask(line, message);
    }
    void credit(ConnectionId line, std::uint32_t transfer, std::uint64_t bytes) {
        proto::ClientMessage message;
        message.mutable_download_credit()->set_transfer_id(transfer);
        message.mutable_download_credit()->set_received(bytes);
        send(line, message);
    }
    // Everything from `offset` on, acknowledged as it comes.
    Buffer download(ConnectionId line, std::uint64_t file, std::uint64_t offset = 0) {
        received.clear();
        const auto ready = begin_download(line, file, offset);
        REQUIRE(ready.has_download_ready());
        const auto transfer = ready.download_ready().transfer_id();
        Buffer bytes;
        for (std::size_t i = 0; i < received.size(); ++i) {
            if (received[i].to != line || !received[i].message.has_download_data()) continue;
            CHECK(received[i].message.download_data().offset() == offset + bytes.size());
            bytes.insert(bytes.end(), received[i].data.begin(), received[i].data.end());
            credit(line, transfer, offset + bytes.size());
        }
        return bytes;
    }
    proto::FileList list(ConnectionId line, const std::string& search = {}) {
        proto::ClientMessage message;
        message.mutable_list_files()->set_search(search);
        return ask(line, message).file_list();
    }
    proto::ServerMessage remove(ConnectionId line, std::uint64_t file, const std::string& key = {}) {
        proto::ClientMessage message;
        message.mutable_remove_file()->set_file_id(file);
        if (!key.empty()) message.mutable_remove_file()->set_upload_key(wide(key));
        return ask(line, message);
    }
    static std::string wide(const std::string& key) { return key + std::string(32 - key.size(), '.'); }

    // Who heard of which event on the control plane.
    std::vector<std::uint64_t> told(proto::ServerMessage::ArmCase arm) const {
        std::vector<std::uint64_t> sessions;
        for (const auto& message : to_gateway) {
            proto::ServerMessage event;
            if (!message.has_deliver() || !event.ParseFromString(message.deliver().server_message()))
                continue;
            if (event.arm_case() != arm) continue;
            sessions.insert(sessions.end(), message.deliver().session_ids().begin(),
                            message.deliver().session_ids().end());
        }
        return sessions;
    }
    std::optional<proto::TransferFailed> failure(ConnectionId line) const {
        for (const auto& each : received) {
            if (each.to == line && each.message.has_transfer_failed()) return each.message.transfer_failed();
        }
        return std::nullopt;
    }
    std::size_t data_sent_to(ConnectionId line) const {
        std::size_t sum = 0;
        for (const auto& each : received) {
            if (each.to == line) sum += each.data.size();
        }
        return sum;
    }

    Time now{1h};
    bool works_alone = true;  // the disk does what there is to do while time passes
    std::vector<Received> received;
    std::vector<proto::ToGateway> to_gateway;
    std::vector<ConnectionId> closed;

    std::size_t jobs() const { return jobs_.size(); }
    std::size_t refusals(proto::ErrorCode code) const {
        return static_cast<std::size_t>(
            std::count_if(received.begin(), received.end(),
                          [&](const auto& each) { return each.message.error().code() == code; }));
    }
    // A figure of /status.
    double figure(const std::string& name) const {
        proto::Beat beat;
        engine_->fill_beat(beat);
        for (const auto& metric : beat.metrics()) {
            if (metric.name() == name) return metric.value();
        }
        FAIL("no figure " << name);
        return 0;
    }

  private:
    template <class Call>
    void run(Call call) {
        Outbox out;
        call(out);
        for (const auto& frame : out.frames) {
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
            each.to = frame.to.at(0);
            each.data.assign((*view)->data.begin(), (*view)->data.end());
            received.push_back(std::move(each));
        }
        to_gateway.insert(to_gateway.end(), out.to_gateway.begin(), out.to_gateway.end());
        for (const auto line : out.closes) {
            closed.push_back(line);
            close(line);
        }
    }

    Disk& disk_;
    Config config_;
    Signaling signaling_;
    std::unique_ptr<StoreEngine> engine_;
    std::deque<std::pair<std::function<void()>, std::function<void(Time, Outbox&)>>> jobs_;
    std::uint64_t version_ = 0;
    std::uint64_t last_request_ = 100;
    std::uint64_t random_ = 0;
};

inline Buffer content_of(std::size_t size, std::uint32_t seed = 1) {
    Buffer bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>((seed = seed * 1664525 + 1013904223) >> 24);
    return bytes;
}

}  // namespace connectsphere::file_store::test
