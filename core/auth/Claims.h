#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "expression/Arena.h"
#include "expression/Value.h"

namespace sluice {

class Claims;
/// Shared by a request and by what outlives it.
using ClaimsPtr = std::shared_ptr<const Claims>;

/// What is said of one who asks: a JSON object, also as a value of expressions. Immutable; any
/// thread may read it; views live as long as it does.
class Claims final {
  public:
    static constexpr std::size_t kBytesMax = 16u << 10;

    /// Null where the text is no JSON object, is longer than kBytesMax, or has a key twice.
    static ClaimsPtr parse(std::string_view json);
    Claims(const Claims&) = delete;
    Claims& operator=(const Claims&) = delete;

    /// Always a map.
    const cel::Value& value() const { return value_; }
    const std::string& text() const { return text_; }

    /// A member; null where there is none.
    const cel::Value* find(std::string_view name) const { return value_.asMap().find(name); }
    /// The text of a member that is a string; else empty.
    std::string_view textAt(std::string_view name) const;

    /// A member that is a NumericDate (RFC 7519 section 2), in milliseconds since 1970.
    struct Time {
        bool isThere = false;
        std::optional<std::int64_t> ms;  // nothing where it is no number or beyond the year 9999
    };
    Time timeAt(std::string_view name) const;

  private:
    explicit Claims(std::string_view json) : text_{json}, arena_{kArenaBytesMax} {}
    static constexpr std::size_t kArenaBytesMax = 1u << 20;

    const std::string text_;
    cel::Arena arena_;
    cel::Value value_;
};

}  // namespace sluice
