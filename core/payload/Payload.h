#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expression/Arena.h"
#include "expression/Value.h"
#include "payload/Paths.h"

namespace sluice {

/// The payload of one message as JSON: the values at the paths that rules read, found in one pass
/// (simdjson, on demand). Kept and reused by one thread.
///
/// What no path leads to is not looked at closely: `{"a":1,"b":tru}` counts as JSON where only `a`
/// is read. Whatever is copied or decoded was walked over whole (isJson), so that broken JSON never
/// reaches an event. Of equal keys the last one counts. A byte order mark is skipped.
class Payload {
  public:
    Payload();
    ~Payload();
    Payload(const Payload&) = delete;
    Payload& operator=(const Payload&) = delete;

    /// Finds the values of all slots of `tree`. False where the bytes are no JSON text: all slots
    /// are empty then, and problem() says why. `bytes` are copied; `tree` outlives the use of what
    /// was found. Views and values live until the next load.
    bool load(std::string_view bytes, const PathTree& tree);

    /// What is wrong with the text that was loaded; empty: nothing that was seen. What `raw` and
    /// `value` find broken shows here, too.
    const std::string& problem() const { return problem_; }

    bool has(SlotId slot) const { return slots_[slot].state != State::Absent; }
    /// The JSON text of a value, as it was sent; nothing where there is none or it is broken.
    std::optional<std::string_view> raw(SlotId slot);
    /// The value by cel::parseJson, decoded once. Value::missing() where `raw` is nothing. `arena`
    /// is the same for all calls between two loads.
    cel::Value value(SlotId slot, cel::Arena& arena);
    /// The kind that `value` would have, decoding numbers only; Kind::Error where there is none.
    cel::Kind kind(SlotId slot) const;

    /// Memory that it holds between messages.
    std::size_t bytesHeld() const;

    /// Messages up to this size leave their memory for the next one; that of a larger one is given
    /// back as soon as a smaller one comes.
    static constexpr std::size_t kKeptBytesMax = 1u << 20;

  private:
    enum class State : std::uint8_t { Absent, Found, Walked, Decoded };
    struct Slot {
        State state = State::Absent;
        std::string_view raw;
    };
    struct Simdjson;
    class Walk;

    std::string_view copy(std::string_view bytes);
    void clear(const PathTree& tree);
    bool fail(std::string problem);
    bool walk(Slot& slot);
    cel::Value decode(Slot& slot, cel::Value& kept, cel::Arena& arena);

    std::unique_ptr<Simdjson> simdjson_;
    std::unique_ptr<char[]> buffer_;
    std::size_t capacity_ = 0;
    std::vector<Slot> slots_;            // by SlotId; those of other trees hold anything
    std::vector<cel::Value> values_;     // of slots that are Decoded
    std::vector<std::uint8_t> visited_;  // by place of the tree: seen in this message
    std::string problem_;
    bool isUtf8_ = false;  // the walk has checked the document
};

}  // namespace sluice
