#include "LineReader.h"

#include <cerrno>
#include <cstring>

namespace sluice::replay {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kChunkBytes = 64u << 10;

}  // namespace

LineReader::LineReader(const std::string& file) : file_{file}, in_{file, std::ios::binary} {
    if (!in_) throw RecordingError{"cannot read " + file + ": " + std::strerror(errno)};
    Line header;
    if (!next(header) || header.kind != Line::Kind::Header)
        throw RecordingError{file + " is no recording: its first line is no header"};
    if (header.version != kVersion)
        throw RecordingError{file + " has version " + std::to_string(header.version) +
                             " of the format; this plugin reads version 1"};
}

void LineReader::refuse(const std::string& why) const {
    throw RecordingError{file_ + ", line " + std::to_string(number_) + ": " + why};
}

/// The next line without its end; false at the end of the file.
bool LineReader::read() {
    text_.clear();
    isEnded_ = false;
    while (!isEnded_) {
        if (taken_ == chunk_.size() && !fill()) return !text_.empty();
        const std::size_t end = chunk_.find('\n', taken_);
        isEnded_ = end != std::string::npos;
        text_.append(chunk_, taken_, isEnded_ ? end - taken_ : std::string::npos);
        taken_ = isEnded_ ? end + 1 : chunk_.size();
        if (text_.size() > kLineBytesMax) refuse("it is longer than 256 MiB");
    }
    return true;
}

bool LineReader::fill() {
    chunk_.resize(kChunkBytes);
    in_.read(chunk_.data(), static_cast<std::streamsize>(chunk_.size()));
    if (in_.bad()) refuse("the file cannot be read any further");
    chunk_.resize(static_cast<std::size_t>(in_.gcount()));
    taken_ = 0;
    return !chunk_.empty();
}

bool LineReader::next(Line& line) {
    if (!read()) return false;
    ++number_;
    try {
        line = parseLine(text_);
    } catch (const RecordingError& error) {
        if (isEnded_ || number_ == 1) refuse(error.what());
        wasCut_ = true;
        return false;
    }
    return true;
}

}  // namespace sluice::replay
