#include "cli/EvalSession.h"

#include <algorithm>
#include <utility>

#include "expression/Expression.h"
#include "payload/Payload.h"
#include "settings/YamlRender.h"

namespace sluice::cli {
namespace {

/// References from here on are slots of the payload.
constexpr std::uint32_t kFirstSlot = 1u << 30;

bool isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

std::string rendered(const std::string& name, std::string_view text, cel::Problem problem) {
    if (problem.code == "unknown-name" && problem.hint.empty())
        problem.hint = "--payload '{...}' gives a payload, --var NAME=EXPR any other variable";
    const yaml::Source source{std::string{text}};
    yaml::Problem shown{problem.code, problem.message, problem.hint, {}, problem.isWarning};
    shown.where = {source.markAtOffset(problem.offset),
                   source.markAtOffset(problem.offset + problem.length)};
    return yaml::render(name, source, shown);
}

}  // namespace

struct EvalSession::Run {
    std::optional<cel::Expression> expression;
    std::optional<PathTree> tree;
    Payload payload;
    cel::Arena arena;
    cel::Value value;
};

/// What the references of one run mean.
class EvalSession::Values final : public cel::Activation {
  public:
    Values(const EvalSession& session, Payload& payload) : session_{session}, payload_{payload} {}

    cel::Value value(std::uint32_t reference, cel::Arena& arena) const override {
        if (reference >= kFirstSlot) return payload_.value(reference - kFirstSlot, arena);
        return session_.variables_[reference].run->value;
    }
    cel::Kind kind(std::uint32_t reference) const override {
        if (reference >= kFirstSlot) return payload_.kind(reference - kFirstSlot);
        return session_.variables_[reference].run->value.kind();
    }

  private:
    const EvalSession& session_;
    Payload& payload_;
};

EvalSession::EvalSession() = default;
EvalSession::~EvalSession() = default;

bool EvalSession::isName(std::string_view name) {
    bool isFirst = true;
    for (const char c : name) {
        if (!isLetter(c) && (isFirst || !((c >= '0' && c <= '9') || c == '.'))) return false;
        isFirst = c == '.';
    }
    return !isFirst;
}

std::optional<cel::Value> EvalSession::evaluate(const std::string& name, std::string_view text,
                                                std::string& report) {
    auto run = std::make_unique<Run>();
    std::vector<cel::Problem> problems;
    run->expression = cel::Expression::compile(text, *this, problems);
    // A constant that fails tells that itself when it is evaluated.
    for (const cel::Problem& problem : problems)
        if (problem.code != "always-fails") report += rendered(name, text, problem);
    if (!run->expression) return std::nullopt;

    std::vector<SlotId> slots;
    for (const std::uint32_t reference : run->expression->references())
        if (reference >= kFirstSlot) slots.push_back(reference - kFirstSlot);
    run->tree.emplace(paths_, slots);
    if (!slots.empty()) run->payload.load(*payload_, *run->tree);
    run->value = run->expression->evaluate(Values{*this, run->payload}, run->arena);
    last_ = std::move(run);
    if (!last_->value.isError()) return last_->value;

    const cel::ErrorText& error = last_->value.asError();
    cel::Problem problem{error.offset,
                         error.length,
                         std::string{cel::codeOf(error.failure)},
                         std::string{error.message},
                         {},
                         false};
    if (!error.path.empty())
        problem.hint = "default(" + std::string{error.path} + ", x) is x where it is missing";
    report += rendered(name, text, std::move(problem));
    return std::nullopt;
}

void EvalSession::keep(const std::string& variable) {
    std::unique_ptr<const Run> run = std::move(last_);
    for (Variable& known : variables_)
        if (known.name == variable) return known.run.swap(run);
    variables_.push_back({variable, std::move(run)});
}

/// The longest name that is known counts, as CEL has it for names with dots.
std::optional<cel::Reference> EvalSession::resolve(std::string_view variable,
                                                   std::span<const cel::PathStep> path) const {
    for (std::size_t taken = path.size() + 1; taken-- > 0;) {
        std::string name{variable};
        for (const cel::PathStep& step : path.first(taken)) name += '.' + step.key;
        for (std::size_t i = 0; i < variables_.size(); ++i)
            if (variables_[i].name == name)
                return cel::Reference{static_cast<std::uint32_t>(i), taken,
                                      variables_[i].run->expression->type()};
    }
    if (variable != "payload" || !payload_) return std::nullopt;
    const SlotId slot = paths_.add(path);
    if (slot == kNoSlot) return std::nullopt;
    return cel::Reference{kFirstSlot + slot, path.size(), cel::Type::dyn()};
}

std::vector<std::string> EvalSession::names() const {
    std::vector<std::string> names;
    if (payload_) names.emplace_back("payload");
    for (const Variable& variable : variables_) names.push_back(variable.name);
    return names;
}

}  // namespace sluice::cli
