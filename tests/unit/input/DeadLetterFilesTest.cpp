#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "TempFolder.h"
#include "input/DeadLetterFiles.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRoomy = 1u << 20;

class DeadLetterFilesTest : public testing::Test {
  protected:
    std::string path(const std::string& name = "dead.ndjson") const {
        return (folder.path() / name).string();
    }
    std::uint64_t write(std::vector<DeadLetter> letters, std::size_t bytesMax = kRoomy) {
        return files.write(letters, bytesMax);
    }
    static std::string contentOf(const std::string& file) {
        std::ifstream in{file, std::ios::binary};
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }

    const test::TempFolder folder;
    DeadLetterFiles files;
};

/// Bounds the length of files that this process writes, as a full disk does: what fits is written.
class FileSizeLimit {
  public:
    explicit FileSizeLimit(rlim_t bytes) : previousAction_{std::signal(SIGXFSZ, SIG_IGN)} {
        getrlimit(RLIMIT_FSIZE, &previous_);
        const rlimit limit{bytes, previous_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        setrlimit(RLIMIT_FSIZE, &previous_);
        std::signal(SIGXFSZ, previousAction_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

  private:
    rlimit previous_{};
    void (*previousAction_)(int);
};

TEST_F(DeadLetterFilesTest, appendsALinePerLetterToTheFileThatItNames) {
    EXPECT_EQ(write({{path("a"), "{\"n\":1}"}, {path("b"), "{\"n\":2}"}, {path("a"), "{}"}}), 0u);
    EXPECT_EQ(write({{path("a"), "last"}}), 0u);
    EXPECT_EQ(contentOf(path("a")), "{\"n\":1}\n{}\nlast\n");
    EXPECT_EQ(contentOf(path("b")), "{\"n\":2}\n");
}

TEST_F(DeadLetterFilesTest, keepsWhatWasThereBefore) {
    folder.write("dead.ndjson", "earlier\n");
    EXPECT_EQ(write({{path(), "now"}}), 0u);
    EXPECT_EQ(contentOf(path()), "earlier\nnow\n");
}

TEST_F(DeadLetterFilesTest, makesFilesThatOthersCannotRead) {
    write({{path(), "secret"}});
    const auto others = fs::perms::others_all | fs::perms::group_write | fs::perms::group_exec;
    EXPECT_EQ(fs::status(path()).permissions() & others, fs::perms::none);
}

TEST_F(DeadLetterFilesTest, takesWholeLinesUpToItsBoundAndCountsTheRest) {
    EXPECT_EQ(write({{path(), "1234"}, {path(), "5678"}, {path(), "9"}}, 11), 1u);
    EXPECT_EQ(contentOf(path()), "1234\n5678\n");
    EXPECT_EQ(write({{path(), ""}}, 11), 0u) << "a line of one byte fits";
    EXPECT_EQ(write({{path(), ""}}, 11), 1u);
    EXPECT_EQ(fs::file_size(path()), 11u);
}

TEST_F(DeadLetterFilesTest, countsWhatWasThereTowardsTheBound) {
    folder.write("dead.ndjson", std::string(100, 'x'));
    EXPECT_EQ(write({{path(), "y"}}, 100), 1u);
    EXPECT_EQ(fs::file_size(path()), 100u);
}

TEST_F(DeadLetterFilesTest, goesOnInANewFileWhereTheOldOneWasMovedAway) {
    write({{path(), "old"}}, 10);
    fs::rename(path(), path("moved"));
    EXPECT_EQ(write({{path(), "123456789"}}, 10), 0u) << "the bound begins anew";
    EXPECT_EQ(contentOf(path("moved")), "old\n");
    EXPECT_EQ(contentOf(path()), "123456789\n");
}

TEST_F(DeadLetterFilesTest, oneFileThatCannotBeWrittenDoesNotHoldUpTheOthers) {
    fs::create_directory(path("folder"));
    EXPECT_EQ(write({{path("folder"), "1"}, {path("none/x"), "2"}, {path("good"), "3"}}), 2u);
    EXPECT_EQ(contentOf(path("good")), "3\n");
}

TEST_F(DeadLetterFilesTest, aFullDiskLosesTheLetterAndNothingElse) {
    EXPECT_EQ(write({{"/dev/full", "1"}, {path(), "2"}}), 1u);
    EXPECT_EQ(contentOf(path()), "2\n");
}

TEST_F(DeadLetterFilesTest, aDiskThatTakesHalfALineKeepsNoneOfIt) {
    EXPECT_EQ(write({{path(), "0123456"}}), 0u);
    {
        const FileSizeLimit disk{12};
        EXPECT_EQ(write({{path(), "0123456"}}), 1u);
    }
    EXPECT_EQ(contentOf(path()), "0123456\n");
    EXPECT_EQ(write({{path(), "next"}}), 0u);
    EXPECT_EQ(contentOf(path()), "0123456\nnext\n");
}

TEST_F(DeadLetterFilesTest, aPipeThatNobodyReadsDoesNotHoldUpTheInput) {
    ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
    EXPECT_EQ(write({{path("pipe"), "1"}}), 1u);
}

TEST_F(DeadLetterFilesTest, linesOfSeveralThreadsDoNotMix) {
    constexpr int kThreads = 4, kLines = 250;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t)
        threads.emplace_back([this, t] {
            const std::string line(static_cast<std::size_t>(t + 1) * 50,
                                   static_cast<char>('a' + t));
            for (int i = 0; i < kLines; ++i) EXPECT_EQ(write({{path(), line}}), 0u);
        });
    for (std::thread& thread : threads) thread.join();
    std::istringstream lines{contentOf(path())};
    std::map<std::string, int> counts;
    for (std::string line; std::getline(lines, line);) ++counts[line];
    ASSERT_EQ(counts.size(), std::size_t{kThreads});
    for (int t = 0; t < kThreads; ++t)
        EXPECT_EQ(
            counts[std::string(static_cast<std::size_t>(t + 1) * 50, static_cast<char>('a' + t))],
            kLines);
}

}  // namespace
}  // namespace sluice
