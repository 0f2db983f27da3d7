#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "expression/CodePoints.h"
#include "expression/Functions.h"

// Functions of text: places in it are counted in code points, searching is linear in its bytes.
namespace sluice::cel {
namespace {

using Args = const Value*;

constexpr std::size_t kNone = std::string_view::npos;

/// As std::string_view::find, which takes quadratic time where text and part repeat themselves.
std::size_t find(std::string_view text, std::string_view part, std::size_t from = 0) {
    if (from > text.size()) return kNone;
    if (part.empty()) return from;
    if (part.size() == 1) return text.find(part.front(), from);
    const void* const found =
        memmem(text.data() + from, text.size() - from, part.data(), part.size());
    return found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) : kNone;
}

bool spendTexts(Evaluation& evaluation, Args args) {
    return evaluation.spendBytes(args[0].asString().size() + args[1].asString().size());
}

Value contains(Evaluation& evaluation, const Node&, Args args) {
    if (!spendTexts(evaluation, args)) return evaluation.outOfSteps();
    return Value::ofBool(find(args[0].asString(), args[1].asString()) != kNone);
}

Value startsWith(Evaluation&, const Node&, Args args) {
    return Value::ofBool(args[0].asString().starts_with(args[1].asString()));
}

Value endsWith(Evaluation&, const Node&, Args args) {
    return Value::ofBool(args[0].asString().ends_with(args[1].asString()));
}

// ---- places ----

Value noPlace(Evaluation& evaluation, const Node& call, std::int64_t index) {
    return evaluation.fail(call, Failure::BadValue,
                           {"index out of range: ", std::to_string(index)});
}

Value charAt(Evaluation& evaluation, const Node& call, Args args) {
    const std::string_view text = args[0].asString();
    if (!evaluation.spendBytes(text.size())) return evaluation.outOfSteps();
    const std::size_t offset = codePointOffset(text, args[1].asInt());
    if (offset == kNone) return noPlace(evaluation, call, args[1].asInt());
    const std::string_view rest = text.substr(offset);
    return Value::ofString(rest.substr(0, codePointLength(rest)));
}

Value substring(Evaluation& evaluation, const Node& call, std::string_view text, std::int64_t first,
                std::int64_t last) {
    if (!evaluation.spendBytes(text.size())) return evaluation.outOfSteps();
    const std::size_t begin = codePointOffset(text, first);
    if (begin == kNone) return noPlace(evaluation, call, first);
    if (last < first)
        return evaluation.fail(
            call, Failure::BadValue,
            {"the end ", std::to_string(last), " is before the beginning ", std::to_string(first)});
    const std::size_t length = codePointOffset(text.substr(begin), last - first);
    if (length == kNone) return noPlace(evaluation, call, last);
    return Value::ofString(text.substr(begin, length));
}

Value substringFrom(Evaluation& evaluation, const Node& call, Args args) {
    const std::string_view text = args[0].asString();
    const std::size_t begin = codePointOffset(text, args[1].asInt());
    if (!evaluation.spendBytes(text.size())) return evaluation.outOfSteps();
    if (begin == kNone) return noPlace(evaluation, call, args[1].asInt());
    return Value::ofString(text.substr(begin));
}

Value substringBetween(Evaluation& evaluation, const Node& call, Args args) {
    return substring(evaluation, call, args[0].asString(), args[1].asInt(), args[2].asInt());
}

/// A place in bytes as one in code points.
Value place(std::string_view text, std::size_t offset) {
    if (offset == kNone) return Value::ofInt(-1);
    return Value::ofInt(static_cast<std::int64_t>(codePointCount(text.substr(0, offset))));
}

Value indexOf(Evaluation& evaluation, const Node&, Args args) {
    if (!spendTexts(evaluation, args)) return evaluation.outOfSteps();
    return place(args[0].asString(), find(args[0].asString(), args[1].asString()));
}

Value indexOfFrom(Evaluation& evaluation, const Node& call, Args args) {
    if (!spendTexts(evaluation, args)) return evaluation.outOfSteps();
    const std::size_t from = codePointOffset(args[0].asString(), args[2].asInt());
    if (from == kNone) return noPlace(evaluation, call, args[2].asInt());
    return place(args[0].asString(), find(args[0].asString(), args[1].asString(), from));
}

/// The last place of `part` that begins at `from` or before it.
std::size_t findLast(std::string_view text, std::string_view part, std::size_t from) {
    if (part.empty()) return std::min(from, text.size());
    // Searching backwards in linear time is searching forwards in texts that are turned round.
    const std::string_view within =
        text.substr(0, part.size() > text.size() - from ? text.size() : from + part.size());
    const std::string turnedText{within.rbegin(), within.rend()};
    const std::string turnedPart{part.rbegin(), part.rend()};
    const std::size_t found = find(turnedText, turnedPart);
    return found == kNone ? kNone : within.size() - found - part.size();
}

Value lastIndexOf(Evaluation& evaluation, const Node&, Args args) {
    if (!spendTexts(evaluation, args)) return evaluation.outOfSteps();
    const std::string_view text = args[0].asString();
    return place(text, findLast(text, args[1].asString(), text.size()));
}

Value lastIndexOfFrom(Evaluation& evaluation, const Node& call, Args args) {
    if (!spendTexts(evaluation, args)) return evaluation.outOfSteps();
    const std::string_view text = args[0].asString();
    const std::size_t from = codePointOffset(text, args[2].asInt());
    if (from == kNone) return noPlace(evaluation, call, args[2].asInt());
    return place(text, findLast(text, args[1].asString(), from));
}

// ---- changes ----

/// Maps each ASCII letter between `first` and `last` to its other case.
Value withCase(Evaluation& evaluation, std::string_view text, char first, char last) {
    std::string changed{text};
    for (char& c : changed)
        if (c >= first && c <= last) c = static_cast<char>(c ^ 0x20);
    return evaluation.string(changed);
}

Value lowerAscii(Evaluation& evaluation, const Node&, Args args) {
    return withCase(evaluation, args[0].asString(), 'A', 'Z');
}

Value upperAscii(Evaluation& evaluation, const Node&, Args args) {
    return withCase(evaluation, args[0].asString(), 'a', 'z');
}

Value trim(Evaluation&, const Node&, Args args) {
    std::string_view text = args[0].asString();
    while (!text.empty() && isSpace(text.substr(0, codePointLength(text))))
        text.remove_prefix(codePointLength(text));
    for (;;) {
        const std::size_t last = lastCodePointOffset(text);
        if (text.empty() || !isSpace(text.substr(last))) return Value::ofString(text);
        text = text.substr(0, last);
    }
}

/// Where the part that ends before the next `separator` ends; an empty one stands behind each code
/// point. npos: there is none.
std::size_t endOfPart(std::string_view text, std::size_t from, std::string_view separator) {
    if (!separator.empty()) return find(text, separator, from);
    const std::size_t end = from + codePointLength(text.substr(from));
    return end >= text.size() ? kNone : end;
}

/// How often to do something at most, where a negative number sets no limit.
std::uint64_t timesOf(std::int64_t limit) {
    return limit < 0 ? UINT64_MAX : static_cast<std::uint64_t>(limit);
}

Value replace(Evaluation& evaluation, std::string_view text, std::string_view from,
              std::string_view to, std::int64_t limit) {
    std::string changed;
    std::size_t at = 0;
    // Go's strings.Replace: an empty text is found before each code point and at the end.
    for (std::uint64_t left = timesOf(limit); left > 0; --left) {
        const std::size_t found = find(text, from, at);
        if (found == kNone) break;
        const bool isGrowing = changed.size() < kArenaBytesMax;
        if (!isGrowing || !evaluation.spendBytes(kStepBytes + to.size() + found - at))
            return isGrowing ? evaluation.outOfSteps() : evaluation.outOfMemory();
        changed += text.substr(at, found - at);
        changed += to;
        at = found + from.size();
        if (!from.empty()) continue;
        if (at == text.size()) return evaluation.string(changed);
        const std::size_t length = codePointLength(text.substr(at));
        changed += text.substr(at, length);
        at += length;
    }
    changed += text.substr(at);
    return evaluation.string(changed);
}

Value replaceAll(Evaluation& evaluation, const Node&, Args args) {
    return replace(evaluation, args[0].asString(), args[1].asString(), args[2].asString(), -1);
}

Value replaceSome(Evaluation& evaluation, const Node&, Args args) {
    return replace(evaluation, args[0].asString(), args[1].asString(), args[2].asString(),
                   args[3].asInt());
}

Value split(Evaluation& evaluation, std::string_view text, std::string_view separator,
            std::int64_t limit) {
    std::vector<Value> parts;
    std::size_t at = 0;
    std::uint64_t left = separator.empty() && text.empty() ? 0 : timesOf(limit);
    for (; left > 0; --left) {
        const std::size_t end = left == 1 ? kNone : endOfPart(text, at, separator);
        if (!evaluation.spendBytes(kStepBytes + std::min(end, text.size()) - at))
            return evaluation.outOfSteps();
        parts.push_back(Value::ofString(text.substr(at, end == kNone ? kNone : end - at)));
        if (end == kNone) break;
        at = end + separator.size();
    }
    Value* const items = evaluation.arena().array<Value>(parts.size());
    if (!items) return evaluation.outOfMemory();
    std::uninitialized_copy(parts.begin(), parts.end(), items);
    return evaluation.list(items, parts.size());
}

Value splitAll(Evaluation& evaluation, const Node&, Args args) {
    return split(evaluation, args[0].asString(), args[1].asString(), -1);
}

Value splitSome(Evaluation& evaluation, const Node&, Args args) {
    return split(evaluation, args[0].asString(), args[1].asString(), args[2].asInt());
}

Value join(Evaluation& evaluation, const Node& call, const List& list, std::string_view separator) {
    std::string joined;
    for (const Value& item : list) {
        if (!item.is(Kind::String))
            return evaluation.fail(call, Failure::NoOverload,
                                   {"`join` takes a list of strings, not of ", wordFor(item.kind()),
                                    "; string(x) makes text of a number"});
        const std::size_t growth = separator.size() + item.asString().size();
        if (!evaluation.spendBytes(kStepBytes + growth)) return evaluation.outOfSteps();
        if (joined.size() + growth > kArenaBytesMax) return evaluation.outOfMemory();
        if (&item != list.begin()) joined += separator;
        joined += item.asString();
    }
    return evaluation.string(joined);
}

Value joinPlain(Evaluation& evaluation, const Node& call, Args args) {
    return join(evaluation, call, args[0].asList(), {});
}

Value joinWith(Evaluation& evaluation, const Node& call, Args args) {
    return join(evaluation, call, args[0].asList(), args[1].asString());
}

}  // namespace

