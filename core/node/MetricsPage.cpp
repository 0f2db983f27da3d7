#include "node/MetricsPage.h"

#include <limits>

#include <prometheus/text_serializer.h>

#include "base/Assert.h"

namespace sluice {

MetricsPage& MetricsPage::begin(prometheus::MetricType type, std::string name, std::string help) {
    families_.push_back({std::move(name), std::move(help), type, {}});
    return *this;
}

MetricsPage& MetricsPage::counter(std::string name, std::string help) {
    return begin(prometheus::MetricType::Counter, std::move(name), std::move(help));
}

MetricsPage& MetricsPage::gauge(std::string name, std::string help) {
    return begin(prometheus::MetricType::Gauge, std::move(name), std::move(help));
}

MetricsPage& MetricsPage::histogram(std::string name, std::string help) {
    return begin(prometheus::MetricType::Histogram, std::move(name), std::move(help));
}

prometheus::ClientMetric& MetricsPage::add(Labels labels) {
    SLUICE_ASSERT(!families_.empty());
    prometheus::ClientMetric& metric = families_.back().metric.emplace_back();
    for (auto& [name, value] : labels) metric.label.push_back({std::move(name), std::move(value)});
    return metric;
}

MetricsPage& MetricsPage::sample(double value, Labels labels) {
    prometheus::ClientMetric& metric = add(std::move(labels));
    if (families_.back().type == prometheus::MetricType::Counter)
        metric.counter.value = value;
    else
        metric.gauge.value = value;
    return *this;
}

MetricsPage& MetricsPage::sample(std::span<const std::int64_t> boundsUs,
                                 std::span<const std::uint64_t> counts, std::uint64_t sumUs,
                                 Labels labels) {
    SLUICE_ASSERT(counts.size() == boundsUs.size() + 1);
    prometheus::ClientMetric::Histogram& histogram = add(std::move(labels)).histogram;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        histogram.sample_count += counts[i];
        const double bound = i < boundsUs.size() ? static_cast<double>(boundsUs[i]) / 1e6
                                                 : std::numeric_limits<double>::infinity();
        histogram.bucket.push_back({histogram.sample_count, bound});
    }
    histogram.sample_sum = static_cast<double>(sumUs) / 1e6;
    return *this;
}

void MetricsPage::write(std::string_view prefix, CarbonLines& out) const {
    constexpr std::string_view kOurs = "sluice_";
    for (const prometheus::MetricFamily& family : families_) {
        std::string_view name = family.name;
        if (name.starts_with(kOurs)) name.remove_prefix(kOurs.size());
        for (const prometheus::ClientMetric& metric : family.metric) {
            std::string path = std::string{prefix}.append(".").append(name);
            for (const auto& label : metric.label)
                if (!label.value.empty()) path += '.' + carbonWord(label.value);
            if (family.type == prometheus::MetricType::Histogram) {
                out.add(path + ".count", static_cast<double>(metric.histogram.sample_count));
                out.add(path + ".sum", metric.histogram.sample_sum);
            } else {
                const bool isCounter = family.type == prometheus::MetricType::Counter;
                out.add(path, isCounter ? metric.counter.value : metric.gauge.value);
            }
        }
    }
}

std::string MetricsPage::text() const {
    return prometheus::TextSerializer{}.Serialize(families_);
}

}  // namespace sluice
