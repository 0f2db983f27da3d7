#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

#include "base/Utf8.h"
#include "expression/Base64.h"
#include "expression/CodePoints.h"
#include "expression/Functions.h"
#include "expression/Json.h"
#include "expression/Time.h"

// int() uint() double() string() bytes() bool() timestamp() duration() type() dyn(), base64(),
// size().
namespace sluice::cel {
namespace {

using Args = const Value*;

/// Longest part of a text that an error message shows, in bytes.
constexpr std::size_t kShownBytesMax = 40;

std::string shown(std::string_view text) {
    std::size_t length = std::min(text.size(), kShownBytesMax);
    while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80)
        --length;
    return "'" + std::string{text.substr(0, length)} + (length < text.size() ? "..." : "") + "'";
}

Value wrongText(Evaluation& evaluation, const Node& call, Args args, std::string_view wanted) {
    return evaluation.fail(call, Failure::BadValue, {shown(args[0].asString()), " is no ", wanted});
}

Value outOfRange(Evaluation& evaluation, const Node& call, std::string_view type) {
    return evaluation.fail(call, Failure::Overflow, {"the value is out of the range of ", type});
}

Value same(Evaluation&, const Node&, Args args) {
    return args[0];
}

Value typeOf(Evaluation&, const Node&, Args args) {
    return Value::ofType(args[0].kind());
}

// ---- int, uint, double ----

/// The whole text as a number, with one optional plus sign; what from_chars says of it.
template <typename Number>
std::errc parse(std::string_view text, Number& number) {
    if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return stop == end ? error : std::errc::invalid_argument;
}

Value intOfUint(Evaluation& evaluation, const Node& call, Args args) {
    if (args[0].asUint() > INT64_MAX) return outOfRange(evaluation, call, "int");
    return Value::ofInt(static_cast<std::int64_t>(args[0].asUint()));
}

Value intOfDouble(Evaluation& evaluation, const Node& call, Args args) {
    const double number = args[0].asDouble();
    // The smallest int is left out, as CEL's conformance cases want it.
    if (!(number > -0x1p63 && number < 0x1p63)) return outOfRange(evaluation, call, "int");
    return Value::ofInt(static_cast<std::int64_t>(number));
}

Value intOfString(Evaluation& evaluation, const Node& call, Args args) {
    std::int64_t number = 0;
    const std::errc error = parse(args[0].asString(), number);
    if (error == std::errc::result_out_of_range) return outOfRange(evaluation, call, "int");
    if (error != std::errc{}) return wrongText(evaluation, call, args, "whole number");
    return Value::ofInt(number);
}

Value intOfTimestamp(Evaluation&, const Node&, Args args) {
    return Value::ofInt(args[0].asTimestamp().seconds);
}

Value uintOfInt(Evaluation& evaluation, const Node& call, Args args) {
    if (args[0].asInt() < 0) return outOfRange(evaluation, call, "uint");
    return Value::ofUint(static_cast<std::uint64_t>(args[0].asInt()));
}

Value uintOfDouble(Evaluation& evaluation, const Node& call, Args args) {
    const double number = args[0].asDouble();
    if (!(number >= 0 && number < 0x1p64)) return outOfRange(evaluation, call, "uint");
    return Value::ofUint(static_cast<std::uint64_t>(number));
}

Value uintOfString(Evaluation& evaluation, const Node& call, Args args) {
    std::uint64_t number = 0;
    const std::errc error = parse(args[0].asString(), number);
    if (error == std::errc::result_out_of_range) return outOfRange(evaluation, call, "uint");
    if (error != std::errc{})
        return wrongText(evaluation, call, args, "whole number that is not negative");
    return Value::ofUint(number);
}

Value doubleOfNumber(Evaluation&, const Node&, Args args) {
    return Value::ofDouble(args[0].toDouble());
}

Value doubleOfString(Evaluation& evaluation, const Node& call, Args args) {
    double number = 0;
    const std::errc error = parse(args[0].asString(), number);
    // Too large is infinity and too small zero, as in a literal.
    if (error == std::errc::result_out_of_range)
        number = std::strtod(std::string{args[0].asString()}.c_str(), nullptr);
    else if (error != std::errc{})
        return wrongText(evaluation, call, args, "number");
    return Value::ofDouble(number);
}

// ---- bool, string, bytes ----

Value boolOfString(Evaluation& evaluation, const Node& call, Args args) {
    const std::string_view text = args[0].asString();
    for (const std::string_view yes : {"1", "t", "true", "TRUE", "True"})
        if (text == yes) return Value::ofBool(true);
    for (const std::string_view no : {"0", "f", "false", "FALSE", "False"})
        if (text == no) return Value::ofBool(false);
    return wrongText(evaluation, call, args, "bool: write 'true' or 'false'");
}

Value stringOfScalar(Evaluation& evaluation, const Node&, Args args) {
    const Value& value = args[0];
    switch (value.kind()) {
        case Kind::Bool:
            return Value::ofString(value.asBool() ? "true" : "false");
        case Kind::Int:
            return evaluation.string(std::to_string(value.asInt()));
        case Kind::Uint:
            return evaluation.string(std::to_string(value.asUint()));
        case Kind::Double:
            return evaluation.string(doubleText(value.asDouble()));
        case Kind::Timestamp:
            return evaluation.string(textOf(value.asTimestamp()));
        default:
            return evaluation.string(textOf(value.asDuration()));
    }
}

Value stringOfBytes(Evaluation& evaluation, const Node& call, Args args) {
    if (!evaluation.spendBytes(args[0].asBytes().size())) return evaluation.outOfSteps();
    if (!isUtf8(args[0].asBytes()))
        return evaluation.fail(call, Failure::BadValue,
                               {"these bytes are not UTF-8: base64(x) makes text of any bytes"});
    return Value::ofString(args[0].asBytes());
}

Value bytesOfString(Evaluation&, const Node&, Args args) {
    return Value::ofBytes(args[0].asString());
}

Value base64Of(Evaluation& evaluation, const Node&, Args args) {
    if (!evaluation.spendBytes(args[0].asBytes().size())) return evaluation.outOfSteps();
    return evaluation.string(base64(args[0].asBytes()));
}

// ---- timestamp, duration ----

Value timestampOfInt(Evaluation& evaluation, const Node& call, Args args) {
    const std::optional<Timestamp> time = timestampOf(args[0].asInt(), 0);
    return time ? Value::ofTimestamp(*time) : outOfRange(evaluation, call, "timestamp");
}

Value timestampOfString(Evaluation& evaluation, const Node& call, Args args) {
    const std::optional<Timestamp> time = parseTimestamp(args[0].asString());
    if (time) return Value::ofTimestamp(*time);
    return wrongText(evaluation, call, args, "timestamp: write '2009-02-13T23:31:30Z'");
}

Value durationOfString(Evaluation& evaluation, const Node& call, Args args) {
    const std::optional<Duration> time = parseDuration(args[0].asString());
    if (time) return Value::ofDuration(*time);
    return wrongText(evaluation, call, args,
                     "duration of at most 292 years: write '1h30m' or '1.5s'");
}

// ---- size ----

Value sizeOf(Evaluation& evaluation, const Node&, Args args) {
    switch (args[0].kind()) {
        case Kind::List:
            return Value::ofInt(args[0].asList().size);
        case Kind::Map:
            return Value::ofInt(args[0].asMap().size);
        case Kind::Bytes:
            return Value::ofInt(static_cast<std::int64_t>(args[0].asBytes().size()));
        default:
            break;
    }
    const std::string_view text = args[0].asString();
    if (!evaluation.spendBytes(text.size())) return evaluation.outOfSteps();
    return Value::ofInt(static_cast<std::int64_t>(codePointCount(text)));
}

}  // namespace

