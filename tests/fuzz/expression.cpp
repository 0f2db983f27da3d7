#include "expression/Expression.h"

#include <cmath>
#include <cstdio>
#include <iostream>
#include <map>
#include <string>

#include "base/JsonText.h"
#include "expression/Json.h"

// Evaluates expressions for fuzz.py. Each line of the standard input is {"expression": TEXT,
// "payload": ANY}; each line of the answer {"value": TAGGED} or {"error": CODE}, and "broken" where
// something that must always hold did not. A tagged value is [KIND, VALUE] without loss.
namespace sluice::cel {
namespace {

/// The variable `payload`, each path a reference of its own.
class Message final : public Scope, public Activation {
  public:
    explicit Message(Value payload) : payload_{payload} {}

    std::optional<Reference> resolve(std::string_view variable,
                                     std::span<const PathStep> path) const override {
        if (variable != "payload") return std::nullopt;
        paths_.emplace_back(path.begin(), path.end());
        return Reference{static_cast<std::uint32_t>(paths_.size() - 1), path.size(), Type::dyn()};
    }
    std::vector<std::string> names() const override { return {"payload"}; }
    Value value(std::uint32_t reference, Arena&) const override {
        Value value = payload_;
        for (const PathStep& step : paths_[reference]) value = at(value, step);
        return value;
    }
    Kind kind(std::uint32_t reference) const override {
        Arena none;
        return value(reference, none).kind();
    }

  private:
    static Value at(const Value& value, const PathStep& step) {
        if (value.is(Kind::Map) && !step.isIndex) {
            const Value* const found = value.asMap().find(step.key);
            return found ? *found : Value::missing();
        }
        const bool isInside = value.is(Kind::List) && step.isIndex &&
                              static_cast<std::uint64_t>(step.index) < value.asList().size;
        return isInside ? value.asList().items[step.index] : Value::missing();
    }

    Value payload_;
    mutable std::vector<std::vector<PathStep>> paths_;
};

std::string tagged(const Value& value);

std::string plain(const Value& value) {
    std::string text;
    switch (value.kind()) {
        case Kind::List: {
            for (const Value& item : value.asList())
                text += (text.empty() ? "" : ",") + tagged(item);
            return "[" + text + "]";
        }
        case Kind::Map: {
            for (const Map::Entry& entry : value.asMap())
                text += (text.empty() ? "[" : ",[") + tagged(entry.key) + "," +
                        tagged(entry.value) + "]";
            return "[" + text + "]";
        }
        case Kind::Double:
            appendJsonString(text, doubleText(value.asDouble()));
            return text;
        default: {
            Value bare = value;
            bare.setJson({});
            appendJson(text, bare);
            return text;
        }
    }
}

std::string tagged(const Value& value) {
    return "[\"" + std::string{nameOf(value.kind())} + "\"," + plain(value) + "]";
}

std::string evaluated(std::string_view text, const Message& message, Checking checking) {
    std::vector<Problem> problems;
    const auto expression = Expression::compile(text, message, problems, checking);
    if (!expression) return "\"error\":\"compile: " + problems.front().code + "\"";
    Arena arena;
    const Value value = expression->evaluate(message, arena);
    if (value.isError()) return "\"error\":\"" + std::string{codeOf(value.failure())} + "\"";
    return "\"value\":" + tagged(value);
}

/// What must hold for every expression, whatever it gives; empty where it does.
std::string brokenLaw(std::string_view text, const Message& message, const std::string& result) {
    const std::string checked = evaluated(text, message, Checking::On);
    if (!checked.starts_with("\"error\":\"compile") && checked != result)
        return "checked it gives " + checked;
    std::vector<Problem> problems;
    const auto expression = Expression::compile(text, message, problems, Checking::Off);
    if (!expression) return {};
    Arena arena;
    const Value value = expression->evaluate(message, arena);
    const Explanation explanation = expression->explain(message, arena);
    std::string literal, json;
    if (value.isError()) return explanation.value.isError() ? "" : "explained it has a value";
    if (tagged(explanation.value) != tagged(value)) return "explained it has another value";
    if (!appendJson(json, value)) return {};
    if (!isJson(json)) return "its JSON is none: " + json;
    if (!appendCel(literal, value)) return {};
    const std::string again = evaluated(literal, message, Checking::Off);
    return again == "\"value\":" + tagged(value) ? ""
                                                 : "its literal " + literal + " gives " + again;
}

std::string answer(const std::string& line) {
    Arena arena;
    const Value request = parseJson(line, arena);
    if (!request.is(Kind::Map)) return "{\"error\":\"no request\"}";
    const Value* const text = request.asMap().find("expression");
    const Value* const payload = request.asMap().find("payload");
    if (!text || !payload) return "{\"error\":\"no request\"}";
    const Message message{*payload};
    const std::string result = evaluated(text->asString(), message, Checking::Off);
    const std::string broken = brokenLaw(text->asString(), message, result);
    std::string out = "{" + result;
    if (!broken.empty()) {
        out += ",\"broken\":";
        appendJsonString(out, broken);
    }
    return out + "}";
}

}  // namespace
}  // namespace sluice::cel

int main() {
    std::string line;
    while (std::getline(std::cin, line)) std::cout << sluice::cel::answer(line) << std::endl;
    return 0;
}
