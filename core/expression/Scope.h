#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expression/Arena.h"
#include "expression/Type.h"
#include "expression/Value.h"

namespace sluice::cel {

/// One constant step behind a variable: the key in `payload.customer` and `payload['a b']`, or the
/// index in `payload.items[0]`.
struct PathStep {
    std::string key;
    std::int64_t index = 0;
    bool isIndex = false;
    bool operator==(const PathStep&) const = default;
};

/// What a name, with some of the steps behind it, was resolved to.
struct Reference {
    std::uint32_t id = 0;
    std::size_t stepsTaken = 0;
    Type type;
    std::string absence{};  // why it can never have a value, to warn of; empty: it may have one
};

/// What names mean, at compile time.
class Scope {
  public:
    virtual ~Scope() = default;
    /// Takes as many of the steps as it can (for the payload all: each path becomes a slot); the
    /// evaluation takes the rest. Nothing: there is no such variable. Called only for paths whose
    /// value is used, and for what `has` looks at: `has(payload.a.b)` asks for payload.a.b and for
    /// payload.a.
    virtual std::optional<Reference> resolve(std::string_view variable,
                                             std::span<const PathStep> path) const = 0;
    /// All variables, for "did you mean".
    virtual std::vector<std::string> names() const = 0;
};

/// What references mean, at run time: lent for one evaluation, asked by its thread only.
class Activation {
  public:
    virtual ~Activation() = default;
    /// `Value::missing()` where nothing stands. May be asked several times.
    virtual Value value(std::uint32_t reference, Arena& arena) const = 0;
    /// The kind that `value` would have, Kind::Error where nothing stands; decodes nothing.
    virtual Kind kind(std::uint32_t reference) const = 0;
};

}  // namespace sluice::cel
