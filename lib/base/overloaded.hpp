// Overloaded: several lambdas as one visitor, for std::visit.
#pragma once

namespace connectsphere {

template <class... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};

}  // namespace connectsphere
