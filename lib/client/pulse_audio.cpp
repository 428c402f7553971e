#include "lib/client/pulse_audio.hpp"

#include <pulse/pulseaudio.h>

#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "lib/client/sample_queue.hpp"

namespace connectsphere::client {

namespace {

constexpr pa_usec_t kRetry = 500'000;  // microseconds
constexpr std::uint32_t kFrameBytes = media::kFrame * sizeof(std::int16_t);
constexpr pa_sample_spec kFormat{.format = PA_SAMPLE_S16LE, .rate = media::kSampleRate, .channels = 1};
constexpr std::uint32_t kAny = static_cast<std::uint32_t>(-1);
// Without these, servers choose hundreds of milliseconds.
constexpr pa_buffer_attr kCapture{
    .maxlength = kAny, .tlength = kAny, .prebuf = kAny, .minreq = kAny, .fragsize = kFrameBytes / 2};
constexpr pa_buffer_attr kPlayback{.maxlength = kAny,
                                   .tlength = 4 * kFrameBytes,
                                   .prebuf = 2 * kFrameBytes,
                                   .minreq = kFrameBytes / 2,
                                   .fragsize = kAny};

// Without the last two nobody knows the latency.
constexpr auto kFlags = static_cast<pa_stream_flags_t>(
    PA_STREAM_ADJUST_LATENCY | PA_STREAM_INTERPOLATE_TIMING | PA_STREAM_AUTO_TIMING_UPDATE);

// One stream, with a connection and a thread of its own. Derived classes touch it under a Lock only.
class Pulse {
  public:
    Pulse(const Pulse&) = delete;
    Pulse& operator=(const Pulse&) = delete;

  protected:
    class Lock {
      public:
        explicit Lock(pa_threaded_mainloop* loop) : loop_(loop) { pa_threaded_mainloop_lock(loop_); }
        ~Lock() { pa_threaded_mainloop_unlock(loop_); }
        Lock(const Lock&) = delete;
        Lock& operator=(const Lock&) = delete;

      private:
        pa_threaded_mainloop* loop_;
    };

    explicit Pulse(std::string device) : device_(std::move(device)), loop_(pa_threaded_mainloop_new()) {}
    virtual ~Pulse() { pa_threaded_mainloop_free(loop_); }

    void start() {
        connect();
        pa_threaded_mainloop_start(loop_);
    }
    // Before the derived part goes: no callback comes after.
    void stop() {
        pa_threaded_mainloop_stop(loop_);
        disconnect();
    }

    virtual int connect_stream(pa_stream* stream, const char* device) = 0;
    virtual void on_readable(pa_stream*) {}

    // Zero while the server has not told.
    Duration stream_latency() const {
        const Lock guard(loop_);
        pa_usec_t latency = 0;
        int is_negative = 0;
        auto* stream = ready_stream();
        if (!stream || pa_stream_get_latency(stream, &latency, &is_negative) < 0 || is_negative != 0)
            return {};
        return std::chrono::microseconds(latency);
    }

    Lock lock() const { return Lock(loop_); }
    pa_stream* ready_stream() const {
        return stream_ && pa_stream_get_state(stream_) == PA_STREAM_READY ? stream_ : nullptr;
    }

  private:
    void connect() {
        context_ = pa_context_new(pa_threaded_mainloop_get_api(loop_), "ConnectSphere");
        pa_context_set_state_callback(
            context_, [](pa_context*, void* self) { static_cast<Pulse*>(self)->on_context(); }, this);
        if (pa_context_connect(context_, nullptr, PA_CONTEXT_NOAUTOSPAWN, nullptr) < 0) retry_later();
    }

    void on_context() {
        const auto state = pa_context_get_state(context_);
        if (state == PA_CONTEXT_READY) return open_stream();
        if (!PA_CONTEXT_IS_GOOD(state)) retry_later();
    }

    void open_stream() {
        stream_ = pa_stream_new(context_, "call", &kFormat, nullptr);
        if (!stream_) return retry_later();
        pa_stream_set_state_callback(
            stream_,
            [](pa_stream* stream, void* self) {
                if (!PA_STREAM_IS_GOOD(pa_stream_get_state(stream))) static_cast<Pulse*>(self)->retry_later();
            },
            this);
        pa_stream_set_read_callback(
            stream_,
            [](pa_stream* stream, std::size_t, void* self) {
                static_cast<Pulse*>(self)->on_readable(stream);
            },
            this);
        if (connect_stream(stream_, device_.empty() ? nullptr : device_.c_str()) < 0) retry_later();
    }

    // Not at once: we may be inside a callback of what has to go.
    void retry_later() {
        if (std::exchange(is_retrying_, true)) return;
        auto* api = pa_threaded_mainloop_get_api(loop_);
        timeval at{};
        pa_timeval_add(pa_gettimeofday(&at), kRetry);
        api->time_new(
            api, &at,
            [](pa_mainloop_api* a, pa_time_event* event, const timeval*, void* self) {
                a->time_free(event);
                static_cast<Pulse*>(self)->is_retrying_ = false;
                static_cast<Pulse*>(self)->disconnect();
                static_cast<Pulse*>(self)->connect();
            },
            this);
    }

    void disconnect() {
        if (stream_) {
            pa_stream_set_state_callback(stream_, nullptr, nullptr);
            pa_stream_set_read_callback(stream_, nullptr, nullptr);
            pa_stream_disconnect(stream_);
            pa_stream_unref(std::exchange(stream_, nullptr));
        }
        if (context_) {
            pa_context_set_state_callback(context_, nullptr, nullptr);
            pa_context_disconnect(context_);
            pa_context_unref(std::exchange(context_, nullptr));
        }
    }