void addStringFunctions(Overloads& overloads) {
    const Type text = Type::of(Kind::String), truth = Type::of(Kind::Bool),
               whole = Type::of(Kind::Int), list = Type::list(text);
    const auto add = [&](std::string_view name, std::initializer_list<Type> args, Type result,
                         Function function) {
        Overload overload{name, true, static_cast<std::uint8_t>(args.size()), {}, result, function};
        std::copy(args.begin(), args.end(), overload.args.begin());
        overloads.push_back(overload);
    };
    add("contains", {text, text}, truth, contains);
    add("startsWith", {text, text}, truth, startsWith);
    add("endsWith", {text, text}, truth, endsWith);
    add("charAt", {text, whole}, text, charAt);
    add("substring", {text, whole}, text, substringFrom);
    add("substring", {text, whole, whole}, text, substringBetween);
    add("indexOf", {text, text}, whole, indexOf);
    add("indexOf", {text, text, whole}, whole, indexOfFrom);
    add("lastIndexOf", {text, text}, whole, lastIndexOf);
    add("lastIndexOf", {text, text, whole}, whole, lastIndexOfFrom);
    add("lowerAscii", {text}, text, lowerAscii);
    add("upperAscii", {text}, text, upperAscii);
    add("trim", {text}, text, trim);
    add("replace", {text, text, text}, text, replaceAll);
    add("replace", {text, text, text, whole}, text, replaceSome);
    add("split", {text, text}, Type::list(text), splitAll);
    add("split", {text, text, whole}, Type::list(text), splitSome);
    add("join", {list}, text, joinPlain);
    add("join", {list, text}, text, joinWith);
}

}  // namespace sluice::cel
