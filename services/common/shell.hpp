// What runs an engine: opens the links that its hooks call for, feeds it with what comes in, and does what it
// puts into its Outbox. run_service() makes one.
#pragma once

#include <optional>

#include "lib/net/udp.hpp"
#include "services/common/bus.hpp"
#include "services/common/framed_server.hpp"
#include "services/common/lend.hpp"
#include "services/common/links.hpp"
#include "services/common/service.hpp"
#include "services/common/worker.hpp"

namespace connectsphere {

class Shell {
  public:
    // Throws where it can not start, with a sentence for a person.
    Shell(net::Loop& loop, const ServiceSpec& spec, Config config);

    // A changed configuration: the gateway serves and lends its certificate again. Everything else needs a
    // restart.
    void reload(const Config& config);

    bool is_ready() const;  // its links are up: it can serve
    const EngineContext& context() const { return context_; }

  private:
    void open_gateway();
    void open_service();
    void open_state();
    void open_beat();
    void on_lent(const SocketBorrower::Lent& lent);
    void serve_frames(int listener, net::TlsContext identity);
    bool serve_datagrams();  // whether there were any
    void on_readable();

    // Calls the engine, then does what it decided.
    template <class Call>
    void run(Call&& call);
    void flush();
    void flush_frames();
    void flush_ctl();
    void arm_timer();

    void beat();
    void fill_transport(proto::Beat& beat) const;
    void announce_ready();

    net::Loop& loop_;
    const ServiceSpec& spec_;
    EngineContext context_;
    Outbox out_;
    Bus bus_;
    std::optional<Lender> lender_;
    EngineHooks hooks_;

    std::optional<GatewayLinks> gateway_links_;
    std::optional<ServiceLink> service_link_;
    std::optional<StatePublisher> state_out_;
    std::vector<std::unique_ptr<StateSubscriber>> state_in_;  // one an owner
    std::optional<BeatSender> beat_out_;
    std::optional<BeatReceiver> beat_in_;
    std::optional<SocketBorrower> borrower_;
    std::optional<FramedServer> frames_;
    std::optional<net::UdpSocket> udp_;
    net::Watch readable_;
    net::Timer gather_timer_;  // set instead of `readable_` while datagrams keep coming (ServiceSpec::gather)
    bool is_gathering_ = false;
    Time taken_at_{};  // when datagrams were taken
    net::Timer timer_;
    Time timer_at_ = kNever;
    net::Timer beat_timer_;
    Time beat_at_;
    net::Timer watchdog_timer_;
    std::uint64_t started_at_ = 0;  // Unix milliseconds
    bool announced_ = false;
    Worker worker_;  // last: its jobs end before what they use
};

}  // namespace connectsphere
