#include "BulkGate.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>

namespace sluice::redis {
namespace {

constexpr std::string_view kTooLongLine = "-L\r\n";
constexpr std::string_view kDroppedLine = "-D\r\n";
constexpr std::size_t kHeaderMax = 32;  // `$`, a number, CR LF; more is no header

/// Behind the line that begins at `from`; npos if its end has not come.
std::size_t endOfLine(std::string_view text, std::size_t from) {
    const void* const found = std::memchr(text.data() + from, '\n', text.size() - from);
    if (found == nullptr) return std::string_view::npos;
    return static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) + 1;
}

/// -1: none, or one that the reader has to judge. The same whether the header came in one piece or
/// in several: nothing but digits stands between `$` and its end, and not more than fit.
long long lengthIn(std::string_view header) {
    if (header.size() > kHeaderMax || !header.ends_with("\r\n")) return -1;
    const char* const end = header.data() + header.size() - 2;
    long long length = -1;
    const auto [stop, error] = std::from_chars(header.data() + 1, end, length);
    return error == std::errc{} && stop == end ? length : -1;
}

}  // namespace

std::string_view BulkGate::next(std::string_view& input) {
    if (isHeaderGiven_) {
        header_.clear();
        isHeaderGiven_ = false;
    }
    const std::string_view all = input;
    std::size_t passed = 0;  // of `all`
    const auto give = [&](std::size_t taken) {
        input = all.substr(taken);
        return all.substr(0, passed);
    };
    while (passed < all.size()) {
        const std::string_view rest = all.substr(passed);
        switch (at_) {
            case At::Skipped: {
                if (passed > 0) return give(passed);
                const std::size_t skipped = std::min(left_, rest.size());
                left_ -= skipped;
                if (left_ == 0) at_ = At::Line;
                input = rest.substr(skipped);
                return next(input);
            }
            case At::Bulk: {
                const std::size_t count = std::min(left_, rest.size());
                left_ -= count;
                passed += count;
                if (left_ == 0) at_ = At::Line;
                break;
            }
            case At::InLine: {
                const std::size_t end = endOfLine(all, passed);
                if (end != all.npos) at_ = At::Line;
                lineBytes_ += std::min(end, all.size()) - passed;
                if (lineBytes_ > kLineMax) throw std::runtime_error("a line has no end");
                passed = std::min(end, all.size());
                break;
            }
            case At::Line: {
                if (rest[0] != '$' && header_.empty()) {
                    at_ = At::InLine;
                    lineBytes_ = 0;
                    break;
                }
                const std::size_t end = header_.empty() ? endOfLine(all, passed) : all.npos;
                if (end == all.npos) {
                    if (passed > 0) return give(passed);
                    return takeHeader(input);
                }
                const std::string_view header = all.substr(passed, end - passed);
                const std::string_view replacement = replacementFor(header);
                if (replacement.empty()) {
                    passed = end;
                    break;
                }
                if (passed > 0) {
                    at_ = At::Line;  // decided again, when all before it was given
                    return give(passed);
                }
                input = all.substr(end);
                return replacement;
            }
        }
    }
    return give(passed);
}

/// A header whose end comes with a later piece, or has come now.
std::string_view BulkGate::takeHeader(std::string_view& input) {
    const std::size_t end = std::min(endOfLine(input, 0), input.size());
    header_.append(input.substr(0, end));
    input.remove_prefix(end);
    const bool isWhole = header_.back() == '\n';
    if (!isWhole && header_.size() <= kHeaderMax) return next(input);
    isHeaderGiven_ = true;
    if (!isWhole) {  // no header: the reader will say so
        at_ = At::InLine;
        lineBytes_ = header_.size();
        return header_;
    }
    const std::string_view replacement = replacementFor(header_);
    return replacement.empty() ? std::string_view(header_) : replacement;
}

/// Decides on the bulk string behind the header; empty: header and string pass.
std::string_view BulkGate::replacementFor(std::string_view header) {
    const long long length = lengthIn(header);
    if (length < 0) return {};
    const auto bytes = static_cast<std::size_t>(length);
    const bool isTooMuch = bytes > kShort && replyBytes_ + bytes > replyMax_;
    left_ = bytes + 2;
    if (bytes > bulkMax_ || isTooMuch) {
        at_ = At::Skipped;
        return bytes > bulkMax_ ? kTooLongLine : kDroppedLine;
    }
    replyBytes_ += bytes;
    at_ = At::Bulk;
    return {};
}

}  // namespace sluice::redis
