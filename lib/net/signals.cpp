#include "lib/net/signals.hpp"

#include <sys/signalfd.h>

namespace connectsphere::net {

Signals::Signals(Loop& loop, std::function<void(int)> on_signal) : on_signal_(std::move(on_signal)) {
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t wanted;
    sigemptyset(&wanted);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&wanted, signal);
    fd_.reset(signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
    if (!fd_) throw std::system_error(errno, std::generic_category(), "signalfd");
    watch_ = loop.watch(fd_.get(), EPOLLIN, [this](auto) { read(); });
    pthread_sigmask(SIG_BLOCK, &wanted, &before_);  // last: what throws above leaves the mask alone
}

Signals::~Signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

// One per wake-up: the callback may destroy this object.
void Signals::read() {
    signalfd_siginfo info{};
    if (::read(fd_.get(), &info, sizeof info) == sizeof info) on_signal_(static_cast<int>(info.ssi_signo));
}

}  // namespace connectsphere::net
