#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/MappingOptions.h"
#include "mapping/References.h"

namespace sluice {

/// A node of the settings below an input: what the plugin asks for by JSON pointer. Text as it
/// counts (quotes gone, `${NAME}` resolved); Sluice does not know the plugin's types.
struct Setting {
    enum class Kind { Scalar, List, Map };
    Kind kind = Kind::Map;
    std::string text;               // Scalar; null is ""
    std::vector<std::string> keys;  // Map: names of `items`, in file order, each once
    std::vector<Setting> items;     // List, Map
    SourceMark mark;

    /// The node at an RFC 6901 pointer ("" is this one), or null.
    const Setting* find(std::string_view pointer) const;
    /// Adds a key to a map (or replaces its value); for tests and for settings made of a URI.
    Setting& set(std::string key, std::string value);
    /// The text of the scalar there; empty where there is none.
    std::string textAt(std::string_view pointer) const;
    /// Whether a plugin reads the same from it: marks and the order of keys do not count.
    bool isSameAs(const Setting& other) const;
};

/// What an input takes without `rewind`.
inline constexpr std::chrono::milliseconds kRewindDefault = std::chrono::minutes{2};

/// One entry of `inputs`.
struct InputOptions {
    std::string name;    // key of the entry, before the colon of `from`
    std::string plugin;  // name of the plugin: NAME.so
    Setting settings;    // a map: the keys that are the plugin's own
    std::chrono::milliseconds rewind = kRewindDefault;  // how far back reading begins (warm start)
    std::optional<char> separator;                      // of topic levels; absent: the plugin's
    PayloadFormat format = PayloadFormat::Json;         // how mappings read its payloads
    bool observes = false;  // for tools: only looks (SLUICE_HOST_OBSERVES)
    SourceMark mark;

    /// Whether both make the same input, wherever they were written.
    bool isSameAs(const InputOptions& other) const;
    /// The same, whatever the names are.
    bool isSameButForName(const InputOptions& other) const;
};

/// What a table must know of an input whose plugin, where the input names none, has this separator.
MappingInput mappingInputOf(const InputOptions& input, char separator);

/// Bounds of an input's control by the host.
struct InputLimits {
    std::chrono::milliseconds stopDeadline{5'000};  // afterwards an instance is abandoned
    std::chrono::milliseconds backOffFirst{1'000};  // doubled after every failure
    std::chrono::milliseconds backOffMax{60'000};
    std::chrono::milliseconds readyWithin{60'000};  // readiness waits no longer for warm starts
    // A replay whose plugin shows no life for so long is given up; longer than plugins try for.
    std::chrono::milliseconds replayPatience{60'000};
};

}  // namespace sluice
