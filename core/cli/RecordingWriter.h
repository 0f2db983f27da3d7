#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "base/Clock.h"
#include "input/Tap.h"

namespace sluice::cli {

/// Writes what inputs receive as a recording: NDJSON, whose format plugins/replay/README.md
/// specifies. Any thread may call. A line is written whole or, where the disk is full, not at all.
class RecordingWriter final : public Tap {
  public:
    /// What the recording says of an input.
    struct Source {
        std::string plugin, version;
        char separator = '/';
    };
    struct Counts {
        std::uint64_t messages = 0;
        std::uint64_t bytes = 0;  // of the recording
        std::map<std::string, std::uint64_t, std::less<>> messagesByInput;
    };

    /// Borrows the clock; `fd` stays the caller's. Takes at most `messagesMax` messages (0: any
    /// number); what comes behind the last one is not written.
    RecordingWriter(int fd, const Clock& clock, std::map<std::string, Source, std::less<>> sources,
                    std::uint64_t messagesMax);

    /// Writes out what waits in memory; call it now and then, and at the end.
    void flush();
    /// Whether there is nothing more to record: all messages came, or writing failed.
    bool isDone() const { return done_.load(); }
    /// Why writing failed; empty: it did not.
    std::string error() const;
    Counts counts() const;

    // Tap
    void opened(std::string_view input, Positions positions,
                std::span<const std::string> positionsOf) noexcept override;
    void message(std::string_view input, const Message& message) noexcept override;
    void lanes(std::string_view input, const Declaration& declaration) noexcept override;
    void lost(std::string_view input, const Lane& lane, Position to,
              bool isReset) noexcept override;
    void at(std::string_view input, const Lane& lane, Position position) noexcept override;
    void health(std::string_view input, const InputHealth& health) noexcept override;

  private:
    class Line;
    bool isFirst(std::string_view input);
    bool isNews(std::string_view input, const Declaration& declaration);
    template <class Body>
    void write(std::string_view kind, std::string_view input, Body&& body) noexcept;
    void put();
    void fail(std::string why);

    // constant after construction
    const int fd_;
    const Clock& clock_;
    const std::map<std::string, Source, std::less<>> sources_;
    const std::uint64_t messagesMax_;

    std::atomic<bool> done_{false};
    mutable std::mutex mutex_;
    // guarded by mutex_
    std::string waiting_;  // whole lines
    std::string error_;
    Counts counts_;
    std::set<std::string, std::less<>> opened_;  // inputs that have their line
    /// By input and family: the last declaration without ends, which change all the time.
    std::map<std::string, std::string> declared_;
};

}  // namespace sluice::cli
