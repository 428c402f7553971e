#include "client-gui/pictures.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "lib/client/background.hpp"
#include "lib/client/video_decoder.hpp"
#include "lib/media/jpeg_codec.hpp"

namespace connectsphere::gui {

namespace {

// A plane of I420, or the pixels of BGR.
cv::Mat plane_of(const media::Image& image, int index) {
    const auto plane = media::plane(image, index);
    const bool is_bgr = image.format == media::PixelFormat::bgr;
    // OpenCV knows no constant pixels; nobody writes to those of a constant image.
    auto* data = const_cast<std::uint8_t*>(image.pixels.data()) + plane.offset;
    return {plane.height, is_bgr ? plane.width / 3 : plane.width, is_bgr ? CV_8UC3 : CV_8UC1, data};
}

cv::Mat resized(const cv::Mat& from, cv::Size size) {
    if (from.size() == size) return from;
    cv::Mat out;
    const bool shrinks_much = from.cols >= 2 * size.width;
    cv::resize(from, out, size, 0, 0, shrinks_much ? cv::INTER_AREA : cv::INTER_LINEAR);
    return out;
}

void lay_over(cv::Mat& screen, const Pictures::Pointer& pointer) {
    for (int y = 0; y < pointer.size.height; ++y) {
        for (int x = 0; x < pointer.size.width; ++x) {
            const int to_x = pointer.at.x + x, to_y = pointer.at.y + y;
            if (to_x < 0 || to_y < 0 || to_x >= screen.cols || to_y >= screen.rows) continue;
            const auto argb = pointer.argb[static_cast<std::size_t>(y * pointer.size.width + x)];
            auto& below = screen.at<cv::Vec4b>(to_y, to_x);
            for (int i = 0; i < 3; ++i) {
                const unsigned over = argb >> 8 * i & 0xFF, left = 255 - (argb >> 24);
                below[i] = static_cast<std::uint8_t>(std::min(255U, over + below[i] * left / 255));
            }
        }
    }
}

// I420's, whose colours are unsigned.
void make_black(media::Image& image) {
    for (int i = 0; i < media::plane_count(image.format); ++i) plane_of(image, i).setTo(i == 0 ? 0 : 128);
}

int even_up(int n) { return n + (n & 1); }

// Scaled while it is I420, which has half the bytes of BGR; then the few pixels that are left are converted.
cv::Mat scaled_i420(const media::Image& image, const Rect& source, Size size) {
    const cv::Size even{even_up(size.width), even_up(size.height)}, half{even.width / 2, even.height / 2};
    const cv::Rect luma{source.x & ~1, source.y & ~1, source.width & ~1, source.height & ~1};
    const cv::Rect chroma{luma.x / 2, luma.y / 2, luma.width / 2, luma.height / 2};
    cv::Mat planes(even.height * 3 / 2, even.width, CV_8UC1);
    auto* at = planes.data;
    for (int i = 0; i < 3; ++i) {
        const auto target = i == 0 ? even : half;
        cv::Mat(target, CV_8UC1, at).setTo(0);
        resized(plane_of(image, i)(i == 0 ? luma : chroma), target).copyTo(cv::Mat(target, CV_8UC1, at));
        at += target.area();
    }
    cv::Mat out;
    cv::cvtColor(planes, out, cv::COLOR_YUV2BGRA_I420);
    return out({0, 0, size.width, size.height});
}

}  // namespace

cv::Mat scaled(const media::Image& image, const Pictures::Want& want) {
    const Size all{image.width, image.height};
    const auto size = want.size.width <= 0 ? all
                      : want.is_whole      ? fit(all, {0, 0, want.size.width, want.size.height}).size()
                                           : want.size;
    const auto source =
        want.is_whole || want.size.width <= 0 ? Rect{0, 0, all.width, all.height} : crop(all, size);
    if (size.width < 2 || size.height < 2 || source.width < 2 || source.height < 2) return {};
    cv::Mat out;
    if (image.format == media::PixelFormat::i420) {
        out = scaled_i420(image, source, size);
    } else {
        const auto part = plane_of(image, 0)(cv::Rect{source.x, source.y, source.width, source.height});
        cv::cvtColor(resized(part, {size.width, size.height}), out, cv::COLOR_BGR2BGRA);
    }
    if (want.is_mirrored) cv::flip(out, out, 1);
    return out;
}

void fit_to(Size size, media::Image& image) {
    if (image.width == size.width && image.height == size.height) return;
    auto out = media::make_image(image.format, size.width, size.height);
    if (out.format == media::PixelFormat::i420) make_black(out);
    auto inside = fit({image.width, image.height}, {0, 0, size.width, size.height});
    inside = {inside.x & ~1, inside.y & ~1, inside.width & ~1, inside.height & ~1};
    for (int i = 0; i < media::plane_count(image.format); ++i) {
        const int part = i == 0 ? 1 : 2;
        const cv::Rect where{inside.x / part, inside.y / part, inside.width / part, inside.height / part};
        auto target = plane_of(out, i)(where);
        cv::resize(plane_of(image, i), target, where.size(), 0, 0, cv::INTER_LINEAR);
    }
    image = std::move(out);
}

// One stream's decoder, with its memory.
class PictureDecoder {
  public:
    Result<void> decode(const Pictures::Coded& coded, media::Image& out) {
        if (coded.codec == proto::JPEG) return jpeg_.decode(coded.bytes, media::PixelFormat::bgr, out);
        return other_.decode({.codec = coded.codec,
                              .timestamp = coded.timestamp,
                              .is_key_frame = coded.is_key_frame,
                              .data = coded.bytes},
                             out);
    }
    media::Image image;

