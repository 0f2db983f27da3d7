#include "settings/Reader.h"

#include <algorithm>
#include <cctype>

#include "base/Nearest.h"
#include "settings/Addresses.h"
#include "settings/Units.h"

namespace sluice {
namespace {

yaml::Span beginOf(const yaml::Node& node) {
    return {node.span().begin, node.span().begin};
}

std::string inQuotes(std::string_view text) {
    return "'" + std::string{text} + "'";
}

std::string listOf(std::span<const std::string> names) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
    return list;
}

/// `{region}` without quotes is a mapping with one key that has no value.
std::string bracesHint(const yaml::Node& node) {
    if (node.entries().size() != 1 || node.entries()[0].value.kind() != yaml::Kind::Null)
        return "quote it: \"{...}\"";
    return "quote it: \"{" + std::string{node.entries()[0].key.text()} + "}\"";
}

void reportNoScalar(Reading& reading, const yaml::Node& node, std::string_view what) {
    if (node.kind() == yaml::Kind::Null) {
        reading.error(node.span(), "no-value", std::string{what} + " has no value",
                      "write one, or leave the key out; \"\" is an empty text");
    } else if (node.kind() == yaml::Kind::Mapping && node.style() == yaml::Style::Flow) {
        reading.error(beginOf(node), "brace",
                      std::string{what} + " must be text, but what begins with `{` is a mapping",
                      bracesHint(node));
    } else {
        const bool isList = node.kind() == yaml::Kind::Sequence;
        reading.error(beginOf(node), "kind",
                      std::string{what} + " must be text, not a " + (isList ? "list" : "mapping"),
                      "write a single value");
    }
}

}  // namespace

void Reading::error(yaml::Span where, std::string code, std::string message, std::string hint) {
    add({std::move(code), std::move(message), std::move(hint), where, false});
}

void Reading::warning(yaml::Span where, std::string code, std::string message, std::string hint) {
    add({std::move(code), std::move(message), std::move(hint), where, true});
}

void Reading::add(yaml::Problem problem) {
    if (problems.size() < kProblemsMax)
        problems.push_back(std::move(problem));
    else
        ++problemsDropped;
}

SourceMark Reading::markOf(const yaml::Node& node) const {
    return {file, node.span().begin.line, node.span().begin.column};
}

bool Reading::hasErrors() const {
    return std::any_of(problems.begin(), problems.end(),
                       [](const yaml::Problem& problem) { return !problem.isWarning; });
}

Scalar::Scalar(Reading& reading, const yaml::Node& node) : reading_{&reading}, node_{&node} {
    std::vector<VariableError> errors;
    resolved_ = resolveVariables(node.text(), reading.environment, errors);
    isWhole_ = errors.empty();
    for (VariableError& error : errors) {
        const yaml::Mark mark = node.at(error.offset);
        reading.error({mark, mark}, std::move(error.code), std::move(error.message),
                      std::move(error.hint));
    }
}

std::string Scalar::shown() const {
    return inQuotes(resolved_.isFromEnvironment() ? node_->text() : resolved_.text());
}

void Scalar::error(std::string code, std::string message, std::string hint) const {
    report(node_->span(), std::move(code), std::move(message), std::move(hint));
}

void Scalar::errorAt(std::size_t offset, std::string code, std::string message,
                     std::string hint) const {
    problemAt(offset, 0, std::move(code), std::move(message), std::move(hint), false);
}

void Scalar::problemAt(std::size_t offset, std::size_t length, std::string code,
                       std::string message, std::string hint, bool isWarning) const {
    const yaml::Mark begin = node_->at(resolved_.offsetBefore(offset));
    yaml::Mark end = begin;
    if (length > 0) end = node_->at(resolved_.offsetBefore(offset + length));
    if (end.offset < begin.offset) end = begin;
    report({begin, end}, std::move(code), std::move(message), std::move(hint), isWarning);
}

