#include "Schedule.h"

#include <array>
#include <charconv>
#include <numeric>
#include <stdexcept>

#include "Random.h"
#include "World.h"

namespace sluice::property {
namespace {

constexpr std::array<std::string_view, kOpKinds> kNames = {
    "Produce",  "Read", "Redeliver", "Plain",   "Age",     "AddLane", "AddFamily",
    "Discover", "Lost", "Retention", "Compact", "Restart", "Connect", "Turn",
    "Flush",    "Cut",  "Reset",     "Reload",  "Patch"};

// Tenths, in the order of OpKind.
std::array<unsigned, kOpKinds> weights(const Variant& variant) {
    std::array<unsigned, kOpKinds> all = {140, 120, 10, 40,  50, 10, 4, 20, 15, 10,
                                          10,  12,  70, 220, 90, 40, 0, 0,  0};
    const auto set = [&](OpKind kind, unsigned weight) {
        all[static_cast<std::size_t>(kind)] = weight;
    };
    if (variant.resets) set(OpKind::Reset, 15);
    if (variant.reloads) set(OpKind::Reload, 30);
    if (variant.journals) set(OpKind::Restart, 40);
    if (variant.patches) set(OpKind::Patch, 60);
    if (variant.quiet) {
        for (const OpKind kind : {OpKind::Age, OpKind::Lost, OpKind::Retention, OpKind::Plain})
            set(kind, 0);
    }
    return all;
}

}  // namespace

const std::vector<Variant>& variants() {
    static const std::vector<Variant> all = {
        {.name = "base"},
        {.name = "resets", .resets = true},
        {.name = "reloads", .reloads = true, .plainPercent = 30},
        {.name = "patterns", .patterns = true},
        {.name = "patched", .patches = true},
        {.name = "collected", .fewChannels = true},
        {.name = "wide", .lanesMax = 30},
        {.name = "long", .lanesMax = 60, .longPositions = true},
        {.name = "quiet", .quiet = true, .plainPercent = 0},
        {.name = "replays", .replays = true, .plainPercent = 30},
        {.name = "replayResets", .resets = true, .replays = true, .plainPercent = 30},
        {.name = "replayReloads", .reloads = true, .replays = true, .plainPercent = 30},
        {.name = "journals", .journals = true},
        {.name = "journalResets", .resets = true, .journals = true},
        {.name = "journalReloads", .reloads = true, .journals = true},
        {.name = "journalPatterns", .patterns = true, .fewChannels = true, .journals = true},
    };
    return all;
}

const Variant* findVariant(std::string_view name) {
    for (const Variant& variant : variants())
        if (variant.name == name) return &variant;
    return nullptr;
}

std::vector<Op> makeSchedule(std::uint64_t seed, const Variant& variant) {
    Random random{seed * 0x2545f4914f6cdd1du + 99};
    const auto weight = weights(variant);
    const unsigned total = std::accumulate(weight.begin(), weight.end(), 0u);
    std::vector<Op> ops(random.oneOf({30u, 60u, 100u}));
    for (Op& op : ops) {
        unsigned at = random.below(total);
        std::size_t kind = 0;
        while (at >= weight[kind]) at -= weight[kind++];
        op = {static_cast<OpKind>(kind), random.next()};
    }
    return ops;
}

std::optional<std::string> runSchedule(std::uint64_t seed, const std::vector<Op>& ops,
                                       const Variant& variant, bool trace) {
    try {
        World world{seed, variant, trace};
        for (const Op& op : ops) world.apply(op);
        world.settle();
    } catch (const Violation& violation) {
        return violation.what();
    }
    return std::nullopt;
}

std::vector<Op> shrink(std::uint64_t seed, std::vector<Op> ops, const Variant& variant) {
    for (std::size_t length = ops.size(); length > 0; length /= 2) {
        for (std::size_t begin = 0; begin < ops.size();) {
            std::vector<Op> fewer{ops.begin(), ops.begin() + static_cast<std::ptrdiff_t>(begin)};
            const std::size_t end = std::min(ops.size(), begin + length);
            fewer.insert(fewer.end(), ops.begin() + static_cast<std::ptrdiff_t>(end), ops.end());
            if (runSchedule(seed, fewer, variant)) {
                ops = std::move(fewer);
            } else {
                begin += length;
            }
        }
    }
    return ops;
}

std::string_view nameOf(OpKind kind) {
    return kNames[static_cast<std::size_t>(kind)];
}

std::string printOps(const std::vector<Op>& ops) {
    std::string text;
    for (const Op& op : ops) {
        std::array<char, 8> digits;
        const auto end = std::to_chars(digits.begin(), digits.end(), op.seed, 16).ptr;
        if (!text.empty()) text += ' ';
        text.append(nameOf(op.kind)).append(":").append(digits.begin(), end);
    }
    return text;
}

std::vector<Op> parseOps(std::string_view text) {
    std::vector<Op> ops;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        if (word.empty()) continue;
        const std::size_t colon = std::min(word.find(':'), word.size() - 1);
        Op op;
        std::size_t kind = 0;
        while (kind < kOpKinds && kNames[kind] != word.substr(0, colon)) ++kind;
        const char* const end = word.data() + word.size();
        const auto read = std::from_chars(word.data() + colon + 1, end, op.seed, 16);
        if (kind == kOpKinds || read.ec != std::errc{} || read.ptr != end)
            throw std::invalid_argument{"no operation: " + std::string{word}};
        op.kind = static_cast<OpKind>(kind);
        ops.push_back(op);
    }
    return ops;
}

}  // namespace sluice::property
