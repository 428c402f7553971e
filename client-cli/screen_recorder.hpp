// ScreenRecorder: writes what a watcher sees, on a thread of its own. A file holds the newest picture,
// written when the screen has been still for a moment and at the end; a folder gets a picture per update, as
// many as the disk and the encoder take.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "lib/media/scroll.hpp"
#include "lib/net/loop.hpp"

namespace connectsphere::cli {

class ScreenRecorder {
  public:
    // `out`: a file (.png, .ppm, .jpg), a folder, or "none". `on_fault` is called once, on the loop's thread.
    ScreenRecorder(net::Loop& loop, std::string out, std::function<void(const std::string&)> on_fault);
    ~ScreenRecorder();  // finishes what it writes

    void see(const media::ScreenView& picture);     // a whole picture; copied where it is needed
    void finish(const media::ScreenView& picture);  // the last one

  private:
    struct Shared;
    void write(const media::ScreenView& picture);

    net::Loop& loop_;
    std::string out_;
    bool is_folder_ = false;
    net::Timer still_;
    media::ScreenView newest_;  // valid until the next call: the viewer's own
    bool is_unsaved_ = false;
    // Shared by the recorder and its thread, for as long as either lives.
    std::shared_ptr<Shared> shared_;
    std::thread thread_;
};

}  // namespace connectsphere::cli
