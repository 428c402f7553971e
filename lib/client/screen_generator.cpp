#include "lib/client/screen_generator.hpp"

#include <algorithm>
#include <charconv>
#include <opencv2/imgproc.hpp>
#include <string_view>

#include "lib/client/screen_mat.hpp"
#include "lib/client/screen_ticker.hpp"

namespace connectsphere::client {

namespace {

constexpr int kLine = 22;  // pixels from one line of text to the next
constexpr int kGlyph = 11;
constexpr int kMargin = 40;
const cv::Scalar kPaper(255, 255, 255, 0), kInk(30, 30, 30, 0);

char letter(std::uint64_t n) {
    constexpr std::string_view kLetters = "etaoin shrdlu cmfwyp vbgk jqxz ETAOIN (){};=+- 0123456789 ";
    n = (n ^ n >> 7) * 0x9E3779B97F4A7C15ULL;
    return kLetters[(n >> 33) % kLetters.size()];
}

ScreenRect rect_of(const cv::Rect& rect) { return {rect.x, rect.y, rect.width, rect.height}; }

class Generated : public ScreenTicker {
  public:
    explicit Generated(const ScreenPlan& plan)
        : ScreenTicker(plan.rate, plan.steps), picture_(plan.height, plan.width, CV_8UC4, kPaper) {}

    ScreenPixels pixels() const override { return pixels_of(picture_); }

  protected:
    std::vector<ScreenRect> first() override {
        draw_page(0);
        return {all()};
    }
    ScreenRect all() const { return {0, 0, picture_.cols, picture_.rows}; }
    int columns() const { return std::max((picture_.cols - 2 * kMargin) / kGlyph, 1); }
    int lines() const { return std::max((picture_.rows - kMargin) / kLine, 1); }

    cv::Rect draw_glyph(int column, int line, char glyph) {
        const cv::Rect cell(kMargin + column * kGlyph, 8 + line * kLine, kGlyph, kLine);
        const auto inside = cell & cv::Rect(0, 0, picture_.cols, picture_.rows);
        picture_(inside).setTo(kPaper);
        const char text[2] = {glyph, 0};
        cv::putText(picture_, text, {cell.x, cell.y + 16}, cv::FONT_HERSHEY_SIMPLEX, 0.5, kInk, 1,
                    cv::LINE_AA);
        return inside;
    }
    // Line `number` of an endless document, at `line` of the page.
    void draw_line(std::uint64_t number, int line) {
        const cv::Rect row = cv::Rect(0, 8 + line * kLine, picture_.cols, kLine) &
                             cv::Rect(0, 0, picture_.cols, picture_.rows);
        picture_(row).setTo(kPaper);
        const auto length = static_cast<int>(number * 7919 % static_cast<std::uint64_t>(columns()));
        for (int column = static_cast<int>(number % 4) * 4; column < length; ++column)
            draw_glyph(column, line, letter(number * 1000 + static_cast<std::uint64_t>(column)));
    }
    void draw_page(std::uint64_t from) {
        for (int line = 0; line < lines(); ++line) draw_line(from + static_cast<std::uint64_t>(line), line);
    }

    cv::Mat picture_;
};

class Still : public Generated {
  public:
    using Generated::Generated;

  protected:
    Result<std::vector<ScreenRect>> step(std::uint64_t, std::uint64_t) override {
        return std::vector<ScreenRect>{};
    }
};

class Typing : public Generated {
  public:
    using Generated::Generated;

  protected:
    Result<std::vector<ScreenRect>> step(std::uint64_t step, std::uint64_t ticks) override {
        std::vector<ScreenRect> damage;
        for (auto n = step - ticks; n < step; ++n) {
            const auto place = n % static_cast<std::uint64_t>(columns() * lines());
            damage.push_back(rect_of(draw_glyph(static_cast<int>(place) % columns(),
                                                static_cast<int>(place) / columns(), letter(n * 31 + 7))));
        }
        return damage;
    }
};

// A page that moves up by three lines, as a turn of the wheel does; above it a title that stays.
class Scrolling : public Generated {
  public:
    using Generated::Generated;

  protected:
    Result<std::vector<ScreenRect>> step(std::uint64_t step, std::uint64_t) override {
        constexpr int kTitle = 2, kStep = 3;
        for (int line = kTitle; line < lines(); ++line)
            draw_line(step * kStep + static_cast<std::uint64_t>(line), line);
        return std::vector<ScreenRect>{{0, kTitle * kLine, picture_.cols, picture_.rows - kTitle * kLine}};
    }
};

class Dragging : public Generated {
  public:
    using Generated::Generated;

