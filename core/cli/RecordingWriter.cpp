#include "cli/RecordingWriter.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <utility>

#include <unistd.h>

#include "base/JsonText.h"
#include "base/Utf8.h"
#include "cli/Version.h"
#include "expression/Base64.h"

namespace sluice::cli {
namespace {

constexpr int kFormatVersion = 1;
constexpr std::size_t kWaitingBytesMax = 64u << 10;

}  // namespace

/// One line, a member at a time.
class RecordingWriter::Line {
  public:
    explicit Line(std::string& out) : out_{out} { out_ += '{'; }
    void end() { out_ += "}\n"; }

    void text(std::string_view name, std::string_view value) {
        key(name);
        appendJsonString(out_, value);
    }
    /// Text, or NAMEBase64 where it is none.
    void bytes(std::string_view name, std::string_view value) {
        if (isUtf8(value)) return text(name, value);
        text(std::string{name} + "Base64", cel::base64(value));
    }
    template <class Number>
    void number(std::string_view name, Number value) {
        key(name);
        out_ += std::to_string(value);
    }
    void texts(std::string_view name, std::span<const std::string> values) {
        key(name);
        out_ += '[';
        for (const std::string& value : values) {
            if (&value != &values.front()) out_ += ',';
            appendJsonString(out_, value);
        }
        out_ += ']';
    }
    void flag(std::string_view name, bool value) {
        key(name);
        out_ += value ? "true" : "false";
    }
    void position(std::string_view name, Position place, Words words) {
        key(name);
        out_ += '[' + std::to_string(place.first);
        if (words == Words::Two) out_ += ',' + std::to_string(place.second);
        out_ += ']';
    }
    /// A list of [name, value].
    template <class List>
    void pairs(std::string_view name, const List& list) {
        if (list.empty()) return;
        key(name);
        for (const auto& item : list) {
            out_ += &item == &list.front() ? "[[" : ",[";
            item_(item.name);
            out_ += ',';
            item_(item.value);
            out_ += ']';
        }
        out_ += ']';
    }
    void lanes(const Declaration& declaration) {
        key("lanes");
        out_ += '[';
        for (const LaneEnds& lane : declaration.lanes) {
            if (&lane != &declaration.lanes.front()) out_ += ',';
            Line inner{out_};
            if (lane.low) inner.position("low", *lane.low, declaration.words);
            if (lane.end) inner.position("end", *lane.end, declaration.words);
            if (lane.start) inner.position("start", *lane.start, declaration.words);
            out_ += '}';
        }
        out_ += ']';
    }

  private:
    void key(std::string_view name) {
        if (out_.back() != '{') out_ += ',';
        appendJsonString(out_, name);
        out_ += ':';
    }
    void item_(std::string_view value) {
        if (isUtf8(value)) return appendJsonString(out_, value);
        out_ += R"({"base64":)";
        appendJsonString(out_, cel::base64(value));
        out_ += '}';
    }
    void item_(const std::optional<std::string_view>& value) {
        value ? item_(*value) : void(out_ += "null");
    }

