// LineEditor: a prompt on a terminal (libedit) that lives with what comes in meanwhile: print() takes the
// line that is being typed off the screen, shows the text, and puts the line back. It never blocks the loop:
// only whole keys are given to libedit, which would wait for the rest of one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "client-cli/completion.hpp"
#include "lib/net/loop.hpp"

namespace connectsphere::cli {

class LineEditor {
  public:
    struct Handlers {
        std::function<void(std::string)> on_line;
        std::function<void()> on_end;  // Ctrl-D on an empty line, or no terminal
        std::function<Completion(std::string_view before)> on_tab;
    };

    // Standard input and output must be a terminal.
    LineEditor(net::Loop& loop, std::string prompt, Handlers handlers);
    ~LineEditor();  // the terminal is as it was
    LineEditor(const LineEditor&) = delete;
    LineEditor& operator=(const LineEditor&) = delete;

    // Calls `write` while the prompt is off the screen.
    void print(const std::function<void()>& write);
    void set_prompt(std::string prompt);

  private:
    struct Libedit;

    void read_some(std::uint32_t events);
    void feed(bool at_timeout);
    void take_line(std::string line);
    void end();

    Handlers handlers_;
    std::string pending_;  // bytes of keys that are not complete
    std::unique_ptr<Libedit> libedit_;
    net::Watch watch_;
    net::Timer escape_timer_;  // a lone Escape, when nothing follows
    bool ended_ = false;
};

}  // namespace connectsphere::cli
