#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Schedules: seeded lists of operations of which every subset is a valid schedule.
namespace sluice::property {

enum class OpKind : std::uint8_t {
    Produce,
    Read,
    Redeliver,
    Plain,
    Age,
    AddLane,
    AddFamily,
    Discover,
    Lost,
    Retention,
    Compact,
    Restart,
    Connect,
    Turn,
    Flush,
    Cut,
    Reset,
    Reload,
    Patch,
};
inline constexpr std::size_t kOpKinds = 19;

struct Op {
    OpKind kind = OpKind::Produce;
    std::uint32_t seed = 0;  // every choice of the operation comes from it
};

/// What a family of schedules contains.
struct Variant {
    std::string_view name;
    bool resets = false;
    bool reloads = false;
    bool patterns = false;
    bool patches = false;        // living streams get other channels
    bool fewChannels = false;    // channelsMax is reached: logs are collected and made again
    unsigned lanesMax = 3;       // of a family
    bool longPositions = false;  // ids soon exceed 128 or 1,024 characters
    bool quiet = false;          // nothing is ever lost: no gap may be told
    bool replays = false;        // sources are read again for who lacks what they have
    bool journals = false;       // nodes go on after a restart as what they were
    unsigned plainPercent = 50;
};
const std::vector<Variant>& variants();
const Variant* findVariant(std::string_view name);

std::vector<Op> makeSchedule(std::uint64_t seed, const Variant& variant);
/// Runs a schedule; what was violated, if something was.
std::optional<std::string> runSchedule(std::uint64_t seed, const std::vector<Op>& ops,
                                       const Variant& variant, bool trace = false);
/// The smallest sub-schedule found that still fails.
std::vector<Op> shrink(std::uint64_t seed, std::vector<Op> ops, const Variant& variant);

/// "Produce:1a2b Read:3c4d ..." and back; throws std::invalid_argument.
std::string printOps(const std::vector<Op>& ops);
std::vector<Op> parseOps(std::string_view text);
std::string_view nameOf(OpKind kind);

}  // namespace sluice::property
