#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace sluice::property {

/// A small seeded generator (splitmix64): the same choices on every machine and library.
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_{seed} {}

    std::uint64_t next64() {
        std::uint64_t x = state_ += 0x9e3779b97f4a7c15u;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
        return x ^ (x >> 31);
    }
    std::uint32_t next() { return static_cast<std::uint32_t>(next64() >> 32); }
    /// In [0, bound); 0 for bound 0.
    std::uint32_t below(std::size_t bound) {
        return bound ? static_cast<std::uint32_t>(next64() % bound) : 0;
    }
    /// In [low, high].
    std::uint32_t between(std::uint32_t low, std::uint32_t high) {
        return low + below(high - low + 1);
    }
    bool chance(unsigned percent) { return below(100) < percent; }
    template <class T>
    T oneOf(std::initializer_list<T> choices) {
        return choices.begin()[below(choices.size())];
    }
    template <class Container>
    auto& pick(Container& container) {
        return container[below(container.size())];
    }

  private:
    std::uint64_t state_;
};

}  // namespace sluice::property
