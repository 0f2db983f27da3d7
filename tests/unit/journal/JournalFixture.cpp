#include "JournalFixture.h"

#include <chrono>
#include <csignal>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "support/Patience.h"

namespace sluice {

JournalTest::JournalTest() {
    std::filesystem::create_directory(memory());
    journalOptions_.folder = disk();
    journalOptions_.bufferFolder = memory();
    journalOptions_.bufferBytes = 1u << 20;
    journalOptions_.keepsOthers = true;
    // Written when a test asks for it, or at an end in order.
    journalOptions_.sync = std::chrono::hours{1};
    origins_.plain = {"http"};
}

void JournalTest::startNode() {
    endInOrder();
    journal_ = std::make_unique<DiskJournal>(journalOptions_);
    hub_ = std::make_unique<Hub>(options_, clock_, journal_.get());
    hub_->remapped(gen_);
}

void JournalTest::endInOrder() {
    hub_.reset();
    journal_.reset();
}

void JournalTest::runAndKill(const std::function<void()>& work) {
    endInOrder();
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        startNode();
        work();
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
}

void JournalTest::loseMemory() {
    std::filesystem::remove_all(memory());
    std::filesystem::create_directory(memory());
}

void JournalTest::waitUntilWritten() {
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::seconds{20} * test::kPatience;
    while (journal_->counts().bufferBytes > 0) {
        if (std::chrono::steady_clock::now() > until) {
            ADD_FAILURE() << "the journal was not written";
            return;
        }
        std::this_thread::yield();
    }
}

void JournalTest::keep(const std::string& pattern) {
    journalOptions_.keepsOthers = false;
    journalOptions_.policies.push_back({*Pattern::parse(pattern, '/', nullptr), true});
}

std::filesystem::path JournalTest::ring() const {
    for (const auto& entry : std::filesystem::directory_iterator{memory()}) return entry.path();
    ADD_FAILURE() << "there is no ring";
    return {};
}

JournalTest::Got JournalTest::resume(std::vector<std::string> names, const std::string& id) {
    TestStream stream{hub(), origins_, channels(std::move(names))};
    stream.from(id);
    const std::vector<Seen> blocks = stream.read();
    Got got{dataOf(blocks), gapsOf(blocks), {}};
    for (const Seen& block : blocks)
        if (!block.id.empty()) got.lastId = block.id;
    return got;
}

std::string JournalTest::idAfter(std::uint64_t seq) {
    std::string id;
    appendShortId(id, hub().epoch(), seq, 1'700'000'000'000);
    return id;
}

std::vector<std::string> numbers(std::uint64_t first, std::uint64_t last) {
    std::vector<std::string> all;
    for (std::uint64_t n = first; n <= last; ++n) all.push_back(std::to_string(n));
    return all;
}

}  // namespace sluice
