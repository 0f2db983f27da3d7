#pragma once

#include "http/PublishOptions.h"
#include "http/Publisher.h"
#include "input/PublishInput.h"

namespace sluice {

/// What these options let anybody publish. Throws std::invalid_argument where a pattern is none.
PublishPolicy policyOf(const PublishOptions& options);

/// Hands what came by POST /publish to the built-in input `http`.
class HttpPublisher final : public Publisher {
  public:
    /// Borrows the input.
    explicit HttpPublisher(PublishInput& input) : input_{input} {}
    PublishOutcome publish(std::span<const PublishedEvent> events) override;

  private:
    PublishInput& input_;
};

}  // namespace sluice
