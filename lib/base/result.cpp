#include "lib/base/result.hpp"

namespace connectsphere {

FaultClass fault_class(Errc code) {
    switch (code) {
        case Errc::truncated:
        case Errc::malformed:
        case Errc::oversized:
        case Errc::forged:
        case Errc::replayed:
            return FaultClass::peer;
        case Errc::unsupported:
        case Errc::refused:
        case Errc::not_found:
        case Errc::exists:
        case Errc::full:
            return FaultClass::user;
        case Errc::unavailable:
        case Errc::timed_out:
        case Errc::closed:
        case Errc::would_block:
            return FaultClass::local;
        case Errc::system:
        case Errc::usage:
            return FaultClass::fatal;
    }
    return FaultClass::fatal;
}

std::string_view name(Errc code) {
    switch (code) {
        case Errc::truncated:
            return "truncated";
        case Errc::malformed:
            return "malformed";
        case Errc::oversized:
            return "oversized";
        case Errc::unsupported:
            return "unsupported";
        case Errc::forged:
            return "forged";
        case Errc::replayed:
            return "replayed";
        case Errc::refused:
            return "refused";
        case Errc::not_found:
            return "not-found";
        case Errc::exists:
            return "exists";
        case Errc::full:
            return "full";
        case Errc::unavailable:
            return "unavailable";
        case Errc::timed_out:
            return "timed-out";
        case Errc::closed:
            return "closed";
        case Errc::would_block:
            return "would-block";
        case Errc::system:
            return "system";
        case Errc::usage:
            return "usage";
    }
    return "unknown";
}

std::string Error::text() const {
    std::string text(name(code));
    if (!what.empty()) text.append(": ").append(what);
    return text;
}

}  // namespace connectsphere
