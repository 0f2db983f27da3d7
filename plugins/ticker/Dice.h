#pragma once

#include <cstdint>
#include <initializer_list>

namespace sluice::ticker {

/// splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
inline std::uint64_t mixed(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

/// Numbers that follow from others and from nothing else.
class Dice {
  public:
    /// The order of the numbers counts.
    Dice(std::initializer_list<std::uint64_t> from) {
        for (auto it = from.end(); it != from.begin();) state_ = mixed(*--it ^ state_);
    }
    std::uint64_t below(std::uint64_t bound) {
        state_ = mixed(state_);
        return state_ % bound;
    }
    /// From -1 to 1.
    double around() { return static_cast<double>(below(1u << 20)) / (1u << 19) - 1; }

  private:
    std::uint64_t state_ = 0;
};

/// Looks like a random walk from -1 to 1, and yet is a function of `at` alone: noise of many wave
/// lengths, the longer the stronger, straight between its points (Perlin, 2002).
double wandering(std::uint64_t seed, std::uint64_t at);

}  // namespace sluice::ticker
