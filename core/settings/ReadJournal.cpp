#include "settings/ReadOptions.h"

namespace sluice {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMiB = 1u << 20, kGiB = 1u << 30;

}  // namespace

bool readJournalOf(Section& history, JournalOptions& journal) {
    const std::optional<Scalar> folder = history.scalar("journal");
    if (!folder || !folder->isWhole()) return false;
    if (folder->text().empty()) {
        folder->error("journal", "a journal needs a folder", "write journal: /var/lib/sluice");
        return false;
    }
    if (!journal.folder.empty() && journal.folder != folder->text()) {
        folder->error("journal",
                      "a node has one journal, and the channels before have theirs in " +
                          journal.folder.string(),
                      "write the same folder for all channels that are kept");
        return false;
    }
    journal.folder = folder->text();
    return true;
}

void readJournal(Section& top, JournalOptions& options) {
    top.section("journal", [&](Section& journal) {
        journal.duration("fsync", options.sync, 0ms, 1min);
        journal.size("disk", options.diskBytesMax, 16 * kMiB, 1024 * kGiB);
        journal.size("buffer", options.bufferBytes, kMiB, kGiB);
    });
}

}  // namespace sluice
