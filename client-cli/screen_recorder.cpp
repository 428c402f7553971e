#include "client-cli/screen_recorder.hpp"

#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <utility>

#include "lib/base/bytes.hpp"
#include "lib/client/screen_input.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::cli {

namespace {

constexpr Duration kStill = 300ms;  // without a change, before a file is written

bool names_picture(const std::string& out) {
    const auto ending = std::filesystem::path(out).extension().string();
    return ending == ".png" || ending == ".ppm" || ending == ".jpg" || ending == ".jpeg";
}

}  // namespace

struct ScreenRecorder::Shared {
    std::mutex mutex;
    std::condition_variable changed;
    bool is_over = false;
    bool has_picture =
        false;  // one waits; while it does, newer ones replace it (file) or are left out (folder)
    bool is_busy = false;
    std::uint64_t count = 0;
    Buffer pixels;
    media::ScreenView view;                            // of `pixels`
    std::function<void(const std::string&)> on_fault;  // the loop's thread only; empty after the first
};

ScreenRecorder::ScreenRecorder(net::Loop& loop, std::string out,
                               std::function<void(const std::string&)> on_fault)
    : loop_(loop),
      out_(std::move(out)),
      is_folder_(!names_picture(out_)),
      still_(loop.timer([this] {
          if (std::exchange(is_unsaved_, false)) write(newest_);
      })),
      shared_(std::make_shared<Shared>()) {
    shared_->on_fault = std::move(on_fault);
    if (out_ == "none") return;
    std::error_code ignored;
    if (is_folder_) std::filesystem::create_directories(out_, ignored);
    thread_ = std::thread([&loop, shared = shared_, path = out_, is_folder = is_folder_] {
        Buffer pixels;
        for (;;) {
            media::ScreenView view;
            std::uint64_t number = 0;
            {
                std::unique_lock lock(shared->mutex);
                shared->is_busy = false;
                shared->changed.wait(lock, [&] { return shared->has_picture || shared->is_over; });
                if (!shared->has_picture) return;
                shared->has_picture = false;
                shared->is_busy = true;
                pixels.swap(shared->pixels);
                view = shared->view;
                number = ++shared->count;
            }
            view.data = pixels.data();
            auto file = path;
            if (is_folder) {
                char name[32];
                std::snprintf(name, sizeof name, "/%06llu.png", static_cast<unsigned long long>(number));
                file += name;
            }
            const auto written = client::write_picture(file, view);
            if (written) continue;
            loop.post([shared, text = written.error().what] {
                if (const auto tell = std::exchange(shared->on_fault, nullptr)) tell(text);
            });
        }
    });
}

ScreenRecorder::~ScreenRecorder() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->is_over = true;
    }
    shared_->changed.notify_all();
    thread_.join();
    shared_->on_fault = nullptr;
}

void ScreenRecorder::see(const media::ScreenView& picture) {
    if (!thread_.joinable()) return;
    newest_ = picture;
    if (!is_folder_) {
        is_unsaved_ = true;
        return still_.set(net::now() + kStill);
    }
    {
        const std::lock_guard lock(shared_->mutex);
        if (shared_->is_busy) return;
    }
    write(picture);
}

void ScreenRecorder::finish(const media::ScreenView& picture) {
    still_.cancel();
    if (!thread_.joinable() || picture.width == 0) return;
    if (is_folder_ || std::exchange(is_unsaved_, false)) write(picture);
}

void ScreenRecorder::write(const media::ScreenView& picture) {
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->pixels.assign(picture.data,
                               picture.data + picture.stride * static_cast<std::size_t>(picture.height));
        shared_->view = picture;
        shared_->has_picture = true;
    }
    shared_->changed.notify_all();
}

}  // namespace connectsphere::cli
