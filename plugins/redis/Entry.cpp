#include "Entry.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <unordered_set>

namespace sluice::redis {
namespace {

/// The length of the UTF-8 sequence at the front, 0 if there is none (RFC 3629).
std::size_t sequenceAt(std::string_view text) {
    const auto byte = [&](std::size_t i) -> unsigned {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
    if ((first & 0xF0U) == 0xE0U) {
        const unsigned least = first == 0xE0 ? 0xA0 : 0x80;
        const unsigned most = first == 0xED ? 0x9F : 0xBF;
        return byte(1) >= least && byte(1) <= most && continues(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned least = first == 0xF0 ? 0x90 : 0x80;
        const unsigned most = first == 0xF4 ? 0x8F : 0xBF;
        return byte(1) >= least && byte(1) <= most && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
}

bool isUtf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = sequenceAt(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

/// RFC 4648, section 4.
void appendBase64(std::string_view bytes, std::string& out) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t bits = 0;
        for (std::size_t j = 0; j < 3; ++j)
            bits = bits << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0U);
        for (std::size_t j = 0; j < 4; ++j)
            out += j <= count ? kDigits[bits >> (18 - 6 * j) & 63U] : '=';
    }
}

void appendEscaped(char c, std::string& out) {
    constexpr std::string_view kHex = "0123456789abcdef";
    switch (c) {
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        case '"':
        case '\\':
            out += '\\';
            out += c;
            return;
        default: {
            const auto code = static_cast<unsigned char>(c);
            out.append("\\u00").append(1, kHex[code >> 4]).append(1, kHex[code & 15U]);
        }
    }
}

/// REQUIRES: the text is UTF-8.
void appendString(std::string_view text, std::string& out) {
    out += '"';
    std::size_t plain = 0;  // where text begins that is taken as it is
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
        out.append(text, plain, i - plain);
        appendEscaped(c, out);
        plain = i + 1;
    }
    out.append(text, plain);
    out += '"';
}

void appendName(std::string_view name, std::string& out) {
    if (isUtf8(name)) return appendString(name, out);
    out += "\"base64:";
    appendBase64(name, out);
    out += '"';
}

void appendValue(std::string_view value, std::string& out) {
    if (isUtf8(value)) return appendString(value, out);
    out += R"({"base64":")";
    appendBase64(value, out);
    out += R"("})";
}

/// Marks the fields whose name comes again later.
std::vector<bool> overridden(std::span<const Reply> fields) {
    constexpr std::size_t kFew = 16;
    std::vector<bool> marks(fields.size() / 2);
    if (marks.size() <= kFew) {
        for (std::size_t i = 0; i < marks.size(); ++i)
            for (std::size_t j = i + 1; j < marks.size() && !marks[i]; ++j)
                marks[i] = fields[2 * i].text == fields[2 * j].text;
        return marks;
    }
    std::unordered_set<std::string_view> seen;
    for (std::size_t i = marks.size(); i-- > 0;) marks[i] = !seen.insert(fields[2 * i].text).second;
    return marks;
}

}  // namespace

std::optional<Entry> Entry::parse(const Reply& reply) {
    if (!reply.isArray(2)) return std::nullopt;
    const auto id = StreamId::parse(reply.items[0].text);
    if (!id) return std::nullopt;
    Entry entry;
    entry.id = *id;
    entry.idText = reply.items[0].text;
    if (reply.items[1].kind == Reply::Kind::Null) {
        entry.kind = Kind::Deleted;
        return entry;
    }
    if (reply.items[1].kind != Reply::Kind::Array) return std::nullopt;
    entry.fields = reply.items[1].items;
    for (const Reply& field : entry.fields) {
        if (field.kind == Reply::Kind::TooLong) entry.kind = Kind::TooLong;
        if (field.kind == Reply::Kind::Dropped && entry.kind == Kind::Whole)
            entry.kind = Kind::Dropped;
    }
    return entry;
}

void TooLongLog::note(const plugin::Host& host, const std::string& what) {
    const auto now = std::chrono::steady_clock::now();
    if (at_ && now - *at_ < kPause) return;
    at_ = now;
    host.log(SLUICE_LOG_WARNING,
             what + " is longer than message_bytes_max, left out and told as lost");
}

plugin::Batch::Message EntryWriter::add(plugin::Batch& batch, const std::string& key,
                                        const Entry& entry, Connection& memory) {
    auto message = batch.add(key);
    message.variable("id", entry.idText);
    constexpr std::uint64_t kTimeMostMs = std::numeric_limits<std::int64_t>::max();
    if (entry.id.ms >= kTimeLeastMs && entry.id.ms <= kTimeMostMs)
        message.timeMs(static_cast<std::int64_t>(entry.id.ms));
    if (!payloadField_.empty()) {
        addOneField(message, key, entry);
        return message;
    }
    json_.clear();
    appendJson(entry.fields, json_);
    message.payload(memory.keep(json_));
    return message;
}

void EntryWriter::addOneField(plugin::Batch::Message& message, const std::string& key,
                              const Entry& entry) {
    bool isThere = false;
    for (std::size_t i = 0; i + 1 < entry.fields.size(); i += 2) {
        if (entry.fields[i].text == payloadField_) {
            message.payload(entry.fields[i + 1].text);
            isThere = true;
        } else {
            message.header(entry.fields[i].text, entry.fields[i + 1].text);
        }
    }
    if (isThere || std::exchange(hasWarned_, true)) return;
    host_.log(SLUICE_LOG_WARNING, "entry " + std::string(entry.idText) + " of " + key +
                                      " has no field " + payloadField_ +
                                      " (payload_field): its payload is empty, as is that of "
                                      "every other such entry");
}

void appendJson(std::span<const Reply> fields, std::string& out) {
    const std::vector<bool> isOverridden = overridden(fields);
    out += '{';
    for (std::size_t i = 0; i < isOverridden.size(); ++i) {
        if (isOverridden[i]) continue;
        if (out.back() != '{') out += ',';
        appendName(fields[2 * i].text, out);
        out += ':';
        appendValue(fields[2 * i + 1].text, out);
    }
    out += '}';
}

}  // namespace sluice::redis
