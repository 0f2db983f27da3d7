#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <zmq.hpp>

#include <sluice/plugin.hpp>

#include "Link.h"
#include "Options.h"

namespace sluice::zeromq {

/// The first so many frames of a message have names, frame0 and so on.
inline constexpr std::size_t kFramesNamed = 16;
/// A longer topic is cut: topics are remembered by those who map them.
inline constexpr std::size_t kTopicBytesMax = 1'024;
/// Longer frames that are no UTF-8 have no name.
inline constexpr std::size_t kHexBytesMax = 4'096;

/// Messages as they were received, frame by frame; then, as a whole, what the host wants to know of
/// them. Keeps its memory from batch to batch. One thread.
class Frames {
  public:
    explicit Frames(const Options& options) : options_(options) {}

    /// Receives a message with all its frames; false if none is there.
    bool receive(Link& link);
    std::size_t size() const { return messages_.size(); }
    bool isFull() const { return messages_.size() >= kMessagesMax || bytes_ >= kBytesMax; }
    /// Forgets the messages and frees what they held.
    void clear();

    /// The topic of message i as text, as mappings know it. Lives until clear().
    std::string_view topic(std::size_t i);
    /// A frame of message i; nothing where it has no such frame (or has more than are kept).
    std::optional<std::string_view> frame(std::size_t i, std::size_t frame) const;
    /// Adds message i to the batch, which borrows from here until clear().
    void addTo(plugin::Batch& batch, std::size_t i);

    static constexpr std::size_t kMessagesMax = 1'000, kBytesMax = 1 << 20;

  private:
    struct Received {
        std::size_t first = 0, kept = 0, frames = 0;  // kept: the named ones, and the last
        std::string_view topic, payload;
        bool isRead = false;
    };
    zmq::message_t& next();
    void read(Received& message);
    void readSingle(Received& message);
    std::string_view at(std::size_t index) const { return frames_[index].to_string_view(); }
    std::string_view topicOf(std::string_view bytes);
    std::string_view keep(std::string text);

    const Options& options_;
    std::deque<zmq::message_t>
        frames_;  // a deque: small messages lie in them, so they must not move
    std::size_t used_ = 0;
    std::vector<Received> messages_;
    std::deque<std::string> texts_;  // what views need and no frame holds
    std::size_t bytes_ = 0;
};

}  // namespace sluice::zeromq
