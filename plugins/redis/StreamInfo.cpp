#include "StreamInfo.h"

#include <algorithm>
#include <charconv>

namespace sluice::redis {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

const Reply* find(const Reply& map, std::string_view name) {
    for (std::size_t i = 0; i + 1 < map.items.size(); i += 2)
        if (map.items[i].text == name) return &map.items[i + 1];
    return nullptr;
}

std::uint64_t numberIn(const Reply& map, std::string_view name, std::uint64_t fallback) {
    const Reply* const found = find(map, name);
    if (found == nullptr || found->kind != Reply::Kind::Integer || found->integer < 0)
        return fallback;
    return static_cast<std::uint64_t>(found->integer);
}

std::optional<StreamId> idIn(const Reply& map, std::string_view name) {
    const Reply* const found = find(map, name);
    return found == nullptr ? std::nullopt : StreamId::parse(found->text);
}

}  // namespace

std::optional<StreamId> StreamId::parse(std::string_view text) {
    StreamId id;
    const char* const last = text.data() + text.size();
    const auto [dash, error] = std::from_chars(text.data(), last, id.ms);
    if (error != std::errc{} || dash == last || *dash != '-') return std::nullopt;
    const auto [end, seqError] = std::from_chars(dash + 1, last, id.seq);
    if (seqError != std::errc{} || end != last) return std::nullopt;
    return id;
}

std::string StreamId::text() const {
    return std::to_string(ms) + "-" + std::to_string(seq);
}

StreamId StreamId::next() const {
    if (seq < kMax) return {ms, seq + 1};
    return ms < kMax ? StreamId{ms + 1, 0} : *this;
}

StreamId StreamId::before() const {
    return seq > 0 ? StreamId{ms, seq - 1} : StreamId{ms - 1, kMax};
}

std::string StreamId::readBehind() const {
    return (*this == StreamId{} ? *this : before()).text();
}

std::optional<StreamInfo> StreamInfo::parse(const Reply& reply) {
    if (reply.kind != Reply::Kind::Array) return std::nullopt;
    StreamInfo info;
    const auto last = idIn(reply, "last-generated-id");
    if (!last) return std::nullopt;
    info.last = *last;
    info.length = numberIn(reply, "length", 0);
    if (const Reply* const first = find(reply, "first-entry"); first && first->isArray(1))
        info.first = StreamId::parse(first->items[0].text);
    info.maxDeleted = idIn(reply, "max-deleted-entry-id").value_or(StreamId{});
    info.added = numberIn(reply, "entries-added", kUncounted);
    return info;
}

StreamId StreamInfo::low() const {
    if (added == length) return {};  // nothing was ever taken away
    return first.value_or(end());
}

std::optional<StreamId> StreamInfo::placeAt(std::int64_t timeMs) const {
    if (last != StreamId{} && last.ms < kTimeLeastMs) return std::nullopt;
    const StreamId wanted{static_cast<std::uint64_t>(std::max<std::int64_t>(timeMs, 0)), 0};
    return std::clamp(wanted, low(), end());
}

}  // namespace sluice::redis
