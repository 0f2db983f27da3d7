#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mapping/Mapper.h"
#include "mapping/RuleAccount.h"

namespace sluice {

/// What the rules of one input make of a sample of its messages, and what they find in them: to
/// see whether rules and messages fit. Nothing is sent. One thread at a time.
class MappingSample {
  public:
    /// Something that a rule reads of messages.
    struct Field {
        static constexpr std::size_t kKinds = static_cast<std::size_t>(cel::Kind::Type) + 1;

        std::string name;                            // as expressions write it: "payload.amount"
        std::array<std::uint64_t, kKinds> byKind{};  // Kind::Error: it was not there
        std::string similar;  // where it was never there: what stands there and is named like it

        std::uint64_t of(cel::Kind kind) const { return byKind[static_cast<std::size_t>(kind)]; }
        std::uint64_t seen() const;
    };
    /// Values that cannot do what an operation of `when` takes them for.
    struct Mismatch {
        std::size_t field = 0;  // index of OfRule::fields
        std::string operation;  // "payload.amount > 0"
        cel::Type expected;
        std::uint64_t count = 0;  // of messages that had another type
        cel::Kind kind{};         // the one that most of these had
        bool isAlways = false;    // all messages that had the field
    };
    /// One rule.
    struct OfRule {
        const CompiledRule* rule = nullptr;
        std::uint64_t taken = 0;  // messages whose topic it takes
        std::uint64_t mapped = 0, filtered = 0, passed = 0;
        MapOutcome::ByReason rejected{};
        std::array<std::optional<RejectedSample>, kRejections> samples;  // the first of each
        std::uint64_t leftOut = 0;
        std::string firstLeftOut;
        std::vector<Field> fields;

        std::uint64_t rejectedInAll() const;
        /// Those of `when`, each field and operation once.
        std::vector<Mismatch> mismatches() const;
        /// Whether nothing can be expected of it: it failed on all that it took, or lets nothing
        /// pass and compares what is always of another type.
        bool isHopeless() const;

      private:
        friend class MappingSample;
        Mismatch mismatchOf(const cel::Expectation& expected) const;

        std::vector<std::size_t> fieldOf_;  // by reference; kNoField
        std::unique_ptr<const PathTree> tree_;
        bool hasSimilar_ = false;  // they were looked for
    };

    MappingSample(std::shared_ptr<const MappingTable> table, std::string input);

    void add(const Message& message);

    const std::string& input() const { return mapper_.input(); }
    std::uint64_t messages() const { return messages_; }
    std::uint64_t unmatched() const { return unmatched_; }
    /// Of the first message that no rule takes, with the nearest rule.
    const std::string& unmatchedNote() const { return unmatchedNote_; }
    /// All rules of the input, in file order.
    const std::vector<OfRule>& rules() const { return rules_; }

  private:
    static constexpr std::size_t kNoField = ~std::size_t{0};

    OfRule beginRule(const CompiledRule& rule) const;
    void count(const RuleAccount& account, OfRule& of);
    void look(const Message& message, OfRule& of);
    void findSimilar(std::string_view payload, OfRule& of) const;

    const std::shared_ptr<const MappingTable> table_;
    Mapper mapper_;
    MessageValues values_;
    EventBatch batch_;
    std::uint64_t messages_ = 0, unmatched_ = 0;
    std::string unmatchedNote_;
    std::vector<OfRule> rules_;
};

}  // namespace sluice
