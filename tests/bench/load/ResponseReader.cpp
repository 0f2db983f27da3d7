#include "ResponseReader.h"

#include <algorithm>
#include <cctype>

namespace sluice::bench {
namespace {

constexpr unsigned kNoDigit = 16;

unsigned hexDigit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
    return kNoDigit;
}

}  // namespace

bool ResponseReader::feed(std::string_view bytes, SseSink& sink) {
    while (!bytes.empty()) {
        std::size_t used = 0;
        switch (state_) {
            case State::kHead:
                used = readHead(bytes);
                break;
            case State::kSize:
            case State::kSizeEnd:
                used = readSize(bytes);
                break;
            case State::kChunk:
            case State::kChunkEnd:
                used = readChunk(bytes, sink);
                break;
            case State::kUntilClose:
                used = readUntilClose(bytes, sink);
                break;
            case State::kEnded:
                return true;
            case State::kBroken:
                return false;
        }
        bytes.remove_prefix(used);
    }
    return state_ != State::kBroken;
}

std::size_t ResponseReader::readHead(std::string_view bytes) {
    const std::size_t before = head_.size();
    const std::size_t from = before < 3 ? 0 : before - 3;
    head_.append(bytes.substr(0, kHeadBytesMax));
    const std::size_t end = head_.find("\r\n\r\n", from);
    if (end == std::string::npos) {
        return head_.size() > kHeadBytesMax ? fail("head too long") : bytes.size();
    }
    head_.resize(end + 2);
    parseHead();
    head_.clear();
    return end + 4 - before;
}

void ResponseReader::parseHead() {
    std::ranges::transform(head_, head_.begin(), [](unsigned char c) { return std::tolower(c); });
    if (!head_.starts_with("http/1.1 200 ")) {
        fail("status is not 200");
    } else if (head_.find("\r\ncontent-type: text/event-stream") == std::string::npos) {
        fail("content type is not text/event-stream");
    } else {
        const bool chunked = head_.find("\r\ntransfer-encoding: chunked") != std::string::npos;
        state_ = chunked ? State::kSize : State::kUntilClose;
    }
}

std::size_t ResponseReader::readSize(std::string_view bytes) {
    std::size_t used = 0;
    while (used < bytes.size()) {
        const char c = bytes[used++];
        if (c == '\n') {
            if (sizeDigits_ == 0) return fail("chunk size without a digit");
            state_ = chunkBytes_ == 0 ? State::kEnded : State::kChunk;
            sizeDigits_ = 0;
            return used;
        }
        if (c == '\r' || state_ == State::kSizeEnd) {
            state_ = State::kSizeEnd;
            continue;
        }
        const unsigned digit = hexDigit(c);
        if (digit == kNoDigit || ++sizeDigits_ > 8) return fail("bad chunk size");
        chunkBytes_ = chunkBytes_ * 16 + digit;
    }
    return used;
}

std::size_t ResponseReader::readChunk(std::string_view bytes, SseSink& sink) {
    if (state_ == State::kChunkEnd) {
        if (bytes[0] == '\n') {
            state_ = State::kSize;
        } else if (bytes[0] != '\r') {
            return fail("chunk does not end where it should");
        }
        return 1;
    }
    const std::size_t used = std::min(bytes.size(), chunkBytes_);
    if (!parser_.feed(bytes.substr(0, used), sink)) return fail("line too long");
    chunkBytes_ -= used;
    if (chunkBytes_ == 0) state_ = State::kChunkEnd;
    return used;
}

std::size_t ResponseReader::readUntilClose(std::string_view bytes, SseSink& sink) {
    if (!parser_.feed(bytes, sink)) return fail("line too long");
    return bytes.size();
}

std::size_t ResponseReader::fail(const char* problem) {
    state_ = State::kBroken;
    problem_ = problem;
    return 0;
}

void ResponseReader::reset() {
    state_ = State::kHead;
    head_.clear();
    chunkBytes_ = 0;
    sizeDigits_ = 0;
    problem_ = "";
    parser_.reset();
}

}  // namespace sluice::bench
