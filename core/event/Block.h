#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

/// How blocks are framed on the connection: each block one chunk (RFC 9112 section 7.1), or
/// nothing around it (HTTP/1.0, closed at the end).
enum class Framing : std::uint8_t { Chunked, Close };

/// Whether control blocks (`sluice.open`, `sluice.at`, `sluice.gap`) are named events, or comments
/// for readers that cannot ignore named ones (their id then advances with events only).
enum class Control : std::uint8_t { Events, Comments };

/// Appends whole SSE blocks to a buffer (HTML standard, section 9.2). In every block `id:` is the
/// last field. One thread at a time; borrows the buffer.
class BlockWriter {
  public:
    BlockWriter(std::string& out, Framing framing, Control control)
        : out_{out}, framing_{framing}, control_{control} {}

    /// The first block of a stream: `retry:`, `event: sluice.open`, data, id.
    void open(std::uint32_t retryMs, std::string_view json, std::string_view id);
    /// An event of a user: its ready lines ("event: ...\n" may be empty, "data: ...\n") and its id.
    void event(std::string_view lines, std::string_view id);
    /// `event: sluice.gap`. `json` has no line breaks.
    void gap(std::string_view json, std::string_view id);
    /// A position block: `event: sluice.at`, an empty data line, id.
    void position(std::string_view id);
    /// The last block of a drained stream: a position block with its own `retry:`.
    void farewell(std::uint32_t retryMs, std::string_view id);
    /// The end of the body, where the framing has one. Nothing may follow.
    void end();

  private:
    void block(std::string_view head, std::string_view lines, std::string_view id);

    std::string& out_;
    Framing framing_;
    Control control_;
};

/// Composes the `data:` line of `envelope=json`:
/// {"channel","event","key","time","data"} ("text" in the place of "data" when it is not JSON).
/// `lines` are the event's ready lines; the result is those lines with the data replaced.
std::string envelope(std::string_view channel, std::string_view eventLine, std::string_view key,
                     std::int64_t timeMs, std::string_view dataLines);

}  // namespace sluice
