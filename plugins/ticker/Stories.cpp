#include "Stories.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "Airports.h"
#include "Dice.h"
#include "Digits.h"

namespace sluice::ticker {
namespace {

template <std::size_t N>
std::string_view pick(const std::array<std::string_view, N>& names, std::uint64_t index) {
    return names[index % N];
}

constexpr std::array<std::string_view, 8> kItems{"espresso machine", "desk lamp",  "rucksack",
                                                 "notebook",         "headphones", "bicycle bell",
                                                 "tea kettle",       "rain coat"};
constexpr std::array<std::string_view, 4> kStatus{"NEW", "PAID", "SHIPPED", "DELIVERED"};
constexpr std::array<std::string_view, 8> kSymbols{"ACME", "BRIG", "CORA", "DUNE",
                                                   "ELMO", "FERN", "GALE", "HALO"};

/// An order has four messages; between two of them come the messages of so many other orders.
constexpr std::uint64_t kOrdersBetween = 3;

/// Where in which order's life a message stands.
struct OrderPlace {
    std::uint64_t order;  // counts the orders of a topic, from some number on
    std::uint64_t phase;  // index of its status
};

OrderPlace orderPlaceOf(const Options& options, const Tick& tick) {
    const std::uint64_t between = std::min(kOrdersBetween, options.keys / kStatus.size());
    const std::uint64_t phase = tick.n % kStatus.size();
    // Behind the first messages stand orders that began before them.
    const std::uint64_t begun = tick.n / kStatus.size() + kStatus.size() * kOrdersBetween;
    return {begun - phase * between, phase};
}

Dice diceOf(const Options& options, const Tick& tick) {
    return {options.seed, tick.topic, tick.n};
}

// Of sensors, one in so many is hot at times, and another does not answer at times.
constexpr std::uint64_t kSensorsPerOddOne = 144, kHot = 67, kSilent = 13;
constexpr std::uint64_t kOddPeriod = 4'096, kOddBegins = 1'024, kOddEnds = 3'072;

/// Hundredths of a degree that a hot sensor shows above the others.
std::uint64_t heatOf(std::uint64_t n) {
    const std::uint64_t at = n % kOddPeriod;
    if (at < kOddBegins || at >= kOddEnds) return 0;
    return std::min<std::uint64_t>((at - kOddBegins) * 3, 2'400);
}

void appendAirport(std::string& out, std::string_view name, const Airport& airport) {
    out.append(",\"").append(name).append(R"(":{"code":")").append(airport.code);
    out.append(R"(","lat":)");
    appendHundredths(out, airport.latitude);
    out += R"(,"lon":)";
    appendHundredths(out, airport.longitude);
    out += '}';
}

}  // namespace

std::uint64_t keyIndex(const Options& options, const Tick& tick) {
    if (options.shape != Shape::Orders || options.scheduled)
        return diceOf(options, tick).below(options.keys);
    const std::uint64_t order = orderPlaceOf(options, tick).order;
    return (order * options.topics.size() + tick.topic) % options.keys;
}

bool isRefund(const Options& options, const Tick& tick) {
    if (options.refunds == 0 || options.shape != Shape::Orders || options.scheduled) return false;
    const OrderPlace place = orderPlaceOf(options, tick);
    return place.phase + 1 == kStatus.size() && place.order % options.refunds == 0;
}

void appendOrder(std::string& out, const Options& options, const Tick& tick) {
    const OrderPlace place = orderPlaceOf(options, tick);
    Dice dice{options.seed, tick.topic, place.order};
    const std::uint64_t quantity = 1 + dice.below(4);
    const std::uint64_t item = dice.below(kItems.size());
    const std::uint64_t price = 990 + 3'700 * item + dice.below(10) * 10;
    out += R"(,"order":")";
    appendKey(out, options, tick);
    out += R"(","customer":"c-)";
    appendInteger(out, dice.below(1'000));
    out.append(R"(","item":")").append(pick(kItems, item)).append(R"(","quantity":)");
    appendInteger(out, quantity);
    out += R"(,"total":)";
    appendHundredths(out, static_cast<std::int64_t>(quantity * price));
    out.append(R"(,"status":")").append(pick(kStatus, place.phase)).append("\"");
}

void appendPrice(std::string& out, const Options& options, const Tick& tick) {
    const std::uint64_t key = keyIndex(options, tick);
    out.append(R"(,"symbol":")").append(pick(kSymbols, key));
    if (key >= kSymbols.size()) appendInteger(out, key / kSymbols.size());
    out += R"(","price":)";
    const double walk = 1 + 0.15 * wandering(mixed(options.seed ^ key), tick.n);
    appendHundredths(
        out, static_cast<std::int64_t>(static_cast<double>(10'000 + 700 * (key % 1'000)) * walk));
    out += R"(,"volume":)";
    appendInteger(out, 100 * (1 + diceOf(options, tick).below(50)));
}

void appendSensor(std::string& out, const Options& options, const Tick& tick) {
    const std::uint64_t key = keyIndex(options, tick);
    out += R"(,"sensor":")";
    appendKey(out, options, tick);
    const bool isOdd = heatOf(tick.n) > 0;
    if (isOdd && key % kSensorsPerOddOne == kSilent) {
        out += R"(","online":false)";
        return;
    }
    const double walk = wandering(mixed(options.seed ^ key), tick.n);
    const std::uint64_t heat = key % kSensorsPerOddOne == kHot ? heatOf(tick.n) : 0;
    out += R"(","celsius":)";
    appendHundredths(
        out, static_cast<std::int64_t>(2'150 + heat) + static_cast<std::int64_t>(650 * walk));
    Dice dice = diceOf(options, tick);
    out += R"(,"humidity":)";
    appendInteger(out, 35 + dice.below(20));
    out += R"(,"battery":)";
    appendInteger(out, 100 - tick.n / 1'000 % 100);
}

void appendFlight(std::string& out, const Options& options, const Tick& tick) {
    Dice dice = diceOf(options, tick);
    const std::uint64_t from = dice.below(kAirports.size());
    const std::uint64_t to = (from + 1 + dice.below(kAirports.size() - 1)) % kAirports.size();
    out += R"(,"flight":")";
    appendKey(out, options, tick);
    out += '"';
    appendAirport(out, "from", kAirports[from]);
    appendAirport(out, "to", kAirports[to]);
    out += R"(,"passengers":)";
    appendInteger(out, 40 + dice.below(300));
}

}  // namespace sluice::ticker
