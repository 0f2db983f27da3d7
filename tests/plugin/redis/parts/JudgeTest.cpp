#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "Judge.h"

namespace sluice::redis {
namespace {

/// A stream as Redis 7 keeps it, and who added what.
class ModelStream {
  public:
    StreamId add(int serial, StreamId id) {
        entries_[id] = serial;
        last_ = id;
        ++added_;
        return id;
    }
    std::vector<int> trim(std::size_t keep) {
        std::vector<int> gone;
        while (entries_.size() > keep) {
            gone.push_back(entries_.begin()->second);
            entries_.erase(entries_.begin());
        }
        return gone;
    }
    /// XDEL; the serial of what went.
    int erase(std::size_t index) {
        const auto it = std::next(entries_.begin(), static_cast<std::ptrdiff_t>(index));
        const int serial = it->second;
        maxDeleted_ = std::max(maxDeleted_, it->first);
        entries_.erase(it);
        return serial;
    }
    std::vector<std::pair<StreamId, int>> readFrom(StreamId next, std::size_t count) const {
        std::vector<std::pair<StreamId, int>> found;
        for (auto it = entries_.lower_bound(next); it != entries_.end() && found.size() < count;
             ++it)
            found.emplace_back(it->first, it->second);
        return found;
    }
    StreamInfo info() const {
        StreamInfo info;
        info.length = entries_.size();
        info.added = added_;
        info.last = last_;
        if (!entries_.empty()) info.first = entries_.begin()->first;
        info.maxDeleted = maxDeleted_;
        return info;
    }
    StreamId last() const { return last_; }
    std::size_t size() const { return entries_.size(); }

  private:
    std::map<StreamId, int> entries_;
    std::uint64_t added_ = 0;
    StreamId last_, maxDeleted_;
};

/// A server and a reader that takes random turns with it. Every entry must be read, or be taken
/// away by XDEL, or lie in a gap that was told before anything behind it was read.
class Play {
  public:
    Play(unsigned seed, bool deletes) : random_(seed), deletes_(deletes) {}

    void run() {
        progress_.added = 0;
        for (int step = 0; step < 300; ++step) {
            for (unsigned i = upTo(4); i > 0; --i) serverStep();
            read();
        }
        // At rest everything is read.
        for (int i = 0; i < 50; ++i) read();
        EXPECT_GT(progress_.next, stream_.last());
        for (const auto& [serial, fate] : fates_)
            EXPECT_TRUE(fate.isRead || fate.isDeleted || fate.isTold)
                << "entry " << fate.id.text() << " vanished in silence";
    }
    int gapsWithoutLoss() const { return gapsWithoutLoss_; }

  private:
    struct Fate {
        StreamId id;
        bool isRead = false, isDeleted = false, isTrimmed = false, isTold = false;
    };

    unsigned upTo(unsigned most) {
        return std::uniform_int_distribution<unsigned>{0, most}(random_);
    }

    void serverStep() {
        const unsigned what = upTo(99);
        if (what < 70) {
            StreamId id = stream_.last().next();
            if (upTo(1) == 0) id = {id.ms + 1 + upTo(3), upTo(1)};
            ++serial_;
            fates_[serial_].id = stream_.add(serial_, id);
        } else if (what < 85) {
            for (const int serial : stream_.trim(upTo(8))) fates_[serial].isTrimmed = true;
        } else if (deletes_ && stream_.size() > 0) {
            fates_[stream_.erase(upTo(static_cast<unsigned>(stream_.size()) - 1))].isDeleted = true;
        }
    }

    void read() {
        auto given = stream_.readFrom(progress_.next, 1 + upTo(5));
        std::vector<StreamId> ids;
        for (const auto& [id, serial] : given) ids.push_back(id);
        const Verdict verdict = judge(progress_, ids, stream_.info());
        ASSERT_NE(verdict.kind, Verdict::Kind::Reset);
        if (verdict.kind == Verdict::Kind::Lost) tell(verdict.to);
        for (const auto& [id, serial] : given) {
            ASSERT_TRUE(verdict.kind == Verdict::Kind::Whole || id >= verdict.to);
            EXPECT_FALSE(fates_[serial].isRead) << "twice";
            fates_[serial].isRead = true;
        }
        // Before the next read nothing that lies before it may be open.
        for (const auto& [serial, fate] : fates_) {
            if (fate.id >= verdict.after.next || fate.isRead || fate.isTold) continue;
            EXPECT_TRUE(fate.isDeleted) << fate.id.text() << " was passed in silence";
        }
        ASSERT_GE(verdict.after.next, progress_.next);
        progress_ = verdict.after;
        // As LaneReading::deliver: what was there up to the end is deleted.
        const StreamInfo now = stream_.info();
        if (ids.empty() && progress_.next < now.end()) progress_ = {now.end(), now.added};
    }

