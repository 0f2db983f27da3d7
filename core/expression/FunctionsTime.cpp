#include <algorithm>
#include <array>
#include <memory>

#include "expression/Functions.h"
#include "expression/Time.h"
#include "expression/TimeZone.h"

// What calendars and clocks show of a timestamp, in UTC or a time zone, and parts of durations.
namespace sluice::cel {
namespace {

using Args = const Value*;
using Part = std::int64_t (*)(const CivilTime& civil, std::int32_t nanos);

constexpr std::int32_t kNanosPerMilli = 1'000'000;

/// Each accessor as CEL counts: months, days of the year and getDayOfMonth from 0, getDate from 1.
struct Accessor {
    std::string_view name;
    Part part;
};
constexpr std::array<Accessor, 10> kAccessors{{
    {"getFullYear", [](const CivilTime& civil, std::int32_t) { return civil.year; }},
    {"getMonth",
     [](const CivilTime& civil, std::int32_t) -> std::int64_t { return civil.month - 1; }},
    {"getDate", [](const CivilTime& civil, std::int32_t) -> std::int64_t { return civil.day; }},
    {"getDayOfMonth",
     [](const CivilTime& civil, std::int32_t) -> std::int64_t { return civil.day - 1; }},
    {"getDayOfWeek",
     [](const CivilTime& civil, std::int32_t) -> std::int64_t { return civil.dayOfWeek; }},
    {"getDayOfYear",
     [](const CivilTime& civil, std::int32_t) -> std::int64_t { return civil.dayOfYear; }},
    {"getHours", [](const CivilTime& civil, std::int32_t) -> std::int64_t { return civil.hour; }},
    {"getMinutes",
     [](const CivilTime& civil, std::int32_t) -> std::int64_t { return civil.minute; }},
    {"getSeconds",
     [](const CivilTime& civil, std::int32_t) -> std::int64_t { return civil.second; }},
    {"getMilliseconds",
     [](const CivilTime&, std::int32_t nanos) -> std::int64_t { return nanos / kNanosPerMilli; }},
}};

Value partOf(const Node& call, Timestamp time, std::int64_t offsetSeconds) {
    const CivilTime civil = civilTimeOf(time, offsetSeconds);
    for (const Accessor& accessor : kAccessors)
        if (accessor.name == call.name) return Value::ofInt(accessor.part(civil, time.nanos));
    return Value::missing();
}

Value inUtc(Evaluation&, const Node& call, Args args) {
    return partOf(call, args[0].asTimestamp(), 0);
}

Value inZone(Evaluation& evaluation, const Node& call, Args args) {
    const Timestamp time = args[0].asTimestamp();
    if (call.zone) return partOf(call, time, call.zone->offsetAt(time.seconds));
    // Only a zone that the message names is looked up here.
    if (!evaluation.spend(kZoneSteps)) return evaluation.outOfSteps();
    const std::shared_ptr<const TimeZone> zone = TimeZone::find(args[1].asString());
    if (zone) return partOf(call, time, zone->offsetAt(time.seconds));
    return evaluation.fail(call, Failure::BadValue,
                           {"there is no time zone '", args[1].asString().substr(0, 64), "'"});
}

Value hoursOf(Evaluation&, const Node&, Args args) {
    return Value::ofInt(args[0].asDuration().seconds / 3'600);
}

Value minutesOf(Evaluation&, const Node&, Args args) {
    return Value::ofInt(args[0].asDuration().seconds / 60);
}

Value secondsOf(Evaluation&, const Node&, Args args) {
    return Value::ofInt(args[0].asDuration().seconds);
}

/// Only what is beyond the last whole second, as CEL says.
Value millisecondsOf(Evaluation&, const Node&, Args args) {
    return Value::ofInt(args[0].asDuration().nanos / kNanosPerMilli);
}

}  // namespace

bool takesZone(std::string_view name) {
    return std::any_of(kAccessors.begin(), kAccessors.end(),
                       [name](const Accessor& accessor) { return accessor.name == name; });
}

void addTimeFunctions(Overloads& overloads) {
    const Type time = Type::of(Kind::Timestamp), span = Type::of(Kind::Duration),
               whole = Type::of(Kind::Int), text = Type::of(Kind::String);
    for (const Accessor& accessor : kAccessors) {
        overloads.push_back({accessor.name, true, 1, {time}, whole, inUtc});
        overloads.push_back({accessor.name, true, 2, {time, text}, whole, inZone});
    }
    overloads.push_back({"getHours", true, 1, {span}, whole, hoursOf});
    overloads.push_back({"getMinutes", true, 1, {span}, whole, minutesOf});
    overloads.push_back({"getSeconds", true, 1, {span}, whole, secondsOf});
    overloads.push_back({"getMilliseconds", true, 1, {span}, whole, millisecondsOf});
}

}  // namespace sluice::cel
