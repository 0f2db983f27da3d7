#include "Sequence.h"

#include <charconv>

namespace sluice::zeromq {
namespace {

using Format = SequenceRule::Format;

bool isNarrow(Format format) {
    return format == Format::U32le || format == Format::U32be;
}

std::optional<std::uint64_t> readDecimal(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::uint64_t readBytes(std::string_view bytes, bool bigEndian) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        number =
            number << 8 | static_cast<unsigned char>(bytes[bigEndian ? i : bytes.size() - 1 - i]);
    return number;
}

}  // namespace

std::optional<std::uint64_t> readNumber(Format format, std::string_view frame) {
    if (format == Format::Decimal) return readDecimal(frame);
    if (frame.size() != (isNarrow(format) ? 4U : 8U)) return std::nullopt;
    return readBytes(frame, format == Format::U32be || format == Format::U64be);
}

Sequence::Verdict Sequence::note(std::string_view topic, std::uint64_t number) {
    const std::string_view key = rule_.perTopic ? topic : std::string_view{};
    auto found = next_.find(key);
    if (found == next_.end()) {
        if (next_.size() >= kTopicsMax) next_.clear();
        next_.emplace(key, wrapped(number + 1));
        return {};
    }
    const std::uint64_t expected = found->second, distance = wrapped(number - expected);
    found->second = wrapped(number + 1);
    if (distance == 0) return {};
    if (isAhead(distance)) return {Verdict::Kind::Lost, expected, distance};
    return {Verdict::Kind::Anew, expected, 0};
}

std::uint64_t Sequence::wrapped(std::uint64_t number) const {
    return isNarrow(rule_.format) ? number & 0xffffffff : number;
}

/// Numbers have no beginning, so the nearer way decides.
bool Sequence::isAhead(std::uint64_t distance) const {
    return distance < (isNarrow(rule_.format) ? std::uint64_t{1} << 31 : std::uint64_t{1} << 63);
}

}  // namespace sluice::zeromq
