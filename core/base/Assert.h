#pragma once

namespace sluice {

/// Prints the broken invariant with its place and aborts. For SLUICE_ASSERT only.
[[noreturn]] void assertionFailed(const char* expression, const char* file, int line) noexcept;

}  // namespace sluice

/// Our own invariants, checked in release builds too. Never for input of users or peers.
#define SLUICE_ASSERT(expression) \
    ((expression) ? void() : ::sluice::assertionFailed(#expression, __FILE__, __LINE__))
