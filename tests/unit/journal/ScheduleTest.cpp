#include <random>

#include "JournalFixture.h"

namespace sluice {
namespace {

constexpr unsigned kSeeds = 40;
constexpr int kLives = 8;

/// Random lives of one node, which end in order, by a kill, or with the machine; readers of plain
/// channels carry their ids over. The theorem of resume.md within one epoch: what a reader gets is
/// what it has not had, once and in order, and what of it is gone is told.
class JournalScheduleTest : public JournalTest {
  protected:
    struct Sent {
        std::uint64_t seq;
        std::string channel, data;
        bool isLost = false;
    };
    struct Client {
        std::vector<std::string> channels;
        std::string id;         // empty: it has never been here
        std::uint64_t had = 0;  // everything up to this seq
        bool machineWasDown = false;

        bool reads(const Sent& sent) const {
            return std::find(channels.begin(), channels.end(), sent.channel) != channels.end();
        }
    };

    unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

    /// The next events; `seq` is the last that was given.
    std::vector<Sent> plan(std::uint64_t seq) {
        std::vector<Sent> events(below(12));
        for (Sent& sent : events) sent = {++seq, below(2) ? "a" : "b", std::to_string(++count_)};
        return events;
    }
    void publishAll(const std::vector<Sent>& events) {
        for (const Sent& sent : events)
            ASSERT_EQ(publishPlain(sent.channel, sent.data).lastSeq, sent.seq);
    }

    void visit(Client& client) {
        const Got got = resume(client.channels, client.id.empty() ? idAfter(0) : client.id);
        std::vector<std::string> expected;
        bool isLost = false;
        for (const Sent& sent : sent_) {
            if (sent.seq <= client.had) continue;
            isLost = isLost || sent.isLost;
            if (client.reads(sent) && !sent.isLost) expected.push_back(sent.data);
        }
        ASSERT_EQ(got.data, expected);
        if (isLost) {
            ASSERT_FALSE(got.gaps.empty());
        }
        if (!client.machineWasDown) {
            ASSERT_TRUE(got.gaps.empty());
        }
        client.machineWasDown = false;
        client.id = got.lastId;
        client.had = snapshot().horizon;
    }

    /// A life in another process, whose events some clients saw before it was killed.
    void killedLife(std::uint64_t horizon, std::vector<Client>& clients) {
        std::vector<Sent> events = plan(horizon);
        const Epoch epoch = hub().epoch();
        runAndKill([&] { publishAll(events); });
        for (Client& client : clients) {
            if (events.empty() || client.had < horizon || below(2) == 0) continue;
            client.had = events[below(static_cast<unsigned>(events.size()))].seq;
            client.id.clear();
            appendShortId(client.id, epoch, client.had, 1'700'000'000'000);
        }
        if (below(2) == 0) {
            loseMemory();
            for (Sent& sent : events) sent.isLost = true;
            for (Client& client : clients) client.machineWasDown = true;
        }
        sent_.insert(sent_.end(), events.begin(), events.end());
    }

    std::minstd_rand random_;
    std::uint64_t count_ = 0;
    std::vector<Sent> sent_;
};

TEST_F(JournalScheduleTest, readersGetWhatTheyHaveNotHadOrAreTold) {
    for (unsigned seed = 1; seed <= kSeeds; ++seed) {
        random_.seed(seed);
        sent_.clear();
        std::filesystem::remove_all(disk());
        std::vector<Client> clients{
            {{"a"}, "", 0, false}, {{"b"}, "", 0, false}, {{"a", "b"}, "", 0, false}};
        for (int life = 0; life < kLives; ++life) {
            startNode();
            for (Client& client : clients)
                if (below(2)) visit(client);
            const std::vector<Sent> events = plan(snapshot().horizon);
            publishAll(events);
            sent_.insert(sent_.end(), events.begin(), events.end());
            for (Client& client : clients)
                if (below(2)) visit(client);
            if (HasFatalFailure()) FAIL() << "seed " << seed << ", life " << life;
            if (below(2)) killedLife(snapshot().horizon, clients);
        }
        startNode();
        for (Client& client : clients) visit(client);
        if (HasFatalFailure()) FAIL() << "seed " << seed;
        endInOrder();
    }
}

}  // namespace
}  // namespace sluice
