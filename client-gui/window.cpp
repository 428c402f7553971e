#include "client-gui/window.hpp"

#include <QApplication>
#include <QClipboard>
#include <QDesktopServices>
#include <QFileDialog>
#include <QGraphicsView>
#include <QIcon>
#include <QInputMethod>
#include <QPainter>
#include <QScreen>
#include <QTimer>
#include <QUrl>
#include <QWindow>
#include <cmath>
#include <opencv2/highgui.hpp>
#include <stdexcept>

#include "client-gui/view.hpp"
#include "client-gui/window_events.hpp"
#include "lib/net/clock.hpp"

namespace connectsphere::gui {

namespace {

// highgui's name of the window; its title may change.
constexpr const char* kName = "connectsphere";
constexpr int kWheelStep = 120;  // eighths of a degree, as Qt counts
constexpr std::chrono::milliseconds kHiding{300};

Point point_of(const QPoint& point) { return {point.x(), point.y()}; }
QRect rect_of(const Rect& rect) { return {rect.x, rect.y, rect.width, rect.height}; }

}  // namespace

class Window::Shell : public QObject {
  public:
    Shell(const std::string& title, Size size, Handlers handlers);
    ~Shell() override;

    bool eventFilter(QObject* object, QEvent* event) override;

    Handlers handlers;
    QWidget* top = nullptr;
    QWidget* viewport = nullptr;  // of highgui's view: what is painted
    void take_keyboard();

    QTimer timer;
    QImage canvas;
    QRect before;  // it covered the screen
    Rect caret;
    std::optional<Point> pressed;

