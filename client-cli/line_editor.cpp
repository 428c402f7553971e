#include "client-cli/line_editor.hpp"

#include <histedit.h>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstring>
#include <cwchar>
#include <utility>

#include "client-cli/keys.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::cli {

namespace {

constexpr Duration kEscapeWait = 50ms;
constexpr int kRemembered = 200;  // lines that the arrow keys bring back
constexpr int kMaxChoices = 40;

// libedit counts in the characters of the locale: one that knows UTF-8, whatever the environment says.
void use_utf8() {
    std::setlocale(LC_CTYPE, "");
    if (std::strcmp(nl_langinfo(CODESET), "UTF-8") != 0) std::setlocale(LC_CTYPE, "C.UTF-8");
}

// Calls `use` with each character and its width in columns.
template <class Use>
void each_character(std::string_view text, Use use) {
    std::mbstate_t state{};
    while (!text.empty()) {
        wchar_t character = 0;
        const auto size = std::mbrtowc(&character, text.data(), text.size(), &state);
        if (size == 0 || size > text.size()) return;
        use(wcwidth(character));
        text.remove_prefix(size);
    }
}

int characters(std::string_view text) {
    int count = 0;
    each_character(text, [&](int) { ++count; });
    return count;
}

int width(std::string_view text) {
    int columns = 0;
    each_character(text, [&](int one) { columns += one > 0 ? one : 0; });
    return columns;
}

int terminal_columns() {
    winsize size{};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

struct LineEditor::Libedit {
    LineEditor* owner;
    std::string prompt;
    std::string key;  // the bytes of the key that libedit reads now
    EditLine* line = nullptr;
    History* history = nullptr;
    bool is_reading = false;
    bool end_asked = false;

    Libedit(LineEditor* editor, std::string text) : owner(editor), prompt(std::move(text)) {
        use_utf8();
        line = el_init("connectsphere", stdin, stdout, stderr);
        history = history_init();
        HistEvent ignored;
        ::history(history, &ignored, H_SETSIZE, kRemembered);
        el_set(line, EL_CLIENTDATA, this);
        el_set(
            line, EL_PROMPT, +[](EditLine* el) { return self(el)->prompt.data(); });
        el_set(line, EL_EDITOR, "emacs");
        el_set(line, EL_SIGNAL, 0);
        el_set(line, EL_HIST, ::history, history);
        el_set(line, EL_GETCFN, &Libedit::next_character);
        el_set(line, EL_ADDFN, "cs-complete", "Complete", &Libedit::on_tab);
        el_set(line, EL_BIND, "^I", "cs-complete", nullptr);
        el_set(line, EL_ADDFN, "cs-end", "Delete, or end", &Libedit::on_end);
        el_set(line, EL_BIND, "^D", "cs-end", nullptr);
        // What most users' keys send; without a terminal description libedit knows only the arrows.
        for (const auto& [keys, what] :
             {std::pair("\033[3~", "ed-delete-next-char"), std::pair("\033[H", "ed-move-to-beg"),
              std::pair("\033[F", "ed-move-to-end"), std::pair("\033[1~", "ed-move-to-beg"),
              std::pair("\033[4~", "ed-move-to-end"), std::pair("\033[1;5C", "em-next-word"),
              std::pair("\033[1;5D", "ed-prev-word")}) {
            el_set(line, EL_BIND, keys, what, nullptr);
        }
        el_set(line, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    }
    ~Libedit() {
        read(false);
        history_end(history);
        el_end(line);
    }

    static Libedit* self(EditLine* el) {
        void* data = nullptr;
        el_get(el, EL_CLIENTDATA, &data);
        return static_cast<Libedit*>(data);
    }

    // Unbuffered: the terminal is raw, the prompt stands, and el_gets takes one key a call.
    void read(bool on) {
        if (std::exchange(is_reading, on) != on) el_set(line, EL_UNBUFFERED, on ? 1 : 0);
    }

    static int next_character(EditLine* el, wchar_t* out) {
        auto& key = self(el)->key;
        std::mbstate_t state{};
        const auto size = key.empty() ? 0 : std::mbrtowc(out, key.data(), key.size(), &state);
        if (key.empty()) return 0;
        if (size > key.size()) {  // not UTF-8
            key.clear();
            return 0;
        }
        key.erase(0, std::max<std::size_t>(size, 1));
        return 1;
    }

    static unsigned char on_tab(EditLine* el, int) {
        auto* libedit = self(el);
        const auto* now = el_line(el);
        const auto completion = libedit->owner->handlers_.on_tab(
            {now->buffer, static_cast<std::size_t>(now->cursor - now->buffer)});
        if (!completion.choices.empty()) libedit->show(completion.choices);
        if (completion.insert.empty()) return CC_REFRESH_BEEP;
        const auto* before = el_line(el);
        const std::string_view text(before->buffer,
                                    static_cast<std::size_t>(before->cursor - before->buffer));
        const auto typed = text.substr(text.size() - std::min(completion.erase, text.size()));
        if (completion.insert.size() < typed.size()) return CC_REFRESH;
        el_deletestr(el, characters(typed));
        el_insertstr(el, completion.insert.c_str());
        return CC_REFRESH;
    }

    static unsigned char on_end(EditLine* el, int) {
        const auto* now = el_line(el);
        if (now->lastchar == now->buffer) {
            self(el)->end_asked = true;
            return CC_NORM;
        }
        if (now->cursor == now->lastchar) return CC_REFRESH_BEEP;
        el_cursor(el, 1);
        el_deletestr(el, 1);
        return CC_REFRESH;
    }

    void show(const std::vector<std::string>& choices) {
        hide();
        int count = 0;
        for (const auto& choice : choices) {
            if (++count > kMaxChoices) break;
            std::printf("%s  ", choice.c_str());
        }
        std::printf("\n");
        restore();
    }

    // The cursor goes to where the prompt begins, and everything from there on is cleared.
    void hide() const {
        const auto* now = el_line(line);
        const std::string_view before(now->buffer, static_cast<std::size_t>(now->cursor - now->buffer));
        const int rows = (width(prompt) + width(before)) / terminal_columns();
        if (rows > 0) std::printf("\033[%dA", rows);
        std::printf("\r\033[J");
        std::fflush(stdout);
    }
    void restore() const {
        std::fflush(stdout);
        el_resize(line);
        el_set(line, EL_REFRESH);
    }
};

LineEditor::LineEditor(net::Loop& loop, std::string prompt, Handlers handlers)
    : handlers_(std::move(handlers)),
      libedit_(std::make_unique<Libedit>(this, std::move(prompt))),
      watch_(loop.watch(STDIN_FILENO, EPOLLIN, [this](auto events) { read_some(events); })),
      escape_timer_(loop.timer([this] { feed(true); })) {
    libedit_->read(true);
}

LineEditor::~LineEditor() {
    if (libedit_->is_reading) libedit_->hide();
}

void LineEditor::set_prompt(std::string prompt) {
    print([&] { libedit_->prompt = std::move(prompt); });
}

void LineEditor::print(const std::function<void()>& write) {
    if (!libedit_->is_reading) return write();
    libedit_->hide();
    write();
    libedit_->restore();
}

void LineEditor::read_some(std::uint32_t events) {
    char bytes[1024];
    const auto count = ::read(STDIN_FILENO, bytes, sizeof bytes);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (count <= 0 || (events & (EPOLLHUP | EPOLLERR)) != 0) return end();
    pending_.append(bytes, static_cast<std::size_t>(count));
    feed(false);
}

void LineEditor::feed(bool at_timeout) {
    escape_timer_.cancel();
    while (!ended_ && !pending_.empty()) {
        auto size = first_key(pending_);
        if (size == 0 && !at_timeout) return escape_timer_.set(net::now() + kEscapeWait);
        if (size == 0) return pending_.clear();
        libedit_->key = pending_.substr(0, size);
        pending_.erase(0, size);
        if (libedit_->key == "\033") continue;
        int count = 0;
        const char* text = el_gets(libedit_->line, &count);
        libedit_->key.clear();
        if (std::exchange(libedit_->end_asked, false)) return end();
        if (!text || count <= 0 || (text[count - 1] != '\n' && text[count - 1] != '\r')) continue;
        take_line({text, static_cast<std::size_t>(count - 1)});
    }
}

// What was typed comes back from the server, or has no need to stay: it goes from the screen.
void LineEditor::take_line(std::string line) {
    const int rows = (width(libedit_->prompt) + width(line)) / terminal_columns() + 1;
    std::printf("\r\033[%dA\033[J", rows);
    std::fflush(stdout);
    if (!line.empty()) {
        HistEvent ignored;
        history(libedit_->history, &ignored, H_ENTER, line.c_str());
    }
    libedit_->read(false);
    handlers_.on_line(std::move(line));
    if (!ended_) libedit_->read(true);
}

void LineEditor::end() {
    if (std::exchange(ended_, true)) return;
    watch_.reset();
    escape_timer_.cancel();
    libedit_->hide();
    libedit_->read(false);
    handlers_.on_end();
}

}  // namespace connectsphere::cli
