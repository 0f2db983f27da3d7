#include "Dice.h"

namespace sluice::ticker {
namespace {

constexpr int kShortest = 3, kLongest = 12;  // wave lengths are powers of two between these

double noiseAt(std::uint64_t seed, int length, std::uint64_t point) {
    return Dice{seed, static_cast<std::uint64_t>(length), point}.around();
}

}  // namespace

double wandering(std::uint64_t seed, std::uint64_t at) {
    double sum = 0, most = 0;
    for (int length = kShortest; length <= kLongest; ++length) {
        const std::uint64_t point = at >> length;
        const double strength = static_cast<double>(1u << (length / 2));
        const double share = static_cast<double>(at - (point << length)) /
                             static_cast<double>(std::uint64_t{1} << length);
        sum += strength * (noiseAt(seed, length, point) * (1 - share) +
                           noiseAt(seed, length, point + 1) * share);
        most += strength;
    }
    return sum / most;
}

}  // namespace sluice::ticker
