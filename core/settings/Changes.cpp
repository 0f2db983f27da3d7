#include "settings/Changes.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <unordered_map>

namespace sluice {
namespace {

constexpr std::size_t kNone = ~std::size_t{0};
constexpr const char* kPayloadLimit = "limits.payload";

/// Pairs the items of two lists by name; names may come several times.
class Pairing {
  public:
    using Names = std::vector<std::string>;
    /// Whether item `before` and item `after` are the same in all.
    using AreEqual = std::function<bool(std::size_t before, std::size_t after)>;

    Pairing(const Names& before, const Names& after, AreEqual areEqual)
        : before_{before}, after_{after}, areEqual_{std::move(areEqual)} {
        for (std::size_t i = 0; i < before.size(); ++i) free_[before[i]].push_back(i);
        twins_.assign(after.size(), kNone);
        // Equal ones first, so that an addition between two of one name is not two changes.
        pair([this](std::size_t b, std::size_t a) { return areEqual_(b, a); });
        pair([](std::size_t, std::size_t) { return true; });
    }

    ListChanges changes() const {
        ListChanges changes;
        std::size_t last = 0;
        for (std::size_t a = 0; a < after_.size(); ++a) {
            if (twins_[a] == kNone) {
                changes.added.push_back(after_[a]);
                continue;
            }
            if (!areEqual_(twins_[a], a)) changes.changed.push_back(after_[a]);
            changes.isReordered = changes.isReordered || twins_[a] < last;
            last = twins_[a];
        }
        std::vector<bool> isPaired(before_.size(), false);
        for (const std::size_t twin : twins_)
            if (twin != kNone) isPaired[twin] = true;
        for (std::size_t b = 0; b < before_.size(); ++b)
            if (!isPaired[b]) changes.removed.push_back(before_[b]);
        return changes;
    }

  private:
    void pair(const AreEqual& fits) {
        for (std::size_t a = 0; a < after_.size(); ++a) {
            const auto named = free_.find(after_[a]);
            if (twins_[a] != kNone || named == free_.end()) continue;
            std::vector<std::size_t>& free = named->second;
            const auto found =
                std::find_if(free.begin(), free.end(), [&](std::size_t b) { return fits(b, a); });
            if (found == free.end()) continue;
            twins_[a] = *found;
            free.erase(found);
        }
    }

