#pragma once

#include <cstdint>
#include <fstream>
#include <string>

#include "Line.h"

namespace sluice::replay {

/// Reads a recording line by line. One thread.
class LineReader {
  public:
    /// Opens the file and reads its header. Throws RecordingError.
    explicit LineReader(const std::string& file);

    /// The next line; false at the end. A last line that was cut off, as when the recorder was
    /// killed, ends the file; then wasCut(). Throws RecordingError with the number of the line.
    bool next(Line& line);

    std::uint64_t number() const { return number_; }
    bool wasCut() const { return wasCut_; }

    static constexpr std::size_t kLineBytesMax = 256u << 20;

  private:
    bool read();
    bool fill();
    [[noreturn]] void refuse(const std::string& why) const;

    const std::string file_;
    std::ifstream in_;
    std::string chunk_;      // read and not taken yet
    std::size_t taken_ = 0;  // of it
    std::string text_;       // the line
    bool isEnded_ = false;   // by a line feed
    std::uint64_t number_ = 0;
    bool wasCut_ = false;
};

}  // namespace sluice::replay
