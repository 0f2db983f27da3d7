#pragma once

#include <string>
#include <vector>

#include "base/Json.h"
#include "settings/Findings.h"

namespace sluice {

/// What is different in another list of named things.
struct ListChanges {
    std::vector<std::string> added, removed,
        changed;               // in the order of the newer list, removed: of the older
    bool isReordered = false;  // of those in both

    bool isEmpty() const {
        return added.empty() && removed.empty() && changed.empty() && !isReordered;
    }
};

/// What a reload changes, and what it cannot.
struct Changes {
    struct Renamed {
        std::string from, to;
    };
    ListChanges inputs;             // by name
    std::vector<Renamed> renamed;   // among inputs added and removed: equal but for the name
    std::vector<Renamed> replaced;  // likewise: of one plugin, and not renamed
    ListChanges mappings;           // as "shop:orders.{region} -> orders/{region}"
    ListChanges channels;           // by pattern; their order counts
    /// What of `auth` is other, where it is on before and after.
    struct Auth {
        ListChanges tokens;             // by name
        ListChanges issuers;            // by `issuer`
        std::vector<std::string> keys;  // the others: "auth.url"
        bool isEmpty() const { return tokens.isEmpty() && issuers.isEmpty() && keys.empty(); }
    };
    Auth auth;
    std::vector<std::string> publish;      // keys: "publish.keys"
    bool tls = false;                      // which certificate, or how it is used
    std::vector<std::string> limits;       // keys of limits that mappings and replays keep
    std::vector<std::string> needRestart;  // keys, such as "listen", "delivery.stall"

    /// Whether there is nothing that a reload could do.
    bool isEmpty() const;
    /// For the log; empty where nothing at all is different.
    std::vector<std::string> lines() const;
    /// {"inputs": {"added", "removed", "changed", "renamed"}, "mappings": ..., "channels": ...,
    /// "auth": {"tokens", "issuers", "keys": [...]}, "publish": [...], "tls": bool,
    /// "limits": [...], "needRestart": [...]}
    Json json() const;
};

/// REQUIRES: both are usable.
Changes changesBetween(const CheckedSettings& running, const CheckedSettings& fresh);

/// The keys that Changes::needRestart may have, sorted.
std::vector<std::string> keysThatNeedRestart();

}  // namespace sluice
