#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/Position.h"

/// The text of event ids: resume.md section 3. Pure; any thread may call.
namespace sluice {

/// The name of one run of a node: 8 of [a-z2-7].
using Epoch = std::array<char, 8>;
/// An epoch that no node ever takes: a short id with it reads as approximate.
inline constexpr Epoch kNobodysEpoch{'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a'};
/// Longest id in characters that is ever written or read.
inline constexpr std::size_t kEventIdMax = 1'024;
/// Vectors up to this length in characters stand in every event.
inline constexpr std::size_t kVectorInEveryEventMax = 128;

/// A fresh epoch from the kernel's random numbers; never kNobodysEpoch.
Epoch randomEpoch();

/// The part of a cut that lies in one family: places[i] is the next place of lane i. Not empty.
struct FamilyCut {
    std::uint32_t hash = 0;  // first 4 bytes of SHA-256, big-endian; never 0
    Words words = Words::One;
    std::vector<Place> places;
    bool operator==(const FamilyCut&) const = default;
};
/// Ascending by hash, each hash once.
using Cut = std::vector<FamilyCut>;

/// As FamilyCut, borrowed: what the writer takes.
struct FamilyCutView {
    std::uint32_t hash = 0;
    Words words = Words::One;
    std::span<const Place> places;
};

/// A decoded id. `cut` is absent in short ids, present (perhaps empty) in full ones.
struct EventId {
    Epoch epoch{};
    std::uint64_t seq = 0;
    std::uint64_t timeMs = 0;  // milliseconds since the Unix epoch
    std::optional<Cut> cut;
    std::uint16_t gen = 0;  // 0 unless some place of the cut has an ordinal
    bool operator==(const EventId&) const = default;
};

/// Decodes an id; nothing for whatever no writer would have written (also a newer version).
std::optional<EventId> parseEventId(std::string_view text);

/// Appends the base64url text of the vector of a cut. REQUIRES: ascending by hash, no family
/// without lanes. Lanes without a place in the cut stand there as the beginning.
void appendVector(std::string& out, std::span<const FamilyCutView> cut, std::uint16_t gen);

/// Appends a full id (with `~`), or nothing at all and false if it would exceed kEventIdMax.
bool appendFullId(std::string& out, const Epoch& epoch, std::uint64_t seq, std::uint64_t timeMs,
                  std::span<const FamilyCutView> cut, std::uint16_t gen);
/// Appends a short id (without `~`).
void appendShortId(std::string& out, const Epoch& epoch, std::uint64_t seq, std::uint64_t timeMs);

/// The hash that names a family in ids: the first 4 bytes of SHA-256 over the parts joined by NUL,
/// big-endian, 0 written as 1. Cluster and incarnation are left out where they are empty.
std::uint32_t familyHash(std::string_view input, std::string_view family, std::string_view cluster,
                         std::string_view incarnation);

/// The generation of a mapping table: the first 2 bytes of SHA-256 over its normalised text.
std::uint16_t mappingGeneration(std::string_view normalisedMappings);

/// CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xffff, not reflected): the check of ids.
std::uint16_t crc16(std::string_view bytes);

}  // namespace sluice
