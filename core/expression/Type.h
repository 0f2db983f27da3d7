#pragma once

#include <cstdint>
#include <string>

#include "expression/Value.h"

namespace sluice::cel {

/// What is known of a value before evaluation: nothing (dyn), its kind, and of lists and maps the
/// kinds of what they hold, one level deep.
class Type {
  public:
    constexpr Type() = default;  // dyn
    static constexpr Type dyn() { return {}; }
    static constexpr Type of(Kind kind) { return Type{kind, Kind::Error, Kind::Error}; }
    static constexpr Type list(Type element) {
        return Type{Kind::List, Kind::Error, element.kind_};
    }
    static constexpr Type map(Type key, Type value) {
        return Type{Kind::Map, key.kind_, value.kind_};
    }

    constexpr bool isDyn() const { return kind_ == Kind::Error; }
    constexpr bool is(Kind kind) const { return kind_ == kind; }
    /// Whether a value of this type may be of the kind.
    constexpr bool mayBe(Kind kind) const { return isDyn() || kind_ == kind; }
    constexpr bool mayBeNumber() const {
        return isDyn() || (kind_ >= Kind::Int && kind_ <= Kind::Double);
    }
    /// REQUIRES: not dyn.
    constexpr Kind kind() const { return kind_; }
    /// Of a list's items or a map's values; dyn of everything else.
    constexpr Type element() const { return of(element_); }
    /// Of a map's keys; dyn of everything else.
    constexpr Type key() const { return of(key_); }

    constexpr bool operator==(const Type&) const = default;

  private:
    constexpr Type(Kind kind, Kind key, Kind element) : kind_{kind}, key_{key}, element_{element} {}

    // Kind::Error stands for "not known".
    Kind kind_ = Kind::Error;
    Kind key_ = Kind::Error;
    Kind element_ = Kind::Error;
};

/// As a message shows it: "int", "map(string, dyn)", "dyn".
std::string nameOf(Type type);

/// The type of what may be of either.
Type either(Type a, Type b);

}  // namespace sluice::cel