void Scalar::report(yaml::Span where, std::string code, std::string message, std::string hint,
                    bool isWarning) const {
    if (resolved_.isShownBy(message) || resolved_.isShownBy(hint)) {
        message = "this cannot be used with the values that its variables have";
        hint = "look at these variables: Sluice does not show what they hold";
    }
    if (isWarning)
        reading_->warning(where, std::move(code), std::move(message), std::move(hint));
    else
        reading_->error(where, std::move(code), std::move(message), std::move(hint));
}

std::optional<Scalar> scalarOf(Reading& reading, const yaml::Node& node, std::string_view what) {
    if (node.kind() != yaml::Kind::Scalar) {
        reportNoScalar(reading, node, what);
        return std::nullopt;
    }
    // A value that lacks a variable is reported already; whatever else is wrong follows from that.
    Scalar scalar{reading, node};
    return scalar.isWhole() ? std::optional{std::move(scalar)} : std::nullopt;
}

const yaml::Node* mappingOf(Reading& reading, const yaml::Node& node, std::string_view what) {
    if (node.kind() == yaml::Kind::Mapping) return &node;
    if (node.kind() != yaml::Kind::Null)
        reading.error(beginOf(node), "kind", std::string{what} + " must be a mapping",
                      "write `key: value` lines, indented below it");
    return nullptr;
}

const yaml::Node* filledMappingOf(Reading& reading, const yaml::Node& node, std::string_view what) {
    if (node.kind() == yaml::Kind::Null)
        reading.error(beginOf(node), "no-value", std::string{what} + " has nothing in it",
                      "write `key: value` lines, or remove it");
    return mappingOf(reading, node, what);
}

Section::Section(Reading& reading, const yaml::Node* node, std::string path)
    : reading_{reading}, node_{node}, path_{std::move(path)} {
    if (reading_.shape) reading_.shape->mapping(path_);
}

std::string Section::pathOf(std::string_view key) const {
    return path_.empty() ? std::string{key} : path_ + '.' + std::string{key};
}

yaml::Span Section::span() const {
    return node_ ? beginOf(*node_) : yaml::Span{};
}

const yaml::Node* Section::node(std::string_view key) {
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
    reading_.keysKnown.insert(pathOf(key));
    if (reading_.shape) reading_.shape->know(pathOf(key));
    const yaml::Node* const found = node_ ? node_->find(key) : nullptr;
    if (found) reading_.keysSeen.insert(pathOf(key));
    return found;
}

const yaml::Node* Section::node(std::string_view key, const Form& form) {
    if (reading_.shape) reading_.shape->add(pathOf(key), form);
    return node(key);
}

void Section::standard(std::string_view key, Json value) {
    if (reading_.shape) reading_.shape->standard(pathOf(key), std::move(value));
}

void Section::exactlyOne(std::initializer_list<std::string_view> keys) {
    if (reading_.shape) reading_.shape->exactlyOne(path_, {keys.begin(), keys.size()});
}

void Section::others(const Form& form) {
    if (reading_.shape) reading_.shape->others(path_, form);
}

std::optional<Scalar> Section::scalar(std::string_view key, const Form& form) {
    const yaml::Node* const found = node(key, form);
    return found ? scalarOf(reading_, *found, inQuotes(key)) : std::nullopt;
}

bool Section::needs(std::string_view key, std::string_view hint) {
    const yaml::Node* const found = node(key);
    if (reading_.shape) reading_.shape->require(pathOf(key));
    if (!found) reportAbsent(key, hint);
    return found != nullptr;
}

bool Section::needsContent(std::string_view key, std::string_view hint) {
    if (!needs(key, hint)) return false;
    if (node(key)->kind() != yaml::Kind::Null) return true;
    reportAbsent(key, hint);
    return false;
}

void Section::reportAbsent(std::string_view key, std::string_view hint) {
    if (node_)
        reading_.error(span(), "missing-key", "the key " + inQuotes(key) + " is missing here",
                       std::string{hint});
}

std::optional<Scalar> Section::required(std::string_view key, std::string_view hint,
                                        const Form& form) {
    needs(key, hint);
    return scalar(key, form);
}

