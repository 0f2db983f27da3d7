#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "Connection.h"
#include "Facts.h"
#include "Node.h"
#include "Oracle.h"
#include "Random.h"
#include "Schedule.h"
#include "SseReader.h"

namespace sluice::property {

/// A client: a reader that keeps the last event id over its connections, and the oracle behind it.
class Client final : public SseReader::Receiver {
  public:
    Client(const Facts& facts, const SubscriptionSpec& spec, const Wish& wish, ReaderKind kind,
           LoopIndex loop, bool isQuiet, bool trace);

    bool isConnected() const { return connection_ != nullptr; }
    Connection* connection() { return connection_.get(); }
    const std::string& lastEventId() const { return reader_.lastEventId(); }

    void connect(Node& node, const Start& start, std::optional<std::uint64_t> limit, Random& random,
                 Pace pace);
    /// Reads everything on the wire.
    void flush();
    /// The connection ends after `bytes` of what is on the wire.
    void cut(std::size_t bytes);
    void finish();
    /// Gives the living stream these channels, if it comes to rest.
    void patch(ChannelMask channels, Random& random);
    void receive(const ReadBlock& block) override;

  private:
    void feed(std::string_view bytes);
    ReadId idOfAll() const;

    SubscriptionSpec spec_;
    const LoopIndex loop_;
    const bool trace_;
    const Facts& facts_;
    SseReader reader_;
    Oracle oracle_;
    std::unique_ptr<Connection> connection_;
};

/// Sources, nodes and clients of one schedule.
class World {
  public:
    World(std::uint64_t seed, const Variant& variant, bool trace);

    void apply(const Op& op);
    /// Everybody reads everything: in the end each client is live and has missed nothing.
    void settle();

  private:
    void makeRules(Random& random);
    void addFamily(Topic topic, std::uint32_t incarnation, Random& random);
    void addLane(std::uint32_t family, Random& random);
    void addNode(std::uint32_t index, Random& random);
    void addClient(LoopIndex loop, Random& random);
    HubOptions hubOptions(Random& random) const;

    void applyToSources(const Op& op, Random& random);
    void applyToNode(OpKind kind, Node& node, Random& random);
    void applyToClient(OpKind kind, Client& client, Node& node, Random& random);
    void produce(LaneId lane, Random& random);
    void retain(LaneId lane, Random& random);
    void compact(LaneId lane, Random& random);
    void reset(std::uint32_t family, Random& random);
    void truncate(LaneId lane, Random& random);
    void leaveAll(Node& node, Random& random);
    void settle(Client& client);
    bool hasLateFamily() const;
    LaneId anyLane(Random& random) const;
    void traceOp(const Op& op) const;

    const Variant& variant_;
    const bool trace_;
    Facts facts_;
    bool knowsIncarnations_ = false;
    bool hasLimits_ = false;
    std::vector<Words> wordsOf_;  // by topic
    std::vector<std::unique_ptr<Node>> nodes_;
    std::vector<std::unique_ptr<Client>> clients_;
    static constexpr Topic kTopics = 3, kLateTopic = 4;
};

}  // namespace sluice::property
