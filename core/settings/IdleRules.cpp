#include <algorithm>
#include <array>

#include "base/Pattern.h"
#include "settings/ReadOptions.h"
#include "settings/Units.h"

// Warnings of mappings whose `from` takes nothing that can come.
namespace sluice {
namespace {

bool isOfKafka(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}
bool isOfMqtt(char c) {
    return c != '+' && c != '#';
}
bool isOfChannels(char c) {
    return c != ',' && c != '?' && c != '#' && static_cast<unsigned char>(c) >= 0x20;
}

/// What the names of topics cannot have.
struct Names {
    std::string_view plugin;
    bool (*mayHave)(char);
    std::string_view what, hint;
};
constexpr std::array<Names, 3> kNames{
    {{"kafka", isOfKafka, "topic of Kafka",
      "its topics have letters, digits, '.', '_' and '-'; {name} takes one level, {name**} the "
      "rest"},
     {"mqtt", isOfMqtt, "topic of MQTT",
      "write {name} for the wildcard +, which takes one level, and {name**} for #"},
     {"http", isOfChannels, "channel",
      "a message that is published has the name of its channel as its topic"}}};

/// Null for http and for what is none.
const InputOptions* inputOf(std::string_view name, const Settings& settings) {
    for (const InputOptions& options : settings.inputs)
        if (options.name == name) return &options;
    return nullptr;
}

/// The topics of a ticker, which its settings name one by one.
std::vector<std::string> topicsOfTicker(const Setting& settings) {
    constexpr std::uint64_t kChannelsMax = 100'000;
    std::vector<std::string> topics;
    if (const Setting* const list = settings.find("/topics")) {
        if (list->kind == Setting::Kind::Scalar) topics.push_back(list->text);
        for (const Setting& item : list->items) topics.push_back(item.text);
        if (!topics.empty()) return topics;
    }
    const Setting* const topic = settings.find("/topic");
    const std::string name = topic ? topic->text : "tick";
    const Setting* const channels = settings.find("/channels");
    UnitError ignored;  // the plugin says what is wrong with it
    const auto count = channels ? parseInteger(channels->text, ignored) : std::nullopt;
    if (!count || *count <= 1) return {name};
    for (std::uint64_t i = 0; i < std::min(*count, kChannelsMax); ++i)
        topics.push_back(name + '.' + std::to_string(i));
    return topics;
}

class IdleRules {
  public:
    IdleRules(Reading& reading, const Settings& settings)
        : reading_{reading}, settings_{settings}, isSound_{!reading.hasErrors()} {}

    void check(const MappingRule& rule, const yaml::Node& from) {
        const std::optional<Pattern> pattern = Pattern::parse(rule.from, '/', nullptr);
        if (!pattern) return;
        const InputOptions* const input = inputOf(rule.input, settings_);
        const std::string_view plugin = input                  ? std::string_view{input->plugin}
                                        : rule.input == "http" ? "http"
                                                               : "";
        if (plugin == "mqtt" && rule.from.starts_with("$share/"))
            return reading_.error(from.span(), "bad-pattern",
                                  "the broker would share these messages out between Sluice and "
                                  "other clients",
                                  "write the topic without $share/ and its group");
        for (const Names& names : kNames)
            if (names.plugin == plugin && !checkNames(names, *pattern, from)) return;
        // A mistake elsewhere may be why nobody may publish.
        if (plugin == "ticker") checkTicker(*input, rule.from, from);
        if (plugin == "http" && isSound_) checkPublishing(*pattern, from);
    }

  private:
    bool checkNames(const Names& names, const Pattern& pattern, const yaml::Node& from) {
        for (const Pattern::Part& part : pattern.parts()) {
            if (part.isCapture) continue;
            const auto strange =
                std::find_if_not(part.text.begin(), part.text.end(), names.mayHave);
            if (strange == part.text.end()) continue;
            warn(from,
                 "no " + std::string{names.what} + " has a '" + *strange +
                     "' in its name: this mapping never applies",
                 std::string{names.hint});
            return false;
        }
        return true;
    }

    void checkTicker(const InputOptions& input, const std::string& text, const yaml::Node& from) {
        const auto pattern = Pattern::parse(text, input.separator.value_or('.'), nullptr);
        for (const char* const key : {"/topic", "/topics", "/channels"})
            if (isWrongAt(input.settings.find(key))) return;
        const std::vector<std::string> topics = topicsOfTicker(input.settings);
        if (!pattern || std::any_of(topics.begin(), topics.end(), [&](const std::string& topic) {
                return pattern->matches(topic);
            }))
            return;
        warn(from, "this ticker has no such topic: this mapping never applies",
             "what it has is " + topics.front() + (topics.size() > 1 ? ", ..." : "") +
                 "; its settings topic, topics and channels say so");
    }

    /// Whether there is an error in the line of the setting: it may lack a variable.
    bool isWrongAt(const Setting* setting) const {
        const auto& problems = reading_.problems;
        return setting &&
               std::any_of(problems.begin(), problems.end(), [&](const yaml::Problem& problem) {
                   return !problem.isWarning && problem.where.begin.line == setting->mark.line;
               });
    }

    void checkPublishing(const Pattern& pattern, const yaml::Node& from) {
        const PublishOptions& publish = settings_.http.publish;
        if (publish.key.empty())
            return warn(from, "nobody may publish without publish.key: this mapping never applies",
                        "write publish: {key: \"${PUBLISH_KEY}\"}");
        const auto takes = [&](const std::string& text) {
            const std::optional<Pattern> channels = Pattern::parse(text, '/', nullptr);
            return !channels || channels->overlaps(pattern);
        };
        if (!publish.channels.empty() &&
            std::none_of(publish.channels.begin(), publish.channels.end(), takes))
            warn(from, "this is none of publish.channels: this mapping never applies",
                 "add it there");
    }

    void warn(const yaml::Node& from, std::string message, std::string hint) {
        reading_.warning(from.span(), "never", std::move(message), std::move(hint));
    }

    Reading& reading_;
    const Settings& settings_;
    const bool isSound_;  // nothing else is wrong
};

}  // namespace

void warnOfIdleRules(Section& top, const Settings& settings) {
    const yaml::Node* const list = top.node() ? top.node()->find("mappings") : nullptr;
    if (!list) return;
    const std::vector<MappingRule>& rules = settings.mappings.rules;
    IdleRules idle{top.reading(), settings};
    auto rule = rules.begin();
    // Rules that lack what they need are not among them.
    for (const yaml::Node& item : list->items()) {
        if (rule == rules.end()) return;
        const yaml::Mark begin = item.span().begin;
        if (rule->mark.line != begin.line || rule->mark.column != begin.column) continue;
        if (const yaml::Node* const from = item.find("from")) idle.check(*rule, *from);
        ++rule;
    }
}

}  // namespace sluice