std::optional<std::vector<Scalar>> Section::scalars(std::string_view key, const Form& form) {
    const yaml::Node* const found = node(key, form.orList());
    if (!found) return std::nullopt;
    std::vector<Scalar> items;
    const bool isList = found->kind() == yaml::Kind::Sequence;
    const std::string what = isList ? "an item of " + inQuotes(key) : inQuotes(key);
    for (const yaml::Node& item : isList ? found->items() : std::span{found, 1})
        if (auto text = scalarOf(reading_, item, what)) items.push_back(std::move(*text));
    return items;
}

void Section::section(std::string_view key, const std::function<void(Section&)>& read) {
    const yaml::Node* const found = node(key);
    Section below{reading_, found ? mappingOf(reading_, *found, inQuotes(key)) : nullptr,
                  pathOf(key)};
    read(below);
    below.finish();
}

void Section::entries(std::string_view key, const ReadEntry& read, std::string_view namePattern) {
    if (reading_.shape) reading_.shape->entries(pathOf(key), namePattern);
    const yaml::Node* const found = node(key);
    const yaml::Node* const mapping = found ? mappingOf(reading_, *found, inQuotes(key)) : nullptr;
    if (!mapping) return;
    for (const yaml::Entry& entry : mapping->entries()) {
        const std::size_t variable = entry.key.text().find("${");
        if (variable == std::string_view::npos) {
            read(entry.key, entry.value);
            continue;
        }
        const yaml::Mark mark = entry.key.at(variable);
        reading_.error({mark, mark}, "variable", "variables are replaced in values, not in keys",
                       "write the name out");
    }
}

void Section::text(std::string_view key, std::string& out) {
    if (!out.empty()) standard(key, Json::string(out));
    if (const auto value = scalar(key)) out = value->text();
}

void Section::boolean(std::string_view key, bool& out) {
    standard(key, Json::boolean(out));
    const auto value = scalar(key, Form::boolean());
    if (!value) return;
    if (value->text() == "true" || value->text() == "false") {
        out = value->text() == "true";
        return;
    }
    std::string lower{value->text()};
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const bool isYes = lower == "yes" || lower == "on" || lower == "true" || lower == "1";
    const bool isNo = lower == "no" || lower == "off" || lower == "false" || lower == "0";
    value->error("boolean", inQuotes(key) + " is true or false, not " + value->shown(),
                 isYes  ? "write true"
                 : isNo ? "write false"
                        : "write true or false");
}

void Section::duration(std::string_view key, std::chrono::milliseconds& out,
                       std::chrono::milliseconds least, std::chrono::milliseconds most) {
    standard(key, Json::string(durationText(out)));
    const auto value = scalar(key, Form::duration(least, most));
    if (!value) return;
    UnitError error;
    const auto duration = parseDuration(value->text(), error);
    if (!duration) {
        value->error("duration", inQuotes(key) + ": " + error.message, error.hint);
    } else if (*duration < least || *duration > most) {
        value->error("range", inQuotes(key) + " is out of its range",
                     "write " + durationText(least) + " to " + durationText(most));
    } else {
        out = *duration;
    }
}

void Section::rate(std::string_view key, std::uint32_t& perSecond, std::uint32_t least,
                   std::uint32_t most) {
    standard(key, Json::string(rateText(perSecond)));
    const auto value = scalar(key, Form::rate(least, most));
    if (!value) return;
    UnitError error;
    const auto rate = parseRate(value->text(), error);
    if (!rate) {
        value->error("rate", inQuotes(key) + ": " + error.message, error.hint);
    } else if (*rate < least || *rate > most) {
        value->error("range", inQuotes(key) + " is out of its range",
                     "write " + rateText(least) + " to " + rateText(most));
    } else {
        perSecond = static_cast<std::uint32_t>(*rate);
    }
}

