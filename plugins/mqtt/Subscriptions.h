#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "FilterSet.h"

namespace sluice::mqtt {

/// What became of each filter that is wanted. The session's thread only.
class Subscriptions {
  public:
    /// What goes into one SUBSCRIBE.
    struct Request {
        std::size_t number = 0;
        std::vector<std::string> filters;
        std::uint32_t identifier = 0;  // 0: none
    };
    struct Refusal {
        std::string filter;
        int reason = 0;
    };

    /// From now on these are wanted; returns those that were asked for and no longer are.
    std::vector<std::string> want(const FilterSet& filters);
    /// The broker knows nothing of us: all are asked for again.
    void forgetAll();
    /// What was not answered is asked for again.
    void forgetUnanswered();
    /// What was refused is asked for again.
    void forgetRefused();
    /// The requests for all filters that were not asked for yet; they count as asked for now.
    std::vector<Request> ask();
    void note(std::size_t request, const std::vector<int>& reasons);

    /// All have been answered.
    bool isSettled() const;
    std::vector<Refusal> refusals() const;
    /// The lowest quality of service that was granted; 2 where nothing was.
    int leastGranted() const;

    /// Filters in one SUBSCRIBE.
    static constexpr std::size_t kPerRequest = 100;

  private:
    struct State {
        static constexpr int kWanted = -2, kAsked = -1;
        bool overlaps = false;
        int answer = kWanted;  // else the reason code of MQTT 5: 0 to 2 granted, from 0x80 refused
    };

    std::map<std::string, State> states_;
    std::map<std::size_t, std::vector<std::string>> asked_;  // by number of the request
    std::size_t lastRequest_ = 0;
};

}  // namespace sluice::mqtt
