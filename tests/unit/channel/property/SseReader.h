#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::property {

/// A block as a client dispatches it.
struct ReadBlock {
    std::string_view event;  // empty: message
    std::string_view data;
    std::string_view comment;  // of the last comment line in the block
    bool hasData = false;
    bool hasId = false;
    bool atEnd = false;  // dispatched because the connection ended
};

/// How clients differ that are in use.
enum class ReaderKind : std::uint8_t {
    Standard,        // the HTML standard, section 9.2.6
    ForgetsBareIds,  // an id in a block without a data line is forgotten (Firefox, libraries)
    ForgetsEmpty,    // as that, also where the data line is empty
    EndsDispatching  // dispatches what it has when the connection ends, and its id with it
};

/// Decodes chunks (RFC 9112 section 7.1) and reads SSE, fed with any pieces of the bytes. Throws
/// Violation where the bytes break a rule of ours: each block is one chunk, `id:` is the last
/// field, no block has an id without a data line.
class SseReader {
  public:
    class Receiver {
      public:
        virtual void receive(const ReadBlock& block) = 0;

      protected:
        ~Receiver() = default;
    };

    SseReader(ReaderKind kind, bool isChunked) : kind_{kind}, isChunked_{isChunked} {}

    void begin();  // a new connection; the last event id stays
    void feed(std::string_view bytes, Receiver& receiver);
    void end(Receiver& receiver);  // the connection ended here

    ReaderKind kind() const { return kind_; }
    const std::string& lastEventId() const { return lastEventId_; }

  private:
    void feedChunks(std::string_view bytes, Receiver& receiver);
    void feedBody(std::string_view bytes, Receiver& receiver);
    void line(std::string_view line, Receiver& receiver);
    void field(std::string_view line, bool cut);
    void dispatch(Receiver& receiver, bool atEnd);
    void endOfChunk();

    const ReaderKind kind_;
    const bool isChunked_;
    std::string lastEventId_;
    // of the connection
    enum class Chunk : std::uint8_t { Size, Body, BodyEnd } chunk_ = Chunk::Size;
    std::string sizeLine_;
    std::size_t chunkRest_ = 0;
    std::string line_;
    bool endedWithCr_ = false;
    // of the block
    std::string event_, data_, comment_, idBuffer_;
    bool hasData_ = false, hasId_ = false, hasFields_ = false;
};

}  // namespace sluice::property