    const Names& before_;
    const Names& after_;
    const AreEqual areEqual_;
    std::unordered_map<std::string, std::vector<std::size_t>> free_;  // of `before`, by name
    std::vector<std::size_t> twins_;  // by index of `after`: its twin in `before`
};

template <class List, class NameOf>
std::vector<std::string> namesOf(const List& list, NameOf nameOf) {
    std::vector<std::string> names;
    for (const auto& item : list) names.push_back(nameOf(item));
    return names;
}

ListChanges inputChanges(const std::vector<InputOptions>& before,
                         const std::vector<InputOptions>& after) {
    const auto nameOf = [](const InputOptions& input) { return input.name; };
    const std::vector<std::string> were = namesOf(before, nameOf), are = namesOf(after, nameOf);
    ListChanges changes = Pairing{
        were, are, [&](std::size_t b, std::size_t a) {
            return before[b].isSameAs(after[a]);
        }}.changes();
    changes.isReordered = false;  // their order does nothing
    return changes;
}

const InputOptions& named(const std::vector<InputOptions>& inputs, const std::string& name) {
    return *std::find_if(inputs.begin(), inputs.end(),
                         [&](const InputOptions& input) { return input.name == name; });
}

/// Inputs that went and came equal but for the name.
std::vector<Changes::Renamed> renamedInputs(const ListChanges& changes,
                                            const std::vector<InputOptions>& before,
                                            const std::vector<InputOptions>& after) {
    std::vector<Changes::Renamed> renamed;
    for (const std::string& from : changes.removed)
        for (const std::string& to : changes.added)
            if (named(after, to).isSameButForName(named(before, from)))
                renamed.push_back({from, to});
    return renamed;
}

/// Inputs that came where others of their plugin went: they may well read the same.
std::vector<Changes::Renamed> replacedInputs(const Changes& changes,
                                             const std::vector<InputOptions>& before,
                                             const std::vector<InputOptions>& after) {
    std::vector<Changes::Renamed> replaced;
    for (const std::string& to : changes.inputs.added) {
        const auto& renamed = changes.renamed;
        if (std::any_of(renamed.begin(), renamed.end(),
                        [&](const Changes::Renamed& one) { return one.to == to; }))
            continue;
        for (const std::string& from : changes.inputs.removed)
            if (named(before, from).plugin == named(after, to).plugin)
                replaced.push_back({from, to});
    }
    return replaced;
}

ListChanges mappingChanges(const MappingTable& before, const MappingTable& after) {
    const auto nameOf = [](const CompiledRule& rule) {
        return rule.input + ":" + rule.from.text() + " -> " + rule.channel.text();
    };
    const std::vector<std::string> were = namesOf(before.rules(), nameOf);
    const std::vector<std::string> are = namesOf(after.rules(), nameOf);
    return Pairing{were, are,
                   [&](std::size_t b, std::size_t a) {
                       return before.rules()[b].normalised == after.rules()[a].normalised;
                   }}
        .changes();
}

/// The rules of both that are of this pattern.
bool haveEqualRules(const std::vector<AccessRule>& before, const std::vector<AccessRule>& after,
                    std::string_view pattern) {
    const auto find = [&](const std::vector<AccessRule>& rules) {
        return std::find_if(rules.begin(), rules.end(), [&](const AccessRule& rule) {
            return rule.pattern().text() == pattern;
        });
    };
    const auto was = find(before), is = find(after);
    const bool isClosed = was == before.end() || was->isClosed();
    if (isClosed) return is == after.end() || is->isClosed();
    return is != after.end() && *was == *is;
}

/// The pattern of what counts for all other channels; empty where the file has none.
std::string othersOf(const std::vector<AccessRule>& rules) {
    for (const AccessRule& rule : rules) {
        const auto& parts = rule.pattern().parts();
        if (parts.size() == 1 && parts.front().takesRest) return rule.pattern().text();
    }
    return {};
}

ListChanges channelChanges(const Settings& was, const Settings& is) {
    const HubOptions &before = was.hub, &after = is.hub;
    const auto nameOf = [](const ChannelPolicy& policy) { return policy.pattern.text(); };
    const std::vector<std::string> were = namesOf(before.policies, nameOf);
    const std::vector<std::string> are = namesOf(after.policies, nameOf);
    ListChanges changes = Pairing{
        were, are, [&](std::size_t b, std::size_t a) {
            return before.policies[b].history == after.policies[a].history &&
                   before.policies[b].filter == after.policies[a].filter &&
                   before.policies[b].readers == after.policies[a].readers &&
                   haveEqualRules(was.http.rules, is.http.rules, are[a]);
        }}.changes();
    const std::string others = othersOf(is.http.rules);
    if (before.history != after.history || before.filter != after.filter ||
        before.readers != after.readers || !haveEqualRules(was.http.rules, is.http.rules, others))
        changes.changed.emplace_back("{any**}");
    return changes;
}

/// The order of tokens and issuers does nothing.
template <class Options, class NameOf>
ListChanges changesByName(const std::vector<Options>& before, const std::vector<Options>& after,
                          NameOf nameOf) {
    const std::vector<std::string> were = namesOf(before, nameOf), are = namesOf(after, nameOf);
    ListChanges changes = Pairing{
        were, are, [&](std::size_t b, std::size_t a) {
            return before[b] == after[a];
        }}.changes();
    changes.isReordered = false;
    return changes;
}

Changes::Auth authChanges(const AuthOptions& before, const AuthOptions& after) {
    Changes::Auth changes;
    if (!before.isOn || !after.isOn) return changes;
    changes.tokens = changesByName(before.tokens, after.tokens,
                                   [](const StaticTokenOptions& token) { return token.name; });
    changes.issuers = changesByName(before.issuers, after.issuers,
                                    [](const IssuerOptions& one) { return one.issuer; });
    const auto compare = [&](const char* key, bool areEqual) {
        if (!areEqual) changes.keys.emplace_back(key);
    };
    const ForwardOptions &was = before.forward, &is = after.forward;
    compare("auth.cache", was.cache == is.cache);
    compare("auth.concurrency", was.concurrency == is.concurrency);
    compare("auth.cookie", before.cookie == after.cookie);
    compare("auth.leeway", before.leeway == after.leeway);
    compare("auth.timeout", was.timeout == is.timeout);
    compare("auth.url", was.url == is.url);
    compare("auth.warn", before.warn == after.warn);
    compare("auth.when_down", was.down == is.down);
    return changes;
}

std::vector<std::string> publishChanges(const PublishOptions& before, const PublishOptions& after) {
    std::vector<std::string> keys;
    if (before.channels != after.channels) keys.emplace_back("publish.channels");
    if (before.claims != after.claims) keys.emplace_back("publish.claims");
    if (before.key != after.key) keys.emplace_back("publish.key");
    if (before.keys != after.keys) keys.emplace_back("publish.keys");
    return keys;
}

std::vector<std::string> limitChanges(const CheckedSettings& running,
                                      const CheckedSettings& fresh) {
    std::vector<std::string> keys;
    const auto compare = [&](const char* key, auto before, auto after) {
        if (before != after) keys.emplace_back(key);
    };
    const MappingTable &were = *running.mappings, &are = *fresh.mappings;
    const ReplayOptions &before = running.settings.replays, &after = fresh.settings.replays;
    compare(kPayloadLimit, were.payloadBytesMax(), are.payloadBytesMax());
    compare("limits.dead_letters", were.deadLetterBytesMax(), are.deadLetterBytesMax());
    compare("limits.replay_bytes", before.log.bytesMax, after.log.bytesMax);
    compare("limits.replay_events", before.log.eventsMax, after.log.eventsMax);
    compare("limits.replays", before.replaysMax, after.replaysMax);
    return keys;
}

// -- what needs a restart

struct FixedKey {
    std::string key;
    std::function<bool(const Settings&, const Settings&)> areEqual;
};

template <class Get>
FixedKey fixed(std::string key, Get get) {
    return {std::move(key),
            [get](const Settings& a, const Settings& b) { return get(a) == get(b); }};
}

const std::vector<FixedKey>& fixedKeys() {
    using S = const Settings&;
    static const std::vector<FixedKey> kKeys{
        fixed("admin",
              [](S s) {
                  const AdminOptions& admin = s.http.admin;
                  return std::tuple{admin.listen, admin.readKey, admin.operatorKey,
                                    admin.metricsArePublic, s.http.adminTls().isOn()};
              }),
        fixed("auth", [](S s) { return s.http.auth.isOn; }),
        fixed("channels.*.history.journal",
              [](S s) {
                  using Policies = std::vector<JournalOptions::Policy>;
                  const bool isUsed = !s.journal.folder.empty();
                  return std::tuple{s.journal.folder, isUsed ? s.journal.policies : Policies{},
                                    s.journal.keepsOthers};
              }),
        fixed("compat", [](S s) { return s.http.compat; }),
        fixed("cors.credentials", [](S s) { return s.http.cors.credentials; }),
        fixed("cors.origins", [](S s) { return s.http.cors.origins; }),
        fixed("delivery.drain", [](S s) { return s.delivery.drain; }),
        fixed("delivery.keepalive", [](S s) { return s.delivery.keepalive; }),
        fixed("delivery.poll", [](S s) { return s.delivery.poll; }),
        fixed("delivery.retry", [](S s) { return s.delivery.retry; }),
        fixed("delivery.stall", [](S s) { return s.delivery.stall; }),
        fixed("graphite", [](S s) { return s.graphite; }),
        fixed("hosts", [](S s) { return s.http.hosts; }),
        fixed("journal.buffer", [](S s) { return s.journal.bufferBytes; }),
        fixed("journal.disk", [](S s) { return s.journal.diskBytesMax; }),
        fixed("journal.fsync", [](S s) { return s.journal.sync; }),
        fixed("limits.body", [](S s) { return s.http.gate.limits.bodyBytesMax; }),
        fixed("limits.catch_ups", [](S s) { return s.delivery.catchUpsMax; }),
        fixed("limits.channels", [](S s) { return s.hub.channelsMax; }),
        fixed("limits.channels_per_stream", [](S s) { return s.http.channelsPerStreamMax; }),
        fixed("limits.clients", [](S s) { return s.http.clients.clientsMax; }),
        fixed("limits.connections", [](S s) { return s.http.gate.connectionsMax; }),
        fixed("limits.connects_per_address", [](S s) { return s.http.clients.connectsPerAddress; }),
        fixed("limits.empty_channels", [](S s) { return s.hub.interestsMax; }),
        fixed("limits.failures", [](S s) { return s.http.clients.failuresMax; }),
        fixed("limits.failures_slow", [](S s) { return s.http.clients.failuresSlow; }),
        fixed("limits.failures_time", [](S s) { return s.http.clients.failuresTime; }),
        fixed("limits.filter_cost", [](S s) { return s.filters.costMax; }),
        fixed("limits.filters", [](S s) { return s.filters.filtersMax; }),
        fixed("limits.gap_records", [](S s) { return s.hub.gapRecordsMax; }),
        fixed("limits.handshakes", [](S s) { return s.http.gate.handshakesMax; }),
        fixed("limits.head", [](S s) { return s.http.gate.limits.bytesMax; }),
        fixed("limits.head_time", [](S s) { return s.http.gate.headTimeout; }),
        fixed("limits.history", [](S s) { return s.hub.historyBytesMax; }),
        fixed("limits.history_page", [](S s) { return s.http.historyEventsMax; }),
        fixed("limits.pattern_matches", [](S s) { return s.hub.patternMatchesMax; }),
        // Of messages it counts from the reload on; of what is published it does not.
        fixed(kPayloadLimit, [](S s) { return s.http.publish.limits.dataBytesMax; }),
        fixed("limits.per_address", [](S s) { return s.http.gate.perAddressMax; }),
        fixed("limits.publishes_per_address",
              [](S s) { return s.http.clients.publishesPerAddress; }),
        fixed("limits.publishes_per_subject",
              [](S s) { return s.http.clients.publishesPerSubject; }),
        fixed("limits.snapshots", [](S s) { return s.hub.latestBytesMax; }),
        fixed("limits.streams_per_address", [](S s) { return s.http.clients.streamsPerAddress; }),
        fixed("limits.streams_per_subject", [](S s) { return s.http.clients.streamsPerSubject; }),
        fixed("limits.subscribers", [](S s) { return s.delivery.subscribersMax; }),
        fixed("listen", [](S s) { return s.http.listen; }),
        fixed("log.format", [](S s) { return s.log.format; }),
        fixed("log.level", [](S s) { return s.log.level; }),
        fixed("static", [](S s) { return s.http.staticFolder; }),
        fixed("tls", [](S s) { return s.http.tls.isOn(); }),
        fixed("tls.redirect", [](S s) { return s.http.redirectPort; }),
        fixed("trusted_proxies", [](S s) { return s.http.gate.trust; })};
    return kKeys;
}

// -- for people and programs

void addLines(std::vector<std::string>& lines, const std::string& what, const ListChanges& list) {
    for (const std::string& name : list.added) lines.push_back(what + " added: " + name);
    for (const std::string& name : list.removed) lines.push_back(what + " removed: " + name);
    for (const std::string& name : list.changed) lines.push_back(what + " changed: " + name);
    if (list.isReordered) lines.push_back(what + "s in another order");
}

Json listOf(const std::vector<std::string>& texts) {
    Json list = Json::array();
    for (const std::string& text : texts) list.add(Json::string(text));
    return list;
}

Json jsonOf(const ListChanges& list) {
    Json json = Json::object();
    json.set("added", listOf(list.added));
    json.set("removed", listOf(list.removed));
    json.set("changed", listOf(list.changed));
    return json;
}

}  // namespace

bool Changes::isEmpty() const {
    return inputs.isEmpty() && mappings.isEmpty() && channels.isEmpty() && auth.isEmpty() &&
           publish.empty() && !tls && limits.empty();
}

std::vector<std::string> Changes::lines() const {
    std::vector<std::string> lines;
    addLines(lines, "input", inputs);
    addLines(lines, "mapping", mappings);
    addLines(lines, "channel policy", channels);
    addLines(lines, "token", auth.tokens);
    addLines(lines, "issuer", auth.issuers);
    for (const std::string& key : auth.keys) lines.push_back(key + " changed");
    for (const std::string& key : publish) lines.push_back(key + " changed");
    if (tls) lines.emplace_back("tls changed");
    for (const std::string& key : limits)
        lines.push_back(key + " changed" + (key == kPayloadLimit ? " for messages of inputs" : ""));
    for (const std::string& key : needRestart)
        lines.push_back("needs a restart, not changed: " + key +
                        (key == kPayloadLimit ? " for what is published" : ""));
    return lines;
}

Json Changes::json() const {
    Json json = Json::object();
    Json& ofInputs = json.set("inputs", jsonOf(inputs));
    Json& pairs = ofInputs.set("renamed", Json::array());
    for (const Renamed& one : renamed) {
        Json& pair = pairs.add(Json::object());
        pair.set("from", one.from);
        pair.set("to", one.to);
    }
    Json& ofMappings = json.set("mappings", jsonOf(mappings));
    ofMappings.set("reordered", Json::boolean(mappings.isReordered));
    Json& ofChannels = json.set("channels", jsonOf(channels));
    ofChannels.set("reordered", Json::boolean(channels.isReordered));
    Json& ofAuth = json.set("auth", Json::object());
    ofAuth.set("tokens", jsonOf(auth.tokens));
    ofAuth.set("issuers", jsonOf(auth.issuers));
    ofAuth.set("keys", listOf(auth.keys));
    json.set("publish", listOf(publish));
    json.set("tls", Json::boolean(tls));
    json.set("limits", listOf(limits));
    json.set("needRestart", listOf(needRestart));
    return json;
}

Changes changesBetween(const CheckedSettings& running, const CheckedSettings& fresh) {
    const Settings& before = running.settings;
    const Settings& after = fresh.settings;
    Changes changes;
    changes.inputs = inputChanges(before.inputs, after.inputs);
    changes.renamed = renamedInputs(changes.inputs, before.inputs, after.inputs);
    changes.replaced = replacedInputs(changes, before.inputs, after.inputs);
    changes.mappings = mappingChanges(*running.mappings, *fresh.mappings);
    changes.channels = channelChanges(before, after);
    changes.auth = authChanges(before.http.auth, after.http.auth);
    changes.publish = publishChanges(before.http.publish, after.http.publish);
    const auto isOtherTls = [](const TlsOptions& a, const TlsOptions& b) {
        return a.isOn() && b.isOn() && !(a == b);
    };
    changes.tls = isOtherTls(before.http.tls, after.http.tls) ||
                  isOtherTls(before.http.adminTls(), after.http.adminTls());
    changes.limits = limitChanges(running, fresh);
    for (const FixedKey& key : fixedKeys())
        if (!key.areEqual(before, after)) changes.needRestart.push_back(key.key);
    return changes;
}

std::vector<std::string> keysThatNeedRestart() {
    std::vector<std::string> keys;
    for (const FixedKey& key : fixedKeys()) keys.push_back(key.key);
    return keys;
}

}  // namespace sluice
