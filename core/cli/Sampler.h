#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/Json.h"
#include "input/InputOptions.h"
#include "input/Tap.h"
#include "mapping/MappingSample.h"
#include "settings/Findings.h"

namespace sluice::cli {

/// Holds the mappings against messages that inputs receive: a tap that maps, and sends nothing.
/// Reports once the inputs were stopped. Any thread may call.
class Sampler final : public Tap {
  public:
    /// Takes the first `messagesMax` messages of each input.
    Sampler(const std::shared_ptr<const MappingTable>& table,
            const std::vector<InputOptions>& inputs, std::uint64_t messagesMax);

    // Tap
    void opened(std::string_view, Positions, std::span<const std::string>) noexcept override {}
    void message(std::string_view input, const Message& message) noexcept override;
    void lanes(std::string_view, const Declaration&) noexcept override {}
    void lost(std::string_view, const Lane&, Position, bool) noexcept override {}
    void at(std::string_view, const Lane&, Position) noexcept override {}
    void health(std::string_view input, const InputHealth& health) noexcept override;

    /// Whether every input has given its messages.
    bool isDone() const;
    /// "shop: 7 of 100, plant: 100 of 100".
    std::string status() const;

    /// What the mappings did, for people; `within` is the time that there was.
    std::string text(const std::string& within) const;
    /// {"shop": {"messages", "unmatched", "mappings": [...]}}
    Json json() const;
    /// What looks wrong, at the places of mappings: those that let nothing pass are errors.
    std::vector<Finding> findings() const;
    /// Whether nothing came of an input because it does not run.
    bool missesAnInput() const;

  private:
    struct OfInput {
        std::unique_ptr<MappingSample> sample;  // a mapper does not move
        InputHealth health;
    };

    const std::uint64_t messagesMax_;
    mutable std::mutex mutex_;
    // guarded by mutex_
    std::map<std::string, OfInput, std::less<>> inputs_;
};

}  // namespace sluice::cli