void Section::size(std::string_view key, std::size_t& out, std::size_t least, std::size_t most) {
    standard(key, Json::string(sizeText(out)));
    const auto value = scalar(key, Form::size(least, most));
    if (!value) return;
    UnitError error;
    const auto bytes = parseSize(value->text(), error);
    if (!bytes) {
        value->error("size", inQuotes(key) + ": " + error.message, error.hint);
    } else if (*bytes < least || *bytes > most) {
        value->error("range", inQuotes(key) + " is out of its range",
                     "write " + sizeText(least) + " to " + sizeText(most));
    } else {
        out = *bytes;
    }
}

std::optional<std::uint64_t> Section::integerIn(std::string_view key, std::uint64_t least,
                                                std::uint64_t most) {
    const auto value = scalar(key, Form::integer(least, most));
    if (!value) return std::nullopt;
    UnitError error;
    const auto number = parseInteger(value->text(), error);
    if (!number) {
        value->error("number", inQuotes(key) + ": " + error.message, error.hint);
    } else if (*number < least || *number > most) {
        value->error("range", inQuotes(key) + " is out of its range",
                     "write " + std::to_string(least) + " to " + std::to_string(most));
        return std::nullopt;
    }
    return number;
}

std::optional<std::size_t> Section::choiceAmong(std::string_view key,
                                                std::span<const std::string> names) {
    const auto value = scalar(key, Form::choice(names));
    if (!value) return std::nullopt;
    const auto found = std::find(names.begin(), names.end(), value->text());
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    value->error("choice",
                 inQuotes(key) + " cannot be " + value->shown() + didYouMean(value->text(), names),
                 "write one of " + listOf(names));
    return std::nullopt;
}

void Section::address(std::string_view key, std::string& out) {
    standard(key, Json::string(out));
    const auto value = scalar(key, Form::address());
    if (!value) return;
    if (const AddressError error = addressError(value->text()); error.message.empty())
        out = value->text();
    else
        value->errorAt(error.offset, "address", inQuotes(key) + ": " + error.message, error.hint);
}

void Section::addresses(std::string_view key, std::vector<std::string>& out, std::size_t most) {
    standard(key, Json::string(out.front()));
    const auto values = scalars(key, Form::address());
    if (!values) return;
    std::vector<std::string> good;
    for (const Scalar& value : *values)
        if (const AddressError error = addressError(value.text()); error.message.empty())
            good.push_back(value.text());
        else
            value.errorAt(error.offset, "address", inQuotes(key) + ": " + error.message,
                          error.hint);
    const yaml::Node& node = *this->node(key);
    // Of these, some may lack a variable, which was told.
    const std::size_t count = node.kind() == yaml::Kind::Sequence ? node.items().size() : 1;
    if (count == 0 || count > most)
        reading_.error(node.span(), "address",
                       inQuotes(key) + " takes 1 to " + std::to_string(most) + " addresses", "");
    else if (good.size() == count)
        out = std::move(good);
}

std::vector<const yaml::Entry*> Section::rest() const {
    std::vector<const yaml::Entry*> entries;
    if (!node_) return entries;
    for (const yaml::Entry& entry : node_->entries())
        if (std::find(known_.begin(), known_.end(), entry.key.text()) == known_.end())
            entries.push_back(&entry);
    return entries;
}

void Section::finish() {
    if (reading_.shape) reading_.shape->close(path_);
    for (const yaml::Entry* const entry : rest()) unknown(*entry);
}

void Section::unknown(const yaml::Entry& entry) {
    const std::string_view name = entry.key.text();
    std::string place = path_;
    if (place.ends_with(".*")) place.resize(place.size() - 2);
    const std::string where = place.empty() ? "" : " in " + inQuotes(place);
    const std::size_t colon = name.find(':');
    const bool lacksSpace =
        colon != std::string_view::npos && entry.value.kind() == yaml::Kind::Null &&
        std::find(known_.begin(), known_.end(), name.substr(0, colon)) != known_.end();
    reading_.error(entry.key.span(), "unknown-key",
                   "there is no key " + inQuotes(name) + where + didYouMean(name, known_),
                   lacksSpace ? "write a space behind the colon" : "keys here: " + listOf(known_));
}

}  // namespace sluice
