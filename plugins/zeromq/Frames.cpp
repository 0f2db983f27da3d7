#include "Frames.h"

#include <array>

#include "Text.h"

namespace sluice::zeromq {
namespace {

constexpr std::array<std::string_view, kFramesNamed> kNames{
    "frame0", "frame1", "frame2",  "frame3",  "frame4",  "frame5",  "frame6",  "frame7",
    "frame8", "frame9", "frame10", "frame11", "frame12", "frame13", "frame14", "frame15"};
constexpr std::array<std::string_view, 5> kCounts{"0", "1", "2", "3", "4"};

}  // namespace

bool Frames::receive(Link& link) {
    Received message;
    message.first = used_;
    do {
        // Beyond the named frames only the last is wanted, so each takes the place of the other.
        if (message.kept > kFramesNamed)
            --used_;
        else
            ++message.kept;
        zmq::message_t& frame = next();
        if (!link.receive(frame)) {
            used_ = message.first;
            return false;
        }
        bytes_ += frame.size();
        ++message.frames;
    } while (frames_[used_ - 1].more());
    messages_.push_back(message);
    return true;
}

zmq::message_t& Frames::next() {
    if (used_ == frames_.size()) frames_.emplace_back();
    return frames_[used_++];
}

void Frames::clear() {
    for (std::size_t i = 0; i < used_; ++i) frames_[i].rebuild();
    used_ = bytes_ = 0;
    messages_.clear();
    texts_.clear();
}

std::string_view Frames::topic(std::size_t i) {
    read(messages_[i]);
    return messages_[i].topic;
}

std::optional<std::string_view> Frames::frame(std::size_t i, std::size_t frame) const {
    const Received& message = messages_[i];
    if (frame >= message.frames || frame >= kFramesNamed) return std::nullopt;
    return at(message.first + frame);
}

void Frames::addTo(plugin::Batch& batch, std::size_t i) {
    Received& message = messages_[i];
    read(message);
    auto added = batch.add(message.topic);
    added.payload(message.payload);
    added.variable("frames", message.frames < kCounts.size()
                                 ? kCounts[message.frames]
                                 : keep(std::to_string(message.frames)));
    for (std::size_t n = 0; n < std::min(message.frames, kFramesNamed); ++n) {
        const std::string_view bytes = at(message.first + n);
        if (isUtf8(bytes))
            added.variable(kNames[n], bytes);
        else if (bytes.size() <= kHexBytesMax)
            added.variable(kNames[n], keep(hexOf(bytes)));
    }
}

/// Topic and payload, by the rules of README.md.
void Frames::read(Received& message) {
    if (message.isRead) return;
    message.isRead = true;
    if (message.frames == 1) return readSingle(message);
    std::size_t payload = message.frames - 1;
    if (options_.sequence && options_.sequence->frame == payload) --payload;
    message.topic = topicOf(at(message.first));
    // The last frame stands behind those that have names, or is one of them.
    if (payload > 0) message.payload = at(message.first + std::min(payload, message.kept - 1));
}

void Frames::readSingle(Received& message) {
    const std::string_view bytes = at(message.first);
    const std::size_t end = options_.split.empty() ? bytes.npos : bytes.find(options_.split);
    if (options_.split.empty())
        message.payload = bytes;
    else if (end != bytes.npos)
        message.payload = bytes.substr(end + options_.split.size());
    message.topic = options_.topic.empty() ? topicOf(bytes.substr(0, end)) : options_.topic;
}

std::string_view Frames::topicOf(std::string_view bytes) {
    const std::string_view text = cut(bytes, kTopicBytesMax);
    if (isUtf8(text)) return text;
    return keep(hexOf(bytes.substr(0, kTopicBytesMax / 2 - 1)));
}

std::string_view Frames::keep(std::string text) {
    return texts_.emplace_back(std::move(text));
}

}  // namespace sluice::zeromq
