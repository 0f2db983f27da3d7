#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace sluice {

/// How blocks are framed on the connection: each block one chunk (RFC 9112 section 7.1), or
/// nothing around it (HTTP/1.0, closed at the end).
enum class Framing : std::uint8_t { Chunked, Close };

/// Whether control blocks (`sluice.open`, `sluice.at`, `sluice.gap`) are named events, or comments
/// for readers that cannot ignore named ones (their id then advances with events only). Pings: as
/// Comments, with the ping of cyclone-sse. OnlyPings and Nothing are for scripts that take each
/// block for an event, comments too: an empty line is in the place of each, but for that ping,
/// which has an id, since such a script keeps the id of any block.
enum class Control : std::uint8_t { Events, Comments, Pings, OnlyPings, Nothing };

/// Appends whole SSE blocks to a buffer (HTML standard, section 9.2). In every block `id:` is the
/// last field; an empty one leaves it out, so that readers keep the id that they have. One thread
/// at a time; borrows the buffer.
class BlockWriter {
  public:
    BlockWriter(std::string& out, Framing framing, Control control)
        : out_{out}, framing_{framing}, control_{control} {}

    /// The first block of a stream: `retry:`, `event: sluice.open`, data, id. `json` has no line
    /// breaks.
    void open(std::uint32_t retryMs, std::string_view json, std::string_view id);
    /// An event of a user: its ready lines ("event: ...\n" may be empty, "data: ...\n") and its id.
    void event(std::string_view lines, std::string_view id);
    /// `event: sluice.gap`. `json` has no line breaks.
    void gap(std::string_view json, std::string_view id);
    /// `event: sluice.sync`: the snapshot ends here. `json` has no line breaks.
    void sync(std::string_view json, std::string_view id);
    /// A position block: `event: sluice.at`, an empty data line, id.
    void position(std::string_view id);
    /// The last block of a drained stream: a position block with its own `retry:`.
    void farewell(std::uint32_t retryMs, std::string_view id);
    /// A piece of a body that is no SSE, in the same frame.
    void piece(std::string_view text) { block({text}); }
    /// The end of the body, where the framing has one. Nothing may follow.
    void end();

  private:
    void block(std::initializer_list<std::string_view> parts);
    void told(std::string_view name, std::string_view json, std::string_view id);
    bool isBare() const { return control_ >= Control::OnlyPings; }

    std::string& out_;
    Framing framing_;
    Control control_;
};

/// Composes the lines of an event for `envelope=json`: its event line as it is, then data
/// {"channel","event","key","time","data"}. Data that is JSON stands in it byte for byte (also over
/// several `data:` lines); data that is not becomes a string, "text", in the place of "data".
/// "event" is "message" for an event without a name; "time" is in milliseconds since the Unix
/// epoch; bytes of a key that is not UTF-8 are shown as U+FFFD.
/// `eventLine` and `dataLines` are those of an EventBatch or a log. Any thread may call.
std::string envelope(std::string_view channel, std::string_view eventLine, std::string_view key,
                     std::int64_t timeMs, std::string_view dataLines);

}  // namespace sluice
