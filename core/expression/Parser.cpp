#include "expression/Parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace sluice::cel {
namespace {

constexpr std::array<std::string_view, 17> kReserved{
    "as",  "break", "const",   "continue",  "else",   "for", "function", "if",   "import",
    "let", "loop",  "package", "namespace", "return", "var", "void",     "while"};

bool isReserved(std::string_view name) {
    return std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end();
}

bool isKeyword(std::string_view name) {
    return name == "in" || name == "true" || name == "false" || name == "null";
}

template <typename Number>
bool parseWhole(std::string_view text, bool isNegative, Number& number) {
    int base = 10;
    if (text.size() > 2 && (text[1] == 'x' || text[1] == 'X')) {
        text.remove_prefix(2);
        base = 16;
    }
    std::string digits{isNegative ? "-" : ""};
    digits += text;
    const char* const end = digits.data() + digits.size();
    const auto result = std::from_chars(digits.data(), end, number, base);
    return result.ec == std::errc{} && result.ptr == end;
}

}  // namespace

/// Counts how deep the parser stands in itself.
class Parser::Depth {
  public:
    explicit Depth(Parser& parser) : parser_{parser} { ++parser_.depth_; }
    ~Depth() { --parser_.depth_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;

    bool isTooDeep() {
        if (parser_.depth_ <= kExpressionDepthMax) return false;
        parser_.fail(parser_.token_,
                     "the expression is nested deeper than " + std::to_string(kExpressionDepthMax));
        return true;
    }

  private:
    Parser& parser_;
};

bool Parser::parse() {
    take();
    Node* const root = expression();
    if (root && token_.kind != Token::Kind::End) failHere("the end or an operator");
    if (isStopped_) return false;
    program_.root = root;
    return true;
}

Node* Parser::expression() {
    Depth depth{*this};
    if (depth.isTooDeep()) return nullptr;
    Node* const condition = logic(Op::Or, "||");
    if (!condition || !token_.isSymbol("?")) return condition;
    const Token mark = take();
    Node* const yes = logic(Op::Or, "||");
    if (!yes || !expect(":", "`condition ? value`")) return nullptr;
    Node* const no = expression();
    return no ? node(Op::Conditional, condition->offset, mark, {condition, yes, no}) : nullptr;
}

/// A chain of `&&` or `||` is one node, however long.
Node* Parser::logic(Op op, std::string_view symbol) {
    Node* const first = logicOperand(op);
    if (!first || !token_.isSymbol(symbol)) return first;
    std::vector<Node*> items{first};
    const Token mark = token_;
    while (takeSymbol(symbol)) {
        items.push_back(logicOperand(op));
        if (!items.back()) return nullptr;
    }
    return node(op, first->offset, mark, {}, std::move(items));
}

const Parser::Operator* Parser::operatorHere() const {
    static constexpr std::array<Operator, 12> kOperators{{{"==", Op::Equal, 1},
                                                          {"!=", Op::NotEqual, 1},
                                                          {"<", Op::Less, 1},
                                                          {"<=", Op::LessEqual, 1},
                                                          {">", Op::Greater, 1},
                                                          {">=", Op::GreaterEqual, 1},
                                                          {"in", Op::In, 1},
                                                          {"+", Op::Add, 2},
                                                          {"-", Op::Subtract, 2},
                                                          {"*", Op::Multiply, 3},
                                                          {"/", Op::Divide, 3},
                                                          {"%", Op::Modulo, 3}}};
    if (token_.kind != Token::Kind::Symbol && token_.kind != Token::Kind::Name) return nullptr;
    for (const Operator& candidate : kOperators)
        if (candidate.symbol == token_.text) return &candidate;
    return nullptr;
}

Node* Parser::binary(int precedence) {
    if (precedence > 3) return unary();
    Node* left = binary(precedence + 1);
    while (left) {
        const Operator* const found = operatorHere();
        if (!found || found->precedence != precedence) return left;
        const Token mark = take();
        Node* const right = binary(precedence + 1);
        left = right ? node(found->op, left->offset, mark, {left, right}) : nullptr;
    }
    return nullptr;
}

Node* Parser::unary() {
    const bool isMinus = token_.isSymbol("-");
    if (!isMinus && !token_.isSymbol("!")) return member(primary());
    Depth depth{*this};
    if (depth.isTooDeep()) return nullptr;
    const Token mark = take();
    const bool isNumber = token_.kind == Token::Kind::Int || token_.kind == Token::Kind::Double;
    if (isMinus && isNumber) {
        // The smallest int can only be read together with its sign.
        const Token digits = take();
        return member(number(digits, &mark));
    }
    Node* const operand = unary();
    return operand ? node(isMinus ? Op::Negate : Op::Not, mark.offset, mark, {operand}) : nullptr;
}

Node* Parser::member(Node* operand) {
    while (operand) {
        if (token_.isSymbol(".")) {
            operand = selection(operand);
        } else if (token_.isSymbol("[")) {
            operand = index(operand);
        } else if (token_.isSymbol("{") && (operand->op == Op::Name || operand->op == Op::Select)) {
            return fail(token_, "messages can not be made in an expression",
                        "a map is written {'key': value}");
        } else {
            return operand;
        }
    }
    return nullptr;
}

Node* Parser::selection(Node* operand) {
    take();
    const Token name = token_;
    if (name.isSymbol("?"))
        return fail(name, "optional fields `.?` are not known",
                    "default(payload.field, 'otherwise') gives a value where a field is missing");
    if (name.kind != Token::Kind::Name && name.kind != Token::Kind::QuotedName)
        return failHere("a field's name");
    if (name.kind == Token::Kind::Name && isKeyword(name.text))
        return fail(name, "`" + std::string{name.text} + "` can not follow a dot",
                    "write ['" + std::string{name.text} + "']");
    take();
    if (name.kind == Token::Kind::Name && token_.isSymbol("(")) return call(operand, name);
    Node* const select = node(Op::Select, operand->offset, name, {operand});
    if (!select) return nullptr;
    select->name = name.kind == Token::Kind::QuotedName ? name.decoded : std::string{name.text};
    return select;
}

Node* Parser::index(Node* operand) {
    const Token mark = take();
    if (token_.isSymbol("?"))
        return fail(token_, "optional indexing `[?` is not known",
                    "default(list[0], 'otherwise') gives a value where an item is missing");
    Node* const key = expression();
    if (!key || !expect("]", "an index")) return nullptr;
    return node(Op::Index, operand->offset, mark, {operand, key});
}

Node* Parser::primary() {
    switch (token_.kind) {
        case Token::Kind::Name:
            return name();
        case Token::Kind::Int:
        case Token::Kind::Uint:
        case Token::Kind::Double:
            return number(take());
        case Token::Kind::String:
        case Token::Kind::Bytes:
            return quoted(take());
        default:
            break;
    }
    if (token_.isSymbol("[")) return list();
    if (token_.isSymbol("{")) return map();
    if (token_.isSymbol(".")) {
        take();
        return token_.kind == Token::Kind::Name ? name() : failHere("a name");
    }
    if (!token_.isSymbol("(")) return failHere("a value");
    const std::size_t from = take().offset;
    Node* const inner = expression();
    if (!inner || !expect(")", "what stands in parentheses")) return nullptr;
    inner->offset = static_cast<std::uint32_t>(from);
    inner->length = static_cast<std::uint32_t>(end_ - from);
    return inner;
}

Node* Parser::name() {
    const Token token = take();
    if (token.text == "true" || token.text == "false" || token.text == "null") {
        Node* const constant = node(Op::Literal, token.offset, token, {});
        if (constant)
            constant->value =
                token.text == "null" ? Value::null() : Value::ofBool(token.text == "true");
        return constant;
    }
    if (token.text == "in" || isReserved(token.text))
        return fail(token, "`" + std::string{token.text} + "` is a reserved word",
                    "as a field it follows a dot: payload." + std::string{token.text});
    if (token_.isSymbol("(")) return call(nullptr, token);
    Node* const variable = node(Op::Name, token.offset, token, {});
    if (variable) variable->name = token.text;
    return variable;
}

Node* Parser::quoted(const Token& token) {
    Node* const constant = node(Op::Literal, token.offset, token, {});
    if (!constant) return nullptr;
    const std::string_view text = program_.keep(token.decoded);
    constant->value =
        token.kind == Token::Kind::Bytes ? Value::ofBytes(text) : Value::ofString(text);
    return constant;
}

Node* Parser::number(const Token& token, const Token* minus) {
    const bool isNegative = minus != nullptr;
    Node* const constant = node(Op::Literal, minus ? minus->offset : token.offset, token, {});
    if (!constant) return nullptr;
    std::int64_t whole = 0;
    std::uint64_t natural = 0;
    double fraction = 0;
    if (token.kind == Token::Kind::Double) {
        const char* const end = token.text.data() + token.text.size();
        // Too large or too small is no error in CEL: infinity or zero, as strtod gives.
        const auto result = std::from_chars(token.text.data(), end, fraction);
        if (result.ec != std::errc{})
            fraction = std::strtod(std::string{token.text}.c_str(), nullptr);
        constant->value = Value::ofDouble(isNegative ? -fraction : fraction);
    } else if (token.kind == Token::Kind::Uint) {
        if (!parseWhole(token.text, false, natural))
            return fail(token, "this number does not fit a uint of 64 bits",
                        "the largest is 18446744073709551615u; a double is written with a dot");
        constant->value = Value::ofUint(natural);
    } else {
        if (!parseWhole(token.text, isNegative, whole))
            return fail(
                token, "this number does not fit an int of 64 bits",
                "the largest is 9223372036854775807; a uint is written 9223372036854775808u, "
                "a double 9223372036854775808.0");
        constant->value = Value::ofInt(whole);
    }
    return constant;
}

Node* Parser::list() {
    const Token mark = take();
    std::vector<Node*> items;
    if (!expressions("]", items)) return nullptr;
    return node(Op::List, mark.offset, mark, {}, std::move(items));
}

Node* Parser::map() {
    const Token mark = take();
    std::vector<Node*> items;
    while (!takeSymbol("}")) {
        Node* const key = expression();
        if (!key || !expect(":", "a key")) return nullptr;
        Node* const value = expression();
        if (!value) return nullptr;
        items.insert(items.end(), {key, value});
        if (!token_.isSymbol("}") && !expect(",", "an entry of a map")) return nullptr;
    }
    return node(Op::Map, mark.offset, mark, {}, std::move(items));
}

/// Comma-separated, up to and with `end`; a comma may stand before it.
bool Parser::expressions(std::string_view end, std::vector<Node*>& out) {
    while (!takeSymbol(end)) {
        out.push_back(expression());
        if (!out.back()) return false;
        if (token_.isSymbol(end)) continue;
        if (!token_.isSymbol(",")) return failHere("`,` or `" + std::string{end} + "`");
        take();
        if (end == ")" && token_.isSymbol(end)) return failHere("an argument");
    }
    return true;
}

Node* Parser::call(Node* receiver, const Token& name) {
    take();
    std::vector<Node*> items;
    if (receiver) items.push_back(receiver);
    if (!expressions(")", items)) return nullptr;
    Node* const result =
        node(Op::Call, receiver ? receiver->offset : name.offset, name, {}, std::move(items));
    if (!result) return nullptr;
    result->isMember = receiver != nullptr;
    result->name = name.text;
    return macro(result);
}

/// A node that ends where the last token ended.
Node* Parser::node(Op op, std::size_t offset, const Token& mark, std::initializer_list<Node*> args,
                   std::vector<Node*> items) {
    Node& result = program_.add(op, offset, end_ - offset);
    result.mark = static_cast<std::uint32_t>(mark.offset);
    result.markLength = static_cast<std::uint32_t>(mark.length);
    std::copy(args.begin(), args.end(), result.args.begin());
    result.argCount = static_cast<std::uint8_t>(args.size());
    result.items = std::move(items);
    for (const Node* arg : args) result.depth = std::max(result.depth, arg->depth);
    for (const Node* item : result.items) result.depth = std::max(result.depth, item->depth);
    if (++result.depth <= kExpressionDepthMax) return &result;
    return fail(mark,
                "the expression is nested deeper than " + std::to_string(kExpressionDepthMax));
}

Token Parser::take() {
    Token taken = std::exchange(token_, lexer_.next());
    end_ = taken.offset + taken.length;
    return taken;
}

bool Parser::takeSymbol(std::string_view symbol) {
    if (!token_.isSymbol(symbol)) return false;
    take();
    return true;
}

bool Parser::expect(std::string_view symbol, std::string_view after) {
    if (takeSymbol(symbol)) return true;
    failHere("`" + std::string{symbol} + "` after " + std::string{after});
    return false;
}

Node* Parser::fail(const Token& token, std::string message, std::string hint) {
    // Of a broken token the lexer has told already, and behind one problem all others follow.
    if (!isStopped_ && token.kind != Token::Kind::Broken)
        problems_.push_back(
            {token.offset, token.length, "syntax", std::move(message), std::move(hint)});
    isStopped_ = true;
    return nullptr;
}

Node* Parser::failHere(const std::string& wanted) {
    if (token_.kind == Token::Kind::End)
        return fail(token_, "the expression ends too early: here is " + wanted + " missing");
    return fail(token_, "`" + std::string{token_.text} + "` is not expected here: write " + wanted);
}

}  // namespace sluice::cel
