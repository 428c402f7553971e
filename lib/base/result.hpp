// Result<T>: a value or the Error that stands in its place, with the names of std::expected (C++23), so that
// the day we compile as C++23 this file becomes one `using`. Functions that can fail return it; absence that
// is normal is std::optional; exceptions are for starting up only.
#pragma once

#include <cassert>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace connectsphere {

// What went wrong, in the words of whoever has to react.
enum class Errc {
    truncated,    // fewer bytes than the format needs
    malformed,    // bytes that the format forbids
    oversized,    // beyond a stated limit
    unsupported,  // well formed, and not ours to handle
    forged,       // an authentication tag or fingerprint that does not verify
    replayed,     // seen before
    refused,      // understood, and not allowed
    not_found,
    exists,
    full,         // a stated limit of places, bytes or requests is used up
    unavailable,  // somebody that we need is away: try later
    timed_out,
    closed,
    would_block,
    system,  // the operating system said no; the text says what it said
    usage,   // a flag or a configuration value is wrong
};

// Faults are sorted by who must react (docs/development.md, "Faults").
enum class FaultClass {
    peer,   // drop, count, close after N
    user,   // an error code and a sentence
    local,  // "try later", log, metric
    fatal,  // exit and be restarted
};

FaultClass fault_class(Errc code);
std::string_view name(Errc code);

// `what` says it in two words or in one sentence that a person can act on; the caller adds context where it
// logs.
struct Error {
    Errc code;
    std::string what;

    std::string text() const;  // "truncated: rtp header"
};

template <class T>
class [[nodiscard]] Result {
  public:
    using value_type = T;
    using error_type = Error;

    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    T& value() & { return *get(); }
    const T& value() const& { return *get(); }
    T&& value() && { return std::move(*get()); }
    T& operator*() & { return *get(); }
    const T& operator*() const& { return *get(); }
    T&& operator*() && { return std::move(*get()); }
    T* operator->() { return get(); }
    const T* operator->() const { return get(); }

    const Error& error() const {
        assert(!has_value());
        return *std::get_if<1>(&state_);
    }

    template <class U>
    T value_or(U&& other) const& {
        return has_value() ? *get() : static_cast<T>(std::forward<U>(other));
    }

  private:
    T* get() {
        assert(has_value());
        return std::get_if<0>(&state_);
    }
    const T* get() const {
        assert(has_value());
        return std::get_if<0>(&state_);
    }

    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
  public:
    using value_type = void;
    using error_type = Error;

    Result() = default;
    Result(Error error) : error_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const { return error_.index() == 0; }
    explicit operator bool() const { return has_value(); }
    const Error& error() const {
        assert(!has_value());
        return *std::get_if<1>(&error_);
    }

  private:
    std::variant<std::monostate, Error> error_;
};

}  // namespace connectsphere