    std::string device_;
    pa_threaded_mainloop* loop_;
    pa_context* context_ = nullptr;
    pa_stream* stream_ = nullptr;
    bool is_retrying_ = false;
};

class Microphone : public AudioSource, private Pulse {
  public:
    explicit Microphone(std::string device) : Pulse(std::move(device)) { start(); }
    ~Microphone() override { stop(); }

    bool read(media::AudioFrame& out) override {
        const auto guard = lock();
        return queue_.pop(out);
    }

    Duration latency() const override { return stream_latency(); }

  private:
    int connect_stream(pa_stream* stream, const char* device) override {
        queue_.clear();
        return pa_stream_connect_record(stream, device, &kCapture, kFlags);
    }

    void on_readable(pa_stream* stream) override {
        const void* data = nullptr;
        std::size_t size = 0;
        while (pa_stream_readable_size(stream) > 0 && pa_stream_peek(stream, &data, &size) == 0 && size > 0) {
            if (data) queue_.push({static_cast<const std::int16_t*>(data), size / sizeof(std::int16_t)});
            pa_stream_drop(stream);  // a hole (no data) is dropped, too
        }
    }

    SampleQueue queue_;
};

class Loudspeaker : public AudioSink, private Pulse {
  public:
    explicit Loudspeaker(std::string device) : Pulse(std::move(device)) { start(); }
    ~Loudspeaker() override { stop(); }

    // While the device's buffer is full, because its clock is slower than ours, two frames become one.
    void write(const media::AudioFrame& frame) override {
        const auto guard = lock();
        auto* stream = ready_stream();
        if (!stream) return waiting_.reset();
        auto next = frame;
        if (waiting_) media::crossfade_merge(*waiting_, frame, next);
        waiting_.reset();
        if (pa_stream_writable_size(stream) < kFrameBytes) {
            waiting_ = next;
            return;
        }
        pa_stream_write(stream, next.data(), kFrameBytes, nullptr, 0, PA_SEEK_RELATIVE);
    }

    Duration latency() const override { return stream_latency(); }

  private:
    int connect_stream(pa_stream* stream, const char* device) override {
        return pa_stream_connect_playback(stream, device, &kPlayback, kFlags, nullptr, nullptr);
    }

    std::optional<media::AudioFrame> waiting_;
};

// ---- the list of devices

struct Listing {
    AudioDevices devices;
    int pending = 2;
};

void run_until(pa_mainloop* loop, pa_context* context, bool& timed_out, const auto& done) {
    while (!timed_out && PA_CONTEXT_IS_GOOD(pa_context_get_state(context)) && !done()) {
        if (pa_mainloop_iterate(loop, 1, nullptr) < 0) return;
    }
}

void ask(pa_context* context, Listing& listing) {
    const auto free_operation = [](pa_operation* operation) {
        if (operation) pa_operation_unref(operation);
    };
    free_operation(pa_context_get_source_info_list(
        context,
        [](pa_context*, const pa_source_info* info, int end, void* self) {
            auto& found = *static_cast<Listing*>(self);
            if (end != 0) --found.pending;
            if (info && end == 0) found.devices.microphones.push_back({info->name, info->description});
        },
        &listing));
    free_operation(pa_context_get_sink_info_list(
        context,
        [](pa_context*, const pa_sink_info* info, int end, void* self) {
            auto& found = *static_cast<Listing*>(self);
            if (end != 0) --found.pending;
            if (info && end == 0) found.devices.loudspeakers.push_back({info->name, info->description});
        },
        &listing));
}

}  // namespace

Result<AudioDevices> list_audio_devices() {
    const std::unique_ptr<pa_mainloop, void (*)(pa_mainloop*)> loop(pa_mainloop_new(), pa_mainloop_free);
    auto* api = pa_mainloop_get_api(loop.get());
    const std::unique_ptr<pa_context, void (*)(pa_context*)> context(pa_context_new(api, "ConnectSphere"),
                                                                     [](pa_context* c) {
                                                                         pa_context_disconnect(c);
                                                                         pa_context_unref(c);
                                                                     });
    bool timed_out = false;
    timeval at{};
    pa_timeval_add(pa_gettimeofday(&at), 2'000'000);
    api->time_new(
        api, &at,
        [](pa_mainloop_api*, pa_time_event*, const timeval*, void* flag) {
            *static_cast<bool*>(flag) = true;
        },
        &timed_out);
    Listing listing;
    if (pa_context_connect(context.get(), nullptr, PA_CONTEXT_NOAUTOSPAWN, nullptr) == 0) {
        run_until(loop.get(), context.get(), timed_out,
                  [&] { return pa_context_get_state(context.get()) == PA_CONTEXT_READY; });
        if (pa_context_get_state(context.get()) == PA_CONTEXT_READY) {
            ask(context.get(), listing);
            run_until(loop.get(), context.get(), timed_out, [&] { return listing.pending == 0; });
        }
    }
    if (listing.pending != 0) {
        return Error{Errc::not_found, "no sound server answers (PulseAudio or PipeWire)"};
    }
    return listing.devices;
}

std::unique_ptr<AudioSource> open_microphone(const std::string& name) {
    return std::make_unique<Microphone>(name);
}

std::unique_ptr<AudioSink> open_loudspeaker(const std::string& name) {
    return std::make_unique<Loudspeaker>(name);
}

}  // namespace connectsphere::client
