#include "journal/JournalWriter.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "journal/Bytes.h"
#include "journal/Records.h"

namespace sluice {
namespace {

std::string blobOf(const Ledger::Channel& channel) {
    std::string out;
    ByteWriter to{out};
    to.number(channel.evictedSeq);
    to.number(channel.lastSeq);
    to.number(channel.base ? 1 : 0);
    if (channel.base) to.places(*channel.base);
    return out;
}

Ledger::Channel channelOf(std::string_view blob) {
    ByteReader in{blob};
    Ledger::Channel channel;
    channel.evictedSeq = in.number();
    channel.lastSeq = in.number();
    if (in.number() != 0) channel.base = std::make_shared<BaseCut>(in.places());
    return channel;
}

}  // namespace

JournalWriter::JournalWriter(Store& store, StoredState state, std::uint64_t diskBytesMax,
                             JournalCounters& counters)
    : store_{store}, state_{std::move(state)}, diskBytesMax_{diskBytesMax}, counters_{counters} {
    ledger_.memory = std::exchange(state_.memory, {});
    loadChannels();
    counters_.bytes = store_.bytes();
}

void JournalWriter::loadChannels() {
    const std::size_t damaged =
        store_.channels([this](std::int64_t id, std::string_view name, std::string_view blob) {
            try {
                ledger_.channels[std::string{name}] = channelOf(blob);
                ids_[std::string{name}] = id;
            } catch (const BadBytes&) {
                ++counters_.torn;
            }
            nextId_ = std::max(nextId_, id + 1);
        });
    if (damaged == 0) return;
    // Which channels they were is not known, nor what these had: they begin anew behind all of it.
    counters_.torn += damaged;
    ledger_.memory.forgottenBase = ledger_.now();
    ledger_.memory.forgottenSeq = ledger_.memory.seq;
}

bool JournalWriter::follow(const SharedRing& ring) {
    const std::uint64_t limit = std::min(ring.end(), state_.position + kRoundBytes);
    std::string_view frame;
    while (state_.position < limit) {
        std::uint64_t next = state_.position;
        if (!ring.read(next, frame)) return false;
        ++pendingFrames_;
        try {
            ledger_.follow(frame, *this);
        } catch (const BadBytes&) {
            return false;
        }
        state_.position = next;
    }
    return true;
}

// -- what the ledger finds

void JournalWriter::event(const std::string& name, const Ledger::Channel& channel,
                          const KeptEvent& event, const std::function<BaseCutPtr()>& base) {
    if (!ids_.contains(name)) ids_[name] = nextId_++;
    std::vector<Piece>& pieces = pending_[name].pieces;
    if (pieces.empty() || pieces.back().events.size() >= Piece::kBytes) {
        Piece& piece = pieces.emplace_back();
        piece.before = channel.lastSeq;
        piece.first = event.record.seq;
        piece.base = base();
    }
    pieces.back().last = event.record.seq;
    records::writeEvent(pieces.back().events, event);
}

void JournalWriter::changed(const std::string& channel) {
    pending_[channel].isEvicted = true;
}

void JournalWriter::gone(const std::string& channel) {
    pending_.erase(channel);
    const auto found = ids_.find(channel);
    if (found == ids_.end()) return;
    dropped_.push_back(found->second);
    ids_.erase(found);
}

void JournalWriter::forget(std::string channel) {
    ++pendingFrames_;
    gone(channel);
    ledger_.channels.erase(channel);
}

void JournalWriter::giveUp(const std::string& channel, std::uint64_t upTo) {
    ++pendingFrames_;
    ledger_.evict(ledger_.channels[channel], upTo);
    changed(channel);
}

// -- to the disk

void JournalWriter::write(bool isClean) {
    if (pendingFrames_ == 0 && state_.isClean == isClean) return;
    try {
        store_.begin();
        for (const std::int64_t id : dropped_) store_.dropChannel(id);
        writeChannels();
        makeRoom();
        writeState(isClean);
        store_.commit();
    } catch (const StoreError&) {
        store_.rollback();
        ++counters_.failures;
        throw;
    }
    state_.isClean = isClean;
    pendingFrames_ = 0;
    pending_.clear();
    dropped_.clear();
    ++counters_.writes;
    counters_.bytes = store_.bytes();
    store_.shrink();
}

void JournalWriter::writeChannels() {
    for (const auto& [name, pending] : pending_) {
        const Ledger::Channel& channel = ledger_.channels[name];
        if (!ids_.contains(name)) ids_[name] = nextId_++;
        const std::int64_t id = ids_[name];
        for (const Piece& piece : pending.pieces)
            if (piece.last > channel.evictedSeq) store_.addPiece(id, piece.last, piece.blob());
        if (pending.isEvicted) store_.dropPieces(id, channel.evictedSeq);
        writeChannel(name);
    }
}

void JournalWriter::writeChannel(const std::string& name) {
    store_.setChannel(ids_.at(name), name, blobOf(ledger_.channels.at(name)));
}

/// At the bound the oldest pieces go, of whatever channel: after a restart they count as evicted.
void JournalWriter::makeRoom() {
    while (store_.bytes() > diskBytesMax_) {
        const std::optional<Store::Oldest> oldest = store_.dropOldest();
        if (!oldest) return;
        ++counters_.overBytes;
        const auto found = std::find_if(ids_.begin(), ids_.end(), [&](const auto& entry) {
            return entry.second == oldest->channel;
        });
        if (found == ids_.end()) continue;
        ledger_.evict(ledger_.channels.at(found->first), oldest->last);
        writeChannel(found->first);
    }
}

void JournalWriter::writeState(bool isClean) {
    StoredState state = state_;
    state.isClean = isClean;
    state.memory = ledger_.memory;
    if (ledger_.memory.seq + kSeqBlock / 2 > state.reserved)
        state.reserved = ledger_.memory.seq + kSeqBlock;
    store_.setState(state.blob());
    state_.reserved = state.reserved;
}

}  // namespace sluice
