#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/MappingOptions.h"
#include "mapping/MessageValues.h"
#include "mapping/References.h"
#include "mapping/Rejection.h"
#include "mapping/Template.h"

namespace sluice {

/// A problem within one scalar of a structured value.
struct LeafProblem {
    std::size_t leaf = 0;  // number of the scalar, in the order of the text, from 0
    cel::Problem problem;
};

/// Fields that were left out of `data`, by reason, and the first of them.
struct LeftOut {
    std::array<std::uint64_t, kRejections> counts{};
    std::optional<Failure> first;
};

/// What `data` makes of a message: JSON of the structure that was written, where a scalar in braces
/// keeps the type of its value, one with text around them is a string, and one without braces is
/// what it was written as. A scalar alone, without a structure, gives text: a string stands there
/// as it is, everything else as JSON.
///
/// A field or item whose value is missing or cannot be computed is left out. Immutable; any thread
/// may call.
class Data {
  public:
    /// Never throws: nothing where a problem is no warning.
    static std::optional<Data> compile(const DataText& text, const RuleScope& scope,
                                       std::vector<LeafProblem>& problems);

    /// Writes the data of the message that `values` lends to `out`, which is cut in the middle if a
    /// failure is returned: Rejection::TooLarge beyond `bytesMax`.
    std::optional<Failure> render(const MessageValues& values, cel::Arena& arena,
                                  std::size_t bytesMax, std::string& out, LeftOut& leftOut) const;

    /// Whether some of it comes from the payload.
    bool looksInside() const { return looksInside_; }

  private:
    struct Node {
        enum class Kind : std::uint8_t {
            Constant,  // JSON text
            Value,     // an expression's value as JSON
            Text,      // a template's text as a JSON string
            List,
            Map
        };
        Kind kind = Kind::Constant;
        std::string json;                        // Constant
        std::optional<Template> text;            // Value, Text
        std::optional<std::uint32_t> reference;  // Value: where the whole expression is one
        std::string key;                         // `"name":` of an item of a map
        std::vector<Node> items;
    };
    class Compiler;
    class Writer;

    Data() = default;

    Node root_;
    bool isText_ = false;  // a scalar alone
    bool looksInside_ = false;
};

/// The JSON text of a YAML scalar without quotes that is a number, a boolean or null by YAML 1.2's
/// core schema (section 10.3.2); nothing where it is a string.
std::optional<std::string> jsonOfPlainScalar(std::string_view text);
/// Whether that scalar is .inf or .nan, which JSON does not have.
bool isBeyondJson(std::string_view text);

}  // namespace sluice
