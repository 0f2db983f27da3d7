#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expression/Arena.h"
#include "expression/Expression.h"
#include "expression/Type.h"
#include "expression/Value.h"

namespace re2 {
class RE2;
}

namespace sluice::cel {

class TimeZone;
struct Overload;

/// What a node does. `args` in the order of the operands.
enum class Op : std::uint8_t {
    Broken,   // evaluates to the error `failure`
    Literal,  // `value`
    // What the parser writes and the checker replaces.
    Name,
    // What the checker writes.
    Reference,     // `index` of the reference
    Local,         // `index` of the macro's variable
    Select,        // args[0].name
    Index,         // args[0][args[1]]
    HasReference,  // `index` of the reference, `parent` of the one around it
    HasField,      // has(args[0].name)
    List,          // `items`
    Map,           // `items`: key, value, key, value, ...
    Not,
    Negate,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    And,  // of all `items`
    Or,   // of all `items`
    Conditional,
    // Macros: args[0] is what is visited, args[1] the expression in `name`, the variable.
    All,
    Exists,
    ExistsOne,
    Filter,
    Transform,  // args[2], where present, the transformation of what args[1] lets through
    Default,    // args[0], or args[1] where it is an error
    Call        // of `overloads`, `items` the receiver (if `isMember`) and the arguments
};

/// The `parent` of a HasReference whose parent is no reference.
inline constexpr std::uint32_t kNoParent = 0xffff'ffff;

/// One operator, operand or call of an expression.
struct Node {
    Op op = Op::Broken;
    bool isMember = false;
    bool isConstant = false;  // no reference or variable below
    std::uint8_t argCount = 0;
    std::uint16_t depth = 0;  // of the tree below it
    std::uint32_t index = 0;
    std::uint32_t parent = 0;
    std::array<Node*, 3> args{};
    Value value;
    const ErrorText* failure = nullptr;
    std::span<const Overload> overloads;
    std::unique_ptr<const re2::RE2> pattern;  // of `matches` with a constant pattern
    std::shared_ptr<const TimeZone> zone;     // of an accessor with a constant zone
    std::vector<Node*> items;
    Type type;
    std::uint32_t offset = 0;  // where it stands in the text
    std::uint32_t length = 0;
    std::uint32_t mark = 0;  // its operator or name in the text: where carets point
    std::uint32_t markLength = 1;
    std::string name;

    Node();
    ~Node();
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;
};

/// What the constant parts of one expression may take.
inline constexpr std::size_t kConstantBytesMax = 1u << 20;

/// A compiled expression; constant after compiling.
struct Program {
    std::string text;
    std::deque<Node> nodes;  // stable addresses
    std::deque<ErrorText> errors;
    std::deque<std::string> strings;     // what errors and literals point to
    Arena constants{kConstantBytesMax};  // what folded constants point to
    Node* root = nullptr;
    std::vector<std::uint32_t> references;
    std::size_t localCount = 0;

    Node& add(Op op, std::size_t offset, std::size_t length);
    std::string_view keep(std::string text);
    /// The part of the text that a node stands for.
    std::string_view textOf(const Node& node) const {
        return std::string_view{text}.substr(node.offset, node.length);
    }
};

}  // namespace sluice::cel
