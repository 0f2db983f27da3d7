#include "settings/RuleText.h"

namespace sluice {
namespace {

/// Reads one value and what is in it.
class DataReader {
  public:
    DataReader(Reading& reading, std::string_view name, std::vector<Scalar>& scalars)
        : reading_{reading}, name_{name}, scalars_{scalars} {}

    DataText read(const yaml::Node& node) {
        switch (node.kind()) {
            case yaml::Kind::Sequence:
                return list(node);
            case yaml::Kind::Mapping:
                return map(node);
            default:
                return scalar(node);
        }
    }

    bool failed() const { return failed_; }

  private:
    DataText scalar(const yaml::Node& node) {
        DataText text;
        scalars_.emplace_back(reading_, node);
        failed_ = failed_ || !scalars_.back().isWhole();
        text.text = node.kind() == yaml::Kind::Null ? "null" : scalars_.back().text();
        text.isPlain = node.kind() == yaml::Kind::Null || node.style() == yaml::Style::Plain;
        return text;
    }

    DataText list(const yaml::Node& node) {
        DataText text;
        text.kind = DataText::Kind::List;
        for (const yaml::Node& item : node.items()) text.items.push_back(read(item));
        return text;
    }

    DataText map(const yaml::Node& node) {
        DataText text;
        text.kind = DataText::Kind::Map;
        for (const yaml::Entry& entry : node.entries()) {
            checkKey(node, entry);
            text.keys.emplace_back(entry.key.text());
            text.items.push_back(read(entry.value));
        }
        return text;
    }

    void checkKey(const yaml::Node& map, const yaml::Entry& entry) {
        const std::string key{entry.key.text()};
        const bool hasNoValue =
            entry.value.kind() == yaml::Kind::Null && entry.value.text().empty();
        if (map.style() == yaml::Style::Flow && hasNoValue)
            fail({map.span().begin, map.span().begin}, "brace",
                 "what begins with `{` is a mapping, and '" + key + "' has no value in it",
                 "quote it: \"{" + key + "}\"");
        else if (const std::size_t at = key.find("${"); at != std::string::npos)
            fail({entry.key.at(at), entry.key.at(at)}, "variable",
                 "variables are replaced in values, not in keys", "write the name out");
        else if (const std::size_t brace = key.find('{'); brace != std::string::npos)
            fail({entry.key.at(brace), entry.key.at(brace)}, "brace",
                 "braces are evaluated in values, not in keys",
                 "write the name out, or make a list of values");
    }

    void fail(yaml::Span where, std::string code, std::string message, std::string hint) {
        failed_ = true;
        reading_.error(where, std::move(code), "'" + std::string{name_} + "': " + message,
                       std::move(hint));
    }

    Reading& reading_;
    std::string_view name_;
    std::vector<Scalar>& scalars_;
    bool failed_ = false;
};

}  // namespace

std::optional<DataText> readData(Reading& reading, const yaml::Node& node, std::string_view name,
                                 std::vector<Scalar>& scalars) {
    DataReader reader{reading, name, scalars};
    DataText text = reader.read(node);
    if (reader.failed()) return std::nullopt;
    return text;
}

}  // namespace sluice
