#include "lib/client/outgoing.hpp"

#include <array>

#include "lib/client/file_name.hpp"
#include "lib/client/random.hpp"

namespace connectsphere::client {

Result<Outgoing> make_outgoing(const UploadKeys& keys, const Destination& destination,
                               const std::filesystem::path& path, const std::string& name) {
    if (const auto fits = check_sent_name(name); !fits) return fits.error();
    auto source = LocalSource::inspect(path);
    if (!source) return source.error();
    std::error_code error;
    auto what = destination.server;
    for (const auto& part :
         {destination.room, std::to_string(destination.to_session), name,
          std::filesystem::absolute(path, error).lexically_normal().string(), source->identity()}) {
        what += '\n';
        what += part;
    }
    auto key = keys.find(what);
    Result<void> remembered;
    if (!key) {
        std::array<std::uint8_t, 32> fresh{};
        random_bytes(fresh);
        key = std::string(as_text(fresh));
        remembered = keys.remember(what, *key);
    }
    const auto size = source->size();
    return Outgoing{.plan = {.key = *key,
                             .name = name,
                             .size = size,
                             .media_type = media_type_of(path),
                             .to_session = destination.to_session},
                    .source = std::move(*source),
                    .what = std::move(what),
                    .remembered = std::move(remembered)};
}

}  // namespace connectsphere::client
