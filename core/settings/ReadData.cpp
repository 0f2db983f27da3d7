#include "settings/RuleText.h"

namespace sluice {
namespace {

/// Reads one value and what is in it.
class DataReader {
  public:
    DataReader(Reading& reading, std::string_view name, std::vector<Scalar>& scalars)
        : reading_{reading}, name_{name}, scalars_{scalars} {}

    /// `what` is for a message that it has no value.
    DataText read(const yaml::Node& node, const std::string& what) {
        switch (node.kind()) {
            case yaml::Kind::Sequence:
                return list(node);
            case yaml::Kind::Mapping:
                return map(node);
            default:
                return scalar(node, what);
        }
    }

    bool failed() const { return failed_; }

  private:
    DataText scalar(const yaml::Node& node, const std::string& what) {
        DataText text;
        if (hasNothing(node))
            fail(node.span(), "no-value", what + " has no value",
                 "write one; null and \"\" are values, too");
        scalars_.emplace_back(reading_, node);
        failed_ = failed_ || !scalars_.back().isWhole();
        text.text = node.kind() == yaml::Kind::Null ? "null" : scalars_.back().text();
        text.isPlain = node.kind() == yaml::Kind::Null || node.style() == yaml::Style::Plain;
        return text;
    }

    DataText list(const yaml::Node& node) {
        DataText text;
        text.kind = DataText::Kind::List;
        for (const yaml::Node& item : node.items()) text.items.push_back(read(item, "an item"));
        return text;
    }

    DataText map(const yaml::Node& node) {
        DataText text;
        text.kind = DataText::Kind::Map;
        for (const yaml::Entry& entry : node.entries()) {
            text.keys.emplace_back(entry.key.text());
            if (checkKey(node, entry))
                text.items.push_back(read(entry.value, "'" + text.keys.back() + "'"));
        }
        return text;
    }

    static bool hasNothing(const yaml::Node& node) {
        return node.kind() == yaml::Kind::Null && node.text().empty();
    }

    bool checkKey(const yaml::Node& map, const yaml::Entry& entry) {
        const std::string key{entry.key.text()};
        const bool isAlone = map.entries().size() == 1 && hasNothing(entry.value) &&
                             entry.value.span().begin == entry.key.span().end;
        if (map.style() == yaml::Style::Flow && isAlone)
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
        else
            return true;
        return false;
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
    DataText text = reader.read(node, "it");
    if (reader.failed()) return std::nullopt;
    return text;
}

}  // namespace sluice