    void tell(StreamId to) {
        bool isTrue = false;
        for (auto& [serial, fate] : fates_) {
            if (fate.id < progress_.next || fate.id >= to || fate.isRead) continue;
            fate.isTold = true;
            isTrue = isTrue || fate.isTrimmed || fate.isDeleted;
        }
        if (!isTrue) ++gapsWithoutLoss_;
    }

    std::mt19937 random_;
    const bool deletes_;  // XDEL is used
    ModelStream stream_;
    Progress progress_;
    std::map<int, Fate> fates_;
    int serial_ = 0;
    int gapsWithoutLoss_ = 0;
};

TEST(RedisJudge, noTrimmedEntryVanishesInSilenceAndNoGapIsInvented) {
    for (unsigned seed = 1; seed <= 500; ++seed) {
        SCOPED_TRACE(seed);
        Play play(seed, false);
        play.run();
        ASSERT_FALSE(::testing::Test::HasFailure());
        ASSERT_EQ(play.gapsWithoutLoss(), 0);
    }
}

TEST(RedisJudge, deletionsHideNoTrimmedEntry) {
    for (unsigned seed = 1; seed <= 500; ++seed) {
        SCOPED_TRACE(seed);
        Play play(seed, true);
        play.run();
        ASSERT_FALSE(::testing::Test::HasFailure());
    }
}

StreamInfo infoOf(StreamId last, std::optional<StreamId> first, std::uint64_t length,
                  std::uint64_t added) {
    StreamInfo info;
    info.last = last;
    info.first = first;
    info.length = length;
    info.added = added;
    return info;
}

TEST(RedisJudge, anEndThatWentBackIsAReset) {
    const Verdict verdict = judge({{9, 1}, 9}, {}, infoOf({5, 0}, StreamId{1, 0}, 5, 5));
    EXPECT_EQ(verdict.kind, Verdict::Kind::Reset);
    EXPECT_EQ(verdict.to, (StreamId{0, 0}));
    EXPECT_EQ(verdict.after.added, 0U);
}

TEST(RedisJudge, fewerEntriesThanWereReadAreAReset) {
    const Verdict verdict = judge({{9, 1}, 9}, {}, infoOf({20, 0}, StreamId{20, 0}, 1, 3));
    EXPECT_EQ(verdict.kind, Verdict::Kind::Reset);
    EXPECT_EQ(verdict.to, (StreamId{20, 0}));  // two were trimmed before
}

TEST(RedisJudge, entriesAtHandThatTheCountHasNoRoomForAreAReset) {
    const std::vector<StreamId> ids{{10, 0}};
    const Verdict verdict = judge({{9, 1}, 9}, ids, infoOf({10, 0}, StreamId{10, 0}, 1, 1));
    EXPECT_EQ(verdict.kind, Verdict::Kind::Reset);
}

TEST(RedisJudge, aServerThatDoesNotCountIsTrustedOnlyWhereAnEntryIsLeft) {
    const std::vector<StreamId> ids{{10, 0}};
    StreamInfo now = infoOf({10, 0}, StreamId{9, 0}, 2, StreamInfo::kUncounted);
    EXPECT_EQ(judge({{9, 1}, {}}, ids, now).kind, Verdict::Kind::Whole);
    now.first = StreamId{10, 0};
    EXPECT_EQ(judge({{9, 1}, {}}, ids, now).kind, Verdict::Kind::Lost);
    EXPECT_EQ(judge({{10, 0}, {}}, ids, now).kind, Verdict::Kind::Whole);  // no room between
}

TEST(RedisStreamId, knowsWhatIsNextAndBefore) {
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
    EXPECT_EQ((StreamId{7, 3}.next()), (StreamId{7, 4}));
    EXPECT_EQ((StreamId{7, kMax}.next()), (StreamId{8, 0}));
    EXPECT_EQ((StreamId{kMax, kMax}.next()), (StreamId{kMax, kMax}));
    EXPECT_EQ((StreamId{8, 0}.before()), (StreamId{7, kMax}));
    EXPECT_EQ((StreamId{8, 5}.before()), (StreamId{8, 4}));
}

TEST(RedisStreamId, readsItsText) {
    EXPECT_EQ(StreamId::parse("1526919030474-55"), (StreamId{1526919030474, 55}));
    EXPECT_EQ(StreamId::parse("18446744073709551615-18446744073709551615")->text(),
              "18446744073709551615-18446744073709551615");
    for (const char* text :
         {"", "5", "5-", "-5", "a-1", "1-a", "1-2-3", "99999999999999999999-0", " 1-1", "1-1 "})
        EXPECT_EQ(StreamId::parse(text), std::nullopt) << text;
}

}  // namespace
}  // namespace sluice::redis
