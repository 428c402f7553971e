// Errand: one short life of a client with one purpose. It connects, lets its task ask, waits for the answer,
// leaves in order, and says with which exit code.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "client-cli/options.hpp"
#include "client-cli/report.hpp"
#include "lib/client/place_file.hpp"
#include "lib/net/signals.hpp"

namespace connectsphere::cli {

class Errand {
  public:
    struct Task {
        bool joins;
        // Once in the room, or welcomed; and again when the server said "later".
        std::function<void(Errand&)> ask;
        // Looks at what happens, and calls done() on its answer.
        std::function<void(Errand&, const client::Event&)> on_event;
        bool hides_history = false;  // from people
    };

    Errand(const GlobalOptions& options, client::Runner::Options runner, Task task);

    int run();

    void done(ExitCode code);
    template <class Action>
    void act(Action action) {
        patience_timer_.set(deadline());
        runner_.act(action);
    }
    const client::Session& session() const { return runner_.session(); }
    Reporter& reporter() { return *reporter_; }

  private:
    client::Runner::Options prepared(client::Runner::Options options);
    void on_event(const client::Event& event);
    void on_failure(const client::RequestFailed& failed);
    bool is_shown(const client::Event& event) const;
    void leave();
    void stop();
    Time deadline() const;

    const GlobalOptions& options_;
    Task task_;
    net::Loop loop_;
    std::unique_ptr<Reporter> reporter_;
    std::optional<client::PlaceFile> place_;  // of who joins
    client::Runner runner_;
    net::Timer patience_timer_;
    net::Timer ask_timer_;
    net::Signals signals_;
    std::optional<ExitCode> code_;
    bool stopped_ = false;
};

// Makes the client and runs the errand, or says why not.
int run_errand(const GlobalOptions& options, Errand::Task task);

}  // namespace connectsphere::cli
