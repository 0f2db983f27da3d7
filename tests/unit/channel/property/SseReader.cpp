#include "SseReader.h"

#include <algorithm>
#include <charconv>

#include "Facts.h"

namespace sluice::property {

void SseReader::begin() {
    chunk_ = Chunk::Size;
    sizeLine_.clear();
    chunkRest_ = 0;
    line_.clear();
    endedWithCr_ = false;
    event_.clear();
    data_.clear();
    comment_.clear();
    idBuffer_ = lastEventId_;
    hasData_ = hasId_ = hasFields_ = false;
}

void SseReader::feed(std::string_view bytes, Receiver& receiver) {
    if (isChunked_) {
        feedChunks(bytes, receiver);
    } else {
        feedBody(bytes, receiver);
    }
}

void SseReader::feedChunks(std::string_view bytes, Receiver& receiver) {
    while (!bytes.empty()) {
        if (chunk_ == Chunk::Body) {
            const std::size_t count = std::min(bytes.size(), chunkRest_);
            feedBody(bytes.substr(0, count), receiver);
            bytes.remove_prefix(count);
            chunkRest_ -= count;
            if (chunkRest_ == 0) endOfChunk();
            continue;
        }
        sizeLine_ += bytes.front();
        bytes.remove_prefix(1);
        if (!sizeLine_.ends_with("\r\n")) {
            if (sizeLine_.size() > 10) throw Violation{"a chunk without a size"};
            continue;
        }
        if (chunk_ == Chunk::BodyEnd) {
            if (sizeLine_.size() != 2) throw Violation{"a chunk longer than its size"};
            chunk_ = Chunk::Size;
        } else {
            const char* const end = sizeLine_.data() + sizeLine_.size() - 2;
            const auto read = std::from_chars(sizeLine_.data(), end, chunkRest_, 16);
            if (read.ec != std::errc{} || read.ptr != end || chunkRest_ == 0)
                throw Violation{"a chunk of size " + sizeLine_};
            chunk_ = Chunk::Body;
        }
        sizeLine_.clear();
    }
}

void SseReader::endOfChunk() {
    chunk_ = Chunk::BodyEnd;
    if (hasFields_ || !line_.empty()) throw Violation{"a chunk that is not one block"};
}

void SseReader::feedBody(std::string_view bytes, Receiver& receiver) {
    while (!bytes.empty()) {
        if (endedWithCr_ && bytes.front() == '\n') bytes.remove_prefix(1);
        endedWithCr_ = false;
        const std::size_t end = bytes.find_first_of("\r\n");
        if (end == std::string_view::npos) {
            line_ += bytes;
            return;
        }
        endedWithCr_ = bytes[end] == '\r';
        if (line_.empty()) {
            line(bytes.substr(0, end), receiver);
        } else {
            line_ += bytes.substr(0, end);
            line(line_, receiver);
            line_.clear();
        }
        bytes.remove_prefix(end + 1);
    }
}

void SseReader::line(std::string_view line, Receiver& receiver) {
    if (line.empty()) {
        dispatch(receiver, false);
    } else {
        field(line, false);
    }
}

void SseReader::field(std::string_view line, bool cut) {
    if (hasId_) throw Violation{"a field behind the id: " + std::string{line}};
    hasFields_ = true;
    const std::size_t colon = line.find(':');
    std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    const std::string_view name = line.substr(0, colon);
    if (name.empty()) {
        comment_ = value;
    } else if (name == "event") {
        event_ = value;
    } else if (name == "data") {
        if (hasData_) data_ += '\n';
        data_ += value;
        hasData_ = true;
    } else if (name == "id") {
        idBuffer_ = value;
        hasId_ = true;
    } else if (name != "retry" && !cut) {
        throw Violation{"an unknown field: " + std::string{line}};
    }
}

void SseReader::dispatch(Receiver& receiver, bool atEnd) {
    if (!atEnd && hasId_ && !hasData_) throw Violation{"a block with an id and no data"};
    const bool forgets = (kind_ == ReaderKind::ForgetsBareIds && !hasData_) ||
                         (kind_ == ReaderKind::ForgetsEmpty && data_.empty());
    if (forgets) {
        idBuffer_ = lastEventId_;
        if (!comment_.empty()) receiver.receive({"", "", comment_, false, false, atEnd});
    } else {
        if (kind_ != ReaderKind::EndsDispatching || hasId_) lastEventId_ = idBuffer_;
        if (hasFields_) receiver.receive({event_, data_, comment_, hasData_, hasId_, atEnd});
    }
    event_.clear();
    data_.clear();
    comment_.clear();
    hasData_ = hasId_ = hasFields_ = false;
}

void SseReader::end(Receiver& receiver) {
    if (kind_ != ReaderKind::EndsDispatching) return;
    if (!line_.empty()) field(line_, true);
    // Data that was cut would only be noise to such a client; ours end with ';'.
    const bool isWhole = hasId_ || (data_.ends_with(';') && !event_.starts_with("sluice."));
    if (hasData_ && isWhole) dispatch(receiver, true);
}

}  // namespace sluice::property
