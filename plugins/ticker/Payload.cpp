#include "Payload.h"

#include <string_view>

#include "Digits.h"
#include "Stories.h"

namespace sluice::ticker {
namespace {

std::string_view keyPrefix(const Options& options) {
    if (options.shape == Shape::Sensors) return "s-";
    if (options.shape == Shape::Flights) return "SL";
    return options.shape == Shape::Orders && !options.scheduled ? "o-" : "c-";
}

void appendShape(std::string& out, const Options& options, const Tick& tick) {
    out += R"({"n":)";
    appendInteger(out, tick.n);
    switch (options.shape) {
        case Shape::Orders:
            return appendOrder(out, options, tick);
        case Shape::Prices:
            return appendPrice(out, options, tick);
        case Shape::Sensors:
            return appendSensor(out, options, tick);
        case Shape::Flights:
            return appendFlight(out, options, tick);
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
    out += keyPrefix(options);
    appendInteger(out, keyIndex(options, tick));
}

void appendPayload(std::string& out, const Options& options, const Tick& tick) {
    const std::size_t begin = out.size();
    if (options.scheduled) {
        out += R"({"seq":)";
        appendInteger(out, tick.n);
        out += R"(,"due":)";
        appendInteger(out, tick.dueUs);
    } else {
        appendShape(out, options, tick);
    }
    close(out, begin, options.sizeBytes);
}

}  // namespace sluice::ticker
