#include "mapping/Rejection.h"

#include <array>

#include "base/Utf8.h"

namespace sluice {
namespace {

std::string shortened(std::string_view text) {
    constexpr std::size_t kShownMax = 200;
    return std::string{beginningOf(text, kShownMax)};
}

std::string textOf(const Failure& failure) {
    const std::string value = shortened(failure.value);
    switch (failure.reason) {
        case Rejection::NoValue:
            return value +
                   (failure.detail.empty() ? " has no value" : ": " + shortened(failure.detail));
        case Rejection::BadValue:
            return value + ": " + shortened(failure.detail);
        case Rejection::NotJson:
            return "the payload is no JSON: " + shortened(failure.detail);
        case Rejection::NotUtf8:
            return "the payload is not UTF-8; write format: raw at its input";
        case Rejection::BadChannel:
            return "no channel can be named '" + value + "'";
        case Rejection::BadEvent:
            return "no event can be named '" + value + "'";
        case Rejection::TooLarge:
            return value.empty() ? "the payload is longer than limits.payload"
                                 : "what it makes is longer than twice limits.payload";
    }
    return {};
}

}  // namespace

std::string_view nameOf(Rejection reason) {
    constexpr std::array<std::string_view, kRejections> kNames{
        "no-value", "bad-value", "not-json", "not-utf8", "bad-channel", "bad-event", "too-large"};
    return kNames[static_cast<std::size_t>(reason)];
}

std::string Failure::text() const {
    return (field.empty() ? "" : std::string{field} + ": ") + textOf(*this);
}

Failure failureOf(const cel::Value& value, std::string_view field, std::string_view expression) {
    const cel::ErrorText& error = value.asError();
    if (error.failure != cel::Failure::NoValue)
        return {Rejection::BadValue, field, expression, error.message};
    if (!error.path.empty()) return {Rejection::NoValue, field, error.path, {}};
    return {Rejection::NoValue, field, expression, {}};
}

}  // namespace sluice
