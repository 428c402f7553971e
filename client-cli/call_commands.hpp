// CallCommands: what the commands typed in a call do. The room's files and screen come into being with the
// first command that needs them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client-cli/commands.hpp"
#include "client-cli/file_room.hpp"
#include "client-cli/options.hpp"
#include "client-cli/report.hpp"
#include "client-cli/screen_room.hpp"
#include "lib/client/runner.hpp"

namespace connectsphere::cli {

class CallCommands {
  public:
    struct Handlers {
        std::function<void()> on_leave;                // /leave
        std::function<void()> on_files_idle;           // no transfer is under way any more
        std::function<void(ExitCode)> on_screen_over;  // sharing or watching has ended by itself
    };

    CallCommands(net::Loop& loop, client::Runner& runner, Reporter& reporter, FileRoom::Options files,
                 ScreenRoom::Options screens, Handlers handlers);

    void run(const Command& command);
    void share(std::unique_ptr<client::ScreenSource> source, const ShareOptions& options);
    void watch(const std::string& out);

    void on_event(const client::Event& event);  // of the runner
    // A ticket that was refused for the moment, and is asked for again: nothing to tell people.
    bool is_own_retry(const client::Event& event) const;
    bool has_screen() const { return screens_ && (screens_->is_sharing() || screens_->is_watching()); }
    bool is_idle() const { return !files_ || files_->is_idle(); }
    void finish();  // writes and says what is left

  private:
    struct Run;
    FileRoom& files();
    ScreenRoom& screens();

    net::Loop& loop_;
    client::Runner& runner_;
    Reporter& reporter_;
    FileRoom::Options file_options_;
    ScreenRoom::Options screen_options_;
    Handlers handlers_;
    std::optional<FileRoom> files_;
    std::optional<ScreenRoom> screens_;
};

}  // namespace connectsphere::cli
