#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

/// Values of expressions: the types of CEL (cel.dev, langdef.md "Values") without messages.
namespace sluice::cel {

enum class Kind : std::uint8_t {
    Error,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    List,
    Map,
    Timestamp,
    Duration,
    Type
};

/// CEL's name of a kind, as `type(x)` shows it: "int", "null_type", "google.protobuf.Timestamp".
std::string_view nameOf(Kind kind);
/// The same in messages for people: "int", "null", "timestamp".
std::string_view wordFor(Kind kind);

/// Why an evaluation gave no value.
enum class Failure : std::uint8_t {
    NoValue,       // something that may be missing is: a field, a key, an index
    NoOverload,    // an operator or a function does not take these kinds
    Overflow,      // the result of integer or time arithmetic does not fit
    DivideByZero,  // of `/` and `%` between integers
    BadValue,      // a text that is no number, no time, no pattern; a key of a wrong kind or twice
    Unknown,       // a name or function that does not exist, when compiled without checking
    Limit          // a bound of Arena.h or Expression.h was reached
};

/// Stable text for counters and logs: "no-value", "no-overload", ...
std::string_view codeOf(Failure failure);

/// What an error value says; lives in an Arena, an Expression or the program.
struct ErrorText {
    Failure failure = Failure::NoValue;
    std::string_view message;  // "no such field: payload.amount"
    std::string_view path;     // what is missing, as written: "payload.amount"; else empty
    std::uint32_t offset = 0;  // bytes in the text of the expression
    std::uint32_t length = 0;  // 0: the place is unknown
};

/// A moment. 0 <= nanos < 1e9, from year 1 to 9999 (kTimestampSecondsMin, kTimestampSecondsMax).
struct Timestamp {
    std::int64_t seconds = 0;  // since 1970
    std::int32_t nanos = 0;
    friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};
/// A span of time; both parts have the same sign.
struct Duration {
    std::int64_t seconds = 0;
    std::int32_t nanos = 0;
    friend auto operator<=>(const Duration&, const Duration&) = default;
};

struct List;
struct Map;

/// One value: cheap to copy, owns nothing. Strings, lists, maps and errors are views; they live as
/// long as the Arena's content, the Expression and the text that the Activation lends.
///
/// A value that came unchanged out of JSON carries the text it came from in `json()`, so that
/// 129.90 leaves as 129.90 and any integer stays exact.
class Value {
  public:
    /// An error without a text: what an Activation gives where nothing stands.
    constexpr Value() = default;
    static constexpr Value missing() { return {}; }

    static constexpr Value null() { return Value{Kind::Null}; }
    static constexpr Value ofBool(bool value);
    static constexpr Value ofInt(std::int64_t value);
    static constexpr Value ofUint(std::uint64_t value);
    static constexpr Value ofDouble(double value);
    static constexpr Value ofString(std::string_view value);
    static constexpr Value ofBytes(std::string_view value);
    static constexpr Value ofList(const List* value);
    static constexpr Value ofMap(const Map* value);
    static constexpr Value ofTimestamp(Timestamp value);
    static constexpr Value ofDuration(Duration value);
    /// The value that `type(x)` gives. REQUIRES: not Kind::Error.
    static constexpr Value ofType(Kind value);
    static constexpr Value error(const ErrorText* text);

    constexpr Kind kind() const { return kind_; }
    constexpr bool is(Kind kind) const { return kind_ == kind; }
    constexpr bool isError() const { return kind_ == Kind::Error; }
    constexpr bool isNumber() const { return kind_ >= Kind::Int && kind_ <= Kind::Double; }
    constexpr bool isTrue() const { return kind_ == Kind::Bool && bool_; }
    constexpr bool isFalse() const { return kind_ == Kind::Bool && !bool_; }

    /// REQUIRES for all: the kind of the name.
    constexpr bool asBool() const { return bool_; }
    constexpr std::int64_t asInt() const { return int_; }
    constexpr std::uint64_t asUint() const { return uint_; }
    constexpr double asDouble() const { return double_; }
    constexpr std::string_view asString() const { return {text_, textLength_}; }
    constexpr std::string_view asBytes() const { return {text_, textLength_}; }
    constexpr const List& asList() const { return *list_; }
    constexpr const Map& asMap() const { return *map_; }
    constexpr Timestamp asTimestamp() const { return {seconds_, nanos_}; }
    constexpr Duration asDuration() const { return {seconds_, nanos_}; }
    constexpr Kind asType() const { return type_; }
    /// Any number as a double. REQUIRES: isNumber().
    constexpr double toDouble() const;

