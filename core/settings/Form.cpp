#include "settings/Form.h"

#include <algorithm>

#include "settings/Ranges.h"
#include "settings/Units.h"

namespace sluice {
namespace {

Json reference(const char* name) {
    Json schema = Json::object();
    schema.set("$ref", "#/definitions/" + std::string{name});
    return schema;
}

Json typed(const char* type) {
    Json schema = Json::object();
    schema.set("type", type);
    return schema;
}

Json matching(std::string_view expression) {
    Json schema = typed("string");
    schema.set("pattern", "^(?:" + std::string{expression} + ")$");
    return schema;
}

Json constant(Json value) {
    Json schema = Json::object();
    schema.set("const", std::move(value));
    return schema;
}

/// With the variable that any of them may be.
Form formOf(std::vector<Json> choices, std::string bounds = {}) {
    choices.push_back(reference("variable"));
    return {std::move(choices), std::move(bounds)};
}

constexpr std::string_view kVariable = R"(\$\{(?:[A-Za-z_][A-Za-z0-9_]*|file:[^}]*)(?::-[^}]*)?\})";
/// A character, a literal `${`, a variable, or a dollar that begins neither.
const std::string kPiece = R"((?:[^$]|\$\$\{|)" + std::string{kVariable} + R"(|\$(?!\$?\{)))";

Json variableDefinition() {
    const std::string either = R"((?:\$\$\{|)" + std::string{kVariable} + ")";
    Json schema = matching(kPiece + "*" + either + kPiece + "*");
    schema.set("description",
               "with ${NAME} or ${NAME:-default}, replaced from the environment, "
               "${file:PATH}, replaced by what the file holds, or $${ for a literal ${");
    return schema;
}

Json textDefinition() {
    Json schema = Json::object();
    Json& choices = schema.set("anyOf", Json::array());
    choices.add(matching(kPiece + "*"));
    choices.add(typed("number"));
    choices.add(typed("boolean"));
    return schema;
}

Json addressDefinition() {
    const std::string byte = integerPattern(0, 255);
    const std::string ipv4 = "(?:" + byte + R"(\.){3})" + byte;
    Json schema = Json::object();
    Json& choices = schema.set("anyOf", Json::array());
    choices.add(matching("(?:https?://)?(?:" + ipv4 +
                         R"(|[0-9.]*[A-Za-z_-][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\]|\*)?:)" +
                         integerPattern(0, 65'535)));
    choices.add(reference("variable"));
    return schema;
}

Json structureDefinition() {
    Json schema = Json::object();
    Json& choices = schema.set("anyOf", Json::array());
    choices.add(typed("null"));
    choices.add(reference("text"));
    choices.add(typed("array")).set("items", reference("structure"));
    Json& map = choices.add(typed("object"));
    map.set("propertyNames", Json::object()).set("pattern", "^[^{]*$");
    map.set("additionalProperties", reference("structure"));
    return schema;
}

}  // namespace

Json Form::definitions() {
    Json all = Json::object();
    all.set("variable", variableDefinition());
    all.set("text", textDefinition());
    all.set("address", addressDefinition());
    all.set("structure", structureDefinition());
    return all;
}

Json Form::withoutVariables() {
    Json schema = Json::object();
    schema.set("pattern", R"(\$\{)");
    return schema;
}

Form Form::text() {
    return {{reference("text")}, {}};
}

Form Form::pattern(std::string_view expression) {
    Json text = matching(expression);
    text.set("not", withoutVariables());
    return formOf({std::move(text)});
}

Form Form::boolean() {
    Json quoted = Json::object();
    Json& names = quoted.set("enum", Json::array());
    names.add(Json::string("true"));
    names.add(Json::string("false"));
    return formOf({typed("boolean"), std::move(quoted)});
}

Form Form::integer(std::uint64_t least, std::uint64_t most) {
    Json number = typed("integer");
    number.set("minimum", Json::numberText(std::to_string(least)));
    number.set("maximum", Json::numberText(std::to_string(most)));
    return formOf({std::move(number), matching(integerPattern(least, most))},
                  std::to_string(least) + " to " + std::to_string(most));
}

Form Form::duration(std::chrono::milliseconds least, std::chrono::milliseconds most) {
    std::vector<Json> choices{matching(durationPattern(least, most))};
    if (least.count() == 0) choices.push_back(constant(Json::number(0)));
    return formOf(std::move(choices), durationText(least) + " to " + durationText(most));
}

Form Form::size(std::uint64_t least, std::uint64_t most) {
    std::vector<Json> choices{matching(sizePattern(least, most))};
    if (least == 0) choices.push_back(constant(Json::number(0)));
    return formOf(std::move(choices), sizeText(least) + " to " + sizeText(most));
}

Form Form::rate(std::uint64_t least, std::uint64_t most) {
    return formOf({matching(integerPattern(least, most) + "/s")},
                  rateText(least) + " to " + rateText(most));
}

Form Form::choice(std::span<const std::string> names) {
    Json schema = Json::object();
    Json& values = schema.set("enum", Json::array());
    for (const std::string& name : names) values.add(Json::string(name));
    return formOf({std::move(schema)});
}

Form Form::address() {
    return {{reference("address")}, {}};
}

Form Form::structure() {
    return {{reference("structure")}, {}};
}

Form Form::orList() const {
    Json list = typed("array");
    Json& items = list.set("items", Json::object());
    if (choices.size() == 1) {
        items = choices.front();
    } else {
        Json& any = items.set("anyOf", Json::array());
        for (const Json& choice : choices) any.add(choice);
    }
    Form form = *this;
    form.choices.push_back(std::move(list));
    return form;
}

std::string expressionOfPatterns() {
    const std::string name = R"(\{[A-Za-z_][A-Za-z0-9_]*)";
    const std::string text = R"((?:[^{}]|\{\{|\}\}))", level = name + R"(\})";
    return "(?!$)" + text + "*(?:" + level + text + "+)*(?:" + level + "|" + name + R"(\*\*\})?)";
}

}  // namespace sluice