  private:
    bool on_viewport(QEvent* event);
    bool on_mouse(QEvent* event);
    bool on_keyboard(QEvent* event);
    bool on_drop(QEvent* event);
    void paint(const QRegion& region);
};

Window::Shell::Shell(const std::string& title, Size size, Handlers h) : handlers(std::move(h)) {
    cv::namedWindow(kName, cv::WINDOW_NORMAL | cv::WINDOW_FREERATIO | cv::WINDOW_GUI_NORMAL);
    cv::resizeWindow(kName, size.width, size.height);
    cv::setWindowTitle(kName, title);
    cv::imshow(kName, cv::Mat(size.height, size.width, CV_8UC3, cv::Scalar(27, 22, 20)));
    for (auto* widget : QApplication::topLevelWidgets()) {
        if (auto* view = widget->findChild<QGraphicsView*>()) {
            top = widget;
            viewport = view->viewport();
            view->setAcceptDrops(true);
            view->setAttribute(Qt::WA_InputMethodEnabled);
            view->setFocus();
        }
    }
    if (!viewport) throw std::runtime_error("OpenCV's highgui is not Qt's here");
    viewport->setAttribute(Qt::WA_OpaquePaintEvent);
    viewport->setMouseTracking(true);
    viewport->setAcceptDrops(true);
    top->setMinimumSize(kSmallestWindow.width, kSmallestWindow.height);
    QGuiApplication::setDesktopFileName("connectsphere");
    QApplication::setWindowIcon(QIcon::fromTheme("connectsphere"));
    QApplication::setQuitOnLastWindowClosed(false);
    timer.setSingleShot(true);
    timer.setTimerType(Qt::PreciseTimer);
    connect(&timer, &QTimer::timeout, this, [this] { handlers.on_time(); });
    qApp->installEventFilter(this);
}

void Window::Shell::take_keyboard() {
    top->raise();
    top->activateWindow();
    viewport->parentWidget()->setFocus();
}

Window::Shell::~Shell() {
    qApp->removeEventFilter(this);
    cv::destroyWindow(kName);
}

// True: the event has been dealt with, and neither highgui nor Qt sees it.
bool Window::Shell::eventFilter(QObject* object, QEvent* event) {
    if (object == viewport && on_viewport(event)) return true;
    if (object == top && event->type() == QEvent::Close) {
        event->ignore();
        handlers.on_close();
        return true;
    }
    if (object == top && event->type() == QEvent::WindowDeactivate) handlers.on_blur();
    const auto* widget = qobject_cast<QWidget*>(object);
    return widget && widget->window() == top && on_keyboard(event);
}

bool Window::Shell::on_viewport(QEvent* event) {
    if (event->type() == QEvent::Paint) {
        paint(static_cast<QPaintEvent*>(event)->region());
        return true;
    }
    if (event->type() == QEvent::Resize) {
        const auto size = static_cast<QResizeEvent*>(event)->size();
        handlers.on_resize({size.width(), size.height()});
        return false;
    }
    return on_mouse(event) || on_drop(event);
}

bool Window::Shell::on_mouse(QEvent* event) {
    switch (event->type()) {
        case QEvent::MouseButtonPress:
        case QEvent::MouseButtonDblClick: {
            const auto* mouse = static_cast<QMouseEvent*>(event);
            if (mouse->button() != Qt::LeftButton) return true;
            pressed = point_of(mouse->pos());
            handlers.on_press(*pressed, event->type() == QEvent::MouseButtonDblClick);
            return true;
        }
        case QEvent::MouseButtonRelease:
            pressed.reset();
            return true;
        case QEvent::MouseMove: {
            const auto at = point_of(static_cast<QMouseEvent*>(event)->pos());
            if (pressed) handlers.on_drag(*std::exchange(pressed, at), at);
            handlers.on_pointer(at);
            return true;
        }
        case QEvent::Leave:
            handlers.on_pointer(std::nullopt);
            return false;
        case QEvent::Wheel: {
            const auto* wheel = static_cast<QWheelEvent*>(event);
            const int steps = wheel->angleDelta().y() / kWheelStep;
            if (steps != 0) handlers.on_wheel(point_of(wheel->position().toPoint()), steps);
            return true;
        }
        default:
            return false;
    }
}

bool Window::Shell::on_keyboard(QEvent* event) {
    switch (event->type()) {
        case QEvent::KeyPress:
        case QEvent::KeyRelease:
            handlers.on_key(key_of(*static_cast<QKeyEvent*>(event)));
            return true;
        case QEvent::ShortcutOverride:
            event->accept();  // no shortcut of highgui's
            return true;
        case QEvent::InputMethod:
            for (const auto& key : keys_of(*static_cast<QInputMethodEvent*>(event))) handlers.on_key(key);
            return true;
        case QEvent::InputMethodQuery: {
            auto* query = static_cast<QInputMethodQueryEvent*>(event);
            query->setValue(Qt::ImEnabled, !caret.empty());  // else letters are shortcuts
            query->setValue(Qt::ImCursorRectangle, rect_of(caret));
            query->accept();
            return true;
        }
        default:
            return false;
    }
}

bool Window::Shell::on_drop(QEvent* event) {
    switch (event->type()) {
        case QEvent::DragEnter:
        case QEvent::DragMove: {
            auto* drag = static_cast<QDropEvent*>(event);
            if (!drag->mimeData()->hasUrls()) return true;
            drag->acceptProposedAction();
            handlers.on_drag_files(true);
            return true;
        }
        case QEvent::DragLeave:
            handlers.on_drag_files(false);
            return true;
        case QEvent::Drop: {
            auto* drop = static_cast<QDropEvent*>(event);
            drop->acceptProposedAction();
            handlers.on_drag_files(false);
            handlers.on_drop(files_of(drop->mimeData()));
            return true;
        }
        default:
            return false;
    }
}

void Window::Shell::paint(const QRegion& region) {
    QPainter painter(viewport);
    for (const auto& rect : region) {
        painter.drawImage(rect, canvas, rect);
        if (canvas.rect().contains(rect)) continue;
        // The window has just grown, and nothing was drawn for it yet.
        for (const auto& bare : QRegion(rect).subtracted(canvas.rect()))
            painter.fillRect(bare, QColor(20, 22, 27));
    }
}

Window::Window(const std::string& title, Size size, Handlers handlers)
    : shell_(std::make_unique<Shell>(title, size, std::move(handlers))) {}

Window::~Window() = default;

void Window::run() { QApplication::exec(); }

void Window::quit() { QApplication::quit(); }

void Window::wake() {
    QMetaObject::invokeMethod(
        shell_.get(), [shell = shell_.get()] { shell->handlers.on_wake(); }, Qt::QueuedConnection);
}

void Window::set_timer(Time when) {
    if (when == kNever) return shell_->timer.stop();
    const auto left = std::max<Duration>(when - net::now(), Duration{});
    shell_->timer.start(static_cast<int>(std::min<std::int64_t>(milliseconds(left + 500us), 3'600'000)));
}

Size Window::size() const { return {shell_->viewport->width(), shell_->viewport->height()}; }

double Window::scale() const {
    const auto* screen = shell_->top->windowHandle() ? shell_->top->windowHandle()->screen() : nullptr;
    if (!screen) return 1;
    constexpr double kOrdinary = 96, kStep = 4;  // quarters
    return std::max(1.0, std::round(screen->logicalDotsPerInch() / kOrdinary * kStep) / kStep);
}

void Window::show(const CanvasView& canvas, const std::vector<Rect>& damage) {
    shell_->canvas = QImage(canvas.pixels, canvas.size.width, canvas.size.height,
                            static_cast<int>(canvas.stride), QImage::Format_RGB32);
    QRegion region;
    for (const auto& rect : damage) region += rect_of(rect);
    if (!region.isEmpty()) shell_->viewport->repaint(region);
}

void Window::set_title(const std::string& title) { cv::setWindowTitle(kName, title); }

void Window::set_caret(const Rect& caret) {
    if (shell_->caret == caret) return;
    shell_->caret = caret;
    QGuiApplication::inputMethod()->update(Qt::ImEnabled | Qt::ImCursorRectangle);
}

void Window::copy(const std::string& text) {
    QGuiApplication::clipboard()->setText(QString::fromStdString(text));
}

std::string Window::clipboard() const { return QGuiApplication::clipboard()->text().toStdString(); }

std::string Window::choose_file() {
    return QFileDialog::getOpenFileName(shell_->top, "Send a file").toStdString();
}

std::string Window::choose_new_file(const std::string& suggested) {
    return QFileDialog::getSaveFileName(shell_->top, "Save", QString::fromStdString(suggested)).toStdString();
}

void Window::cover_screen(std::function<void(Point, const CanvasView&)> on_still) {
    auto* top = shell_->top;
    auto* screen = top->windowHandle()->screen();
    shell_->before = top->geometry();
    top->hide();
    // Until the desktop has drawn what was behind.
    QTimer::singleShot(kHiding, shell_.get(), [this, top, screen, on_still = std::move(on_still)] {
        const auto still = screen->grabWindow(0).toImage().convertToFormat(QImage::Format_RGB32);
        const auto area = screen->geometry();
        top->setGeometry(area);
        top->showFullScreen();
        shell_->take_keyboard();
        const double ratio = screen->devicePixelRatio();
        on_still({static_cast<int>(area.x() * ratio), static_cast<int>(area.y() * ratio)},
                 {still.constBits(),
                  {still.width(), still.height()},
                  static_cast<std::size_t>(still.bytesPerLine())});
    });
}

void Window::uncover_screen() {
    shell_->top->showNormal();
    shell_->top->setGeometry(shell_->before);
    shell_->take_keyboard();
}

void Window::open_folder(const std::string& path) {
    QDesktopServices::openUrl(QUrl::fromLocalFile(QString::fromStdString(path)));
}

}  // namespace connectsphere::gui
