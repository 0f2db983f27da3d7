#include <fstream>
#include <iterator>
#include <map>

#include "JournalFixture.h"

namespace sluice {
namespace {

/// Files as they were, to be damaged again and again. They keep their inodes.
class Files {
  public:
    void remember(const std::filesystem::path& path) {
        std::ifstream file{path, std::ios::binary};
        files_[path] = {std::istreambuf_iterator<char>{file}, {}};
    }
    const std::string& bytes(const std::filesystem::path& path) const { return files_.at(path); }
    void restore() const {
        for (const auto& [path, bytes] : files_) write(path, bytes);
    }
    static void write(const std::filesystem::path& path, const std::string& bytes) {
        std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
    }

  private:
    std::map<std::filesystem::path, std::string> files_;
};

constexpr std::uint64_t kEvents = 24;

/// A journal of which a part is on disk, a part in its log, and a part in memory, and which is then
/// damaged in every way: what comes back is a true part of what was, and whatever is missing of it
/// is told.
class DamageTest : public JournalTest {
  protected:
    DamageTest() {
        journalOptions_.bufferBytes = 4'096;
        startNode();
        epoch_ = hub().epoch();
        for (std::uint64_t i = 1; i <= kEvents / 3; ++i) publishPlain("a", std::to_string(i));
        endInOrder();
        runAndKill([&] {
            for (std::uint64_t i = kEvents / 3 + 1; i <= kEvents; ++i)
                publishPlain("a", std::to_string(i));
        });
        for (const char* const suffix : {"", "-wal", "-shm"}) {
            const std::filesystem::path path = (disk() / Store::kFile).string() + suffix;
            if (std::filesystem::exists(path)) files_.remember(path);
        }
        ring_ = ring();
        files_.remember(ring_);
    }

    std::filesystem::path database() const { return disk() / Store::kFile; }
    std::filesystem::path writeAhead() const { return database().string() + "-wal"; }

    /// Damages a file, starts, looks, and puts everything back.
    void with(const std::filesystem::path& path, const std::string& bytes) {
        Files::write(path, bytes);
        Files::write(disk() / "lock", "1");
        try {
            startNode();
            look();
        } catch (const JournalError& error) {
            // A byte that says it is a newer format cannot be told from one.
            EXPECT_NE(std::string{error.what()}.find("newer version"), std::string::npos)
                << error.what();
        }
        endInOrder();
        for (const auto& entry : std::filesystem::directory_iterator{disk()})
            if (entry.path().filename() != "lock") std::filesystem::remove(entry.path());
        files_.restore();
    }

    void look() {
        const bool isSameEpoch = hub().epoch() == epoch_;
        const PublishResult later = publishPlain("a", "later");
        if (isSameEpoch) {
            ASSERT_GT(later.lastSeq, kEvents) << "a seq came twice";
        }
        for (const std::uint64_t had : {std::uint64_t{0}, kEvents / 2, kEvents}) {
            std::string id;
            appendShortId(id, epoch_, had, 1'700'000'000'000);
            const Got got = resume({"a"}, id);
            if (!got.gaps.empty()) ++told_;
            std::vector<std::string> expected = numbers(had + 1, kEvents);
            expected.emplace_back("later");
            if (got.gaps.empty()) {
                ASSERT_EQ(got.data, expected) << "an untold hole";
            } else if (isSameEpoch) {
                // In order, none twice, none that was never published.
                auto at = expected.begin();
                for (const std::string& data : got.data) {
                    at = std::find(at, expected.end(), data);
                    ASSERT_NE(at, expected.end()) << data;
                    ++at;
                }
            }
        }
    }

    Epoch epoch_{};
    std::filesystem::path ring_;
    Files files_;
    std::size_t told_ = 0;
};

TEST_F(DamageTest, nothingIsDamaged) {
    with(ring_, files_.bytes(ring_));
    EXPECT_EQ(told_, 0u);
}

TEST_F(DamageTest, ofAnyByteOfTheRing) {
    const std::string& whole = files_.bytes(ring_);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        // The rest of the header is never looked at; the rest of the ring is empty.
        if ((i > 200 && i < 4'096) || i > 4'096 + 1'500) continue;
        std::string damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x04);
        with(ring_, damaged);
        if (HasFatalFailure()) FAIL() << "byte " << i;
    }
    EXPECT_GT(told_, 0u);
}

TEST_F(DamageTest, anyLengthOfTheRing) {
    const std::string& whole = files_.bytes(ring_);
    for (std::size_t length = 0; length < whole.size(); length += 257) {
        with(ring_, whole.substr(0, length));
        if (HasFatalFailure()) FAIL() << "length " << length;
    }
    EXPECT_GT(told_, 0u);
}

TEST_F(DamageTest, ofTheDatabase) {
    const std::string& whole = files_.bytes(database());
    for (std::size_t i = 0; i < whole.size(); i += 61) {
        std::string damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x04);
        with(database(), damaged);
        if (HasFatalFailure()) FAIL() << "byte " << i;
    }
}

TEST_F(DamageTest, anyLengthOfTheDatabase) {
    const std::string& whole = files_.bytes(database());
    for (std::size_t length = 0; length < whole.size(); length += 509) {
        with(database(), whole.substr(0, length));
        if (HasFatalFailure()) FAIL() << "length " << length;
    }
}

TEST_F(DamageTest, ofItsWriteAheadLog) {
    if (!std::filesystem::exists(writeAhead())) GTEST_SKIP() << "there is none";
    const std::string& whole = files_.bytes(writeAhead());
    for (std::size_t i = 0; i < whole.size(); i += 61) {
        std::string damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x04);
        with(writeAhead(), damaged);
        if (HasFatalFailure()) FAIL() << "byte " << i;
        with(writeAhead(), whole.substr(0, i));
        if (HasFatalFailure()) FAIL() << "length " << i;
    }
}

}  // namespace
}  // namespace sluice
