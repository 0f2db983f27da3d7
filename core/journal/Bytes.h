#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "channel/Segment.h"
#include "event/Position.h"

namespace sluice {

/// Appends numbers and texts to a string: numbers as varints of 7 bits, texts behind their length.
class ByteWriter {
  public:
    explicit ByteWriter(std::string& out) : out_{out} {}

    void number(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
        out_ += static_cast<char>(value);
    }
    void text(std::string_view value) {
        number(value.size());
        out_ += value;
    }
    void position(Position position) {
        number(position.first);
        number(position.second);
    }
    void place(Place place) {
        position(place.position);
        number(place.ordinal);
    }
    void places(const std::vector<Place>& places) {
        number(places.size());
        for (const Place& one : places) place(one);
    }

  private:
    std::string& out_;
};

/// Bytes that no ByteWriter made, or not for this reader.
class BadBytes final : public std::runtime_error {
  public:
    BadBytes() : std::runtime_error{"the bytes are damaged"} {}
};

/// Reads what a ByteWriter wrote; throws BadBytes where it cannot be. Views live as its input.
class ByteReader {
  public:
    explicit ByteReader(std::string_view in) : in_{in} {}

    bool atEnd() const { return in_.empty(); }
    std::uint64_t number() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (in_.empty()) throw BadBytes{};
            const auto byte = static_cast<unsigned char>(in_.front());
            in_.remove_prefix(1);
            value |= std::uint64_t{byte & 0x7fu} << shift;
            if (byte < 0x80) return value;
        }
        throw BadBytes{};
    }
    /// A number up to `max`.
    template <class T>
    T upTo(std::uint64_t max) {
        const std::uint64_t value = number();
        if (value > max) throw BadBytes{};
        return static_cast<T>(value);
    }
    /// How many items follow, each of at least a byte.
    std::size_t count() { return upTo<std::size_t>(in_.size()); }
    std::string_view raw(std::size_t length) {
        if (length > in_.size()) throw BadBytes{};
        const std::string_view value = in_.substr(0, length);
        in_.remove_prefix(length);
        return value;
    }
    std::string_view text() { return raw(count()); }
    Position position() {
        const std::uint64_t first = number();
        return {first, number()};
    }
    Place place() {
        const Position at = position();
        return {at, upTo<std::uint32_t>(0xffffffff)};
    }
    std::vector<Place> places() {
        std::vector<Place> all(count());
        for (Place& one : all) one = place();
        return all;
    }

  private:
    std::string_view in_;
};

}  // namespace sluice
