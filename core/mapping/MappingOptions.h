#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// Where a text of the configuration stands, for errors found after it was read.
struct SourceMark {
    std::string file;
    std::uint32_t line = 0, column = 0;  // from 1; 0: not from a file
};

/// How the payloads of an input are read.
enum class PayloadFormat : std::uint8_t {
    Json,  // a JSON text
    Text,  // one string, UTF-8
    Raw    // bytes; sent as base64 where they are not UTF-8
};

/// The value of `data`, as it was written.
struct DataText {
    enum class Kind : std::uint8_t { Scalar, List, Map };
    Kind kind = Kind::Scalar;
    std::string text;               // Scalar
    bool isPlain = false;           // Scalar without quotes: a number, true, false or null is one
    std::vector<std::string> keys;  // Map: names of `items`, in file order, each once
    std::vector<DataText> items;    // List, Map
};

/// What becomes of a message that a rule cannot map.
struct OnError {
    enum class Kind : std::uint8_t {
        Drop,       // nothing but its count
        Pass,       // its payload goes to the channel as it is
        ToChannel,  // it goes to another channel, with why
        ToFile      // the same, as one line of a file
    };
    Kind kind = Kind::Drop;
    std::string target;  // ToChannel: a template of topic and captures; ToFile: a path
};

/// One entry of `mappings`, as text; MappingTable compiles it.
struct MappingRule {
    std::string input;    // before the colon of `from`
    std::string from;     // the pattern after it
    std::string channel;  // template
    std::string event;    // template; empty: no event name
    std::string key;      // template; empty: the message's key
    SourceMark mark;
    std::optional<std::string> when{};  // expression; absent: always
    std::optional<DataText> data{};     // absent: the payload as it is
    std::vector<std::string> redact{};  // paths: "payload.card.number"
    OnError onError{};
};

struct MappingOptions {
    std::vector<MappingRule> rules;              // in file order
    std::size_t payloadBytesMax = 256u << 10;    // a longer payload is rejected
    std::size_t deadLetterBytesMax = 64u << 20;  // of a file of dead letters
};

}  // namespace sluice
