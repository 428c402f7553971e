// What a client may send to the file plane, in any order: frames of two members and of one of another room,
// time that passes, a disk that is small. The engine must keep its promises: nothing listed is half, no more
// than a window is on the way. The input: one byte of who or what, one of length, then that many bytes of a
// ClientMessage with the rest of the length as data.
#include <cstdlib>
#include <deque>
#include <memory>

#include "services/file-store/store_engine.hpp"
#include "tests/unit/file_store/memory_storage.hpp"

using namespace connectsphere;
using namespace connectsphere::file_store;

namespace {

class World {
  public:
    World() {
        disk_.capacity = 4 << 20;
        EngineContext context;
        context.config.files.room_files = 20;
        context.entropy = [](MutableBytes out) { std::fill(out.begin(), out.end(), std::uint8_t{7}); };
        context.to_wall = [](Time time) {
            return WallTime(std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()));
        };
        context.offload = [this](auto job, auto done) {
            jobs_.emplace_back(std::move(job), std::move(done));
        };
        engine_ = std::make_unique<StoreEngine>(context, std::make_unique<test::MemoryStorage>(disk_));
        engine_->on_port(9002);
        proto::StateMessage state;
        state.set_instance_id(1);
        state.set_version(1);
        state.mutable_room()->set_room_id(5);
        state.mutable_room()->set_name("lobby");
        for (std::uint64_t session = 1; session <= 2; ++session)
            state.mutable_room()->add_participants()->set_session_id(session);
        engine_->on_state(state, now_, out_);
        for (std::uint64_t session = 1; session <= 2; ++session) enter(session);
    }

    void frame(std::uint64_t line, Bytes message, Bytes data) {
        engine_->on_frame({line}, {.message = message, .data = data}, now_, out_);
        settle();
    }
    void close(std::uint64_t line) {
        engine_->on_close({line}, now_, out_);
        enter(line);
    }
    void work() {
        if (jobs_.empty()) return;
        auto job = std::move(jobs_.front());
        jobs_.pop_front();
        job.first();
        job.second(now_, out_);
        settle();
    }
    void pass(Duration time) {
        now_ += time;
        if (engine_->deadline() <= now_) engine_->on_time(now_, out_);
        settle();
    }

  private:
    void enter(std::uint64_t session) {
        proto::ClientMessage open;
        open.mutable_open_files();
        proto::ToService request;
        request.set_request_id(1);
        request.mutable_client_request()->set_session_id(session);
        request.mutable_client_request()->set_client_message(open.SerializeAsString());
        engine_->on_ctl(request, now_, out_);
        proto::ClientMessage message;
        message.mutable_enter_files()->set_ticket(std::string(32, 7));
        const auto bytes = message.SerializeAsString();
        frame(session, as_bytes(bytes), {});
    }
    void settle() {
        const auto closes = out_.closes;
        out_.clear();
        for (const auto line : closes) engine_->on_close(line, now_, out_);
        for (const auto& [id, file] : disk_.files) {
            Sha256 content{};
            std::copy_n(file.info.sha256().begin(), content.size(), content.begin());
            const auto blob = disk_.blobs.find(content);
            if (blob == disk_.blobs.end() || blob->second->bytes.size() != file.info.size()) std::abort();
        }
        if (disk_.used() > disk_.capacity) std::abort();
    }

    test::Disk disk_;
    std::unique_ptr<StoreEngine> engine_;
    std::deque<std::pair<std::function<void()>, std::function<void(Time, Outbox&)>>> jobs_;
    Outbox out_;
    Time now_{1h};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 4096) return 0;
    World world;
    for (Bytes rest(data, size); rest.size() >= 2;) {
        const auto what = rest[0];
        const auto length = std::min<std::size_t>(rest[1], rest.size() - 2);
        const auto body = rest.subspan(2, length);
        rest = rest.subspan(2 + length);
        if (what < 200) {
            const auto message = body.first(std::min<std::size_t>(body.size(), what / 2));
            world.frame(1 + what % 2, message, body.subspan(message.size()));
        } else if (what < 230) {
            world.work();
        } else if (what < 240) {
            world.pass(std::chrono::seconds(length));
        } else {
            world.close(1 + what % 2);
        }
    }
    return 0;
}
