#include <optional>

#include "Fuzz.h"
#include "base/Pattern.h"

using namespace sluice;

namespace {

std::optional<Pattern> parsed(std::string_view text) {
    Pattern::Error error;
    auto pattern = Pattern::parse(text, '/', &error);
    if (!pattern) FUZZ_LAW(!error.message.empty() && error.offset <= text.size());
    return pattern;
}

}  // namespace

/// Lines: two patterns and a subject. What one covers of the other's subjects it takes, and two
/// that take one subject overlap.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = textOf(data, size);
    const std::size_t first = bytes.find('\n');
    if (first == std::string_view::npos) return 0;
    const std::size_t second = bytes.find('\n', first + 1);
    if (second == std::string_view::npos) return 0;
    const auto one = parsed(bytes.substr(0, first));
    const auto other = parsed(bytes.substr(first + 1, second - first - 1));
    const std::string_view subject = bytes.substr(second + 1);
    if (!one || !other) return 0;
    Pattern::Captures captures;
    const bool takes = one->match(subject, captures);
    FUZZ_LAW(takes == one->matches(subject));
    if (takes) FUZZ_LAW(captures.size() == one->names().size());
    if (one->isLiteral() && takes) FUZZ_LAW(captures.empty());
    if (takes) FUZZ_LAW(subject.starts_with(one->literalPrefix()));
    const bool otherTakes = other->matches(subject);
    if (one->covers(*other) && otherTakes) FUZZ_LAW(takes);
    FUZZ_LAW(one->overlaps(*other) == other->overlaps(*one));
    if (takes && otherTakes) FUZZ_LAW(one->overlaps(*other));
    return 0;
}
