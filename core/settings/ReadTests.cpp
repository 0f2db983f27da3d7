#include <algorithm>
#include <array>

#include "base/Nearest.h"
#include "mapping/Data.h"
#include "mapping/JsonDifferences.h"
#include "mapping/References.h"
#include "settings/ReadJson.h"
#include "settings/ReadOptions.h"

namespace sluice {
namespace {

using Places = JsonReader::Places;

constexpr const char* kExpectHint =
    "write a list of events, such as [{channel: orders/eu, data: {id: o1}}]; [] for a message "
    "that is filtered, {rejected: no-value}, or unmatched";

/// Reads one entry.
class TestReader {
  public:
    TestReader(Reading& reading, const std::vector<InputOptions>& inputs)
        : reading_{reading}, inputs_{inputs} {}

    MessageTest read(const yaml::Node& node) {
        const yaml::Node* const mapping = filledMappingOf(reading_, node, "a test");
        Section section{reading_, mapping, "tests.*"};
        test_.mark = reading_.markOf(node);
        section.needsContent("given", "write given: {input: NAME, topic: NAME, payload: ...}");
        section.section("given", [this](Section& given) { readGiven(given); });
        section.needs("expect", kExpectHint);
        const std::vector<std::string> words{"unmatched"};
        if (const yaml::Node* const expected = section.node("expect", Form::choice(words)))
            readExpect(*expected);
        section.finish();
        return std::move(test_);
    }

  private:
    // -- given

    void readGiven(Section& given) {
        const auto input = given.required("input", "write input: NAME, that of an entry of inputs");
        if (input) readInput(*input);
        const auto topic = given.required("topic", "write topic: NAME, what 'from' is to match");
        if (topic) test_.given.topic = topic->text();
        if (const auto key = given.scalar("key")) test_.given.key = key->text();
        readPayload(given);
        readTime(given);
        given.entries("headers", [this](const yaml::Node& name, const yaml::Node& value) {
            readHeader(name, value);
        });
        readPosition(given);
        readVariables(given);
    }

    void readInput(const Scalar& input) {
        test_.given.input = input.text();
        std::vector<std::string> names;
        for (const InputOptions& one : inputs_) {
            if (one.name == input.text()) variables_ = variablesOfPlugin(one.plugin);
            names.push_back(one.name);
        }
        names.emplace_back("http");
        if (input.text() == names.back()) variables_ = variablesOfPlugin("http");
        if (std::find(names.begin(), names.end(), input.text()) != names.end()) return;
        input.error("unknown-input",
                    "there is no input " + input.shown() + didYouMean(input.text(), names),
                    "write the name of an entry of 'inputs', or http");
    }

    /// What some input has: where it is not known which, that is no mistake as well.
    static std::vector<std::string> variablesOfAll() {
        std::vector<std::string> all;
        for (const char* plugin : {"mqtt", "redis", "zeromq", "http"}) {
            const std::vector<std::string> names = variablesOfPlugin(plugin).value();
            all.insert(all.end(), names.begin(), names.end());
        }
        return all;
    }

    void readPayload(Section& given) {
        given.needs("payload",
                    "write what the message holds: a structure is sent as JSON, a text as it is; "
                    "null is a tombstone, a message without a payload");
        const yaml::Node* const node = given.node("payload");
        if (!node || node->kind() == yaml::Kind::Null) return;
        if (node->kind() == yaml::Kind::Scalar)
            test_.given.payload = Scalar{reading_, *node}.text();
        else
            test_.given.payload = JsonReader{reading_, nullptr}.read(*node, "").compact();
    }

    void readTime(Section& given) {
        const auto time = given.scalar("time");
        if (!time) return;
        test_.given.timeMs = parseMessageTime(time->text());
        if (!test_.given.timeMs)
            time->error("time", "'time' is no point in time",
                        "write it like 2026-01-31T12:00:00Z, or as milliseconds since 1970");
    }

    void readHeader(const yaml::Node& name, const yaml::Node& value) {
        std::optional<std::string> text;
        if (value.kind() != yaml::Kind::Null) {
            const auto scalar =
                scalarOf(reading_, value, "the header '" + std::string{name.text()} + "'");
            if (!scalar) return;
            text = scalar->text();
        }
        test_.given.headers.emplace_back(name.text(), std::move(text));
    }

