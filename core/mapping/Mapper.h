#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "event/EventBatch.h"
#include "mapping/MappingTable.h"
#include "mapping/Message.h"

namespace sluice {

/// Why a message, or one of its events, did not become lines.
enum class Rejection : std::uint8_t { NoValue, NotUtf8, BadChannel, BadEvent, TooLarge };
inline constexpr std::size_t kRejections = 5;
/// As metrics and logs say it: "no-value", "not-utf8", "bad-channel", "bad-event", "too-large".
std::string_view nameOf(Rejection reason);

/// What became of messages. Each message counts once: mapped if it yielded an event, else rejected
/// if some rule failed on it, else filtered, or unmatched where no rule takes its topic.
struct MapOutcome {
    std::uint64_t mapped = 0, filtered = 0, unmatched = 0;
    std::array<std::uint64_t, kRejections> rejected{};        // messages, by the first reason
    std::array<std::uint64_t, kRejections> rejectedEvents{};  // by rule, also of mapped messages
    std::vector<std::uint64_t> eventsByRule;                  // by CompiledRule::index
    std::vector<std::string> notes;  // for people: the first of each kind of failure
};

/// Applies a table to the messages of one input. One thread at a time; kept by it, because it
/// remembers what every topic leads to: a topic seen before costs a comparison or a look-up.
class Mapper {
  public:
    Mapper(std::shared_ptr<const MappingTable> table, std::string input);

    /// Adds the message and the events it yields to the batch, in file order of the rules, and
    /// adds up what became of it.
    void map(const Message& message, EventBatch& batch, MapOutcome& outcome);

    const MappingTable& table() const { return *table_; }
    const std::string& input() const { return input_; }

    /// Topics that are remembered; beyond it the memory starts afresh.
    static constexpr std::size_t kTopicsMax = 10'000;

  private:
    /// A rule applied to one topic: what depends on the topic only is there already.
    struct Route {
        const CompiledRule* rule = nullptr;
        Pattern::Captures captures;          // views of the topic below
        std::optional<std::string> channel;  // absent: to be rendered for each message
        std::optional<std::string> event;
    };
    struct Plan {
        std::string topic;
        std::vector<Route> routes;
    };
    /// Why a rule failed on a message, and on which value.
    struct Failure {
        Rejection reason = Rejection::NoValue;
        std::string_view value;
    };
    using Part = std::optional<std::string_view>;

    const Plan& planFor(std::string_view topic);
    std::unique_ptr<Plan> makePlan(std::string_view topic) const;
    std::optional<Failure> apply(const Route& route, const Message& message, EventBatch& batch);
    Part part(const Template& text, const Route& route, const Message& message, std::string& out,
              Failure& failure) const;
    std::string_view tombstone(bool hasKey, std::string_view key);
    void unmatched(const Message& message, MapOutcome& outcome);
    void noteOnce(const Route& route, const Failure& failure, const Message& message,
                  MapOutcome& outcome);

    const std::shared_ptr<const MappingTable> table_;
    const std::string input_;
    std::unordered_map<std::string_view, std::unique_ptr<Plan>> plans_;  // keys: Plan::topic
    const Plan* last_ = nullptr;
    std::string channel_, event_, key_, data_;  // of the event that is being made
    bool notedUnmatched_ = false;
    std::vector<bool> noted_;  // by rule and reason
};

}  // namespace sluice
