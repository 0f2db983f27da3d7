#include <algorithm>
#include <fstream>
#include <sstream>
#include <tuple>

#include <gtest/gtest.h>

#include "settings/Settings.h"

// config/sluice.yaml is what people read to learn what can be set: it must be true.
namespace sluice {
namespace {

std::string reference() {
    std::ifstream in{SLUICE_CONFIG_FOLDER "/sluice.yaml"};
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// With its examples: a `#` that nothing but spaces stand before, and no space behind.
std::string withExamples() {
    std::istringstream in{reference()};
    std::string text;
    for (std::string line; std::getline(in, line); text += line + '\n') {
        const std::size_t mark = line.find_first_not_of(' ');
        const bool isExample = mark != std::string::npos && line[mark] == '#' &&
                               mark + 1 < line.size() && line[mark + 1] != ' ';
        if (isExample) line.erase(mark, 1);
    }
    return text;
}

std::string errorsOf(const LoadResult& result) {
    std::string text;
    for (const yaml::Problem& problem : result.problems)
        if (!problem.isWarning) text += result.document.render(problem);
    return text;
}

const Environment kEnvironment{{"READ_KEY", "r"},
                               {"OPERATOR_KEY", "o"},
                               {"PUBLISH_KEY", "p"},
                               {"SHOP_KEY", "s"},
                               {"WALL_TOKEN", "w"},
                               {"JWT_SECRET", std::string(32, 's')},
                               {"OLD_KEY_PEM",
                                "-----BEGIN PUBLIC KEY-----\n"
                                "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
                                "-----END PUBLIC KEY-----\n"}};

auto limitsOf(const HttpOptions& http) {
    const GateOptions& gate = http.gate;
    return std::tuple{http.channelsPerStreamMax, http.historyEventsMax,    gate.limits.bytesMax,
                      gate.limits.fieldsMax,     gate.limits.bodyBytesMax, gate.headTimeout,
                      gate.bodyTimeout,          gate.idleTimeout,         gate.writeTimeout,
                      gate.lingerTimeout,        gate.connectionsMax,      gate.perAddressMax,
                      gate.handshakesMax,        gate.bodiesBytesMax};
}

auto publishOf(const HttpOptions& http) {
    const PublishOptions& publish = http.publish;
    return std::tuple{publish.key, publish.channels, publish.limits.eventsMax,
                      publish.limits.channelsMax, publish.limits.dataBytesMax};
}

TEST(ReferenceConfiguration, isTheDefaults) {
    const LoadResult result = load("sluice.yaml", reference(), {});
    const Settings defaults;
    ASSERT_EQ(errorsOf(result), "");
    EXPECT_EQ(result.settings.hub, defaults.hub);
    EXPECT_EQ(result.settings.delivery, defaults.delivery);
    EXPECT_EQ(result.settings.filters, defaults.filters);
    EXPECT_EQ(result.settings.http.listen, defaults.http.listen);
    EXPECT_EQ(result.settings.http.admin, defaults.http.admin);
    EXPECT_EQ(result.settings.http.staticFolder, defaults.http.staticFolder);
    EXPECT_EQ(publishOf(result.settings.http), publishOf(defaults.http));
    EXPECT_EQ(result.settings.http.cors.origins, defaults.http.cors.origins);
    EXPECT_EQ(result.settings.http.cors.credentials, defaults.http.cors.credentials);
    EXPECT_EQ(limitsOf(result.settings.http), limitsOf(defaults.http));
    EXPECT_TRUE(result.settings.inputs.empty());
    EXPECT_TRUE(result.settings.mappings.rules.empty());
    EXPECT_EQ(result.settings.mappings.payloadBytesMax, defaults.mappings.payloadBytesMax);
    EXPECT_EQ(result.settings.mappings.deadLetterBytesMax, defaults.mappings.deadLetterBytesMax);
    EXPECT_EQ(result.settings.log, defaults.log);
    EXPECT_EQ(result.settings.graphite, defaults.graphite);
    EXPECT_TRUE(result.settings.tests.empty());
}

TEST(ReferenceConfiguration, agreesWithAnEmptyFile) {
    const LoadResult result = load("f", "", {});
    EXPECT_EQ(errorsOf(result), "");
    EXPECT_EQ(result.settings.hub, Settings{}.hub);
    EXPECT_EQ(limitsOf(result.settings.http), limitsOf(HttpOptions{}));
}

TEST(ReferenceConfiguration, hasEveryKeyThatCanBeSet) {
    const LoadResult result = load("sluice.yaml", withExamples(), kEnvironment);
    ASSERT_EQ(result.report(), "");
    EXPECT_EQ(result.keysSeen, result.keysKnown);
    EXPECT_GT(result.keysKnown.size(), 40u);
}

TEST(ReferenceConfiguration, saysWhichKeysOfAnInputAreDefaults) {
    const LoadResult result = load("sluice.yaml", withExamples(), kEnvironment);
    ASSERT_EQ(result.settings.inputs.size(), 1u);
    const InputOptions& input = result.settings.inputs[0];
    EXPECT_EQ(input.rewind, InputOptions{}.rewind);
    EXPECT_EQ(input.format, InputOptions{}.format);
    EXPECT_EQ(input.separator, separatorOfKnownPlugin(input.plugin));
}

TEST(ReferenceConfiguration, spellsTheDefaultsOut) {
    // Every key but those of examples stands in the file itself.
    const LoadResult plain = load("sluice.yaml", reference(), {});
    const LoadResult all = load("sluice.yaml", withExamples(), kEnvironment);
    std::vector<std::string> examples;
    std::set_difference(all.keysSeen.begin(), all.keysSeen.end(), plain.keysSeen.begin(),
                        plain.keysSeen.end(), std::back_inserter(examples));
    const std::vector<std::string> expected{"admin.operator_key",
                                            "admin.read_key",
                                            "admin.tls",
                                            "admin.tls.certificate",
                                            "admin.tls.clients",
                                            "admin.tls.clients.authorities",
                                            "admin.tls.clients.required",
                                            "admin.tls.key",
                                            "admin.tls.oldest",
                                            "admin.tls.password",
                                            "auth",
                                            "auth.cache",
                                            "auth.concurrency",
                                            "auth.cookie",
                                            "auth.jwt",
                                            "auth.jwt.*.alg",
                                            "auth.jwt.*.audience",
                                            "auth.jwt.*.issuer",
                                            "auth.jwt.*.jwks",
                                            "auth.jwt.*.key",
                                            "auth.jwt.*.key_file",
                                            "auth.jwt.*.refresh",
                                            "auth.jwt.*.secret",
                                            "auth.leeway",
                                            "auth.timeout",
                                            "auth.tokens",
                                            "auth.tokens.*.claims",
                                            "auth.tokens.*.name",
                                            "auth.tokens.*.sha256",
                                            "auth.tokens.*.token",
                                            "auth.url",
                                            "auth.warn",
                                            "auth.when_down",
                                            "channels.*.allow",
                                            "channels.*.history.journal",
                                            "graphite.server",
                                            "inputs.*.format",
                                            "inputs.*.plugin",
                                            "inputs.*.rewind",
                                            "inputs.*.separator",
                                            "mappings.*.channel",
                                            "mappings.*.data",
                                            "mappings.*.event",
                                            "mappings.*.from",
                                            "mappings.*.key",
                                            "mappings.*.on_error",
                                            "mappings.*.on_error.dead-letter",
                                            "mappings.*.on_error.dead-letter.channel",
                                            "mappings.*.on_error.dead-letter.file",
                                            "mappings.*.redact",
                                            "mappings.*.when",
                                            "publish.key",
                                            "publish.keys.*.channels",
                                            "publish.keys.*.key",
                                            "publish.keys.*.rate",
                                            "static",
                                            "tests.*.expect",
                                            "tests.*.expect.*.channel",
                                            "tests.*.expect.*.data",
                                            "tests.*.expect.*.event",
                                            "tests.*.expect.*.key",
                                            "tests.*.expect.rejected",
                                            "tests.*.given",
                                            "tests.*.given.headers",
                                            "tests.*.given.input",
                                            "tests.*.given.key",
                                            "tests.*.given.offset",
                                            "tests.*.given.partition",
                                            "tests.*.given.payload",
                                            "tests.*.given.time",
                                            "tests.*.given.topic",
                                            "tls",
                                            "tls.certificate",
                                            "tls.clients",
                                            "tls.clients.authorities",
                                            "tls.clients.required",
                                            "tls.key",
                                            "tls.oldest",
                                            "tls.password",
                                            "tls.redirect"};
    EXPECT_EQ(examples, expected);
}

TEST(ReferenceConfiguration, hasTestsThatPass) {
    const LoadResult result = load("sluice.yaml", withExamples(), kEnvironment);
    std::vector<MappingError> errors;
    const std::vector<MappingInput> inputs{{"shop", '.', PayloadFormat::Json, {}}};
    const auto table = MappingTable::compile(result.settings.mappings, inputs, errors);
    ASSERT_TRUE(table);
    ASSERT_EQ(result.settings.tests.size(), 3u);
    for (const MessageTest& test : result.settings.tests)
        for (const TestFailure& failure : runTest(table, test))
            ADD_FAILURE() << placeOf(failure.mark) << ": " << failure.message;
}

}  // namespace
}  // namespace sluice