    std::string& out_;
};

RecordingWriter::RecordingWriter(int fd, const Clock& clock,
                                 std::map<std::string, Source, std::less<>> sources,
                                 std::uint64_t messagesMax)
    : fd_{fd}, clock_{clock}, sources_{std::move(sources)}, messagesMax_{messagesMax} {
    Line line{waiting_};
    line.text("kind", "header");
    line.number("version", kFormatVersion);
    line.text("program", std::string{"sluice "} + kVersion);
    line.number("recordedMs", clock_.wallMs());
    line.end();
    flush();
}

void RecordingWriter::flush() {
    const std::lock_guard lock{mutex_};
    put();
}

std::string RecordingWriter::error() const {
    const std::lock_guard lock{mutex_};
    return error_;
}

RecordingWriter::Counts RecordingWriter::counts() const {
    const std::lock_guard lock{mutex_};
    return counts_;
}

/// Lines that could be written in part only are taken back, where the file can do that.
void RecordingWriter::put() {
    if (!error_.empty()) return;
    std::size_t written = 0;
    while (written < waiting_.size() && error_.empty()) {
        const ssize_t n = ::write(fd_, waiting_.data() + written, waiting_.size() - written);
        if (n > 0)
            written += static_cast<std::size_t>(n);
        else if (errno != EINTR)
            fail(std::strerror(errno));
    }
    if (!error_.empty()) {
        const std::size_t whole = waiting_.rfind('\n', written == 0 ? 0 : written - 1);
        const std::size_t kept = written == 0 || whole == std::string::npos ? 0 : whole + 1;
        const off_t end = ::lseek(fd_, 0, SEEK_CUR);
        if (end > 0 && ::ftruncate(fd_, end - static_cast<off_t>(written - kept)) == 0)
            written = kept;
    }
    counts_.bytes += written;
    waiting_.clear();
}

void RecordingWriter::fail(std::string why) {
    error_ = std::move(why);
    done_ = true;
}

template <class Body>
void RecordingWriter::write(std::string_view kind, std::string_view input, Body&& body) noexcept {
    try {
        const std::lock_guard lock{mutex_};
        if (done_) return;
        Line line{waiting_};
        line.text("kind", kind);
        line.text("input", input);
        line.number("receivedMs", clock_.wallMs());
        std::forward<Body>(body)(line);
        line.end();
        if (waiting_.size() > kWaitingBytesMax) put();
    } catch (const std::exception& error) {
        const std::lock_guard lock{mutex_};
        fail(error.what());
    }
}

bool RecordingWriter::isFirst(std::string_view input) {
    const std::lock_guard lock{mutex_};
    return opened_.emplace(input).second;
}

/// Ends of lanes come every few seconds; only what changes the reading of them is news.
bool RecordingWriter::isNews(std::string_view input, const Declaration& declaration) {
    const bool hasStart = std::any_of(declaration.lanes.begin(), declaration.lanes.end(),
                                      [](const LaneEnds& lane) { return lane.start.has_value(); });
    std::string key{input}, now;
    key.append(1, '\0').append(declaration.family);
    now += std::to_string(declaration.lanes.size()) + '\0';
    now.append(declaration.cluster).append(1, '\0').append(declaration.incarnation);
    const std::lock_guard lock{mutex_};
    std::string& before = declared_[key];
    return std::exchange(before, now) != now || hasStart;
}

void RecordingWriter::opened(std::string_view input, Positions positions,
                             std::span<const std::string> positionsOf) noexcept {
    const auto source = sources_.find(input);
    if (source == sources_.end() || !isFirst(input)) return;
    write("input", input, [&](Line& line) {
        line.text("plugin", source->second.plugin);
        line.text("version", source->second.version);
        line.text("separator", std::string(1, source->second.separator));
        line.flag("plain", positions == Positions::None);
        if (positions == Positions::Some) line.texts("positionsOf", positionsOf);
    });
}

void RecordingWriter::message(std::string_view input, const Message& message) noexcept {
    write("message", input, [&](Line& line) {
        line.bytes("topic", message.topic);
        if (message.lane != kPlainLane) {
            line.number("lane", message.laneOfFamily);
            line.position("position", message.position, message.words);
        }
        if (message.key) line.bytes("key", *message.key);
        line.pairs("headers", message.headers);
        if (message.timeMs) line.number("timeMs", *message.timeMs);
        line.pairs("variables", message.variables);
        if (message.payload)
            line.bytes("payload", *message.payload);
        else
            line.flag("tombstone", true);
        ++counts_.messages;
        ++counts_.messagesByInput[std::string{input}];
        if (counts_.messages == messagesMax_) done_ = true;
    });
}

void RecordingWriter::lanes(std::string_view input, const Declaration& declaration) noexcept {
    if (!isNews(input, declaration)) return;
    write("lanes", input, [&](Line& line) {
        line.bytes("family", declaration.family);
        line.number("words", static_cast<int>(declaration.words));
        if (!declaration.cluster.empty()) line.bytes("cluster", declaration.cluster);
        if (!declaration.incarnation.empty()) line.bytes("incarnation", declaration.incarnation);
        line.lanes(declaration);
    });
}

void RecordingWriter::lost(std::string_view input, const Lane& lane, Position to,
                           bool isReset) noexcept {
    write("lost", input, [&](Line& line) {
        if (!lane.family.empty()) {
            line.bytes("family", lane.family);
            line.number("lane", lane.index);
            line.position("to", to, lane.words);
        }
        line.text("reason", isReset ? "reset" : "lost");
    });
}

void RecordingWriter::at(std::string_view input, const Lane& lane, Position position) noexcept {
    write("at", input, [&](Line& line) {
        line.bytes("family", lane.family);
        line.number("lane", lane.index);
        line.position("position", position, lane.words);
    });
}

void RecordingWriter::health(std::string_view input, const InputHealth& health) noexcept {
    write("health", input, [&](Line& line) {
        line.text("state", nameOf(health.state));
        line.text("code", health.code);
        line.text("text", health.text);
    });
}

}  // namespace sluice::cli
