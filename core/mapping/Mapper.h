#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "event/EventBatch.h"
#include "expression/Arena.h"
#include "mapping/MapOutcome.h"
#include "mapping/MappingTable.h"
#include "mapping/Message.h"
#include "mapping/MessageValues.h"

namespace sluice {

struct RuleAccount;

/// Applies a table to the messages of one input. One thread at a time; kept by it, because it
/// remembers what every topic leads to: a topic seen before costs a comparison or a look-up.
///
/// A tombstone is `event: delete` with the data `{"key": ...}`. A `when` that looks inside its
/// payload and cannot be evaluated lets it pass, since nothing tells that it should not; a `key`
/// that looks inside is the message's key, an `event` that does is `delete`, and so is its `data`.
class Mapper {
  public:
    Mapper(std::shared_ptr<const MappingTable> table, std::string input);

    /// Adds the message and the events it yields to the batch, in file order of the rules, and
    /// adds up what became of it.
    void map(const Message& message, EventBatch& batch, MapOutcome& outcome);
    /// What each rule that takes the topic makes of the message, and why, in file order: the same
    /// as `map` makes of it. For people: slower.
    std::vector<RuleAccount> explain(const Message& message);
    /// Why a rule failed last, for people. REQUIRES: one did, on the message mapped last.
    std::string lastFailure() const { return failure_.text(); }
    /// Whether some rule takes the topic.
    bool takes(std::string_view topic);

    const MappingTable& table() const { return *table_; }
    const std::string& input() const { return input_; }

    /// Topics that are remembered; beyond it the memory starts afresh.
    static constexpr std::size_t kTopicsMax = 10'000;
    /// Memory for values that is kept from one message to the next.
    static constexpr std::size_t kArenaBytesKept = 1u << 20;
    /// What `data` makes may be so many times longer than a payload.
    static constexpr std::size_t kDataGrowthMax = 2;

  private:
    /// A rule applied to one topic: what depends on the topic only is there already.
    struct Route {
        const CompiledRule* rule = nullptr;
        Pattern::Captures captures;          // views of the topic below
        std::optional<std::string> channel;  // absent: to be rendered for each message
        std::optional<std::string> event;
        std::string deadLetters;  // the channel; empty: none
        bool asksWhen = false;
    };
    struct Plan {
        std::string topic;
        std::vector<Route> routes;
        const PathTree* tree = nullptr;
        bool evaluates = false;  // some rule does more than pass payloads to a fixed channel
        bool isTaken = false;    // by some rule, though perhaps by none whose `when` lets it
    };
    enum class Applied : std::uint8_t { Event, Filtered, Failed };
    /// The parts of one event.
    struct Parts {
        std::string_view channel, event, key, data;
        bool isDeletion = false;  // of a tombstone
    };

    const Plan& planFor(std::string_view topic);
    std::unique_ptr<Plan> makePlan(std::string_view topic);
    bool addRoute(const CompiledRule& rule, Plan& plan, const Message& ofTopic);
    const PathTree& treeFor(const Plan& plan);

    Applied apply(const Route& route, const Message& message, EventBatch& batch,
                  MapOutcome& outcome);
    std::optional<Applied> ask(const Route& route, const Message& message);
    bool name(const Route& route, const Message& message, Parts& parts);
    bool makeData(const CompiledRule& rule, const Message& message, Parts& parts,
                  MapOutcome& outcome);
    std::optional<std::string_view> payloadOf(const CompiledRule& rule, const Message& message);
    bool render(const char* field, const Template& text, std::string& out);
    bool add(const Parts& parts, EventBatch& batch);
    std::string_view tombstone(const Message& message, const Parts& parts);
    Applied fail(const Failure& failure);
    void hideFailure(const CompiledRule& rule);

    RuleAccount explain(const CompiledRule& rule, const Pattern::Captures& captures,
                        const Plan& plan, const Message& message);
    void explain(const Route& route, const Message& message, RuleAccount& account);

    bool recover(const Route& route, const Message& message, EventBatch& batch,
                 MapOutcome& outcome);
    bool pass(const Route& route, const Message& message, EventBatch& batch);
    std::optional<std::string_view> shownPayload(const CompiledRule& rule, const Message& message);
    void unmatched(const Message& message, MapOutcome& outcome);
    void noteOnce(const Route& route, const Message& message, MapOutcome& outcome);
    void noteLeftOut(const CompiledRule& rule, const Message& message, const LeftOut& leftOut,
                     MapOutcome& outcome);
    std::string noteOf(const CompiledRule& rule, const Message& message) const;

    const std::shared_ptr<const MappingTable> table_;
    const std::string input_;
    const MappingTable::OfInput* const ofInput_;  // null: no rule
    const PathTree nothing_;                      // for topics whose rules read no path

    std::unordered_map<std::string_view, std::unique_ptr<Plan>> plans_;  // keys: Plan::topic
    std::map<std::vector<SlotId>, std::unique_ptr<PathTree>> trees_;     // shared by plans
    const Plan* last_ = nullptr;

    // of the message, or the event, that is being made
    MessageValues values_;
    cel::Arena arena_;
    Failure failure_;
    std::string channel_, event_, key_, data_, shown_;

    bool notedUnmatched_ = false;
    std::vector<bool> noted_;         // by rule and reason
    std::vector<bool> notedLeftOut_;  // by rule
};

}  // namespace sluice