void addConversions(Overloads& overloads) {
    const auto add = [&](std::string_view name, Type arg, Type result, Function function) {
        overloads.push_back({name, false, 1, {arg}, result, function});
    };
    const Type any, truth = Type::of(Kind::Bool), whole = Type::of(Kind::Int),
                    natural = Type::of(Kind::Uint), real = Type::of(Kind::Double),
                    text = Type::of(Kind::String), bytes = Type::of(Kind::Bytes),
                    time = Type::of(Kind::Timestamp), span = Type::of(Kind::Duration);
    add("dyn", any, any, same);
    add("type", any, Type::of(Kind::Type), typeOf);
    add("bool", truth, truth, same);
    add("bool", text, truth, boolOfString);
    add("int", whole, whole, same);
    add("int", natural, whole, intOfUint);
    add("int", real, whole, intOfDouble);
    add("int", text, whole, intOfString);
    add("int", time, whole, intOfTimestamp);
    add("uint", natural, natural, same);
    add("uint", whole, natural, uintOfInt);
    add("uint", real, natural, uintOfDouble);
    add("uint", text, natural, uintOfString);
    add("double", real, real, same);
    add("double", whole, real, doubleOfNumber);
    add("double", natural, real, doubleOfNumber);
    add("double", text, real, doubleOfString);
    add("string", text, text, same);
    for (const Type scalar : {truth, whole, natural, real, time, span})
        add("string", scalar, text, stringOfScalar);
    add("string", bytes, text, stringOfBytes);
    add("bytes", bytes, bytes, same);
    add("bytes", text, bytes, bytesOfString);
    add("base64", bytes, text, base64Of);
    add("base64", text, text, base64Of);
    add("timestamp", time, time, same);
    add("timestamp", text, time, timestampOfString);
    add("timestamp", whole, time, timestampOfInt);
    add("duration", span, span, same);
    add("duration", text, span, durationOfString);
    for (const Kind kind : {Kind::String, Kind::Bytes, Kind::List, Kind::Map}) {
        overloads.push_back({"size", false, 1, {Type::of(kind)}, whole, sizeOf});
        overloads.push_back({"size", true, 1, {Type::of(kind)}, whole, sizeOf});
    }
}

}  // namespace sluice::cel
