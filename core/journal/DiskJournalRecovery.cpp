#include <algorithm>
#include <bit>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/Log.h"
#include "journal/Bytes.h"
#include "journal/DiskJournal.h"

/// How a journal is found again.
namespace sluice {
namespace {

constexpr const char* kArea = "journal";
constexpr std::int64_t kProgressMs = 1'000;

std::int64_t steadyMs() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::string textOf(const JournalOptions& options) {
    std::string text;
    for (const JournalOptions::Policy& policy : options.policies)
        text += (policy.isKept ? "+" : "-") + policy.pattern.text() + "\n";
    return text + (options.keepsOthers ? "+" : "-");
}

std::string areaOf(const std::filesystem::path& folder) {
    return "the journal in " + folder.string() + " ";
}

/// Whether all lanes of a piece are known.
bool fits(const ReadPiece& piece, const LaneTable& lanes) {
    return std::all_of(piece.events.begin(), piece.events.end(), [&](const KeptEvent& event) {
        return event.record.lane < lanes.lanes.size();
    });
}

}  // namespace

DiskJournal::DiskJournal(const JournalOptions& options) : options_{options} {
    try {
        lock_ = std::make_unique<FolderLock>(options_.folder);
        recoverOrBeginAnew();
    } catch (const StoreError& error) {
        const bool isFull = error.kind() == StoreError::Kind::Full;
        if (isFull) noteAbsence();
        throw JournalError{areaOf(options_.folder) + "cannot be used: " + error.what(), isFull};
    } catch (const JournalError&) {
        throw;
    } catch (const std::exception& error) {
        throw JournalError{areaOf(options_.folder) + error.what()};
    }
}

void DiskJournal::recoverOrBeginAnew() {
    try {
        return recover(stateOfStore());
    } catch (const StoreError& error) {
        if (error.kind() != StoreError::Kind::Damaged) throw;
        setAside(error.what());
    } catch (const BadBytes& error) {
        setAside(error.what());
    }
    recover(stateOfStore());
}

StoredState DiskJournal::stateOfStore() {
    store_ = std::make_unique<Store>(options_.folder);
    if (const std::optional<std::string> blob = store_->state()) return StoredState::read(*blob);
    StoredState fresh;
    fresh.epoch = randomEpoch();
    fresh.policies = textOf(options_);
    return fresh;
}

/// Nothing of it can be relied upon: the node begins a new epoch, and readers resume by time.
void DiskJournal::setAside(const std::string& why) {
    ring_.reset();
    writer_.reset();
    store_.reset();
    finding_.clear();
    ++counters_.torn;
    for (const char* const suffix : {"", "-wal", "-shm"}) {
        std::error_code ignored;  // the last two may not be there
        const std::string name = (options_.folder / Store::kFile).string();
        std::filesystem::rename(name + suffix, name + ".damaged" + suffix, ignored);
    }
    log::error(kArea, why + ": it was renamed to " + Store::kFile +
                          ".damaged, and the journal begins anew");
}

void DiskJournal::recover(StoredState state) {
    epoch_ = state.epoch;
    const bool isNew = state.reserved == 0;
    writer_ = std::make_unique<JournalWriter>(*store_, std::move(state), options_.diskBytesMax,
                                              counters_);
    if (!isNew) {
        const std::string missing = takeUpRing();
        if (!missing.empty()) {
            const std::uint64_t last = writer_->ledger().memory.seq;
            writer_->ledger().skipTo(writer_->state().reserved);
            finding_ =
                missing + ": what came after seq " + std::to_string(last) + " is told as lost";
        }
    }
    const bool wasAbsent = !isNew && std::filesystem::is_symlink(mark());
    if (wasAbsent) tellAbsence();
    applyPolicies();
    // Before the ring goes, all of it is on disk; and before a seq is used, it is reserved there.
    writer_->write(true);
    if (wasAbsent) std::filesystem::remove(mark());
    makeRing();
    writer_->write(false);
}

/// A link takes no room that a full disk lacks.
std::filesystem::path DiskJournal::mark() const {
    return options_.folder / "journal.missed";
}

void DiskJournal::noteAbsence() const {
    std::error_code error;
    std::filesystem::create_symlink("the-node-ran-without-its-journal", mark(), error);
    if (error && !std::filesystem::is_symlink(mark()))
        throw JournalError{areaOf(options_.folder) + "is full, and nothing can be left there to " +
                           "say that the node runs without it: " + error.message()};
}

void DiskJournal::tellAbsence() {
    Ledger& ledger = writer_->ledger();
    ledger.skipTo(std::max(writer_->state().reserved, ledger.memory.seq + 1));
    finding_ += (finding_.empty() ? "" : "; ") +
                std::string{
                    "the node ran without this journal: what it gave out then is told as "
                    "lost"};
}

std::filesystem::path DiskJournal::ringFile() const {
    return options_.bufferFolder / ("sluice-journal-" + lock_->name());
}

std::string DiskJournal::ringOwner() const {
    return std::string{epoch_.begin(), epoch_.end()} + "-" + lock_->name();
}

std::string DiskJournal::takeUpRing() {
    if (writer_->state().isClean && lock_->wasLeftInOrder()) return {};
    try {
        ring_ = std::make_unique<SharedRing>(ringFile(), ringOwner());
    } catch (const std::exception& error) {
        return std::string{"the node did not end in order, and its memory is gone ("} +
               error.what() + ")";
    }
    if (writer_->position() < ring_->begin() || writer_->position() > ring_->end()) {
        ring_.reset();
        ++counters_.torn;
        return "its buffer does not go on where the disk ends";
    }
    while (writer_->position() < ring_->end())
        if (!writer_->follow(*ring_)) {
            ring_.reset();
            ++counters_.torn;
            return "its buffer is damaged";
        }
    if (!ring_->isCut()) return {};
    ring_.reset();
    return "the disk could not keep up when the node ended";
}

/// Channels that were not kept before know nothing of what they had; those that are not kept any
/// more leave the disk.
void DiskJournal::applyPolicies() {
    std::string text = textOf(options_);
    if (text == writer_->state().policies) return;
    writer_->state().policies = std::move(text);
    Ledger& ledger = writer_->ledger();
    std::vector<std::string> leaving;
    for (const auto& [name, channel] : ledger.channels)
        if (!keeps(name)) leaving.push_back(name);
    for (const std::string& name : leaving) writer_->forget(name);
    ledger.memory.forgottenBase = ledger.now();
    ledger.memory.forgottenSeq = ledger.memory.seq;
}

void DiskJournal::makeRing() {
    if (ring_ && ring_->capacity() == std::bit_ceil(options_.bufferBytes)) {
        ring_->drop(writer_->position());
        return;
    }
    ring_.reset();
    try {
        ring_ = std::make_unique<SharedRing>(ringFile(), options_.bufferBytes, ringOwner(),
                                             writer_->position());
    } catch (const std::system_error& error) {
        throw JournalError{areaOf(options_.folder) + "needs " +
                           std::to_string(options_.bufferBytes >> 20) +
                           " MiB of shared memory: " + error.what()};
    }
    writer_->state().position = ring_->begin();
}

// -- what the hub gets back

void DiskJournal::restore(JournalReader& reader) {
    if (!finding_.empty()) log::warning(kArea, finding_);
    progressShownMs_ = steadyMs();
    std::vector<std::string> names;
    for (const auto& [name, channel] : writer_->ledger().channels) names.push_back(name);
    reader.memory(writer_->ledger().memory);
    for (const std::string& name : names) {
        const std::uint64_t floor = checkedFloor(name, writer_->ledger().channels.at(name));
        if (floor > 0) writer_->giveUp(name, floor);
        restoreLog(name, reader);
    }
    triedMs_ = currentMs_ = steadyMs();
    thread_ = std::thread{[this] { run(); }};
}

/// Pieces name the event before their first, so none can be missing unseen. Returns up to where
/// what is kept cannot be relied upon, 0: all of it can.
std::uint64_t DiskJournal::checkedFloor(const std::string& name, const Ledger::Channel& channel) {
    std::uint64_t floor = 0, before = channel.evictedSeq;
    const auto look = [&](std::uint64_t last, std::string_view blob) {
        try {
            const ReadPiece piece{blob};
            if (piece.last() != last || !fits(piece, writer_->ledger().memory.lanes))
                throw BadBytes{};
            if (piece.before > before) floor = piece.before;
        } catch (const BadBytes&) {
            floor = last;
        }
        before = std::max(before, last);
        return true;
    };
    try {
        store_->pieces(writer_->idOf(name), channel.evictedSeq, look);
    } catch (const StoreError& error) {
        log::error(kArea, error.what());
        floor = channel.lastSeq;
    }
    if (before < channel.lastSeq) floor = channel.lastSeq;
    if (floor == 0) return 0;
    ++counters_.torn;
    log::warning(kArea, "what channel " + name + " had up to seq " + std::to_string(floor) +
                            " is damaged on disk: it is told as evicted");
    return floor;
}

void DiskJournal::restoreLog(const std::string& name, JournalReader& reader) {
    Ledger& ledger = writer_->ledger();
    const Ledger::Channel channel = ledger.channels.at(name);
    bool isNamed = false;
    const auto give = [&](std::uint64_t, std::string_view blob) {
        ReadPiece piece{blob};
        piece.base = withoutResets(piece.base, piece.first, ledger.memory.resets);
        piece.trim(channel.evictedSeq, ledger.memory.lanes);
        if (piece.events.empty()) return true;
        if (!isNamed)
            reader.log({name, channel.evictedSeq, channel.base ? channel.base : piece.base});
        isNamed = true;
        counters_.restored += piece.events.size();
        reader.piece(piece.base, piece.events);
        showProgress(blob.size());
        return true;
    };
    if (channel.lastSeq > channel.evictedSeq)
        store_->pieces(writer_->idOf(name), channel.evictedSeq, give);
    if (isNamed) return;
    const BaseCutPtr base =
        channel.base ? channel.base : std::make_shared<const BaseCut>(ledger.now());
    reader.log({name, channel.evictedSeq, base});
}

void DiskJournal::showProgress(std::uint64_t bytes) {
    progressBytes_ += bytes;
    const std::int64_t now = steadyMs();
    if (now - progressShownMs_ < kProgressMs) return;
    progressShownMs_ = now;
    log::info(kArea, "reading what was kept: " + std::to_string(progressBytes_ >> 20) +
                         " of about " + std::to_string(counters_.bytes >> 20) + " MiB");
}

}  // namespace sluice