  protected:
    std::vector<ScreenRect> first() override {
        Generated::first();
        page_ = picture_.clone();
        window_ = cv::Mat(picture_.rows / 2, picture_.cols / 3, CV_8UC4, cv::Scalar(235, 225, 215, 0));
        for (int y = 30; y < window_.rows; y += kLine)
            cv::putText(window_, "the window that is dragged", {10, y}, cv::FONT_HERSHEY_SIMPLEX, 0.5, kInk,
                        1, cv::LINE_AA);
        place_ = move(0);
        return {all()};
    }
    Result<std::vector<ScreenRect>> step(std::uint64_t step, std::uint64_t) override {
        const auto before = place_;
        page_(before).copyTo(picture_(before));
        place_ = move(step);
        return std::vector<ScreenRect>{rect_of(before), rect_of(place_)};
    }

  private:
    cv::Rect move(std::uint64_t step) {
        const auto swing = [&](std::uint64_t speed, int room) {
            if (room < 1) return 0;
            const auto at = static_cast<int>(step * speed % (2 * static_cast<std::uint64_t>(room)));
            return at < room ? at : 2 * room - at;
        };
        const cv::Rect place(swing(13, picture_.cols - window_.cols), swing(7, picture_.rows - window_.rows),
                             window_.cols, window_.rows);
        window_.copyTo(picture_(place));
        return place;
    }

    cv::Mat page_, window_;
    cv::Rect place_;
};

// Two scenes that fade into each other while they move: nothing of a picture stood anywhere in the one
// before.
class Playing : public Generated {
  public:
    using Generated::Generated;

  protected:
    std::vector<ScreenRect> first() override {
        cv::RNG random(1);
        cv::Mat grain(picture_.rows / 4 + 64, picture_.cols / 4 + 64, CV_8UC4);
        random.fill(grain, cv::RNG::UNIFORM, 0, 255);
        cv::resize(grain, scene_, {picture_.cols + 256, picture_.rows + 256}, 0, 0, cv::INTER_CUBIC);
        cv::GaussianBlur(scene_, scene_, {0, 0}, 5);
        cv::normalize(scene_, scene_, 0, 255, cv::NORM_MINMAX);
        show(0);
        return {all()};
    }
    Result<std::vector<ScreenRect>> step(std::uint64_t step, std::uint64_t) override {
        show(step);
        return std::vector<ScreenRect>{all()};
    }

  private:
    void show(std::uint64_t step) {
        const auto at = [&](std::uint64_t speed) {
            const auto place = static_cast<int>(step * speed % 510);
            return place < 256 ? place : 510 - place;
        };
        const cv::Size size(picture_.cols, picture_.rows);
        const double share = 0.3 + 0.4 * at(7) / 256;
        cv::addWeighted(scene_(cv::Rect({at(5), at(3)}, size)), share,
                        scene_(cv::Rect({256 - at(3), at(11)}, size)), 1 - share, 0, picture_);
    }

    cv::Mat scene_;
};

template <class Number>
bool take_number(std::string_view& text, Number& out) {
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (fault != std::errc()) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

template <class Kind>
std::unique_ptr<ScreenSource> make(const ScreenPlan& plan, double rate) {
    auto with_rate = plan;
    if (with_rate.rate <= 0) with_rate.rate = rate;
    return std::make_unique<Kind>(with_rate);
}

}  // namespace

Result<ScreenPlan> parse_screen_plan(const std::string& text) {
    ScreenPlan plan;
    const Error fault{Errc::usage, "generator:" + text + ": write generator:KIND[:WxH][@RATE][*STEPS]"};
    std::string_view rest = text;
    const auto end = std::min(rest.find_first_of(":@*"), rest.size());
    plan.kind = rest.substr(0, end);
    rest.remove_prefix(end);
    while (!rest.empty()) {
        const char mark = rest.front();
        rest.remove_prefix(1);
        bool ok = false;
        if (mark == ':') {
            ok = take_number(rest, plan.width) && rest.starts_with('x');
            if (ok) rest.remove_prefix(1);
            ok = ok && take_number(rest, plan.height);
        } else if (mark == '@') {
            ok = take_number(rest, plan.rate) && plan.rate >= 0.1 && plan.rate <= 240;
        } else if (mark == '*') {
            ok = take_number(rest, plan.steps);
        }
        if (!ok) return fault;
    }
    if (plan.width < 128 || plan.height < 128 || plan.width > 8192 || plan.height > 8192) return fault;
    return plan;
}

Result<std::unique_ptr<ScreenSource>> make_screen(const ScreenPlan& plan) {
    if (plan.kind == "still") return make<Still>(plan, 1);
    if (plan.kind == "typing") return make<Typing>(plan, 10);
    if (plan.kind == "scroll") return make<Scrolling>(plan, 10);
    if (plan.kind == "drag") return make<Dragging>(plan, 30);
    if (plan.kind == "video") return make<Playing>(plan, 30);
    return Error{Errc::usage, "generator:" + plan.kind + ": it can do still, typing, scroll, drag and video"};
}

}  // namespace connectsphere::client
