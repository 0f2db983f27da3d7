#include "settings/Shape.h"

#include <algorithm>
#include <utility>

namespace sluice {
namespace {

/// A schema that is one of several, or the only one. In draft-07 nothing counts beside a `$ref`.
Json anyOf(const std::vector<Json>& choices) {
    if (choices.size() == 1 && !choices.front().find("$ref")) return choices.front();
    Json schema = Json::object();
    Json& list = schema.set("anyOf", Json::array());
    for (const Json& choice : choices) list.add(choice);
    return schema;
}

std::string pathOf(const std::string& parent, const std::string& key) {
    return parent.empty() ? key : parent + '.' + key;
}

}  // namespace

/// One key, or what all entries of a mapping or items of a list have in common.
struct Shape::Node {
    struct Entry;
    std::vector<Entry> below;
    std::vector<Json> choices, others;
    std::string bounds;
    Json standard;
    std::vector<std::string> oneOf;
    std::string keyPattern;
    bool isRequired = false, isMapping = false, isClosed = false, hasEntries = false;

    Node& child(const std::string& name);
    const Node* find(std::string_view name) const;
    void add(const Json& choice) {
        if (std::find(choices.begin(), choices.end(), choice) == choices.end())
            choices.push_back(choice);
    }
    std::vector<std::string> required() const;
};

struct Shape::Node::Entry {
    std::string name;
    Node node;
};

Shape::Node& Shape::Node::child(const std::string& name) {
    for (auto& [known, node] : below)
        if (known == name) return node;
    below.push_back({name, Node{}});
    return below.back().node;
}

const Shape::Node* Shape::Node::find(std::string_view name) const {
    for (const auto& [known, node] : below)
        if (known == name) return &node;
    return nullptr;
}

std::vector<std::string> Shape::Node::required() const {
    std::vector<std::string> names;
    for (const auto& [name, node] : below)
        if (node.isRequired) names.push_back(name);
    return names;
}

Shape::Shape() : root_{std::make_unique<Node>()} {}
Shape::~Shape() = default;

Shape::Node& Shape::at(const std::string& path) {
    Node* node = root_.get();
    for (std::size_t begin = 0; begin < path.size();) {
        const std::size_t end = std::min(path.find('.', begin), path.size());
        node = &node->child(path.substr(begin, end - begin));
        begin = end + 1;
    }
    return *node;
}

void Shape::know(const std::string& path) {
    at(path);
}

void Shape::add(const std::string& path, const Form& form) {
    Node& node = at(path);
    for (const Json& choice : form.choices) node.add(choice);
    if (!form.bounds.empty()) node.bounds = form.bounds;
}

void Shape::standard(const std::string& path, Json value) {
    at(path).standard = std::move(value);
}

void Shape::require(const std::string& path) {
    at(path).isRequired = true;
}

void Shape::mapping(const std::string& path) {
    at(path).isMapping = true;
}

void Shape::close(const std::string& path) {
    at(path).isClosed = true;
}

void Shape::others(const std::string& path, const Form& form) {
    at(path).others = form.choices;
}

void Shape::exactlyOne(const std::string& path, std::span<const std::string_view> keys) {
    at(path).oneOf.assign(keys.begin(), keys.end());
}

void Shape::entries(const std::string& path, std::string_view keyPattern) {
    Node& node = at(path);
    node.hasEntries = true;
    node.keyPattern = keyPattern;
    node.child("*");
}

Json Shape::mappingOf(const Node& node, const std::string& path) {
    Json schema = Json::object();
    schema.set("type", "object");
    if (node.hasEntries) {
        const Json below = schemaOf(*node.find("*"), pathOf(path, "*"));
        Json& names = schema.set("propertyNames", Json::object());
        names.set("pattern", node.keyPattern);
        schema.set("additionalProperties", below);
        return schema;
    }
    if (!node.others.empty())
        schema.set("additionalProperties", anyOf(node.others));
    else if (node.isClosed)
        schema.set("additionalProperties", Json::boolean(false));
    if (const auto names = node.required(); !names.empty()) {
        Json& required = schema.set("required", Json::array());
        for (const std::string& name : names) required.add(Json::string(name));
    }
    if (!node.oneOf.empty()) {
        Json& choices = schema.set("oneOf", Json::array());
        for (const std::string& name : node.oneOf)
            choices.add(Json::object()).set("required", Json::array()).add(Json::string(name));
    }
    Json properties = Json::object();
    for (const auto& [name, below] : node.below)
        if (name != "*") properties.set(name, schemaOf(below, pathOf(path, name)));
    schema.set("properties", std::move(properties));
    return schema;
}

Json Shape::schemaOf(const Node& node, const std::string& path) {
    std::vector<Json> choices = node.choices;
    const bool isMapping = node.isMapping || node.hasEntries;
    const Node* const items = node.hasEntries ? nullptr : node.find("*");
    if (isMapping) choices.push_back(mappingOf(node, path));
    if (items) {
        Json list = Json::object();
        list.set("type", "array");
        list.set("items", schemaOf(*items, pathOf(path, "*")));
        choices.push_back(std::move(list));
    }
    // `key:` with nothing below it, such as a list whose lines are all comments.
    const bool mayBeNull = node.choices.empty() && node.required().empty() && node.oneOf.empty();
    if ((isMapping || items) && mayBeNull) {
        Json& type = choices.back().set("type", Json::array());
        type.add(Json::string(items ? "array" : "object"));
        type.add(Json::string("null"));
    }
    Json schema = Json::object();
    std::string description{keyDescription(path)};
    if (!node.bounds.empty()) description += (description.empty() ? "" : ": ") + node.bounds;
    if (!description.empty()) schema.set("description", description);
    if (!node.isRequired && !node.standard.is(Json::Kind::Null))
        schema.set("default", node.standard);
    if (choices.empty()) return schema;
    const Json value = anyOf(choices);
    for (std::size_t i = 0; i < value.keys().size(); ++i)
        schema.set(value.keys()[i], value.items()[i]);
    return schema;
}

Json Shape::schema() const {
    Json schema = Json::object();
    schema.set("$schema", "http://json-schema.org/draft-07/schema#");
    schema.set("title", "Sluice configuration");
    const Json whole = schemaOf(*root_, "");
    for (std::size_t i = 0; i < whole.keys().size(); ++i)
        schema.set(whole.keys()[i], whole.items()[i]);
    schema.set("definitions", Form::definitions());
    return schema;
}

}  // namespace sluice
