#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "http/HttpHandler.h"
#include "input/InputOptions.h"
#include "mapping/MappingTable.h"

namespace sluice {

/// Serves `POST /explain` of the admin listener: what mappings make of a message, as `sluice
/// explain --json` says it. The body is `{"message": {...}, "mappings": "YAML"}`: a message as /tap
/// shows it, and entries of `mappings` to try (absent: those in force). Nothing is published and
/// nothing changes. 422 with `{"error", "problems"}` where the YAML has errors.
///
/// A page of another origin may not ask: browsers would let it send this request.
class ExplainHandler final : public HttpHandler {
  public:
    /// What the mappings in force are compiled of and for.
    struct InForce {
        std::vector<InputOptions> inputs;
        std::vector<MappingInput> mappingInputs;
        std::shared_ptr<const MappingTable> table;
    };
    explicit ExplainHandler(std::function<InForce()> inForce);

    std::optional<HttpResponse> handle(const HttpRequest& request,
                                       HttpConnection& connection) override;

    /// Longest text of mappings that is tried.
    static constexpr std::size_t kYamlBytesMax = 64u << 10;

  private:
    const std::function<InForce()> inForce_;
};

}  // namespace sluice
