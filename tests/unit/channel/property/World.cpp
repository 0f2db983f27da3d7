#include "World.h"

#include <algorithm>
#include <cstdio>

namespace sluice::property {

World::World(std::uint64_t seed, const Variant& variant, bool trace)
    : variant_{variant}, trace_{trace} {
    Random random{seed};
    facts_.channels = random.between(1, kChannels);
    facts_.plain = random.chance(variant.plainPercent);
    hasLimits_ = random.chance(30);
    knowsIncarnations_ = random.chance(50);
    for (Topic topic = 0; topic <= kLateTopic; ++topic)
        wordsOf_.push_back(random.chance(33) || variant.longPositions ? Words::Two : Words::One);
    makeRules(random);
    for (Topic topic = 1, count = random.between(1, kTopics); topic <= count; ++topic)
        addFamily(topic, 0, random);
    const std::uint32_t clients = random.between(1, 2);
    for (std::uint32_t i = 0, count = random.between(1, 3); i < count; ++i) addNode(i, random);
    for (std::uint32_t i = 0; i < clients; ++i) addClient(i, random);
}

void World::makeRules(Random& random) {
    for (int generation = 0; generation < (variant_.reloads ? 2 : 1); ++generation) {
        Rules& rules = facts_.rules.emplace_back();
        rules.byTopic.resize(kLateTopic + 1);
        for (Topic topic = 0; topic <= kLateTopic; ++topic) {
            if (topic == 0 && !facts_.plain) continue;
            for (std::uint32_t i = random.oneOf({1u, 1u, 2u, 3u}); i > 0; --i) {
                Rules::Rule& rule = rules.byTopic[topic].emplace_back();
                for (std::uint32_t n = random.between(1, 3); n > 0; --n) {
                    ChannelMask mask = 0;
                    if (random.chance(75)) mask |= 1u << random.below(facts_.channels);
                    if (mask && random.chance(25)) mask |= 1u << random.below(facts_.channels);
                    rule.push_back(mask);
                }
            }
        }
    }
}

void World::addFamily(Topic topic, std::uint32_t incarnation, Random& random) {
    SourceFamily family;
    family.topic = topic;
    family.name = "f" + std::to_string(topic) + "~" + std::to_string(incarnation);
    Random hash{topic * 1'000 + incarnation + 7};
    family.hash = hash.next() | 1u;
    family.words = wordsOf_[topic];
    family.incarnationKnown = knowsIncarnations_;
    facts_.families.push_back(family);
    const auto index = static_cast<std::uint32_t>(facts_.families.size() - 1);
    for (std::uint32_t i = random.between(1, variant_.lanesMax); i > 0; --i) addLane(index, random);
}

void World::addLane(std::uint32_t family, Random& random) {
    SourceLane lane;
    lane.family = family;
    lane.index = static_cast<std::uint32_t>(facts_.families[family].lanes.size());
    lane.words = facts_.families[family].words;
    if (variant_.longPositions) {
        // Large words make long ids; what lies below was retained away before anyone came.
        lane.end = {random.next64() >> 4, lane.words == Words::Two ? random.next64() >> 2 : 0};
        lane.low = lane.end;
    }
    facts_.families[family].lanes.push_back(static_cast<LaneId>(facts_.lanes.size()));
    facts_.lanes.push_back(std::move(lane));
}

HubOptions World::hubOptions(Random& random) const {
    HubOptions options;
    if (variant_.quiet) return options;
    const auto history = [&random] {
        return History{random.oneOf({2u, 4u, 8u, 1'000u}),
                       random.oneOf<std::size_t>({600, 1'500, 4'000, 1u << 20}),
                       std::chrono::milliseconds{random.oneOf({10, 40, 100, 100'000})}};
    };
    options.history = history();
    for (std::size_t i = 0; i < facts_.channels; ++i)
        if (random.chance(50))
            options.policies.push_back({*Pattern::parse(channelName(i), '/', nullptr), history()});
    if (random.chance(20)) options.historyBytesMax = random.oneOf<std::size_t>({2'000, 5'000});
    options.gapRecordsMax = random.oneOf<std::size_t>({1, 2, 50});
    if (variant_.fewChannels) options.channelsMax = random.between(1, 3);
    return options;
}

void World::addNode(std::uint32_t index, Random& random) {
    NodeOptions options;
    options.index = index;
    options.hub = hubOptions(random);
    options.loops = 2;
    options.quiet = variant_.quiet;
    options.replays = variant_.replays;
    if (variant_.journals) {
        options.isJournalled = true;
        options.keptChannels = random.oneOf<ChannelMask>({~0u, ~0u, 1u, 5u});
    }
    nodes_.push_back(std::make_unique<Node>(facts_, options, random));
}

void World::addClient(LoopIndex loop, Random& random) {
    SubscriptionSpec spec;
    Wish wish;
    const bool isPattern = variant_.patterns && random.chance(70);
    for (std::size_t i = 0; i < facts_.channels; ++i)
        if (isPattern || random.chance(60)) wish.channels |= 1u << i;
    if (wish.channels == 0) wish.channels = 1;
    for (std::size_t i = 0; i < kChannels; ++i)
        if (!isPattern && (wish.channels >> i & 1)) spec.channels.push_back(channelName(i));
    if (isPattern) spec.channels.emplace_back(kAllChannels);
    if (random.chance(30)) {
        const std::uint32_t without = random.below(2) + 1;
        wish.types = 1u | (without == 1 ? 4u : 2u);
        spec.types = {std::string{kTypes[without == 1 ? 2 : 1]}};
        wish.types &= ~1u;
    }
    spec.framing = random.chance(50) ? Framing::Chunked : Framing::Close;
    if (random.chance(8)) spec.control = Control::Comments;
    // One that dispatches at the end takes cut ids too, and is told that they are bad.
    const ReaderKind kind =
        variant_.quiet ? random.oneOf({ReaderKind::Standard, ReaderKind::ForgetsEmpty})
                       : random.oneOf({ReaderKind::Standard, ReaderKind::Standard,
                                       ReaderKind::Standard, ReaderKind::ForgetsBareIds,
                                       ReaderKind::ForgetsEmpty, ReaderKind::EndsDispatching});
    clients_.push_back(
        std::make_unique<Client>(facts_, spec, wish, kind, loop, variant_.quiet, trace_));
    if (trace_) {
        std::printf("client %u: channels %x types %x kind %d %s\n", loop, wish.channels, wish.types,
                    static_cast<int>(kind), spec.framing == Framing::Chunked ? "chunked" : "close");
    }
}

LaneId World::anyLane(Random& random) const {
    const LaneId lane = 1 + random.below(facts_.lanes.size() - 1);
    return facts_.atSource(lane) ? lane : kPlain;
}

void World::apply(const Op& op) {
    Random random{op.seed};
    facts_.clock.advance(std::chrono::milliseconds{random.oneOf({0, 1, 5})});
    Node& node = *random.pick(nodes_);
    Client& client = *random.pick(clients_);
    if (trace_) traceOp(op);
    applyToSources(op, random);
    applyToNode(op.kind, node, random);
    applyToClient(op.kind, client, node, random);
}

void World::applyToSources(const Op& op, Random& random) {
    const LaneId lane = anyLane(random);
    const std::uint32_t family = random.below(facts_.families.size());
    const bool isThere = !facts_.families[family].gone;
    if (op.kind == OpKind::Produce && lane != kPlain) produce(lane, random);
    if (op.kind == OpKind::Retention && lane != kPlain) retain(lane, random);
    if (op.kind == OpKind::Compact && lane != kPlain) compact(lane, random);
    if (op.kind == OpKind::Reset && isThere) reset(family, random);
    if (op.kind == OpKind::AddLane && isThere &&
        facts_.families[family].lanes.size() < variant_.lanesMax + 2)
        addLane(family, random);
    if (op.kind == OpKind::AddFamily && !variant_.quiet && !hasLateFamily())
        addFamily(kLateTopic, 0, random);
}

bool World::hasLateFamily() const {
    return std::any_of(facts_.families.begin(), facts_.families.end(),
                       [](const SourceFamily& one) { return one.topic == kLateTopic; });
}

void World::applyToNode(OpKind kind, Node& node, Random& random) {
    if (kind == OpKind::Read) node.read(random);
    if (kind == OpKind::Redeliver) {
        const LaneId lane = anyLane(random);
        if (lane != kPlain) node.redeliver(lane);
    }
    if (kind == OpKind::Plain)
        for (std::uint32_t i = random.between(1, 2); i > 0; --i) node.publishPlain(random);
    if (kind == OpKind::Age) node.age(random.oneOf({5u, 20u, 60u, 200u}));
    if (kind == OpKind::Discover) node.discover();
    if (kind == OpKind::Lost) node.lose(random);
    if (kind == OpKind::Restart) {
        leaveAll(node, random);
        node.restart(random);
    }
    if (kind == OpKind::Reload && variant_.reloads) {
        leaveAll(node, random);
        node.reload();
    }
}

void World::leaveAll(Node& node, Random& random) {
    for (const std::unique_ptr<Client>& client : clients_) {
        if (!client->isConnected() || &client->connection()->node() != &node) continue;
        const bool isDrained = random.chance(50);
        if (isDrained) client->connection()->farewell(random);
        std::size_t bytes = client->connection()->wire.size();
        if (!isDrained || random.chance(50)) bytes = random.below(bytes + 1);
        client->cut(bytes);
    }
}

void World::applyToClient(OpKind kind, Client& client, Node& node, Random& random) {
    if (kind == OpKind::Connect) {
        Start start;
        start.kind = random.oneOf(
            {Start::Kind::Live, Start::Kind::Earliest, Start::Kind::Last, Start::Kind::Since});
        start.count = random.below(7);
        start.sinceMs = facts_.clock.wallMs() - random.below(60);
        std::optional<std::uint64_t> limit;
        if (hasLimits_ && random.chance(50)) limit = random.oneOf({1u, 2u, 5u});
        client.connect(node, start, limit, random, Pace::Restless);
    }
    if (!client.isConnected()) return;
    if (kind == OpKind::Turn) client.connection()->turn(random, Pace::Restless, random.chance(20));
    if (kind == OpKind::Flush) client.flush();
    if (kind == OpKind::Patch) {
        ChannelMask channels = 0;
        for (std::size_t i = 0; i < facts_.channels; ++i)
            if (random.chance(60)) channels |= 1u << i;
        client.patch(channels ? channels : 1, random);
        return;
    }
    if (kind != OpKind::Cut) return;
    const std::string& wire = client.connection()->wire;
    std::size_t at = random.below(wire.size() + 1);
    const std::size_t id = wire.find("\nid: ", at);
    if (random.chance(40) && id != std::string::npos)  // inside an id
        at = random.between(static_cast<std::uint32_t>(id) + 5,
                            static_cast<std::uint32_t>(wire.find('\n', id + 5)));
    client.cut(std::min(at, wire.size()));
}

void World::produce(LaneId id, Random& random) {
    SourceLane& lane = facts_.lanes[id];
    for (std::uint32_t i = random.between(1, 4); i > 0; --i) {
        Position position = lane.end;
        if (lane.words == Words::One) {
            position.first += random.oneOf({0u, 0u, 0u, 1u, 3u});
        } else if (random.chance(50) || position == Position{}) {
            position = {position.first + random.between(1, 5), random.oneOf({0u, 0u, 2u})};
        }
        const Message message{position, random.below(6), ++facts_.messages};
        lane.kept.push_back(message);
        lane.truth.push_back(message);
        lane.end = positionAfter(position, lane.words);
    }
    if (random.chance(20)) lane.end = {lane.end.first + random.between(1, 2), 0};  // aborted
}

void World::retain(LaneId id, Random& random) {
    SourceLane& lane = facts_.lanes[id];
    if (lane.kept.empty()) return;
    const auto count = random.between(1, static_cast<std::uint32_t>(lane.kept.size()));
    const Position low = count < lane.kept.size() ? lane.kept[count].position : lane.end;
    lane.low = std::max(lane.low, low);
    lane.kept.erase(lane.kept.begin(), lane.kept.begin() + count);
}

void World::compact(LaneId id, Random& random) {
    SourceLane& lane = facts_.lanes[id];
    for (std::size_t i = 0; i + 1 < lane.kept.size();) {
        if (!random.chance(30)) {
            ++i;
            continue;
        }
        for (Message& message : lane.truth)
            if (message.uid == lane.kept[i].uid) message.compacted = true;
        lane.kept.erase(lane.kept.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

void World::reset(std::uint32_t index, Random& random) {
    SourceFamily& family = facts_.families[index];
    if (family.incarnationKnown) {
        family.gone = true;
        const auto incarnation =
            static_cast<std::uint32_t>(std::stoul(family.name.substr(family.name.find('~') + 1)));
        addFamily(family.topic, incarnation + 1, random);
        return;
    }
    for (const LaneId lane : family.lanes) truncate(lane, random);
}

void World::truncate(LaneId id, Random& random) {
    SourceLane& lane = facts_.lanes[id];
    ++lane.incarnation;
    if (random.chance(50) && !lane.kept.empty()) {
        lane.kept.resize(random.below(lane.kept.size() + 1));
        const Position end =
            lane.kept.empty() ? lane.low : positionAfter(lane.kept.back().position, lane.words);
        lane.end = std::max(lane.low, end);
    } else {
        lane.kept.clear();
        lane.low = lane.end = {};
    }
    lane.truth = lane.kept;
}

void World::settle() {
    if (trace_) std::printf("settle\n");
    for (const std::unique_ptr<Node>& node : nodes_) {
        node->discover();
        for (int i = 0; i < 3; ++i) node->readAll();
    }
    for (const std::unique_ptr<Client>& client : clients_) settle(*client);
}

void World::settle(Client& client) {
    Random random{7};
    if (!client.isConnected() && client.lastEventId().empty()) return;
    Node& node = *nodes_[clients_.size() % nodes_.size()];
    for (int turns = 0;; ++turns) {
        if (turns == 400) throw Violation{"a client that never becomes live"};
        if (!client.isConnected()) client.connect(node, {}, std::nullopt, random, Pace::Calm);
        Connection& connection = *client.connection();
        connection.turn(random, Pace::Calm, false);
        if (connection.isAtRest() && !connection.hasEnded()) break;
        if (connection.hasEnded()) client.flush();
    }
    client.connection()->turn(random, Pace::Calm, true);
    client.flush();
    client.finish();
}

}  // namespace sluice::property
