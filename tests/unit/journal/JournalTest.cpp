#include <csignal>

#include <sqlite3.h>
#include <sys/resource.h>

#include "JournalFixture.h"

namespace sluice {
namespace {

TEST_F(JournalTest, comesBackAfterAnEndInOrder) {
    startNode();
    const Epoch epoch = hub().epoch();
    for (int i = 1; i <= 5; ++i) publishPlain("a", std::to_string(i));
    startNode();
    EXPECT_EQ(hub().epoch(), epoch);
    const Got got = resume({"a"}, idAfter(2));
    EXPECT_EQ(got.data, numbers(3, 5));
    EXPECT_TRUE(got.gaps.empty());
    EXPECT_EQ(journal_->counts().restored, 5u);
    EXPECT_EQ(publishPlain("a", "6").lastSeq, 6u);
}

TEST_F(JournalTest, isExactAfterAKill) {
    runAndKill([&] {
        for (int i = 1; i <= 200; ++i) publishPlain(i % 2 ? "a" : "b", std::to_string(i));
    });
    startNode();
    const Got got = resume({"a", "b"}, idAfter(50));
    EXPECT_EQ(got.data, numbers(51, 200));
    EXPECT_TRUE(got.gaps.empty());
    EXPECT_EQ(publishPlain("a", "201").lastSeq, 201u);
}

TEST_F(JournalTest, isExactAfterManyKills) {
    for (std::uint64_t run = 0; run < 5; ++run)
        runAndKill([&] {
            for (std::uint64_t i = 1; i <= 7; ++i) publishPlain("a", std::to_string(run * 7 + i));
        });
    startNode();
    const Got got = resume({"a"}, idAfter(0));
    EXPECT_EQ(got.data, numbers(1, 35));
    EXPECT_TRUE(got.gaps.empty());
}

TEST_F(JournalTest, isExactAfterAKillWhileItWrites) {
    journalOptions_.sync = std::chrono::milliseconds{0};
    runAndKill([&] {
        for (int i = 1; i <= 3'000; ++i) publishPlain("a", std::to_string(i));
    });
    startNode();
    const Got got = resume({"a"}, idAfter(0));
    EXPECT_EQ(got.data, numbers(1, 3'000));
    EXPECT_TRUE(got.gaps.empty());
}

TEST_F(JournalTest, tellsWhatWasNotOnDiskAsLost) {
    startNode();
    for (int i = 1; i <= 5; ++i) publishPlain("a", std::to_string(i));
    runAndKill([&] {
        for (int i = 6; i <= 9; ++i) publishPlain("a", std::to_string(i));
    });
    loseMemory();
    startNode();
    EXPECT_NE(journal_->finding().find("told as lost"), std::string::npos);
    const PublishResult later = publishPlain("a", "10");
    EXPECT_GT(later.lastSeq, 9u) << "a seq came twice";
    for (const std::uint64_t seq : {3u, 5u, 7u, 9u}) {
        const Got got = resume({"a"}, idAfter(seq));
        ASSERT_FALSE(got.gaps.empty()) << seq;
        EXPECT_EQ(got.gaps.back().reason, "lost") << seq;
        EXPECT_EQ(got.data.back(), "10");
    }
    // Whoever came afterwards misses nothing.
    EXPECT_TRUE(resume({"a"}, idAfter(later.lastSeq - 1)).gaps.empty());
}

TEST_F(JournalTest, tellsALossOnceAndGoesOnExactly) {
    startNode();
    publishPlain("a", "1");
    runAndKill([&] { publishPlain("a", "2"); });
    loseMemory();
    std::uint64_t last = 0;
    startNode();
    last = publishPlain("a", "3").lastSeq;
    startNode();
    publishPlain("a", "4");
    EXPECT_EQ(resume({"a"}, idAfter(last)).data, numbers(4, 4));
    EXPECT_TRUE(resume({"a"}, idAfter(last)).gaps.empty());
    EXPECT_FALSE(resume({"a"}, idAfter(1)).gaps.empty());
}

TEST_F(JournalTest, letsGoWhatTheHistoryEvicts) {
    options_.history.events = 8;
    startNode();
    for (int i = 1; i <= 100; ++i) publishPlain("a", std::to_string(i));
    const std::uint64_t evicted = view("a").evictedSeq;
    ASSERT_GT(evicted, 80u);
    startNode();
    EXPECT_EQ(view("a").evictedSeq, evicted);
    const Got got = resume({"a"}, idAfter(3));
    EXPECT_EQ(got.data, numbers(evicted + 1, 100));
    ASSERT_EQ(got.gaps.size(), 1u);
    EXPECT_EQ(got.gaps.front().reason, "evicted");
    EXPECT_TRUE(resume({"a"}, idAfter(evicted)).gaps.empty());
    EXPECT_EQ(journal_->counts().restored, 100 - evicted);
}

TEST_F(JournalTest, remembersThatALogIsEmpty) {
    startNode();
    publishPlain("a", "1");
    age(std::chrono::hours{2});
    ASSERT_EQ(view("a").parts.size(), 0u);
    startNode();
    EXPECT_FALSE(resume({"a"}, idAfter(0)).gaps.empty());
    EXPECT_TRUE(resume({"a"}, idAfter(1)).gaps.empty());
}

TEST_F(JournalTest, remembersLogsThatWereCollected) {
    options_.channelsMax = 2;
    startNode();
    publishPlain("a", "1");
    publishPlain("b", "2");
    publishPlain("c", "3");
    startNode();
    EXPECT_EQ(resume({"b", "c"}, idAfter(1)).data, numbers(2, 3));
    EXPECT_TRUE(resume({"b", "c"}, idAfter(1)).gaps.empty());
    EXPECT_FALSE(resume({"a"}, idAfter(0)).gaps.empty());
}

TEST_F(JournalTest, leavesOtherChannelsWithTheSeqOfTheRestart) {
    keep("kept/{x}");
    startNode();
    publishPlain("kept/a", "1");
    publishPlain("other", "2");
    publishPlain("kept/a", "3");
    startNode();
    EXPECT_EQ(resume({"kept/a"}, idAfter(0)).data, (std::vector<std::string>{"1", "3"}));
    EXPECT_TRUE(resume({"kept/a"}, idAfter(0)).gaps.empty());
    EXPECT_TRUE(resume({"kept/b"}, idAfter(0)).gaps.empty()) << "it never had an event";
    const Got other = resume({"other"}, idAfter(1));
    EXPECT_TRUE(other.data.empty());
    ASSERT_FALSE(other.gaps.empty());
    EXPECT_EQ(other.gaps.front().reason, "evicted");
    EXPECT_TRUE(resume({"other"}, idAfter(3)).gaps.empty());
}

TEST_F(JournalTest, servesPatternsOfKeptChannelsWithoutAGap) {
    keep("kept/{x}");
    startNode();
    publishPlain("kept/a", "1");
    publishPlain("kept/b", "2");
    startNode();
    EXPECT_EQ(resume({"kept/{y}"}, idAfter(0)).data, numbers(1, 2));
    EXPECT_TRUE(resume({"kept/{y}"}, idAfter(0)).gaps.empty());
    EXPECT_FALSE(resume({"{all**}"}, idAfter(1)).gaps.empty()) << "others may have had some";
}

TEST_F(JournalTest, showsWhoeverIsNoLoopWhatAChannelWithoutALogMayHaveHad) {
    options_.channelsMax = 1;
    keep("kept/{x}");
    startNode();
    publishPlain("kept/a", "1");
    startNode();
    EXPECT_EQ(hub().view("kept/b").evictedSeq, 0u) << "it never had an event";
    publishPlain("kept/b", "2");
    EXPECT_EQ(hub().view("kept/a").evictedSeq, 1u) << "it was collected";
}

TEST_F(JournalTest, dropsChannelsThatAreNotKeptAnyMore) {
    startNode();
    publishPlain("a", "1");
    publishPlain("kept/a", "2");
    keep("kept/{x}");
    startNode();
    EXPECT_EQ(resume({"kept/a"}, idAfter(1)).data, numbers(2, 2));
    EXPECT_TRUE(resume({"a"}, idAfter(0)).data.empty());
    EXPECT_FALSE(resume({"a"}, idAfter(0)).gaps.empty());
    EXPECT_EQ(journal_->counts().restored, 1u);
}

TEST_F(JournalTest, keepsWhatTheDiskDoesNotTakeInMemory) {
    startNode();
    publishPlain("a", "1");
    // Every write beyond this size fails, as on a full disk; the child alone is bound by it.
    runAndKill([&] {
        journalOptions_.sync = std::chrono::milliseconds{0};
        endInOrder();
        startNode();
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{1'000, 1'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        for (int i = 2; i <= 50; ++i) publishPlain("a", std::to_string(i));
        while (!journal_->counts().isFailing) std::this_thread::yield();
        for (int i = 51; i <= 60; ++i) publishPlain("a", std::to_string(i));
    });
    startNode();
    EXPECT_EQ(resume({"a"}, idAfter(0)).data, numbers(1, 60)) << "memory had all of it";
    EXPECT_TRUE(resume({"a"}, idAfter(0)).gaps.empty());
}

TEST_F(JournalTest, letsGoWhatDoesNotFitAndTellsItAfterARestart) {
    journalOptions_.bufferBytes = 64u << 10;
    runAndKill([&] {
        journalOptions_.sync = std::chrono::milliseconds{0};
        endInOrder();
        startNode();
        publishPlain("a", "1");
        waitUntilWritten();
        std::signal(SIGXFSZ, SIG_IGN);
        rlimit limit{1'000, RLIM_INFINITY};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        const std::string big(4'000, 'x');
        while (journal_->counts().dropped < 5) publishPlain("a", big);
        publishPlain("a", "let go");
        // All of it is there for those who are here.
        EXPECT_EQ(resume({"a"}, idAfter(0)).data.back(), "let go");
        limit.rlim_cur = RLIM_INFINITY;
        ::setrlimit(RLIMIT_FSIZE, &limit);
        waitUntilWritten();
        hub().sweep();
        publishPlain("a", "kept");
        waitUntilWritten();
    });
    startNode();
    const Got got = resume({"a"}, idAfter(0));
    EXPECT_EQ(got.data.front(), "1");
    EXPECT_EQ(got.data.back(), "kept");
    EXPECT_EQ(std::count(got.data.begin(), got.data.end(), "let go"), 0);
    const bool isTold = std::any_of(got.gaps.begin(), got.gaps.end(),
                                    [](const auto& gap) { return gap.reason == "lost"; });
    EXPECT_TRUE(isTold);
}

TEST_F(JournalTest, tellsWhatWasLetGoBeforeAKill) {
    journalOptions_.bufferBytes = 64u << 10;
    runAndKill([&] {
        const std::string big(4'000, 'x');
        const rlimit limit{1'000, 1'000};
        std::signal(SIGXFSZ, SIG_IGN);
        ::setrlimit(RLIMIT_FSIZE, &limit);
        while (journal_->counts().dropped < 5) publishPlain("a", big);
    });
    startNode();
    EXPECT_NE(journal_->finding(), "");
    EXPECT_GT(publishPlain("a", "later").lastSeq, 1'000u);
    EXPECT_FALSE(resume({"a"}, idAfter(2)).gaps.empty());
}

TEST_F(JournalTest, isBoundedOnDisk) {
    journalOptions_.diskBytesMax = 2u << 20;
    journalOptions_.sync = std::chrono::milliseconds{0};
    startNode();
    const std::string big(10'000, 'x');
    for (int i = 1; i <= 600; ++i) {
        publishPlain("a", big);
        if (i % 50 == 0) waitUntilWritten();
    }
    EXPECT_LE(journal_->counts().bytes, journalOptions_.diskBytesMax + (1u << 20));
    EXPECT_GT(journal_->counts().overBytes, 0u);
    startNode();
    const Got got = resume({"a"}, idAfter(0));
    EXPECT_LT(got.data.size(), 600u);
    ASSERT_FALSE(got.gaps.empty());
    EXPECT_EQ(got.gaps.front().reason, "evicted");
}

TEST_F(JournalTest, remembersWhichKeysWereDeleted) {
    options_.readers.keepsLatest = true;
    startNode();
    const auto put = [this](std::string_view key, std::string_view type, bool isDeletion) {
        const std::string_view channel = "a";
        EventBatch batch;
        batch.beginMessage(kPlainLane, {});
        ASSERT_EQ(batch.addEvent({&channel, 1}, type, key, "1", isDeletion), EncodeError::None);
        hub().publish(batch);
    };
    for (const char* key : {"x", "y", "z"}) put(key, "order", false);
    put("x", "delete", true);
    put("y", "order", true);  // a tombstone under a name of the mapping
    for (int restarts = 0; restarts < 2; ++restarts) {
        startNode();
        ASSERT_EQ(hub().channels("a", 1).size(), 1u);
        EXPECT_EQ(hub().channels("a", 1)[0].keys, 1u);
        EXPECT_EQ(hub().counts().latestDeletions, 2u);
    }
}

TEST_F(JournalTest, goesOnWithAFileOfTheFirstFormat) {
    startNode();
    publishPlain("a", "1");
    endInOrder();
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((disk() / Store::kFile).c_str(), &database), SQLITE_OK);
    sqlite3_exec(database, "PRAGMA user_version=1", nullptr, nullptr, nullptr);
    sqlite3_close(database);
    startNode();
    EXPECT_EQ(resume({"a"}, idAfter(0)).data, numbers(1, 1));
}

TEST_F(JournalTest, hasAFolderForItself) {
    startNode();
    try {
        const DiskJournal second{journalOptions_};
        FAIL() << "two journals in one folder";
    } catch (const JournalError& error) {
        EXPECT_NE(std::string{error.what()}.find("is in use by process"), std::string::npos)
            << error.what();
    }
}

TEST_F(JournalTest, saysThatItCannotWrite) {
    journalOptions_.folder = "/proc/journal";
    EXPECT_THROW(DiskJournal{journalOptions_}, JournalError);
}

TEST_F(JournalTest, readsNoNewerFormat) {
    startNode();
    endInOrder();
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((disk() / Store::kFile).c_str(), &database), SQLITE_OK);
    const std::string raise = "PRAGMA user_version=" + std::to_string(Store::kFormat + 1);
    sqlite3_exec(database, raise.c_str(), nullptr, nullptr, nullptr);
    sqlite3_close(database);
    try {
        const DiskJournal newer{journalOptions_};
        FAIL() << "a newer format was read";
    } catch (const JournalError& error) {
        EXPECT_NE(std::string{error.what()}.find("newer version of Sluice"), std::string::npos)
            << error.what();
    }
}

}  // namespace
}  // namespace sluice
