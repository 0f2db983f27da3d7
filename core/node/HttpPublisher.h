#pragma once

#include "http/Publisher.h"
#include "input/PublishInput.h"

namespace sluice {

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
