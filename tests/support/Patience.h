#pragma once

namespace sluice::test {

/// By how much longer a test waits than it would for the release build: sanitizers slow programs
/// down. Tests in Python have the same from the environment.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int kPatience = 5;
#else
inline constexpr int kPatience = 1;
#endif

}  // namespace sluice::test
