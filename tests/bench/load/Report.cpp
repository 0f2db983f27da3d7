#include "Report.h"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdio>
#include <utility>
#include <vector>

namespace sluice::bench {
namespace {

class Fields final {
  public:
    void add(const char* name, double value) {
        std::array<char, 64> text;
        std::snprintf(text.data(), text.size(), "%.6g", value);
        fields_.emplace_back(name, text.data());
    }
    void add(const char* name, std::integral auto value) {
        fields_.emplace_back(name, std::to_string(value));
    }
    void add(const char* name, const std::string& value) {
        fields_.emplace_back(name, quoted(value));
    }

    std::string json() const {
        std::string text = "{";
        for (const auto& [name, value] : fields_) {
            if (text.size() > 1) text += ", ";
            text += '"' + name + "\": " + value;
        }
        return text + "}\n";
    }

    std::string lines() const {
        std::string text;
        for (const auto& [name, value] : fields_) text += name + ": " + value + '\n';
        return text;
    }

  private:
    static std::string quoted(const std::string& value) {
        std::string text = "\"";
        for (const char c : value) {
            if (c == '"' || c == '\\') text += '\\';
            text += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
        }
        return text + '"';
    }

    std::vector<std::pair<std::string, std::string>> fields_;
};

void addMemory(Fields& fields, const LoadOptions& options, const LoadResult& result) {
    const auto subscribers = static_cast<double>(options.subscribers);
    const auto each = [&](std::int64_t before, std::int64_t after) {
        return static_cast<double>(after - before) / subscribers;
    };
    fields.add("rss_before_bytes", result.memoryBefore.rssBytes);
    fields.add("rss_after_bytes", result.memoryAfter.rssBytes);
    fields.add("rss_peak_bytes", result.memoryAfter.peakRssBytes);
    fields.add("rss_each_bytes", each(result.memoryBefore.rssBytes, result.memoryAfter.rssBytes));
    fields.add("slab_each_bytes",
               each(result.kernelBefore.slabBytes, result.kernelAfter.slabBytes));
    fields.add("tcp_each_bytes", each(result.kernelBefore.tcpBytes, result.kernelAfter.tcpBytes));
    fields.add("tcp_growth_bytes", result.kernelAfter.tcpBytes - result.kernelBefore.tcpBytes);
}

void addTimes(Fields& fields, const LoadResult& result, const Tally& tally) {
    const auto delivered = static_cast<double>(std::max<std::uint64_t>(tally.delivered, 1));
    fields.add("seconds", result.seconds);
    fields.add("p50_us", tally.latency.quantileUs(0.5));
    fields.add("p99_us", tally.latency.quantileUs(0.99));
    fields.add("p999_us", tally.latency.quantileUs(0.999));
    fields.add("max_us", tally.latency.maxUs());
    fields.add("server_cpu_s", result.serverCpuSeconds);
    fields.add("server_cpu_us_per_event", result.serverCpuSeconds * 1e6 / delivered);
    fields.add("tester_cpu_s", result.testerCpuSeconds);
    fields.add("other_cpu_s", result.otherCpuSeconds);
}

Fields fieldsOf(const LoadOptions& options, const LoadResult& result, const Tally& tally) {
    Fields fields;
    fields.add("subscribers", options.subscribers);
    fields.add("channels", options.channels);
    fields.add("stuck", options.stuck);
    fields.add("delivered", tally.delivered);
    fields.add("received_bytes", tally.receivedBytes);
    fields.add("missing", result.missing);
    fields.add("doubled", result.doubled);
    fields.add("reordered", result.reordered);
    fields.add("silent", result.silent);
    fields.add("behind", result.behind);
    fields.add("closed", result.closed);
    fields.add("gaps", tally.gaps);
    fields.add("control", tally.control);
    fields.add("foreign", tally.foreign);
    fields.add("stuck_closed", result.stuckClosed);
    fields.add("retries", result.retries);
    addTimes(fields, result, tally);
    if (options.mode == LoadOptions::Mode::kStorm) {
        fields.add("caught_up", result.caughtUp);
        fields.add("caught_up_s", result.caughtUpSeconds);
        fields.add("storm_cpu_s", result.stormCpuSeconds);
    }
    addMemory(fields, options, result);
    fields.add("first_gap", tally.firstGap);
    fields.add("first_problem", tally.firstProblem);
    return fields;
}

}  // namespace

bool isClean(const LoadOptions& options, const LoadResult& result, const Tally& tally) {
    if (options.mode != LoadOptions::Mode::kIdle && result.behind > 0) return false;
    return result.missing + result.doubled + result.reordered + result.closed + tally.gaps +
               tally.foreign ==
           0;
}

std::string asJson(const LoadOptions& options, const LoadResult& result, const Tally& tally) {
    return fieldsOf(options, result, tally).json();
}

std::string asText(const LoadOptions& options, const LoadResult& result, const Tally& tally) {
    return fieldsOf(options, result, tally).lines();
}

}  // namespace sluice::bench
