#include "Payload.h"

#include <array>
#include <charconv>
#include <string_view>

namespace sluice::ticker {
namespace {

/// splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
std::uint64_t mixed(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

/// Numbers that follow from one message's place.
class Dice {
  public:
    Dice(const Options& options, const Tick& tick)
        : state_{mixed(options.seed ^ mixed(tick.topic ^ mixed(tick.n)))} {}
    std::uint64_t below(std::uint64_t bound) {
        state_ = mixed(state_);
        return state_ % bound;
    }

  private:
    std::uint64_t state_;
};

template <class Number>
void append(std::string& out, Number number) {
    char digits[24];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
    out.append(digits, end);
}

/// Hundredths as a decimal number: 12345 is 123.45.
void appendHundredths(std::string& out, std::uint64_t hundredths) {
    append(out, hundredths / 100);
    out += '.';
    out += static_cast<char>('0' + hundredths / 10 % 10);
    out += static_cast<char>('0' + hundredths % 10);
}

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

std::uint64_t keyIndex(const Options& options, const Tick& tick) {
    return Dice{options, tick}.below(options.keys);
}

void appendOrder(std::string& out, const Options& options, const Tick& tick, Dice& dice) {
    const std::uint64_t quantity = 1 + dice.below(4);
    const std::uint64_t item = dice.below(kItems.size());
    const std::uint64_t price = 990 + 3'700 * item + dice.below(10) * 10;
    out += R"(,"customer":")";
    appendKey(out, options, tick);
    out.append(R"(","item":")").append(pick(kItems, item)).append(R"(","quantity":)");
    append(out, quantity);
    out += R"(,"total":)";
    appendHundredths(out, quantity * price);
    out.append(R"(,"status":")").append(pick(kStatus, dice.below(kStatus.size()))).append("\"");
}

void appendPrice(std::string& out, const Options& options, const Tick& tick, Dice& dice) {
    const std::uint64_t key = keyIndex(options, tick);
    out.append(R"(,"symbol":")").append(pick(kSymbols, key));
    if (key >= kSymbols.size()) append(out, key / kSymbols.size());
    out += R"(","price":)";
    // A slow wave with noise on it: looks like a market and follows from the number alone.
    const std::uint64_t wave = tick.n % 2'000;
    appendHundredths(out,
                     10'000 + 700 * key + (wave < 1'000 ? wave : 2'000 - wave) + dice.below(100));
    out += R"(,"volume":)";
    append(out, 100 * (1 + dice.below(50)));
}

void appendSensor(std::string& out, const Options& options, const Tick& tick, Dice& dice) {
    out += R"(,"sensor":")";
    appendKey(out, options, tick);
    out += R"(","celsius":)";
    appendHundredths(out, 1'800 + tick.n % 500 + dice.below(60));
    out += R"(,"humidity":)";
    append(out, 35 + dice.below(20));
    out += R"(,"battery":)";
    append(out, 100 - tick.n / 1'000 % 100);
}

void appendShape(std::string& out, const Options& options, const Tick& tick) {
    Dice dice{options, tick};
    dice.below(1);  // the first number chose the key
    out += R"({"n":)";
    append(out, tick.n);
    switch (options.shape) {
        case Shape::Orders:
            return appendOrder(out, options, tick, dice);
        case Shape::Prices:
            return appendPrice(out, options, tick, dice);
        case Shape::Sensors:
            return appendSensor(out, options, tick, dice);
        case Shape::Counter:
            return;
    }
}

/// Closes the object, and makes it `size` bytes long if it is shorter.
void close(std::string& out, std::size_t begin, std::size_t size) {
    constexpr std::string_view kPad = R"(,"pad":")";
    const std::size_t length = out.size() - begin + 1;
    if (length < size) {
        const std::size_t lack = size - length;
        if (lack > kPad.size())
            out.append(kPad).append(lack - kPad.size() - 1, 'x').append(1, '"');
        else
            out.append(lack, ' ');
    }
    out += '}';
}

}  // namespace

void appendKey(std::string& out, const Options& options, const Tick& tick) {
    out += options.shape == Shape::Sensors ? "s-" : "c-";
    append(out, keyIndex(options, tick));
}

void appendPayload(std::string& out, const Options& options, const Tick& tick) {
    const std::size_t begin = out.size();
    if (options.scheduled) {
        out += R"({"seq":)";
        append(out, tick.n);
        out += R"(,"due":)";
        append(out, tick.dueUs);
    } else {
        appendShape(out, options, tick);
    }
    close(out, begin, options.sizeBytes);
}

}  // namespace sluice::ticker
