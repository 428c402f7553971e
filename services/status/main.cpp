// cs-status: the picture of the whole, over HTTP.
#include <stdexcept>

#include "lib/net/clock.hpp"
#include "services/common/log.hpp"
#include "services/common/ports.hpp"
#include "services/common/service.hpp"
#include "services/status/http_server.hpp"
#include "services/status/page.hpp"
#include "services/status/status_engine.hpp"

namespace connectsphere::status {
namespace {

// One owner for both, so that HTTP ends with the engine and before the loop that it asks.
struct Status {
    explicit Status(const EngineContext& context) : engine(context) {}

    StatusEngine engine;
    std::unique_ptr<HttpServer> http;
};

HttpServer::Routes routes(const StatusEngine& engine) {
    const auto picture = [&engine] { return engine.picture(net::now()); };
    return {
        {"/", [] { return HttpAnswer{.type = "text/html; charset=utf-8", .body = std::string(kPage)}; }},
        {"/status", [picture] { return HttpAnswer{.body = to_json(picture())}; }},
        {"/metrics",
         [picture] {
             return HttpAnswer{.type = "text/plain; version=0.0.4; charset=utf-8",
                               .body = to_prometheus(picture())};
         }},
        // That an answer comes at all is the answer: it took a turn of the loop.
        {"/healthz", [] { return HttpAnswer{.body = "{\"ok\":true}\n"}; }},
        {"/readyz",
         [picture] {
             const Picture now = picture();
             return HttpAnswer{.code = now.is_ready ? 200 : 503, .body = ready_json(now)};
         }},
    };
}

void serve(Status& status, net::Loop& loop, const EngineContext& context) {
    auto http = HttpServer::listen(loop, context.config.listen.status, routes(status.engine));
    if (!http) throw std::runtime_error(http.error().what);
    status.http = std::move(*http);
    const auto port = status.http->address().port;
    const auto written = write_ports(context.config.run_dir, "status", {{"status", port}});
    if (!written) log::warn("ports-not-written", {{"why", written.error()}});
    log::info("http-listening", {{"address", status.http->address()}});
}

}  // namespace
}  // namespace connectsphere::status

int main(int argc, char** argv) {
    using namespace connectsphere;
    status::Status* status = nullptr;  // owned by the shell, through the hooks
    return run_service(
        argc, argv,
        ServiceSpec{.service = proto::STATUS,
                    .program = "cs-status",
                    .purpose = "Shows how the services are and who is in which room, over HTTP.",
                    .make =
                        [&](const EngineContext& context) {
                            auto owner = std::make_shared<status::Status>(context);
                            status = owner.get();
                            return hooks_of(std::shared_ptr<status::StatusEngine>(owner, &owner->engine));
                        },
                    .started = [&](net::Loop& loop,
                                   const EngineContext& context) { serve(*status, loop, context); }});
}
