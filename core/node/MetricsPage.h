#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <prometheus/metric_family.h>

#include "graphite/CarbonLines.h"

namespace sluice {

/// A page of metrics in Prometheus' text format, put together at scrape time from counts that the
/// parts of the node keep themselves. One thread.
/// Format: https://prometheus.io/docs/instrumenting/exposition_formats/
class MetricsPage {
  public:
    using Labels = std::vector<std::pair<std::string, std::string>>;

    /// Begins a family; the samples that follow are its own.
    MetricsPage& counter(std::string name, std::string help);
    MetricsPage& gauge(std::string name, std::string help);
    MetricsPage& histogram(std::string name, std::string help);

    MetricsPage& sample(double value, Labels labels = {});
    /// `boundsUs` are the upper bounds in microseconds of all buckets but the last, `counts` one
    /// more; written in seconds.
    MetricsPage& sample(std::span<const std::int64_t> boundsUs,
                        std::span<const std::uint64_t> counts, std::uint64_t sumUs,
                        Labels labels = {});

    std::string text() const;
    /// The same for Graphite, the values of labels as levels of the path: `PREFIX.NAME.LABELS`, the
    /// name without "sluice_"; of histograms `.count` and `.sum`.
    void write(std::string_view prefix, CarbonLines& out) const;

  private:
    MetricsPage& begin(prometheus::MetricType type, std::string name, std::string help);
    prometheus::ClientMetric& add(Labels labels);

    std::vector<prometheus::MetricFamily> families_;
};

}  // namespace sluice
