// Overloaded: several lambdas as one visitor, for std::visit.
#pragma once

namespace connectsphere {

template <class... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;  // clang 14 does not find it by itself

}  // namespace connectsphere
