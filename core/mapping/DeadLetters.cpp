#include "mapping/DeadLetters.h"

#include "base/JsonText.h"
#include "base/Utf8.h"
#include "expression/Base64.h"
#include "expression/Time.h"

namespace sluice {
namespace {

class ObjectText {
  public:
    void text(std::string_view name, std::string_view value) {
        field(name);
        appendJsonString(out_, value);
    }
    void plain(std::string_view name, std::string_view json) {
        field(name);
        out_ += json;
    }
    /// Text where it is some, else base64 under another name.
    void bytes(std::string_view name, std::string_view value) {
        if (isUtf8(value)) return text(name, value);
        text(std::string{name} + "Base64", cel::base64(value));
    }
    std::string finish() { return std::move(out_ += '}'); }

  private:
    void field(std::string_view name) {
        out_ += out_.empty() ? '{' : ',';
        appendJsonString(out_, name);
        out_ += ':';
    }

    std::string out_;
};

void addPlace(ObjectText& letter, const Message& message) {
    letter.bytes("topic", message.topic);
    if (message.lane != kPlainLane) {
        letter.plain("partition", std::to_string(message.laneOfFamily));
        const std::string first = std::to_string(message.position.first);
        if (message.words == Words::One)
            letter.plain("offset", first);
        else
            letter.text("offset", first + '-' + std::to_string(message.position.second));
    }
    if (message.key) letter.bytes("key", *message.key);
    if (!message.timeMs) return;
    const std::int64_t ms = (*message.timeMs % 1'000 + 1'000) % 1'000;
    const auto time = cel::timestampOf((*message.timeMs - ms) / 1'000, ms * 1'000'000);
    if (time) letter.text("time", cel::textOf(*time));
}

}  // namespace

std::string deadLetter(const Message& message, const CompiledRule& rule, const Failure& failure,
                       std::optional<std::string_view> payload) {
    ObjectText letter;
    letter.text("reason", nameOf(failure.reason));
    letter.text("text", failure.text());
    letter.plain("mapping", std::to_string(rule.index + 1));
    letter.text("input", rule.input);
    addPlace(letter, message);
    if (!message.payload)
        letter.plain("payload", "null");
    else if (payload)
        letter.bytes("payload", *payload);
    else
        letter.plain("payloadBytes", std::to_string(message.payload->size()));
    return letter.finish();
}

}  // namespace sluice
