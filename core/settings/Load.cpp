#include <algorithm>

#include "settings/ReadOptions.h"
#include "settings/YamlRender.h"

namespace sluice {
namespace {

void readAll(Section& top, Settings& settings, const SeparatorOf& separatorOf) {
    readTls(top, settings);
    readTrustedProxies(top, settings.http.gate.trust);
    readAuth(top, settings.http);
    readListen(top, settings.http);
    readInputs(top, settings.inputs);
    readMappings(top, settings, separatorOf);
    readChannels(top, settings.hub, settings.journal, settings.http.rules);
    warnOfRules(top, settings.http);
    readJournal(top, settings.journal);
    readCompat(top, settings);
    readDelivery(top, settings.delivery);
    readPublish(top, settings.http);
    readCors(top, settings.http);
    readLimits(top, settings);
    readLog(top, settings.log);
    readGraphite(top, settings.graphite);
    readTests(top, settings.inputs, settings.tests);
    top.finish();
    warnOfIdleRules(top, settings);
}

void warnOfSilence(Reading& reading, const Settings& settings) {
    if (!settings.inputs.empty() || settings.http.publish.isOn()) return;
    reading.warning({}, "silence", "nothing feeds any channel: no input, and nobody may publish",
                    "add an entry to 'inputs', or publish: {key: \"${PUBLISH_KEY}\"}");
}

/// A whole file that is one text, such as `listen:8080`, lacks the space behind a colon.
const yaml::Node* topOf(Reading& reading, const yaml::Node& root) {
    if (root.kind() == yaml::Kind::Mapping || root.kind() == yaml::Kind::Null)
        return mappingOf(reading, root, "the file");
    const bool lacksSpace =
        root.kind() == yaml::Kind::Scalar && root.text().find(':') != std::string_view::npos;
    reading.error(
        {root.span().begin, root.span().begin}, "kind",
        "a configuration is a mapping with keys such as inputs and mappings",
        lacksSpace ? "write a space behind the colon of `key: value`" : "write `key: value` lines");
    return nullptr;
}

void cover(std::vector<yaml::Problem>& problems) {
    for (yaml::Problem& problem : problems) problem = problem.covered();
}

/// Adds what the reader found to what the YAML reader refused, in the order of the file. Of a value
/// that was refused as YAML the reader knows nothing better.
void merge(std::vector<yaml::Problem> found, std::vector<yaml::Problem>& problems) {
    const std::size_t refused = problems.size();
    for (yaml::Problem& problem : found) {
        const auto end = problems.begin() + static_cast<std::ptrdiff_t>(refused);
        const bool isKnown = std::any_of(problems.begin(), end, [&](const yaml::Problem& other) {
            return other.where.begin == problem.where.begin;
        });
        if (!isKnown) problems.push_back(std::move(problem));
    }
    std::stable_sort(problems.begin(), problems.end(),
                     [](const yaml::Problem& a, const yaml::Problem& b) {
                         return a.where.begin.offset < b.where.begin.offset;
                     });
}

yaml::Problem tooMany(const Reading& reading, const yaml::Document& document) {
    const yaml::Mark end = document.root().span().end;
    return {"too-many-problems",
            std::to_string(reading.problemsDropped) + " more problems are not shown",
            "is this the right file?",
            {end, end},
            false};
}

/// What is the same for every kind of file.
template <typename ReadTop>
LoadResult read(std::string file, std::string bytes, const Environment& environment,
                const ReadTop& readTop) {
    LoadResult result{yaml::Document::parse(file, std::move(bytes)), {}, {}, {}, {}};
    const auto refused = result.document.problems();
    result.problems.assign(refused.begin(), refused.end());
    cover(result.problems);
    // Half a document would only make errors that are none.
    if (!result.document.isWhole()) return result;
    Reading reading{std::move(file), environment, {}, {}, {}, 0};
    Section top{reading, topOf(reading, result.document.root()), ""};
    readTop(reading, top, result.settings);
    cover(reading.problems);
    merge(std::move(reading.problems), result.problems);
    if (reading.problemsDropped > 0) result.problems.push_back(tooMany(reading, result.document));
    result.keysKnown = std::move(reading.keysKnown);
    result.keysSeen = std::move(reading.keysSeen);
    return result;
}

}  // namespace

std::optional<char> separatorOfKnownPlugin(std::string_view plugin) {
    if (plugin == "kafka" || plugin == "zeromq" || plugin == "ticker" || plugin == "replay")
        return '.';
    if (plugin == "redis") return ':';
    if (plugin == "mqtt") return '/';
    return std::nullopt;
}

LoadResult load(std::string file, std::string bytes, const Environment& environment,
                const SeparatorOf& separatorOf) {
    return read(std::move(file), std::move(bytes), environment,
                [&](Reading& reading, Section& top, Settings& settings) {
                    readAll(top, settings, separatorOf);
                    if (reading.problems.empty()) warnOfSilence(reading, settings);
                });
}

LoadResult loadTests(std::string file, std::string bytes, const Environment& environment,
                     const std::vector<InputOptions>& inputs) {
    return read(std::move(file), std::move(bytes), environment,
                [&](Reading&, Section& top, Settings& settings) {
                    readTests(top, inputs, settings.tests);
                    top.finish();
                });
}

LoadResult loadMappings(std::string file, std::string bytes, const Environment& environment,
                        const std::vector<InputOptions>& inputs) {
    return read(std::move(file), std::move(bytes), environment,
                [&](Reading&, Section& top, Settings& settings) {
                    settings.inputs = inputs;
                    readMappings(top, settings, separatorOfKnownPlugin);
                    top.finish();
                });
}

Json settingsSchema() {
    // Together they lead the readers through all that they can ask for.
    constexpr std::string_view kSpecimens[] = {R"(
inputs: {source: {plugin: any}}
mappings:
  - {from: "source:topic", channel: channel, on_error: drop}
  - {from: "source:topic", channel: channel, on_error: {dead-letter: {channel: channel}}}
channels: {"{any**}": {}}
tests:
  - {given: {input: none, topic: topic, headers: {}, payload: text}, expect: unmatched}
  - {given: {}, expect: {rejected: no-value}}
  - {given: {}, expect: [{channel: channel}]}
auth: {tokens: [{name: name}], jwt: [{issuer: issuer}]}
publish: {keys: [{key: key}]}
)",
                                               "admin: :9080"};
    Shape shape;
    for (const std::string_view specimen : kSpecimens) {
        const yaml::Document document = yaml::Document::parse("", std::string{specimen});
        const Environment nothing;
        Reading reading{"", nothing, {}, {}, {}, 0, &shape};
        Section top{reading, &document.root(), ""};
        Settings settings;
        readAll(top, settings, separatorOfKnownPlugin);
    }
    return shape.schema();
}

bool LoadResult::hasErrors() const {
    return std::any_of(problems.begin(), problems.end(),
                       [](const yaml::Problem& problem) { return !problem.isWarning; });
}

std::string LoadResult::report() const {
    std::string text;
    for (const yaml::Problem& problem : problems)
        text += (text.empty() ? "" : "\n") + document.render(problem);
    return text;
}

std::string LoadResult::render(const SourceMark& mark, std::string code, std::string message,
                               std::string hint, bool isWarning) const {
    if (mark.line != 0 && mark.file == document.file()) {
        const yaml::Mark place = document.markAt(mark.line, mark.column);
        return document.render(
            {std::move(code), std::move(message), std::move(hint), {place, place}, isWarning});
    }
    const std::string place = mark.line == 0 ? "" : placeOf(mark) + ": ";
    return place + (isWarning ? "warning: " : "error: ") + message + " [" + code + "]\n" +
           (hint.empty() ? "" : "  hint: " + hint + '\n');
}

}  // namespace sluice
