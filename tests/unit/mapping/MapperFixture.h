#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "mapping/Mapper.h"

namespace sluice {

/// `data` that was written as a list of fields, all in quotes.
inline DataText fields(const std::vector<std::pair<std::string, std::string>>& fields) {
    DataText data;
    data.kind = DataText::Kind::Map;
    for (const auto& [name, text] : fields) {
        data.keys.push_back(name);
        data.items.push_back({DataText::Kind::Scalar, text, false, {}, {}});
    }
    return data;
}

/// A rule of the input "in" from the topic t to the channel c.
inline MappingRule ruleOf(std::string from = "t", std::string channel = "c") {
    MappingRule rule;
    rule.input = "in";
    rule.from = std::move(from);
    rule.channel = std::move(channel);
    rule.mark = {"a.yaml", 7, 5};
    return rule;
}

/// Maps messages of one input with some rules, and shows what came of them.
class MappingTest : public testing::Test {
  protected:
    using Strings = std::vector<std::string>;

    void use(std::vector<MappingRule> rules, PayloadFormat format = PayloadFormat::Json,
             std::size_t payloadBytesMax = 1'000) {
        MappingOptions options;
        options.payloadBytesMax = payloadBytesMax;
        options.rules = std::move(rules);
        const std::vector<MappingInput> inputs{{"in", '.', format, {}}};
        std::vector<MappingError> errors;
        auto table = MappingTable::compile(options, inputs, errors);
        ASSERT_TRUE(table) << errors.front().message;
        mapper.emplace(std::move(table), "in");
    }

    void map(std::optional<std::string_view> payload,
             std::optional<std::string_view> key = std::nullopt, std::string_view topic = "t") {
        Message message;
        message.topic = topic;
        message.payload = payload;
        message.key = key;
        map(message);
    }
    void map(const Message& message) {
        batch.clear();
        outcome = {};
        mapper->map(message, batch, outcome);
    }

    /// The events as "channel|key|lines".
    Strings events() const {
        Strings all;
        for (const EventBatch::Message& message : batch.messages())
            for (const EventBatch::Event& event : batch.events(message)) {
                const std::string_view bytes = batch.bytes(event);
                std::string text{batch.channel(event.channelsBegin)};
                text += "|" + std::string{bytes.substr(0, event.keyLength)};
                all.push_back(text + "|" + std::string{bytes.substr(event.keyLength)});
            }
        return all;
    }
    /// The data of the only event.
    std::string data() const {
        const Strings all = events();
        if (all.size() != 1) return std::to_string(all.size()) + " events";
        const std::size_t at = all[0].find("data: ");
        return dataOf(std::string_view{all[0]}.substr(at));
    }
    /// "mapped", "filtered", "unmatched" or "rejected{REASON}" of the last message.
    std::string fate() const {
        std::string fate;
        if (outcome.mapped > 0) fate += "mapped";
        if (outcome.filtered > 0) fate += "filtered";
        if (outcome.unmatched > 0) fate += "unmatched";
        for (std::size_t i = 0; i < kRejections; ++i)
            if (outcome.rejected[i] > 0)
                fate += "rejected{" + std::string{nameOf(static_cast<Rejection>(i))} + "}";
        return fate;
    }
    std::uint64_t leftOut(Rejection reason) const {
        return outcome.leftOut[static_cast<std::size_t>(reason)];
    }
    std::uint64_t rejectedEvents(Rejection reason) const {
        return outcome.rejectedEvents[static_cast<std::size_t>(reason)];
    }

    std::optional<Mapper> mapper;
    EventBatch batch;
    MapOutcome outcome;
};

}  // namespace sluice