    void readPosition(Section& given) {
        constexpr std::uint64_t kPartitionMax = 0xffff'ffff;
        given.integer("partition", test_.given.partition, 0, kPartitionMax);
        const auto offset = given.scalar("offset");
        if (!offset) return;
        test_.given.offset = parseMessageOffset(offset->text());
        if (!test_.given.offset)
            offset->error("offset", "'offset' is no position",
                          "write a number, or as Redis streams count: 1700000000000-0");
    }

    /// Those of the input; of a plugin that is not known, whatever else there is.
    void readVariables(Section& given) {
        given.others(Form::text());
        std::vector<std::string> names;
        if (variables_)
            names = *variables_;
        else
            for (const yaml::Entry* const entry : given.rest())
                names.emplace_back(entry->key.text());
        for (const std::string& name : names)
            if (const auto value = given.scalar(name))
                test_.given.variables.emplace_back(name, value->text());
    }

    // -- expect

    void readExpect(const yaml::Node& node) {
        test_.mark = reading_.markOf(node);
        switch (node.kind()) {
            case yaml::Kind::Sequence:
                for (const yaml::Node& item : node.items()) readEvent(item);
                return;
            case yaml::Kind::Mapping:
                return readRejected(node);
            default:
                if (node.text() == "unmatched")
                    test_.expects = MessageTest::Expects::Unmatched;
                else
                    reading_.error(node.span(), "expect", "this is nothing that can be expected",
                                   kExpectHint);
        }
    }

    void readRejected(const yaml::Node& node) {
        std::array<std::pair<std::string_view, Rejection>, kRejections> reasons;
        for (std::size_t i = 0; i < kRejections; ++i) {
            const auto reason = static_cast<Rejection>(i);
            reasons[i] = {nameOf(reason), reason};
        }
        test_.expects = MessageTest::Expects::Rejected;
        Section section{reading_, &node, "tests.*.expect"};
        if (!node.find("rejected") && node.find("channel"))
            return reading_.error({node.span().begin, node.span().begin}, "kind",
                                  "'expect' must be a list of events",
                                  "write it in brackets: [{...}]");
        if (section.needs("rejected", "write rejected: REASON, such as no-value"))
            section.choice<Rejection>("rejected", test_.rejection, reasons);
        section.finish();
    }

    void readEvent(const yaml::Node& node) {
        ExpectedEvent& event = test_.events.emplace_back();
        event.places[""] = reading_.markOf(node);
        const yaml::Node* const mapping = filledMappingOf(reading_, node, "an expected event");
        Section section{reading_, mapping, "tests.*.expect.*"};
        if (const auto channel = section.required("channel", "write channel: NAME")) {
            event.channel = channel->text();
            event.places["channel"] = channel->mark();
        }
        readPart(section, "event", event.event, event.places);
        readPart(section, "key", event.key, event.places);
        if (const yaml::Node* const data = section.node("data")) readExpectedData(*data, event);
        section.finish();
    }

    static void readPart(Section& section, const char* key, std::optional<std::string>& out,
                         Places& places) {
        const auto value = section.scalar(key);
        if (!value) return;
        out = value->text();
        places[key] = value->mark();
    }

    void readExpectedData(const yaml::Node& node, ExpectedEvent& event) {
        ExpectedData& data = event.data.emplace();
        Json json = JsonReader{reading_, &event.places}.read(node, "data");
        if (node.kind() == yaml::Kind::Scalar) data.text = Scalar{reading_, node}.text();
        if (!data.text || !json.is(Json::Kind::String)) data.json = std::move(json);
    }

    Reading& reading_;
    const std::vector<InputOptions>& inputs_;
    std::optional<std::vector<std::string>> variables_{variablesOfAll()};  // absent: any
    MessageTest test_;
};

}  // namespace

void readTests(Section& top, const std::vector<InputOptions>& inputs,
               std::vector<MessageTest>& tests) {
    Reading& reading = top.reading();
    const yaml::Node* const list = top.node("tests");
    if (!list || list->kind() == yaml::Kind::Null) return;
    if (list->kind() != yaml::Kind::Sequence)
        return reading.error({list->span().begin, list->span().begin}, "kind",
                             "'tests' must be a list",
                             "begin each test with `- given: {input: NAME, topic: NAME, ...}`");
    for (const yaml::Node& item : list->items())
        tests.push_back(TestReader{reading, inputs}.read(item));
}

}  // namespace sluice
