#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "mapping/MapOutcome.h"

namespace sluice {

/// The files that take what mappings could not map, one JSON object a line, whole lines only.
/// Opened for each letter, so a file may be moved away at any time; beyond its bound it takes no
/// more. Any thread may call; writing may wait for the disk.
class DeadLetterFiles {
  public:
    /// Appends all that fit into files of `bytesMax` bytes, those that were there before included;
    /// returns how many did not, because a file is full or cannot be written. The first of these is
    /// logged.
    std::uint64_t write(const std::vector<DeadLetter>& letters, std::size_t bytesMax);

  private:
    bool append(const DeadLetter& letter, std::size_t bytesMax);

    std::mutex mutex_;  // one line at a time
};

}  // namespace sluice
