#include "event/EventBatch.h"

#include <algorithm>
#include <limits>

#include "base/Assert.h"
#include "base/Utf8.h"

namespace sluice {
namespace {

constexpr std::string_view kOurNames = "sluice.";
constexpr std::size_t kEventTypeMax = 255;
constexpr std::string_view kDeletionType = "delete";
constexpr std::string_view kEventField = "event: ";
constexpr std::string_view kDataField = "data: ";

std::uint32_t offset(std::size_t size) {
    SLUICE_ASSERT(size <= std::numeric_limits<std::uint32_t>::max());
    return static_cast<std::uint32_t>(size);
}

bool isAscii(std::string_view text) {
    unsigned all = 0;
    for (const char c : text) all |= static_cast<unsigned char>(c);
    return all < 0x80;
}

bool mayStandInChannelNames(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7f && c != ',' && c != '?' && c != '#';
}

/// Whether a text in UTF-8 has one of U+0080 to U+009F, the control characters beyond ASCII.
bool hasHighControl(std::string_view text) {
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        if (text[i] == '\xc2' && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
    }
    return false;
}

void appendLine(std::string& out, std::string_view line) {
    out.append(kDataField).append(line).append(1, '\n');
}

/// Writes `data` as `data:` lines: CR, LF and CRLF end lines in event streams (HTML standard,
/// section 9.2.5), so each begins a new one.
void appendDataLines(std::string& out, std::string_view data) {
    constexpr std::size_t kNone = std::string_view::npos;
    std::size_t begin = 0;
    std::size_t lf = data.find('\n'), cr = data.find('\r');
    while (lf != kNone || cr != kNone) {
        const std::size_t end = std::min(lf, cr);
        appendLine(out, data.substr(begin, end - begin));
        begin = end + (cr == end && lf == end + 1 ? 2 : 1);
        // Each is sought once over the text, also when the other never comes.
        if (lf < begin) lf = data.find('\n', begin);
        if (cr < begin) cr = data.find('\r', begin);
    }
    appendLine(out, data.substr(begin));
}

}  // namespace

void EventBatch::clear() {
    messages_.clear();
    events_.clear();
    channels_.clear();
    names_.clear();
    bytes_.clear();
}

void EventBatch::beginMessage(LaneIndex lane, Position position) {
    const std::uint32_t begin = offset(events_.size());
    Message& message = messages_.emplace_back();
    message.lane = lane;
    message.position = position;
    message.eventsBegin = message.eventsEnd = begin;
}

EncodeError EventBatch::addEvent(std::span<const std::string_view> channels, std::string_view type,
                                 std::string_view key, std::string_view data, bool isDeletion) {
    SLUICE_ASSERT(!messages_.empty() && !channels.empty());
    if (!isEventType(type)) return EncodeError::BadEventType;
    if (!isUtf8(data)) return EncodeError::NotUtf8;
    const std::uint32_t channelsBegin = offset(channels_.size());
    if (!addChannels(channels)) return EncodeError::BadChannel;

    const std::size_t keyBegin = bytes_.size();
    bytes_.append(key);
    const std::size_t eventLineBegin = bytes_.size();
    if (!type.empty()) bytes_.append(kEventField).append(type).append(1, '\n');
    const std::size_t dataBegin = bytes_.size();
    appendDataLines(bytes_, data);
    Event& event = events_.emplace_back();
    event.channelsBegin = channelsBegin;
    event.channelsEnd = offset(channels_.size());
    event.bytesBegin = static_cast<std::uint32_t>(keyBegin);
    event.keyLength = static_cast<std::uint32_t>(eventLineBegin - keyBegin);
    event.eventLineLength = static_cast<std::uint32_t>(dataBegin - eventLineBegin);
    event.dataLinesLength = offset(bytes_.size()) - static_cast<std::uint32_t>(dataBegin);
    event.isDeletion = isDeletion || type == kDeletionType;
    ++messages_.back().eventsEnd;
    return EncodeError::None;
}

bool EventBatch::addChannels(std::span<const std::string_view> channels) {
    const std::size_t begin = channels_.size();
    const std::size_t namesBegin = names_.size();
    for (const std::string_view name : channels) {
        if (addChannel(name, begin)) continue;
        channels_.resize(begin, Slice{0, 0});
        names_.resize(namesBegin);
        return false;
    }
    return true;
}

bool EventBatch::addChannel(std::string_view name, std::size_t begin) {
    for (std::size_t i = begin; i < channels_.size(); ++i) {
        if (channel(static_cast<std::uint32_t>(i)) == name) return true;
    }
    // Most events go where the one before went: that name is known to be good, and stands already.
    if (begin > 0 && channel(static_cast<std::uint32_t>(begin - 1)) == name) {
        channels_.push_back(channels_[begin - 1]);
        return true;
    }
    if (!isChannelName(name)) return false;
    channels_.push_back({offset(names_.size()), static_cast<std::uint32_t>(name.size())});
    names_.append(name);
    return true;
}

std::span<const EventBatch::Event> EventBatch::events(const Message& message) const {
    return std::span{events_}.subspan(message.eventsBegin, message.eventsEnd - message.eventsBegin);
}

std::string_view EventBatch::channel(std::uint32_t index) const {
    return std::string_view{names_}.substr(channels_[index].begin, channels_[index].length);
}

std::string_view EventBatch::bytes(const Event& event) const {
    const std::size_t length =
        std::size_t{event.keyLength} + event.eventLineLength + event.dataLinesLength;
    return std::string_view{bytes_}.substr(event.bytesBegin, length);
}

bool isChannelName(std::string_view name) {
    return name.find_first_of("{}") == std::string_view::npos && mayNameChannels(name);
}

bool mayNameChannels(std::string_view text) {
    if (text.empty() || text.size() > kChannelNameMax || text.starts_with(kOurNames)) return false;
    if (!std::all_of(text.begin(), text.end(), mayStandInChannelNames)) return false;
    return isAscii(text) || (isUtf8(text) && !hasHighControl(text));
}

bool isEventType(std::string_view type) {
    if (type.empty()) return true;
    if (type.size() > kEventTypeMax || type.starts_with(kOurNames)) return false;
    const auto breaksLine = [](char c) { return c == '\0' || c == '\r' || c == '\n'; };
    if (std::any_of(type.begin(), type.end(), breaksLine)) return false;
    return isAscii(type) || isUtf8(type);
}

std::string dataOf(std::string_view dataLines) {
    std::string data;
    data.reserve(dataLines.size());
    while (!dataLines.empty()) {
        const std::size_t end = dataLines.find('\n');
        SLUICE_ASSERT(dataLines.starts_with(kDataField) && end != std::string_view::npos);
        data.append(dataLines.substr(kDataField.size(), end + 1 - kDataField.size()));
        dataLines.remove_prefix(end + 1);
    }
    if (!data.empty()) data.pop_back();  // the LF of the last line
    return data;
}

}  // namespace sluice
