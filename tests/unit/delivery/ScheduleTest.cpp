#include <algorithm>
#include <array>
#include <random>

#include "unit/delivery/LoopTest.h"

namespace sluice::test {
namespace {

using std::chrono::milliseconds;

constexpr unsigned kSchedules = 200;

/// Readers that come, stumble, break off at any byte and come back, under a schedule that a seed
/// decides. History is kept whole, so nothing may be missing, doubled or out of order.
class Schedule final : public LoopTest {
  public:
    void run(unsigned seed);

  private:
    void TestBody() override {}

    struct Reader {
        SubscriptionSpec wanted;
        std::shared_ptr<Line> line;
        Texts before;                // what earlier connections dispatched
        std::string lastId;          // of earlier connections
        std::size_t firstEvent = 0;  // of all that were published
    };
    struct Published {
        std::string channel, data;
    };

    std::size_t pick(std::size_t choices) {
        return std::uniform_int_distribution<std::size_t>{0, choices - 1}(random);
    }
    std::size_t someRoom() {
        return pick(2) == 0 ? std::numeric_limits<std::size_t>::max() : pick(700);
    }

    void openOne() {
        static const std::vector<std::vector<std::string>> kSets{
            {"a"}, {"b"}, {"a", "b"}, {"a", "b", "c"}, {"{x}"}};
        Reader reader;
        reader.wanted = spec(kSets[pick(kSets.size())]);
        reader.wanted.control = pick(4) == 0 ? Control::Comments : Control::Events;
        reader.firstEvent = published.size();
        reader.line = open(reader.wanted, {}, someRoom());
        turns(1);  // its place is decided before anything else is published
        readers.push_back(std::move(reader));
    }

    void reconnect(Reader& reader) {
        const std::string& bytes = reader.line->bytes;
        SseParser read;
        read.feed(std::string_view{bytes}.substr(0, pick(bytes.size() + 1)));
        ASSERT_EQ(read.error(), "");
        for (const std::string& event : read.events()) reader.before.push_back(event);
        if (!read.lastEventId().empty()) reader.lastId = read.lastEventId();
        if (reader.lastId.empty()) return openAgainFromNow(reader);
        breakOff(*reader.line);
        reader.line = open(reader.wanted, from(reader.lastId), someRoom());
    }
    static void breakOff(Line& line) {
        line.broken = true;
        line.allow(0);  // a straggler notices by its edge, the others at their next write
    }
    /// It never learned an id, so it begins anew.
    void openAgainFromNow(Reader& reader) {
        breakOff(*reader.line);
        reader.before.clear();
        reader.firstEvent = published.size();
        reader.line = open(reader.wanted, {}, someRoom());
        turns(1);
    }

    void publishSome() {
        static const std::vector<std::string> kChannels{"a", "b", "c"};
        for (std::size_t left = 1 + pick(5); left > 0; --left) {
            Published event{kChannels[pick(3)], std::to_string(published.size())};
            event.data += std::string(pick(3) == 0 ? pick(900) : 0, '.');
            publish(event.channel, event.data);
            published.push_back(event);
        }
    }

    void step() {
        switch (pick(12)) {
            case 0:
                if (readers.size() < 30) openOne();
                break;
            case 1:
                if (!readers.empty()) reconnect(readers[pick(readers.size())]);
                break;
            case 2:
            case 3:
                if (!readers.empty()) readers[pick(readers.size())].line->allow(pick(400));
                break;
            case 4:
                if (!readers.empty()) readers[pick(readers.size())].line->allowAll();
                break;
            case 5:
                clock.advance(milliseconds{pick(2'000)});
                break;
            case 6:
            case 7:
            case 8:
                publishSome();
                break;
            default:
                turns(1);
        }
    }

    Texts expectedBy(const Reader& reader) const {
        Texts expected;
        const bool all = reader.wanted.channels.front() == "{x}";
        for (std::size_t i = reader.firstEvent; i < published.size(); ++i)
            if (all || std::count(reader.wanted.channels.begin(), reader.wanted.channels.end(),
                                  published[i].channel) > 0)
                expected.push_back(published[i].data);
        return expected;
    }

    std::mt19937 random;
    std::vector<Reader> readers;
    std::vector<Published> published;
};

void Schedule::run(unsigned seed) {
    random.seed(seed);
    options.stall = std::chrono::hours{1};
    // All follow, some do, none does.
    static constexpr std::array<std::uint64_t, 3> kKept{2u << 20, 4'000, 0};
    share.writesKeptBytesMax = kKept[seed % kKept.size()];
    for (int i = 0; i < 300; ++i) step();
    for (int round = 0; round < 40; ++round) {
        for (Reader& reader : readers) reader.line->allowAll();
        if (round == 20) publishSome();
        turns(2);
    }
    for (const std::string channel : {"a", "b", "c"}) {
        publish(channel, "end");
        published.push_back({channel, "end"});
    }
    turns();
    for (const Reader& reader : readers) {
        const SseParser read = reader.line->parsed();
        Texts events = reader.before;
        for (const std::string& event : read.events()) events.push_back(event);
        ASSERT_EQ(events, expectedBy(reader)) << "seed " << seed;
        ASSERT_EQ(read.count("sluice.gap"), 0u) << "seed " << seed;
    }
    const DeliveryCounts now = counts();
    EXPECT_EQ(now.straggling + now.catchingUp + now.resolving, 0u) << "seed " << seed;
    EXPECT_EQ(now.live, readers.size());
    EXPECT_LE(now.herds, 2 * now.subscriptions) << "equal streams find each other";
}

TEST(Schedules, bringEveryEventOnceAndInOrder) {
    for (unsigned seed = 1; seed <= kSchedules; ++seed) {
        Schedule{}.run(seed);
        ASSERT_FALSE(testing::Test::HasFailure());
    }
}

}  // namespace
}  // namespace sluice::test
