// Pictures: from coded frames, as they arrive, to pixels in the size in which somebody is shown. Decoding and
// scaling run on threads of their own; the window only takes what is ready, and is told once that something
// is.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <opencv2/core.hpp>
#include <span>
#include <thread>
#include <vector>

#include "client-gui/geometry.hpp"
#include "lib/base/bytes.hpp"
#include "lib/base/time.hpp"
#include "lib/client/frame_queue.hpp"
#include "lib/media/image.hpp"
#include "proto/media.pb.h"

namespace connectsphere::gui {

class PictureDecoder;

class Pictures {
  public:
    // As it is wanted on screen.
    struct Want {
        Size size{};
        bool is_whole = false;     // else it fills the size, and loses what is outside
        bool is_mirrored = false;  // only for what is shown, not pushed

        bool operator==(const Want&) const = default;
    };
    struct Coded {
        proto::Codec codec = proto::JPEG;
        std::uint32_t timestamp = 0;  // 90 kHz
        bool is_key_frame = true;
        Buffer bytes{};
        Time arrival{};
    };
    struct Shown {
        std::uint64_t version = 0;
        Size source{};  // as it was sent
        Time arrival{};
        cv::Mat pixels{};  // 32 bits a pixel: blue, green, red, nothing
    };

    // `on_new` is called on any thread, once until the next snapshot().
    Pictures(std::function<void()> on_new, int threads);
    ~Pictures();
    Pictures(const Pictures&) = delete;
    Pictures& operator=(const Pictures&) = delete;

    // ---- any thread
    // False: only a key frame helps. One before it was damaged, or dropped.
    bool push(std::uint64_t id, Coded coded);
    void show(std::uint64_t id, const media::Image& image, Time arrival);  // scales here and now
    // A shared screen, copied as it is, 32 bits a pixel; and the pointer on it, premultiplied.
    struct Pointer {
        Point at{};  // of its upper left corner; may lie outside
        Size size{};
        std::span<const std::uint32_t> argb{};
    };
    void show_screen(std::uint64_t id, const void* pixels, Size size, std::size_t stride,
                     const Pointer& pointer, Time arrival);
    void forget(std::uint64_t id);

    // ---- the window
    void want(std::uint64_t id, const Want& want);
    const std::map<std::uint64_t, Shown>& snapshot();  // valid until the next one

    std::uint64_t dropped() const;  // came while older ones still waited
    std::uint64_t damaged() const { return damaged_; }

    static constexpr std::size_t kMostWaiting = 64;  // frames of one thread's streams

  private:
    struct Worker {
        std::mutex mutex;
        std::condition_variable wake;
        client::FrameQueue<Coded> waiting{kMostWaiting};
        std::vector<std::uint64_t> gone;  // streams whose decoder is of no more use
        std::uint64_t stale = 0;          // frames that a newer one made needless
        bool is_over = false;
        std::map<std::uint64_t, std::unique_ptr<PictureDecoder>> decoders;  // its thread's
        std::thread thread;
    };

    void run(Worker& worker);
    Worker& worker_of(std::uint64_t id) { return *workers_[id % workers_.size()]; }
    bool decode(Worker& worker, std::uint64_t id, const Coded& coded);  // false: it is damaged
    void publish(std::uint64_t id, cv::Mat pixels, Size source, Time arrival);
    Want wanted(std::uint64_t id);

    std::function<void()> on_new_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::atomic<bool> is_told_{false};
    std::atomic<std::uint64_t> damaged_{0};

    std::mutex mutex_;
    std::map<std::uint64_t, Want> wants_;
    std::map<std::uint64_t, Shown> newest_;
    std::uint64_t versions_ = 0;
    std::map<std::uint64_t, Shown> snapshot_;  // the window's
};

// The picture as it is wanted, in 32 bits a pixel.
cv::Mat scaled(const media::Image& image, const Pictures::Want& want);

// Becomes a picture of this size, with black beside or above it where its shape is another.
void fit_to(Size size, media::Image& image);

}  // namespace connectsphere::gui
