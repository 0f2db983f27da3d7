// A plugin of today, over plugin.hpp: what it makes of an older and of a newer host.
#include <sluice/plugin.hpp>

class Today {
  public:
    static constexpr sluice::plugin::Description kPlugin{"today", "1", R"({"type": "object"})"};

    explicit Today(sluice::plugin::Host& host) : host_(host) {
        host_.log(SLUICE_LOG_INFO, "input '" + std::string(host.input()) + "'");
    }
    void watch(std::span<const sluice::plugin::Pattern> patterns) {
        for (const auto& pattern : patterns)
            host_.log(SLUICE_LOG_INFO,
                      std::string(pattern.text) + (pattern.needsHeaders ? " with headers" : ""));
    }
    void start(std::span<const sluice_start_position>, sluice::plugin::milliseconds) {}
    void stop(sluice::plugin::milliseconds) {}

  private:
    const sluice::plugin::Host& host_;
};

SLUICE_PLUGIN(Today)
