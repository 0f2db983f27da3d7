#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/HttpRequest.h"

namespace sluice {

/// The settings key `cors`.
struct CorsOptions {
    std::vector<std::string> origins;  // such as "https://shop.example", or "*" for all
    bool credentials = false;          // cookies and such; not together with "*"
};

/// Which pages of other origins may read us (Fetch standard, section 3.2). Any thread may call.
/// A refused origin is logged once, with the line to add.
class Cors final {
  public:
    using Fields = std::vector<std::pair<std::string, std::string>>;
    static constexpr std::size_t kRefusedMax = 100;  // origins that are remembered as logged

    /// Throws std::invalid_argument where the options contradict each other.
    explicit Cors(CorsOptions options);

    /// What every response to this request carries.
    Fields fields(const HttpRequest& request) const;
    /// What a preflight's response carries beyond them; empty where it is none.
    Fields preflightFields(const HttpRequest& request) const;

  private:
    bool allows(std::string_view origin) const;
    void logRefused(std::string_view origin) const;

    // constant after construction
    CorsOptions options_;
    bool allowsAll_ = false;

    mutable std::mutex mutex_;
    mutable std::set<std::string, std::less<>> refused_;  // guarded by mutex_
};

/// Whether a browser sends it for a page that is not ours. A request that changes something must
/// not be believed then: browsers send simple ones without asking.
bool isOfAnotherOrigin(const HttpRequest& request);

}  // namespace sluice
