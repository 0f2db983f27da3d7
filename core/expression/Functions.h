#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expression/Evaluation.h"
#include "expression/Program.h"
#include "expression/Type.h"
#include "expression/Value.h"

/// The functions of the subset: CEL's standard ones, strings from its string extension, and ours.
namespace sluice::cel {

/// Most arguments of a function, the receiver included.
inline constexpr std::size_t kArgumentsMax = 4;

/// Computes a value. REQUIRES: the kinds of the arguments are those of the overload.
using Function = Value (*)(Evaluation& evaluation, const Node& call, const Value* args);

/// One way to call a function.
struct Overload {
    std::string_view name;
    bool isMember = false;  // receiver.name(...)
    std::uint8_t argCount = 0;
    std::array<Type, kArgumentsMax> args{};  // the receiver first; dyn takes every kind
    Type result;
    Function function = nullptr;

    bool takes(std::span<const Value> values) const {
        for (std::size_t i = 0; i < values.size(); ++i)
            if (!args[i].mayBe(values[i].kind())) return false;
        return true;
    }
};

/// All ways to call `name`, in the style given; empty where there is none. Lives for ever.
std::span<const Overload> overloadsOf(std::string_view name, bool isMember);

/// "string.startsWith(string)".
std::string signatureOf(const Overload& overload);

/// Names of all functions and macros, for "did you mean".
const std::vector<std::string>& functionNames();

/// Steps that looking up a time zone costs.
inline constexpr std::size_t kZoneSteps = 1'000;
/// Whether a call of this name may take a time zone as its second argument.
bool takesZone(std::string_view name);

/// Steps that compiling a pattern costs.
inline constexpr std::size_t kPatternSteps = 2'000;
/// Compiles a pattern of `matches`; null and a reason for a wrong or too large one.
std::unique_ptr<const re2::RE2> compilePattern(std::string_view pattern, std::string& reason);

// What the table is made of: each adds the functions of its file.
using Overloads = std::vector<Overload>;
void addConversions(Overloads& overloads);
void addStringFunctions(Overloads& overloads);
void addPatternFunctions(Overloads& overloads);
void addTimeFunctions(Overloads& overloads);

}  // namespace sluice::cel
