#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

/// One block as it came, before any dispatching.
struct SseBlock {
    std::optional<std::uint32_t> retryMs;
    std::string event;  // empty where the field is absent
    std::optional<std::string> data;
    std::optional<std::string> id;
    std::vector<std::string> comments;
};

/// A reader of event streams that forgives nothing: HTTP/1.1 head, chunks of RFC 9112 with one
/// whole block each, fields of the HTML standard, `id:` last in its block. Shares no code with
/// core.
class SseParser {
  public:
    /// With `chunked` false the body is delimited by the close of the connection.
    explicit SseParser(bool chunked = true) : chunked_{chunked} {}

    /// Any piece of what came, in order.
    void feed(std::string_view bytes) {
        pending_ += bytes;
        while (error_.empty() && step()) {
        }
    }

    const std::string& head() const { return head_; }
    const std::vector<SseBlock>& blocks() const { return blocks_; }
    /// Lines that came without the blank line that would end their block.
    const std::string& unfinished() const { return unfinished_; }
    /// The last chunk came.
    bool hasEnded() const { return ended_; }
    /// What was wrong first; empty: nothing.
    const std::string& error() const { return error_; }
    /// As a browser keeps it: of the last block that came whole.
    const std::string& lastEventId() const { return lastEventId_; }

    /// Data of the blocks that are no control blocks.
    std::vector<std::string> events() const {
        std::vector<std::string> data;
        for (const SseBlock& block : blocks_)
            if (block.data && !block.event.starts_with("sluice.")) data.push_back(*block.data);
        return data;
    }
    std::size_t count(std::string_view event) const {
        std::size_t found = 0;
        for (const SseBlock& block : blocks_) found += block.event == event ? 1 : 0;
        return found;
    }

  private:
    bool step() {
        if (ended_) {
            if (!pending_.empty()) error_ = "bytes after the end";
            return false;
        }
        if (head_.empty()) return takeHead();
        return chunked_ ? takeChunk() : takeBlock();
    }

    bool takeHead() {
        const std::size_t end = pending_.find("\r\n\r\n");
        if (end == std::string::npos) return false;
        head_ = pending_.substr(0, end + 4);
        pending_.erase(0, end + 4);
        return true;
    }

    bool takeChunk() {
        const std::size_t line = pending_.find("\r\n");
        if (line == std::string::npos) return false;
        std::size_t size = 0;
        if (line == 0 || line > 8) error_ = "bad chunk size";
        for (const char c : pending_.substr(0, line)) {
            const std::size_t digit = std::string_view{"0123456789abcdef"}.find(c);
            if (digit == std::string_view::npos) error_ = "bad chunk size";
            size = size * 16 + digit;
        }
        if (!error_.empty() || pending_.size() < line + 2 + size + 2) return false;
        if (pending_.substr(line + 2 + size, 2) != "\r\n") error_ = "chunk without its end";
        const std::string chunk = pending_.substr(line + 2, size);
        pending_.erase(0, line + 2 + size + 2);
        if (size == 0)
            ended_ = true;
        else if (chunk.ends_with("\n\n"))
            takeLines(std::string_view{chunk}.substr(0, chunk.size() - 1));
        else
            unfinished_ += chunk;
        return true;
    }

    bool takeBlock() {
        const std::size_t end = pending_.find("\n\n");
        if (end == std::string::npos) return false;
        takeLines(std::string_view{pending_}.substr(0, end + 1));
        pending_.erase(0, end + 2);
        return true;
    }

    void takeLines(std::string_view lines) {
        SseBlock block;
        while (!lines.empty()) {
            const std::size_t end = lines.find('\n');
            if (block.id) error_ = "id is not the last field";
            if (end == 0) error_ = "two blocks in one chunk";
            takeField(lines.substr(0, end), block);
            lines.remove_prefix(end + 1);
        }
        if (block.id) lastEventId_ = *block.id;
        blocks_.push_back(std::move(block));
    }

    void takeField(std::string_view line, SseBlock& block) {
        if (line.starts_with(':')) {
            block.comments.emplace_back(line.substr(1));
            return;
        }
        const std::size_t colon = line.find(':');
        const std::string_view name = line.substr(0, colon);
        std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
        if (value.starts_with(' ')) value.remove_prefix(1);
        if (name == "event")
            block.event = value;
        else if (name == "data")
            block.data = block.data ? *block.data + '\n' + std::string{value} : std::string{value};
        else if (name == "id")
            block.id = value;
        else if (name == "retry")
            block.retryMs = static_cast<std::uint32_t>(std::stoul(std::string{value}));
        else
            error_ = "unknown field " + std::string{name};
    }

    const bool chunked_;
    std::string pending_, head_, unfinished_, lastEventId_, error_;
    std::vector<SseBlock> blocks_;
    bool ended_ = false;
};

}  // namespace sluice::test
