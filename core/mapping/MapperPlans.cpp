#include "mapping/Mapper.h"

namespace sluice {

bool Mapper::takes(std::string_view topic) {
    return planFor(topic).isTaken;
}

const Mapper::Plan& Mapper::planFor(std::string_view topic) {
    if (last_ && last_->topic == topic) return *last_;
    auto found = plans_.find(topic);
    if (found == plans_.end()) {
        if (plans_.size() >= kTopicsMax) {
            last_ = nullptr;
            plans_.clear();
            trees_.clear();
        }
        std::unique_ptr<Plan> plan = makePlan(topic);
        const std::string_view key = plan->topic;
        found = plans_.emplace(key, std::move(plan)).first;
    }
    last_ = found->second.get();
    return *last_;
}

std::unique_ptr<Mapper::Plan> Mapper::makePlan(std::string_view topic) {
    auto plan = std::make_unique<Plan>();
    plan->topic = topic;
    plan->tree = &nothing_;
    if (!ofInput_) return plan;
    Message ofTopic;
    ofTopic.topic = plan->topic;
    arena_.reset();
    values_.begin(ofTopic, ofInput_->format, nothing_);
    for (const std::uint32_t number : ofInput_->index.candidates(plan->topic))
        plan->isTaken = addRoute(table_->rules()[number], *plan, ofTopic) || plan->isTaken;
    plan->tree = &treeFor(*plan);
    return plan;
}

/// Whether the rule takes the topic. There is no route where its `when` never lets it.
bool Mapper::addRoute(const CompiledRule& rule, Plan& plan, const Message& ofTopic) {
    Route route;
    if (!rule.from.match(ofTopic.topic, route.captures)) return false;
    route.rule = &rule;
    values_.enter(rule.references, route.captures);
    route.asksWhen = rule.when.has_value();
    if (rule.whenIsOfTopic) {
        const cel::Value answer = rule.when->evaluate(values_, arena_);
        if (answer.isFalse()) return true;
        route.asksWhen = !answer.isTrue();
    }
    const auto fixed = [&](const Template& text) {
        std::optional<std::string> made;
        if (!text.fixedByTopic()) return made;
        if (text.render(values_, arena_, made.emplace())) made.reset();
        return made;
    };
    route.channel = fixed(rule.channel);
    route.event = fixed(rule.event);
    if (rule.deadLetters) route.deadLetters = fixed(*rule.deadLetters).value_or("");
    plan.evaluates = plan.evaluates || route.asksWhen || !route.channel || !route.event ||
                     rule.key || rule.data || rule.redaction;
    plan.routes.push_back(std::move(route));
    return true;
}

const PathTree& Mapper::treeFor(const Plan& plan) {
    std::vector<SlotId> slots;
    for (const Route& route : plan.routes)
        slots.insert(slots.end(), route.rule->slots.begin(), route.rule->slots.end());
    if (slots.empty()) return nothing_;
    auto tree = std::make_unique<PathTree>(ofInput_->paths, slots);
    return *trees_.try_emplace(tree->slots(), std::move(tree)).first->second;
}

}  // namespace sluice