  private:
    media::JpegDecoder jpeg_;  // to BGR, with the full range of its colours
    client::VideoDecoder other_;
};

Pictures::Pictures(std::function<void()> on_new, int threads) : on_new_(std::move(on_new)) {
    for (int i = 0; i < std::max(1, threads); ++i) {
        auto& worker = *workers_.emplace_back(std::make_unique<Worker>());
        worker.thread = std::thread([this, &worker] { run(worker); });
    }
}

Pictures::~Pictures() {
    for (auto& worker : workers_) {
        const std::lock_guard lock(worker->mutex);
        worker->is_over = true;
        worker->wake.notify_one();
    }
    for (auto& worker : workers_) worker->thread.join();
}

bool Pictures::push(std::uint64_t id, Coded coded) {
    auto& worker = worker_of(id);
    const std::lock_guard lock(worker.mutex);
    // A JPEG needs none before it: an older one that still waits would be shown late for nothing.
    if (coded.codec == proto::JPEG) worker.stale += worker.waiting.forget(id);
    if (!worker.waiting.push(id, std::move(coded))) return false;
    worker.wake.notify_one();
    return true;
}

void Pictures::run(Worker& worker) {
    client::step_back();
    std::unique_lock lock(worker.mutex);
    while (true) {
        const auto has_work = [&] {
            return worker.is_over || !worker.gone.empty() || !worker.waiting.empty();
        };
        worker.wake.wait(lock, has_work);
        if (worker.is_over) return;
        for (const auto id : std::exchange(worker.gone, {})) worker.decoders.erase(id);
        const auto next = worker.waiting.pop();
        if (!next) continue;
        lock.unlock();
        const bool is_whole = decode(worker, next->stream, next->frame);
        lock.lock();
        if (!is_whole) worker.waiting.break_off(next->stream);
    }
}

bool Pictures::decode(Worker& worker, std::uint64_t id, const Coded& coded) {
    auto& decoder = worker.decoders[id];
    if (!decoder) decoder = std::make_unique<PictureDecoder>();
    if (!decoder->decode(coded, decoder->image)) {
        ++damaged_;
        return false;
    }
    auto want = wanted(id);
    want.is_mirrored = false;
    publish(id, scaled(decoder->image, want), {decoder->image.width, decoder->image.height}, coded.arrival);
    return true;
}

void Pictures::show(std::uint64_t id, const media::Image& image, Time arrival) {
    publish(id, scaled(image, wanted(id)), {image.width, image.height}, arrival);
}

void Pictures::show_screen(std::uint64_t id, const void* pixels, Size size, std::size_t stride,
                           const Pointer& pointer, Time arrival) {
    // OpenCV knows no constant pixels; these are only copied.
    auto screen = cv::Mat(size.height, size.width, CV_8UC4, const_cast<void*>(pixels), stride).clone();
    lay_over(screen, pointer);
    publish(id, std::move(screen), size, arrival);
}

void Pictures::publish(std::uint64_t id, cv::Mat pixels, Size source, Time arrival) {
    if (pixels.empty()) return;
    {
        const std::lock_guard lock(mutex_);
        newest_[id] = {
            .version = ++versions_, .source = source, .arrival = arrival, .pixels = std::move(pixels)};
    }
    if (!is_told_.exchange(true)) on_new_();
}

void Pictures::forget(std::uint64_t id) {
    {
        auto& worker = worker_of(id);
        const std::lock_guard lock(worker.mutex);
        worker.waiting.forget(id);
        worker.gone.push_back(id);
        worker.wake.notify_one();
    }
    const std::lock_guard lock(mutex_);
    newest_.erase(id);
    wants_.erase(id);
}

std::uint64_t Pictures::dropped() const {
    std::uint64_t sum = 0;
    for (const auto& worker : workers_) {
        const std::lock_guard lock(worker->mutex);
        sum += worker->stale + worker->waiting.dropped();
    }
    return sum;
}

Pictures::Want Pictures::wanted(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    const auto found = wants_.find(id);
    return found == wants_.end() ? Want{.size = {320, 180}, .is_whole = true} : found->second;
}

void Pictures::want(std::uint64_t id, const Want& want) {
    const std::lock_guard lock(mutex_);
    wants_[id] = want;
}

const std::map<std::uint64_t, Pictures::Shown>& Pictures::snapshot() {
    is_told_ = false;  // before the look: what comes now is told again
    const std::lock_guard lock(mutex_);
    snapshot_ = newest_;
    return snapshot_;
}

}  // namespace connectsphere::gui
