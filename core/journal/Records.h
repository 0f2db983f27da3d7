#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "channel/Journal.h"
#include "journal/Bytes.h"

/// How what a hub tells its journal is written: a kind, then its fields. Pure.
namespace sluice::records {

enum class Kind : std::uint8_t {
    Event = 1,
    Moved,
    Gap,
    Reset,
    Family,
    Lane,
    Retired,
    Remapped,
    Evicted,
    Collected,
    Everything
};

void writeKind(std::string& out, Kind kind);
void writeEvent(std::string& out, const KeptEvent& event);
/// The views of the event live as the reader's input.
KeptEvent readEvent(ByteReader& in);
void writeGap(std::string& out, const GapRecord& gap);
GapRecord readGap(ByteReader& in);
void writeFamily(std::string& out, const Family& family);
Family readFamily(ByteReader& in);
void writeLog(std::string& out, const KeptLog& log);
KeptLog readLog(ByteReader& in);
void writeMemory(std::string& out, const HubMemory& memory);
/// Throws BadBytes also where the parts do not fit each other.
HubMemory readMemory(ByteReader& in);

}  // namespace sluice::records
