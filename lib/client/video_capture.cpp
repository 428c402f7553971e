#include "lib/client/video_capture.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "lib/client/background.hpp"
#include "lib/net/clock.hpp"
#include "lib/net/loop.hpp"

namespace connectsphere::client {

namespace {

constexpr int kMaxOnTheWay =
    2;  // pictures posted and not yet taken; more are dropped and counted in `dropped`

}  // namespace

struct VideoCapture::Shared {
    std::mutex mutex;
    std::condition_variable stopped;
    bool stopping = false;
    Handlers handlers;  // the loop's thread only; empty once the capture has gone
    std::atomic<int> on_the_way{0};
    std::atomic<std::uint64_t> dropped{0};
    std::atomic<EncodingMask> wanted{0};
    std::atomic<EncodingMask> key_frames{0};
};

VideoCapture::VideoCapture(net::Loop& loop, std::unique_ptr<VideoSource> source, VideoEncoders encoders,
                           Handlers handlers)
    : shared_(std::make_shared<Shared>()), source_(std::move(source)), encoders_(std::move(encoders)) {
    shared_->handlers = std::move(handlers);
    thread_ = std::thread([&loop, source = source_.get(), encoders = &encoders_, shared = shared_] {
        run(loop, *source, *encoders, shared);
    });
}

VideoCapture::~VideoCapture() {
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->stopping = true;
    }
    shared_->stopped.notify_all();
    source_->stop();
    thread_.join();
    shared_->handlers = {};
}

void VideoCapture::set_wanted(EncodingMask wanted) { shared_->wanted = wanted; }
void VideoCapture::want_key_frames(EncodingMask encodings) { shared_->key_frames |= encodings; }

std::uint64_t VideoCapture::dropped() const { return shared_->dropped; }

void VideoCapture::run(net::Loop& loop, VideoSource& source, VideoEncoders& encoders,
                       const std::shared_ptr<Shared>& shared) {
    step_back();
    const auto period =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / source.format().frame_rate));
    auto due = net::now();
    media::Image picture;
    while (true) {
        if (const auto done = source.read(picture); !done) {
            loop.post([shared, error = done.error()] {
                if (shared->handlers.on_end) shared->handlers.on_end(error);
            });
            return;
        }
        const auto captured_at = net::now();
        if (shared->on_the_way >= kMaxOnTheWay) {
            ++shared->dropped;
        } else if (const EncodingMask wanted = shared->wanted; wanted != 0) {
            ++shared->on_the_way;
            loop.post([shared, captured_at,
                       encoded = encoders.encode(picture, wanted, shared->key_frames.exchange(0))] {
                --shared->on_the_way;
                if (shared->handlers.on_picture) shared->handlers.on_picture(encoded, captured_at);
            });
        }
        due = std::max(due + period, net::now());  // a source slower than its rate does not catch up
        std::unique_lock lock(shared->mutex);
        if (shared->stopped.wait_for(lock, due - net::now(), [&] { return shared->stopping; })) return;
    }
}

}  // namespace connectsphere::client
