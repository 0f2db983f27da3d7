#include <array>

#include "base/Nearest.h"
#include "settings/RuleText.h"

namespace sluice {
namespace {

constexpr std::string_view kOnErrorHint =
    "write drop, pass, or dead-letter: {channel: NAME} or {file: PATH} below it";

/// Splits `from` at its colon.
bool readFrom(const Scalar& value, RuleText& text, const std::vector<InputOptions>& inputs) {
    const std::string& from = value.text();
    const std::size_t colon = from.find(':');
    if (colon == std::string::npos || colon == 0) {
        const std::string input = inputs.empty() ? "INPUT" : inputs.front().name;
        value.error("from", "'from' names no input",
                    "write INPUT:PATTERN, such as " + input + ":" +
                        (from.empty() || colon == 0 ? "orders.{region}" : from));
        return false;
    }
    text.rule.input = from.substr(0, colon);
    text.rule.from = from.substr(colon + 1);
    text.patternAt = colon + 1;
    return true;
}

/// Reads the keys of one rule.
class RuleReader {
  public:
    RuleReader(Reading& reading, Section& section, RuleText& text)
        : reading_{reading}, section_{section}, text_{text} {}

    /// Whether all is there that compiling needs; what is wrong was reported.
    bool read(const std::vector<InputOptions>& inputs) {
        const auto from = section_.required("from", "write from: INPUT:PATTERN",
                                            Form::pattern("[^:]+:" + expressionOfPatterns()));
        const auto channel =
            section_.required("channel", "write channel: \"{topic}\" for the topic's name");
        bool isWhole = from && readFrom(*from, text_, inputs) && channel;
        keep("from", from);
        keep("channel", channel);
        if (channel) text_.rule.channel = channel->text();
        isWhole = optional("event", text_.rule.event) && isWhole;
        isWhole = optional("key", text_.rule.key) && isWhole;
        std::string when;
        isWhole = optional("when", when) && isWhole;
        if (text_.scalars.contains("when")) text_.rule.when = std::move(when);
        isWhole = data() && isWhole;
        redact();
        return onError() && isWhole;
    }

  private:
    void keep(const char* key, const std::optional<Scalar>& value) {
        if (value) text_.scalars[key].push_back(*value);
    }

    bool optional(const char* key, std::string& out) {
        const auto value = section_.scalar(key);
        keep(key, value);
        if (value) out = value->text();
        return value || !section_.node() || !section_.node()->find(key);
    }

    bool data() {
        const yaml::Node* const node = section_.node("data", Form::structure());
        if (!node) return true;
        text_.rule.data = readData(reading_, *node, "data", text_.scalars["data"]);
        return text_.rule.data.has_value();
    }

    void redact() {
        const auto paths = section_.scalars("redact");
        if (!paths) return;
        for (const Scalar& path : *paths) text_.rule.redact.push_back(path.text());
        text_.scalars["redact"] = *paths;
    }

    bool onError() {
        const yaml::Node* const node = section_.node("on_error");
        if (!node) return true;
        if (node->kind() == yaml::Kind::Mapping) return deadLetter(*node);
        const std::size_t before = reading_.problems.size();
        constexpr std::array kChoices{std::pair{std::string_view{"drop"}, OnError::Kind::Drop},
                                      std::pair{std::string_view{"pass"}, OnError::Kind::Pass}};
        section_.choice<OnError::Kind>("on_error", text_.rule.onError.kind, kChoices);
        if (reading_.problems.size() == before) return true;
        reading_.problems.back().hint = kOnErrorHint;
        return false;
    }

    bool deadLetter(const yaml::Node& node) {
        const std::size_t before = reading_.problems.size();
        Section onError{reading_, &node, section_.pathOf("on_error")};
        onError.needs("dead-letter", kOnErrorHint);
        onError.section("dead-letter", [&](Section& target) {
            const auto channel = target.scalar("channel");
            const auto file = target.scalar("file", Form::pattern(R"([\s\S]+)"));
            target.exactlyOne({"channel", "file"});
            if (channel.has_value() == file.has_value() && reading_.problems.size() == before)
                reading_.error({node.span().begin, node.span().begin}, "on-error",
                               "a dead letter goes to one place: a channel or a file",
                               std::string{kOnErrorHint});
            const auto& place = channel ? channel : file;
            if (!place) return;
            text_.rule.onError.kind = channel ? OnError::Kind::ToChannel : OnError::Kind::ToFile;
            text_.rule.onError.target = place->text();
            text_.scalars["on_error"].push_back(*place);
            if (file && file->text().empty())
                file->error("on-error", "the file of dead letters has no name", "write its path");
        });
        onError.finish();
        return reading_.problems.size() == before;
    }

    Reading& reading_;
    Section& section_;
    RuleText& text_;
};

}  // namespace

std::optional<RuleText> readRule(Reading& reading, const yaml::Node& node,
                                 const std::vector<InputOptions>& inputs) {
    const yaml::Node* const mapping = filledMappingOf(reading, node, "a mapping");
    if (!mapping) return std::nullopt;
    Section section{reading, mapping, "mappings.*"};
    RuleText text;
    text.rule.mark = reading.markOf(node);
    const bool isWhole = RuleReader{reading, section, text}.read(inputs);
    section.finish();
    if (!isWhole) return std::nullopt;
    return text;
}

void RuleText::report(MappingError error) const {
    auto found = scalars.find(error.field);
    if (found == scalars.end() || error.leaf >= found->second.size()) found = scalars.find("from");
    const Scalar& value = found->second[found->first == error.field ? error.leaf : 0];
    // The input stands before the colon, the pattern behind it.
    const bool isPattern = error.field == "from" && error.code != "unknown-input";
    const std::size_t offset = error.offset + (isPattern ? patternAt : 0);
    value.problemAt(offset, error.length, std::move(error.code), std::move(error.message),
                    std::move(error.hint), error.isWarning);
}

}  // namespace sluice
