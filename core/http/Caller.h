#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/AccessRules.h"
#include "auth/Issuers.h"
#include "delivery/Admission.h"
#include "http/HttpResponse.h"

namespace sluice {

/// Who sent a request, and what he may read. Immutable; any thread may call.
class Caller final {
  public:
    /// Without `auth`: everybody, who may read everything.
    static const Caller& anybody();
    /// REQUIRES: a verdict of Refusal::None; rules that a shared_ptr owns. Streams are told `warn`
    /// before they end.
    Caller(Verdict verdict, std::shared_ptr<const AccessRules> rules, std::string address,
           std::string origin, std::chrono::milliseconds warn);

    bool isAnybody() const { return !rules_; }
    /// The 403 that names the first of the channels (names or patterns) that he may not read, and
    /// the rule, or a 401 where nothing was sent; nothing where he may read all of them. `field` is
    /// where the request named them.
    std::optional<HttpResponse> refusal(const std::vector<std::string>& channels,
                                        std::string_view field) const;
    /// Which channels the patterns among these may take; null: all that match. REQUIRES: no
    /// refusal.
    ChannelGuardPtr guardFor(const std::vector<std::string>& channels) const;
    /// What decides for each channel. REQUIRES: not anybody.
    ChannelGuardPtr guard() const;
    /// For a stream of his; null for anybody.
    std::unique_ptr<AdmissionState> admission() const;

    /// Null for anybody.
    const Claims* claims() const { return verdict_.claims.get(); }
    const std::string& subject() const { return verdict_.subject; }

  private:
    Caller() = default;
    Asker asker() const { return {verdict_.claims.get(), address_, origin_}; }

    Verdict verdict_;
    std::shared_ptr<const AccessRules> rules_;
    std::string address_, origin_;
    std::chrono::milliseconds warn_{0};
};

}  // namespace sluice
