// ScreenWorker: a thread that looks at a ScreenSource and encodes what has changed, as fast as it is asked
// for and no faster than the machine bears: while nobody asks, it sleeps. What it made is posted to the loop.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "lib/base/time.hpp"
#include "lib/client/screen_source.hpp"
#include "lib/media/screen_encoder.hpp"

namespace connectsphere::net {
class Loop;
}

namespace connectsphere::client {

// What one look at the screen found.
struct ScreenLook {
    std::uint64_t life = 0;  // of begin()
    media::ScreenFrame frame;
    Time captured_at{};
    bool is_backing = false;  // want_backing() asked for it
    bool has_cursor = false;  // it moved, or has another image
    ScreenCursor cursor;
    bool ended = false;  // the source has nothing more
    std::string fault;   // why it ended, when it failed
};

class ScreenWorker {
  public:
    struct Options {
        double frame_rate = 60;  // most looks a second
        media::ScreenEncoder::Options encoder;
    };
    using OnLook = std::function<void(ScreenLook)>;  // on the loop's thread

    ScreenWorker(net::Loop& loop, std::unique_ptr<ScreenSource> source, const Options& options,
                 OnLook on_look);
    ~ScreenWorker();  // stops the thread; on_look is not called again

    // The receivers know nothing: the next look says everything. Looks of an earlier life may still come. It
    // rests until it is wanted.
    void begin(std::uint64_t life);
    void rest();  // nobody looks
    // Somebody watches. One more look that has changed something may be posted; looks that only move the
    // pointer are free.
    void want_look();
    void go_on();  // after rest(), with the looks that were wanted before
    // All tiles that copies have moved, as soon as possible.
    void want_backing();

  private:
    struct Orders;
    struct Shared;
    class Looker;
    class Pace;
    static void run(net::Loop& loop, ScreenSource& source, const Options& options,
                    const std::shared_ptr<Shared>& shared);
    static void wait(const Shared& shared, Looker& looker, const Pace& pace, const Orders& orders);

    // Shared by the worker, its thread and what that has posted: a look may come after the worker has gone.
    std::shared_ptr<Shared> shared_;
    std::unique_ptr<ScreenSource> source_;
    std::thread thread_;
};

}  // namespace connectsphere::client
