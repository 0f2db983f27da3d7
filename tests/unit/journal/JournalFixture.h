#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "HubFixture.h"
#include "journal/DiskJournal.h"
#include "support/TempFolder.h"

namespace sluice {

/// A hub with a journal in a folder of its own, that ends in the ways a node can end.
class JournalTest : public HubTest {
  protected:
    JournalTest();
    ~JournalTest() override { endInOrder(); }

    /// A node on the folder, after whatever came before.
    void startNode();
    /// As after SIGTERM.
    void endInOrder();
    /// Runs `work` on a node in another process, which then kills itself.
    void runAndKill(const std::function<void()>& work);
    /// As when the machine was switched off: memory is gone, the disk is as it is.
    void loseMemory();
    /// Waits until everything told is on the disk.
    void waitUntilWritten();

    void keep(const std::string& pattern);
    std::filesystem::path disk() const { return folder_.path() / "disk"; }
    std::filesystem::path memory() const { return folder_.path() / "memory"; }
    std::filesystem::path ring() const;

    /// Data and gaps that a reader of the channels gets who comes with this id.
    struct Got {
        std::vector<std::string> data;
        std::vector<property::ReadGap> gaps;
        std::string lastId;
    };
    Got resume(std::vector<std::string> names, const std::string& id);
    /// A short id of the node's epoch.
    std::string idAfter(std::uint64_t seq);

    test::TempFolder folder_;
    JournalOptions journalOptions_;
    std::uint16_t gen_ = 7;  // of the mappings of the next node
    std::unique_ptr<DiskJournal> journal_;
};

/// "1", "2", ... up to `last`.
std::vector<std::string> numbers(std::uint64_t first, std::uint64_t last);

}  // namespace sluice
