#include "expression/Checker.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/Assert.h"
#include "base/Nearest.h"
#include "expression/Evaluator.h"
#include "expression/Operators.h"

namespace sluice::cel {
namespace {

/// What folding may cost: it happens when compiling, for each constant part.
constexpr std::size_t kFoldStepsMax = 10'000;

struct NamedType {
    std::string_view name;
    Kind kind;
};
constexpr std::array<NamedType, 12> kTypes{{{"bool", Kind::Bool},
                                            {"bytes", Kind::Bytes},
                                            {"double", Kind::Double},
                                            {"int", Kind::Int},
                                            {"list", Kind::List},
                                            {"map", Kind::Map},
                                            {"null_type", Kind::Null},
                                            {"string", Kind::String},
                                            {"type", Kind::Type},
                                            {"uint", Kind::Uint},
                                            {"google.protobuf.Timestamp", Kind::Timestamp},
                                            {"google.protobuf.Duration", Kind::Duration}}};

/// Constant parts have no variables.
class NoVariables final : public Activation {
  public:
    Value value(std::uint32_t, Arena&) const override { return Value::missing(); }
    Kind kind(std::uint32_t) const override { return Kind::Error; }
};

bool isStep(const Node& node) {
    if (node.op == Op::Select) return true;
    if (node.op != Op::Index || node.args[1]->op != Op::Literal) return false;
    const Value& key = node.args[1]->value;
    return key.is(Kind::String) || (key.is(Kind::Int) && key.asInt() >= 0);
}

PathStep stepOf(const Node& node) {
    if (node.op == Op::Select) return {node.name, 0, false};
    const Value& key = node.args[1]->value;
    if (key.is(Kind::Int)) return {{}, key.asInt(), true};
    return {std::string{key.asString()}, 0, false};
}

bool isConstant(const Node& node) {
    switch (node.op) {
        case Op::Literal:
            return true;
        case Op::Broken:
        case Op::Name:
        case Op::Reference:
        case Op::Local:
        case Op::HasReference:
            return false;
        default:
            return std::all_of(node.args.begin(), node.args.begin() + node.argCount,
                               [](const Node* arg) { return arg->isConstant; }) &&
                   std::all_of(node.items.begin(), node.items.end(),
                               [](const Node* item) { return item->isConstant; });
    }
}

}  // namespace

void Checker::check() {
    check(*program_.root);
    std::sort(program_.references.begin(), program_.references.end());
    const auto end = std::unique(program_.references.begin(), program_.references.end());
    program_.references.erase(end, program_.references.end());
}

void Checker::check(Node& node) {
    if (const std::optional<Path> path = pathOf(node)) {
        resolve(*path);
        return;
    }
    switch (node.op) {
        case Op::Literal:
            node.type = Type::of(node.value.kind());
            break;
        case Op::HasField:
            resolveHas(node);
            break;
        case Op::All:
        case Op::Exists:
        case Op::ExistsOne:
        case Op::Filter:
        case Op::Transform:
            checkMacro(node);
            break;
        case Op::Call:
            checkItems(node);
            checkCall(node);
            break;
        default:
            checkArgs(node);
            checkItems(node);
            checkOperation(node);
    }
    node.isConstant = isConstant(node);
    if (node.isConstant && node.op != Op::Literal) fold(node);
}

void Checker::checkOperation(Node& node) {
    switch (node.op) {
        case Op::And:
        case Op::Or:
            return checkLogic(node);
        case Op::Conditional:
            return checkConditional(node);
        case Op::Not:
        case Op::Negate:
            return checkUnary(node);
        case Op::Equal:
        case Op::NotEqual:
            return checkEquality(node);
        case Op::In:
            return checkMembership(node);
        case Op::Select:
            return checkSelect(node);
        case Op::Index:
            return checkIndex(node);
        case Op::List:
            return checkList(node);
        case Op::Map:
            return checkMap(node);
        case Op::Default:
            node.type = either(node.args[0]->type, node.args[1]->type);
            return;
        default:
            return checkBinary(node);
    }
}

void Checker::checkArgs(Node& node) {
    for (std::size_t i = 0; i < node.argCount; ++i) check(*node.args[i]);
}

void Checker::checkItems(Node& node) {
    for (Node* item : node.items) check(*item);
}

std::optional<Checker::Path> Checker::pathOf(Node& node) const {
    Path path;
    Node* at = &node;
    for (; isStep(*at); at = at->args[0]) {
        path.nodes.push_back(at);
        path.steps.push_back(stepOf(*at));
    }
    if (at->op != Op::Name) return std::nullopt;
    path.nodes.push_back(at);
    std::reverse(path.nodes.begin(), path.nodes.end());
    std::reverse(path.steps.begin(), path.steps.end());
    return path;
}

/// The scope takes the variable and what it can of the steps; the rest are fields and indices.
void Checker::resolve(const Path& path) {
    Node& base = *path.nodes.front();
    std::size_t taken = 0;
    const auto local = std::find_if(locals_.rbegin(), locals_.rend(), [&base](const Node* macro) {
        return macro->name == base.name;
    });
    if (local != locals_.rend()) {
        const Node& macro = **local;
        base.op = Op::Local;
        base.index = macro.index;
        const Type range = macro.args[0]->type;
        base.type = range.is(Kind::Map) ? range.key() : range.element();
    } else if (const std::optional<Reference> found = scope_.resolve(base.name, path.steps)) {
        SLUICE_ASSERT(found->stepsTaken <= path.steps.size());
        taken = found->stepsTaken;
        warnOfAbsence(base, base.name, *found);
        makeReference(*path.nodes[taken], *found);
    } else if (!resolveType(path)) {
        const std::vector<std::string> names = scope_.names();
        std::string hint;
        for (const std::string& name : names) hint += (hint.empty() ? "here are: " : ", ") + name;
        unknown(base, Failure::Unknown, "unknown-name",
                "there is no variable `" + base.name + "`" + didYouMean(base.name, names), hint);
    }
    for (std::size_t i = taken + 1; i < path.nodes.size(); ++i) {
        Node& step = *path.nodes[i];
        if (step.op == Op::Literal) continue;  // the name of a type with dots
        if (step.op == Op::Index) check(*step.args[1]);
        checkOperation(step);
        step.isConstant = step.args[0]->isConstant;
    }
}

/// Names of types are values: type(x) == int.
bool Checker::resolveType(const Path& path) {
    std::string name = path.nodes.front()->name;
    for (std::size_t i = 1; i < path.nodes.size(); ++i)
        name += (path.nodes[i]->op == Op::Select ? '.' : '[') + path.nodes[i]->name;
    for (const NamedType& named : kTypes) {
        if (named.name != name) continue;
        for (Node* node : path.nodes) {
            node->op = Op::Literal;
            node->value = Value::ofType(named.kind);
            node->type = Type::of(Kind::Type);
            node->isConstant = true;
        }
        return true;
    }
    return false;
}

/// has(payload.a.b) looks at two references where the scope knows both.
void Checker::resolveHas(Node& node) {
    const Node* const field = node.items.front();
    node.items.clear();
    node.type = Type::of(Kind::Bool);
    const std::optional<Path> parent = pathOf(*node.args[0]);
    const bool isLocal = parent && std::any_of(locals_.begin(), locals_.end(), [&](const Node* m) {
                             return m->name == parent->nodes.front()->name;
                         });
    if (parent && !isLocal) {
        std::vector<PathStep> steps = parent->steps;
        steps.push_back({node.name, 0, false});
        const std::string& variable = parent->nodes.front()->name;
        const std::optional<Reference> whole = scope_.resolve(variable, steps);
        if (whole && whole->stepsTaken == steps.size()) {
            warnOfAbsence(*parent->nodes.front(), variable, *whole);
            const std::optional<Reference> around = scope_.resolve(variable, parent->steps);
            const bool isWhole = around && around->stepsTaken == parent->steps.size();
            node.failure = missing(*node.args[0]);
            makeReference(node, *whole);
            node.op = Op::HasReference;
            node.type = Type::of(Kind::Bool);
            node.parent = isWhole ? around->id : kNoParent;
            if (isWhole) program_.references.push_back(around->id);
            return;
        }
    }
    checkArgs(node);
    if (!node.args[0]->type.mayBe(Kind::Map))
        problem(*field, "type", "a value of type " + nameOf(node.args[0]->type) + " has no fields");
}

void Checker::makeReference(Node& node, const Reference& reference) {
    if (node.op != Op::HasField) node.failure = missing(node);
    node.op = Op::Reference;
    node.index = reference.id;
    node.type = reference.type;
    node.argCount = 0;
    program_.references.push_back(reference.id);
}

void Checker::warnOfAbsence(const Node& node, const std::string& variable,
                            const Reference& reference) {
    if (!reference.absence.empty())
        warning(node, "always-missing",
                "`" + variable + "` can never have a value here: " + reference.absence,
                "use what is there: the topic, its captures, the payload");
}

const ErrorText* Checker::missing(const Node& node) {
    const std::string_view path = program_.textOf(node);
    const std::string_view message = program_.keep("`" + std::string{path} + "` is missing");
    return &program_.errors.emplace_back(
        ErrorText{Failure::NoValue, message, path, node.offset, node.length});
}

/// Computes a constant part once. One that fails stays as it is: `&&` may absorb its error.
void Checker::fold(Node& node) {
    std::array<Value, kMacroDepthMax> locals;
    const NoVariables none;
    Evaluator evaluator{none, program_.constants, locals.data(), kFoldStepsMax};
    const Value value = evaluator.evaluate(node);
    if (value.isError()) return tellFailure(node, value);
    node.op = Op::Literal;
    node.value = value;
    node.argCount = 0;
    node.items.clear();
}

void Checker::tellFailure(const Node& node, const Value& error) {
    const auto isLiteral = [](const Node* part) { return part->op == Op::Literal; };
    const bool isInnermost =
        std::all_of(node.args.begin(), node.args.begin() + node.argCount, isLiteral) &&
        std::all_of(node.items.begin(), node.items.end(), isLiteral);
    // What costs too much as a constant may well be left out in a run.
    if (!isInnermost || error.failure() == Failure::Limit) return;
    const std::string reason{error.asError().message};
    if (node.op == Op::Call && error.failure() == Failure::BadValue) {
        // Of its last argument alone the pattern or the time zone may have been told.
        const bool isTold = !problems_.empty() && problems_.back().offset > node.mark &&
                            reason.find(problems_.back().message) != std::string::npos;
        if (!isTold) problem(node, "value", reason);
    } else if (error.failure() != Failure::NoOverload) {  // that is told as a wrong type
        warning(node, "always-fails", "this always fails: " + reason);
    }
}

void Checker::unknown(Node& node, Failure failure, std::string code, std::string message,
                      std::string hint) {
    const std::string_view text = program_.keep(message);
    node.op = Op::Broken;
    node.failure =
        &program_.errors.emplace_back(ErrorText{failure, text, {}, node.mark, node.markLength});
    problem(node, std::move(code), std::move(message), std::move(hint));
}

void Checker::problem(const Node& node, std::string code, std::string message, std::string hint) {
    if (checking_ == Checking::Off) return;
    problems_.push_back(
        {node.mark, node.markLength, std::move(code), std::move(message), std::move(hint), false});
}

void Checker::warning(const Node& node, std::string code, std::string message, std::string hint) {
    if (checking_ == Checking::Off) return;
    problems_.push_back(
        {node.mark, node.markLength, std::move(code), std::move(message), std::move(hint), true});
}

}  // namespace sluice::cel