    /// REQUIRES: isError(). Never empty; of `missing()` a text that names nothing.
    const ErrorText& asError() const;
    Failure failure() const { return asError().failure; }

    /// The JSON text that the value came from, or empty.
    constexpr std::string_view json() const { return {json_, jsonLength_}; }
    /// Says which text the value came from. Texts of 4 GiB and more are not kept.
    constexpr void setJson(std::string_view text);

  private:
    constexpr explicit Value(Kind kind) : kind_{kind} {}

    Kind kind_ = Kind::Error;
    std::uint32_t jsonLength_ = 0;
    const char* json_ = nullptr;
    union {
        const ErrorText* error_ = nullptr;
        bool bool_;
        std::int64_t int_;
        std::uint64_t uint_;
        double double_;
        const char* text_;
        const List* list_;
        const Map* map_;
        std::int64_t seconds_;
        Kind type_;
    };
    union {
        std::size_t textLength_ = 0;
        std::int32_t nanos_;
    };
};

static_assert(sizeof(Value) <= 40 && std::is_trivially_copyable_v<Value>);

/// Lives in an Arena or an Expression.
struct List {
    const Value* items = nullptr;
    std::uint32_t size = 0;

    const Value* begin() const { return items; }
    const Value* end() const { return items + size; }
};

/// Entries in the order in which they were written; each key once. Keys are Bool, Int, Uint or
/// String. Made by MapBuilder (Collections.h).
struct Map {
    struct Entry {
        Value key;
        Value value;
    };
    const Entry* entries = nullptr;
    std::uint32_t size = 0;
    std::uint32_t bucketMask = 0;            // number of buckets - 1
    const std::uint32_t* buckets = nullptr;  // index of an entry + 1, or 0; null in small maps

    const Entry* begin() const { return entries; }
    const Entry* end() const { return entries + size; }
    /// The value of a key; null where it is missing. 1, 1u and 1.0 are the same key.
    const Value* find(const Value& key) const;
    const Value* find(std::string_view key) const { return find(Value::ofString(key)); }
};

constexpr Value Value::ofBool(bool value) {
    Value result{Kind::Bool};
    result.bool_ = value;
    return result;
}

constexpr Value Value::ofInt(std::int64_t value) {
    Value result{Kind::Int};
    result.int_ = value;
    return result;
}

constexpr Value Value::ofUint(std::uint64_t value) {
    Value result{Kind::Uint};
    result.uint_ = value;
    return result;
}

constexpr Value Value::ofDouble(double value) {
    Value result{Kind::Double};
    result.double_ = value;
    return result;
}

constexpr Value Value::ofString(std::string_view value) {
    Value result{Kind::String};
    result.text_ = value.data();
    result.textLength_ = value.size();
    return result;
}

constexpr Value Value::ofBytes(std::string_view value) {
    Value result = ofString(value);
    result.kind_ = Kind::Bytes;
    return result;
}

constexpr Value Value::ofList(const List* value) {
    Value result{Kind::List};
    result.list_ = value;
    return result;
}

constexpr Value Value::ofMap(const Map* value) {
    Value result{Kind::Map};
    result.map_ = value;
    return result;
}

constexpr Value Value::ofTimestamp(Timestamp value) {
    Value result{Kind::Timestamp};
    result.seconds_ = value.seconds;
    result.nanos_ = value.nanos;
    return result;
}

constexpr Value Value::ofDuration(Duration value) {
    Value result{Kind::Duration};
    result.seconds_ = value.seconds;
    result.nanos_ = value.nanos;
    return result;
}

constexpr Value Value::ofType(Kind value) {
    Value result{Kind::Type};
    result.type_ = value;
    return result;
}

constexpr Value Value::error(const ErrorText* text) {
    Value result;
    result.error_ = text;
    return result;
}

constexpr double Value::toDouble() const {
    if (kind_ == Kind::Int) return static_cast<double>(int_);
    return kind_ == Kind::Uint ? static_cast<double>(uint_) : double_;
}

constexpr void Value::setJson(std::string_view text) {
    if (text.size() > 0xffff'ffff) text = {};
    json_ = text.data();
    jsonLength_ = static_cast<std::uint32_t>(text.size());
}

}  // namespace sluice::cel
