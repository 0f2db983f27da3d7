#include <stdexcept>

#include <gtest/gtest.h>

#include "settings/Settings.h"

namespace sluice {
namespace {

Settings settingsOf(std::vector<std::string> uris) {
    return fromUris(uris);
}

std::string errorOf(const std::string& uri) {
    try {
        settingsOf({uri});
        return "";
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
}

TEST(Uris, nameABrokerAndATopic) {
    const Settings settings = settingsOf({"kafka://localhost:9092/orders"});
    ASSERT_EQ(settings.inputs.size(), 1u);
    EXPECT_EQ(settings.inputs[0].name, "kafka");
    EXPECT_EQ(settings.inputs[0].plugin, "kafka");
    EXPECT_EQ(settings.inputs[0].settings.find("/brokers")->text, "localhost:9092");
    ASSERT_EQ(settings.mappings.rules.size(), 1u);
    EXPECT_EQ(settings.mappings.rules[0].input, "kafka");
    EXPECT_EQ(settings.mappings.rules[0].from, "orders");
    EXPECT_EQ(settings.mappings.rules[0].channel, "{topic}");
}

TEST(Uris, becomeMappingsThatCompile) {
    const Settings settings = settingsOf({"kafka://h/orders.{region}", "kafka://h/a%7B%7B"});
    std::vector<MappingError> errors;
    const std::vector<MappingInput> inputs{{"kafka", '.'}};
    EXPECT_NE(MappingTable::compile(settings.mappings, inputs, errors), nullptr);
}

TEST(Uris, takeOptionsOfThePlugin) {
    const Settings settings =
        settingsOf({"kafka://a:1,b:2/t?start=earliest&rewind=5min&client%2Eid=x%20y"});
    const InputOptions& input = settings.inputs[0];
    EXPECT_EQ(input.settings.find("/brokers")->text, "a:1,b:2");
    EXPECT_EQ(input.settings.find("/start")->text, "earliest");
    EXPECT_EQ(input.settings.find("/client.id")->text, "x y");
    EXPECT_EQ(input.settings.find("/rewind"), nullptr);
    EXPECT_EQ(input.rewind, std::chrono::minutes{5});
}

TEST(Uris, shareAnInputWhereTheyReadTheSame) {
    const Settings settings =
        settingsOf({"kafka://h/a", "kafka://h/b", "kafka://other/a", "kafka://h/c?start=earliest"});
    ASSERT_EQ(settings.inputs.size(), 3u);
    EXPECT_EQ(settings.inputs[1].name, "kafka2");
    EXPECT_EQ(settings.inputs[2].name, "kafka3");
    EXPECT_EQ(settings.mappings.rules[1].input, "kafka");
    EXPECT_EQ(settings.mappings.rules[3].input, "kafka3");
}

TEST(Uris, nameChannelsAndStreamsOfRedis) {
    const Settings settings =
        settingsOf({"redis://h/news", "redis://h/alerts:{x}?stream=0",
                    "redis://h:6380/orders?stream=1&db=2", "rediss://h/carts:{region}?stream=1"});
    ASSERT_EQ(settings.inputs.size(), 3u);
    const auto valueOf = [&](std::size_t input, const char* pointer) {
        const Setting* const found = settings.inputs[input].settings.find(pointer);
        return found ? found->text : "(none)";
    };
    EXPECT_EQ(settings.inputs[0].plugin, "redis");
    EXPECT_EQ(valueOf(0, "/server"), "redis://h");
    EXPECT_EQ(valueOf(0, "/streams"), "(none)");
    EXPECT_EQ(settings.mappings.rules[1].input, "redis");
    EXPECT_EQ(settings.inputs[1].name, "redis2");
    EXPECT_EQ(valueOf(1, "/server"), "redis://h:6380");
    EXPECT_EQ(valueOf(1, "/streams"), "orders");
    EXPECT_EQ(valueOf(1, "/stream"), "(none)");
    EXPECT_EQ(valueOf(1, "/db"), "2");
    EXPECT_EQ(valueOf(2, "/server"), "rediss://h");
    EXPECT_EQ(valueOf(2, "/streams"), "carts:{region}");
    EXPECT_EQ(settings.mappings.rules[3].channel, "{topic}");
    EXPECT_NE(errorOf("redis://h/orders?stream=yes").find("stream is 1 or 0"), std::string::npos);
    EXPECT_NE(errorOf("redis://h/{a}{b}").find("redis://localhost"), std::string::npos);
    EXPECT_EQ(errorOf("redis://u:hush@h/news").find("hush"), std::string::npos);
}

TEST(Uris, takeFiltersOfMqtt) {
    const auto fromOf = [](const std::string& uri) {
        return settingsOf({uri}).mappings.rules[0].from;
    };
    EXPECT_EQ(fromOf("mqtt://h:1883/sensors/%23"), "sensors/{rest**}");
    EXPECT_EQ(fromOf("mqtt://h/+/temp/+"), "{level1}/temp/{level2}");
    EXPECT_EQ(fromOf("mqtt://h/%23"), "{rest**}");
    EXPECT_EQ(fromOf("mqtt://h/a//b/"), "a//b/");
    EXPECT_EQ(fromOf("mqtt://h/sensors/{device}/temp"), "sensors/{device}/temp");
    const Settings settings = settingsOf({"mqtt://h:1883/a?qos=2", "mqtts://h/b"});
    ASSERT_EQ(settings.inputs.size(), 2u);
    EXPECT_EQ(settings.inputs[0].plugin, "mqtt");
    EXPECT_EQ(settings.inputs[0].settings.find("/broker")->text, "mqtt://h:1883");
    EXPECT_EQ(settings.inputs[0].settings.find("/qos")->text, "2");
    EXPECT_EQ(settings.inputs[1].name, "mqtt2");
    EXPECT_EQ(settings.inputs[1].settings.find("/broker")->text, "mqtts://h");
    EXPECT_EQ(settings.mappings.rules[1].channel, "{topic}");
}

TEST(Uris, refuseWhatIsNoFilter) {
    const std::string error =
        ": a + stands for a whole level, a # for all that follow; write it as "
        "mqtt://localhost:1883/sensors/%23";
    for (const std::string uri : {"mqtt://h/a+/b", "mqtt://h/%23/b", "mqtt://h/a/b%23"})
        EXPECT_EQ(errorOf(uri), "'" + uri + "'" + error);
}

TEST(Uris, sayWhatToWrite) {
    const std::string example = "; write it as kafka://localhost:9092/orders";
    EXPECT_EQ(errorOf("orders.yml"),
              "'orders.yml': this is neither a file that ends in .yaml nor a URI" + example);
    EXPECT_EQ(errorOf("kfka://h/t"),
              "'kfka://h/t': there is no source 'kfka', did you mean 'kafka'?" + example);
    EXPECT_EQ(errorOf("kafka://h"), "'kafka://h': it names no topic" + example);
    EXPECT_EQ(errorOf("kafka:///t"), "'kafka:///t': it has no host" + example);
    EXPECT_EQ(errorOf("kafka://h/t{"),
              "'kafka://h/t{': this '{' is not closed (write {name}, or "
              "{{ for a literal brace)" +
                  example);
    EXPECT_EQ(errorOf("kafka://h/t#x"), "'kafka://h/t#x': a # is written as %23" + example);
    EXPECT_EQ(errorOf("kafka://h/%zz"),
              "'kafka://h/%zz': a % must be followed by two hexadecimal digits" + example);
    EXPECT_EQ(errorOf("kafka://h/t?x"),
              "'kafka://h/t?x': an option needs a name and a value" + example + "?start=earliest");
    EXPECT_EQ(errorOf("kafka://h/t?rewind=2m"),
              "'kafka://h/t?rewind=2m': rewind: there is no unit 'm' (write 2min)" + example);
}

TEST(Uris, neverShowPasswords) {
    const std::string error = errorOf("kafka://user:hunter2@h/t");
    EXPECT_NE(error, "");
    EXPECT_EQ(error.find("hunter2"), std::string::npos);
    EXPECT_EQ(errorOf("kfka://user:hunter2@h/t?x").find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace sluice
