#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/Pattern.h"
#include "expression/Scope.h"
#include "mapping/Message.h"
#include "mapping/References.h"
#include "mapping/Rejection.h"
#include "payload/Payload.h"
#include "payload/Redaction.h"

namespace sluice {

/// What one rule hides of the payload in what it sends.
struct RuleRedaction {
    Redaction whole;
    std::vector<Redaction> byReference;  // what is left of it below each reference
};

/// What the references of rules mean for one message. The payload is parsed when the first of them
/// looks inside, and never where none does. Kept and reused by one thread.
class MessageValues final : public cel::Activation {
  public:
    /// Lends a message until the next one; `tree` has the paths that the rules for its topic read.
    void begin(const Message& message, PayloadFormat format, const PathTree& tree);
    /// Begins with a rule: lends what its expressions refer to, until the next one.
    void enter(const std::vector<MessageReference>& references, const Pattern::Captures& captures);
    /// What the rule hides from here on; null: nothing.
    void hide(const RuleRedaction* redaction) { redaction_ = redaction; }

    cel::Value value(std::uint32_t reference, cel::Arena& arena) const override;
    cel::Kind kind(std::uint32_t reference) const override;

    /// The bytes of a reference that is text as it stands in the message; nothing where it is none
    /// or is missing.
    std::optional<std::string_view> text(std::uint32_t reference) const;
    /// The JSON text of a payload path, with what is hidden as null; nothing where it is no such
    /// reference or is missing. `buffer` holds it where something is hidden.
    std::optional<std::string_view> json(std::uint32_t reference, std::string& buffer) const;
    /// The whole payload with what the redaction hides as null; nothing where it is no JSON.
    std::optional<std::string_view> redactedPayload(const Redaction& redaction,
                                                    std::string& buffer) const;

    /// Why the rule cannot use what it saw of the payload; nothing where it did not look inside.
    std::optional<Failure> payloadFailure() const;

    const Message& message() const { return *message_; }

  private:
    cel::Value payloadValue(std::uint32_t reference, cel::Arena& arena) const;
    cel::Value redactedValue(SlotId slot, const Redaction& redaction, cel::Arena& arena) const;
    cel::Value wholeText() const;
    cel::Value headers(cel::Arena& arena) const;
    cel::Value offset(cel::Arena& arena) const;
    const std::string_view* plainText(const MessageReference& reference) const;
    const Redaction* redactionOf(std::uint32_t reference) const;
    /// Whether the payload can be looked into; parses it the first time.
    bool isOpen() const;

    const Message* message_ = nullptr;
    PayloadFormat format_ = PayloadFormat::Json;
    const PathTree* tree_ = nullptr;
    const std::vector<MessageReference>* references_ = nullptr;
    const Pattern::Captures* captures_ = nullptr;
    const RuleRedaction* redaction_ = nullptr;

    // Looking opens the payload, which changes nothing that can be seen.
    mutable Payload payload_;
    mutable bool isLoaded_ = false;
    mutable bool hasLooked_ = false;  // the rule
    mutable bool isNotUtf8_ = false;  // of PayloadFormat::Text
    mutable std::string buffer_;
};

}  // namespace sluice
