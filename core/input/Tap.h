#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "input/InputState.h"
#include "mapping/Message.h"

namespace sluice {

/// Takes what inputs receive in the place of mappings and hub, as their plugins say it: for tools
/// that look at sources. Called on the plugins' threads, of one lane one at a time; must be short
/// and wait for nobody but itself. All views are lent for the call.
class Tap {
  public:
    /// One lane as its source declared it.
    struct LaneEnds {
        std::optional<Position> low, end;  // where the source told them
        std::optional<Position> start;     // where reading begins
    };
    struct Declaration {
        std::string_view family;
        Words words = Words::One;
        std::string_view cluster, incarnation;  // may be empty
        std::span<const LaneEnds> lanes;        // none: the family is not there (any more)
    };
    /// A lane; an empty family is the plain one.
    struct Lane {
        std::string_view family;
        std::uint32_t index = 0;
        Words words = Words::One;
    };

    /// An instance was opened; before anything else of it but health. Its messages have positions,
    /// none of them, or only those of topics that a pattern of `positionsOf` takes.
    enum class Positions : std::uint8_t { All, None, Some };
    virtual void opened(std::string_view input, Positions positions,
                        std::span<const std::string> positionsOf) noexcept = 0;
    /// The family of a message's lane is its topic.
    virtual void message(std::string_view input, const Message& message) noexcept = 0;
    virtual void lanes(std::string_view input, const Declaration& declaration) noexcept = 0;
    virtual void lost(std::string_view input, const Lane& lane, Position to,
                      bool isReset) noexcept = 0;
    virtual void at(std::string_view input, const Lane& lane, Position position) noexcept = 0;
    /// Of the instance, also before it was opened.
    virtual void health(std::string_view input, const InputHealth& health) noexcept = 0;

  protected:
    ~Tap() = default;
};

}  // namespace sluice
