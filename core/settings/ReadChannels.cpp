#include <algorithm>

#include "settings/ReadOptions.h"

namespace sluice {

using namespace std::chrono_literals;

namespace {

constexpr std::pair<std::string_view, bool> kSnapshots[] = {{"none", false},
                                                            {"latest-per-key", true}};
constexpr std::pair<std::string_view, Slow> kSlow[] = {{nameOf(Slow::Close), Slow::Close},
                                                       {nameOf(Slow::Skip), Slow::Skip},
                                                       {nameOf(Slow::Conflate), Slow::Conflate},
                                                       {nameOf(Slow::Sample), Slow::Sample}};

/// A subject that the pattern matches, made of a character that no pattern has. `levels` is what a
/// capture of the rest takes.
std::string sample(const Pattern& pattern, std::size_t levels) {
    std::string subject;
    for (const Pattern::Part& part : pattern.parts()) {
        subject += part.isCapture ? "\x01" : part.text;
        for (std::size_t i = 1; part.takesRest && i < levels; ++i) subject += "/\x01";
    }
    return subject;
}

/// Whether `first` matches whatever `second` matches, so that the second never gets its turn. What
/// stands for any text is matched by captures only, and for more levels than the first has
/// separators, by a capture of the rest only.
bool covers(const Pattern& first, const Pattern& second) {
    const std::size_t levels = first.text().size() + second.text().size() + 1;
    return first.matches(sample(second, 1)) && first.matches(sample(second, levels));
}

/// Whether a journal keeps it.
bool readHistory(Section& policy, History& history, JournalOptions& journal) {
    bool isKept = false;
    policy.section("history", [&](Section& section) {
        section.integer("events", history.events, 1, 100'000'000);
        section.size("bytes", history.bytes, std::size_t{1} << 10, std::size_t{1} << 40);
        section.duration("age", history.age, 1s, 24h * 365);
        isKept = readJournalOf(section, journal);
    });
    return isKept;
}

void readReaders(Section& policy, ReaderPolicy& readers) {
    policy.choice<bool>("snapshot", readers.keepsLatest, kSnapshots);
    policy.section("snapshot_max", [&](Section& section) {
        section.integer("keys", readers.latestKeysMax, 1, 100'000'000);
        section.size("bytes", readers.latestBytesMax, std::size_t{1} << 10, std::size_t{1} << 40);
    });
    policy.choice<Slow>("slow", readers.slow, kSlow);
    policy.rate("sample", readers.samplesPerSecond, 1, kSamplesPerSecondMax);
    policy.integer("lag", readers.lagEventsMax, 1, 100'000'000);
    if (readers.slow == Slow::Conflate && !readers.keepsLatest)
        policy.reading().error(policy.node("slow")->span(), "needs-snapshot",
                               "'slow: conflate' needs the latest event of each key",
                               "add `snapshot: latest-per-key`, or write `slow: skip`");
    const yaml::Node* const rate = policy.node("sample");
    if (rate && !policy.node("slow"))
        policy.reading().error(rate->span(), "needs-slow",
                               "'sample' says how often, but nothing says that it is sampled",
                               "add `slow: sample`, or leave it out");
}

std::optional<Pattern> readPattern(Reading& reading, const yaml::Node& name) {
    Pattern::Error error;
    std::optional<Pattern> pattern = Pattern::parse(name.text(), '/', &error);
    if (pattern) return pattern;
    const yaml::Mark mark = name.at(error.offset);
    reading.error({mark, mark}, "pattern", error.message, error.hint);
    return pattern;
}

void warnIfCovered(Reading& reading, const yaml::Node& name, const Pattern& pattern,
                   const std::vector<Pattern>& earlier) {
    const auto found = std::find_if(earlier.begin(), earlier.end(),
                                    [&](const Pattern& first) { return covers(first, pattern); });
    if (found == earlier.end()) return;
    reading.warning(name.span(), "unreachable",
                    "no channel ever gets here: '" + found->text() + "' matches them all before",
                    "the first pattern that matches counts: move this one up, or remove it");
}

void reportHidden(Reading& reading, const yaml::Node& name, const Pattern& pattern) {
    for (const std::string_view variable : AllowScope::kNames) {
        const auto& names = pattern.names();
        if (std::find(names.begin(), names.end(), variable) == names.end()) continue;
        reading.error(name.span(), "hidden",
                      "the capture '" + std::string{variable} + "' hides what 'allow' calls so",
                      "give it another name");
    }
}

/// A rule that cannot be read closes its channels.
AccessRule ruleOf(Reading& reading, const yaml::Node& name, const Pattern& pattern,
                  const std::optional<Scalar>& allow) {
    if (!allow) return AccessRule{pattern};
    reportHidden(reading, name, pattern);
    std::vector<cel::Problem> problems;
    std::optional<AccessRule> rule = AccessRule::compile(pattern, allow->text(), problems);
    for (cel::Problem& problem : problems)
        allow->problemAt(problem.offset, problem.length, std::move(problem.code),
                         "allow: " + problem.message, std::move(problem.hint), problem.isWarning);
    return rule ? std::move(*rule) : AccessRule{pattern};
}

/// `{any**}` alone is what counts for all other channels.
bool matchesAll(const Pattern& pattern) {
    return pattern.parts().size() == 1 && pattern.parts().front().takesRest;
}

}  // namespace

void readChannels(Section& top, HubOptions& options, JournalOptions& journal,
                  std::vector<AccessRule>& rules) {
    std::vector<Pattern> earlier;
    Reading& reading = top.reading();
    const auto read = [&](const yaml::Node& name, const yaml::Node& value) {
        History history;
        Section policy{reading, mappingOf(reading, value, "the policy of a channel"), "channels.*"};
        const bool isKept = readHistory(policy, history, journal);
        bool filter = false;
        policy.boolean("filter", filter);
        ReaderPolicy readers;
        readReaders(policy, readers);
        const std::optional<Scalar> allow = policy.scalar("allow");
        policy.finish();
        const std::optional<Pattern> pattern = readPattern(reading, name);
        if (!pattern) return;
        rules.push_back(ruleOf(reading, name, *pattern, allow));
        warnIfCovered(reading, name, *pattern, earlier);
        const bool isReachable = earlier.empty() || !matchesAll(earlier.back());
        if (isReachable && matchesAll(*pattern)) {
            options.history = history;
            options.filter = filter;
            options.readers = readers;
            journal.keepsOthers = isKept;
        } else if (isReachable) {
            options.policies.push_back({*pattern, history, filter, readers});
            journal.policies.push_back({*pattern, isKept});
        }
        earlier.push_back(*pattern);
    };
    top.entries("channels", read, "^(?:" + expressionOfPatterns() + ")$");
}

}  // namespace sluice
