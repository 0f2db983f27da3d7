#include <array>
#include <utility>

#include "expression/Parser.h"

// The macros: calls whose arguments are not simply evaluated.
namespace sluice::cel {
namespace {

struct Visitor {
    std::string_view name;
    Op op;
    std::size_t argumentsMax;
    std::string_view usage;
};

constexpr std::array<Visitor, 5> kVisitors{
    {{"all", Op::All, 2, "list.all(x, condition of x)"},
     {"exists", Op::Exists, 2, "list.exists(x, condition of x)"},
     {"exists_one", Op::ExistsOne, 2, "list.exists_one(x, condition of x)"},
     {"filter", Op::Filter, 2, "list.filter(x, condition of x)"},
     {"map", Op::Transform, 3, "list.map(x, value of x) or list.map(x, condition, value of x)"}}};

}  // namespace

/// Makes a macro of a call that is one.
Node* Parser::macro(Node* call) {
    if (call->isMember) {
        for (const Visitor& candidate : kVisitors) {
            if (candidate.name != call->name) continue;
            const std::size_t count = call->items.size() - 1;
            const bool isVisit =
                count >= 2 && count <= candidate.argumentsMax && call->items[1]->op == Op::Name;
            if (isVisit) return visitor(call, candidate.op);
            return failCall(*call, "`" + call->name + "` does not take these arguments",
                            "write " + std::string{candidate.usage});
        }
        return call;
    }
    if (call->name == "has") {
        if (call->items.size() != 1 || call->items[0]->op != Op::Select)
            return failCall(*call, "`has` takes one field", "write has(payload.field)");
        Node* const field = call->items[0];
        call->op = Op::HasField;
        call->args[0] = field->args[0];
        call->argCount = 1;
        call->name = field->name;
        call->items = {field};  // where the field stands in the text
        return call;
    }
    if (call->name == "default") {
        if (call->items.size() != 2)
            return failCall(*call, "`default` takes two values",
                            "write default(payload.field, value where it is missing)");
        call->op = Op::Default;
        call->args = {call->items[0], call->items[1], nullptr};
        call->argCount = 2;
        call->items.clear();
    }
    return call;
}

Node* Parser::visitor(Node* call, Op op) {
    call->op = op;
    call->name = call->items[1]->name;
    call->args = {call->items[0], call->items[2], nullptr};
    call->argCount = 2;
    if (call->items.size() == 4) {
        call->args[2] = call->items[3];
        call->argCount = 3;
    }
    call->items.clear();
    return call;
}

Node* Parser::failCall(const Node& call, std::string message, std::string hint) {
    Token token;
    token.kind = Token::Kind::Name;
    token.offset = call.mark;
    token.length = call.markLength;
    return fail(token, std::move(message), std::move(hint));
}

}  // namespace sluice::cel
