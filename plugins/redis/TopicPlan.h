#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sluice/plugin.hpp>

#include "Names.h"

namespace sluice::redis {

/// What the patterns of `from` ask for: which channels, globs, keys. Immutable.
class TopicPlan {
  public:
    /// Where to look for keys: what SCAN takes, and what of it is wanted.
    struct Scan {
        std::string glob;
        Expression expression;
    };

    TopicPlan() = default;
    TopicPlan(std::span<const plugin::Pattern> patterns, const StreamNames& streams);

    const std::set<std::string>& channels() const { return channels_; }  // SUBSCRIBE
    const std::vector<std::string>& globs() const { return globs_; }     // PSUBSCRIBE, each once
    const std::set<std::string>& keys() const { return keys_; }          // streams by name
    const std::vector<Scan>& scans() const { return scans_; }            // streams by pattern
    bool asksForPubSub() const { return !channels_.empty() || !globs_.empty(); }
    bool asksForStreams() const { return !keys_.empty() || !scans_.empty(); }

    /// Whether the key, which is there and a stream, is to be read.
    bool wantsStream(const std::string& key) const;
    /// Whether a topic is a stream: then pub/sub messages of that name are not meant.
    bool isStream(std::string_view topic) const { return streams_.takes(topic); }

  private:
    StreamNames streams_;
    std::set<std::string> channels_, keys_;
    std::vector<std::string> globs_;
    std::vector<Scan> scans_;
};

}  // namespace sluice::redis
