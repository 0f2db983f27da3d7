#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// A JSON value as a tree: members keep their order, numbers their text. For schemas, reports and
/// files of the operator; messages do not go this way. A value type: one thread at a time.
class Json {
  public:
    enum class Kind : std::uint8_t { Null, Boolean, Number, String, Array, Object };

    Json() = default;  // null
    static Json boolean(bool value);
    static Json number(std::int64_t value);
    /// REQUIRES: the text of a JSON number.
    static Json numberText(std::string_view text);
    static Json string(std::string_view text);
    static Json array();
    static Json object();

    /// One JSON text (isJson); nothing where it is none, or a key stands twice.
    static std::optional<Json> parse(std::string_view text);

    Kind kind() const { return kind_; }
    bool is(Kind kind) const { return kind_ == kind; }
    /// The content of a string; a number as written; "true" or "false"; else empty.
    const std::string& text() const { return text_; }
    /// Of an array, or the values of an object in their order.
    const std::vector<Json>& items() const { return items_; }
    /// Of an object, as long as items().
    const std::vector<std::string>& keys() const { return keys_; }
    const Json* find(std::string_view key) const;
    Json* find(std::string_view key);
    /// The text of the string at a key, or empty.
    std::string_view textAt(std::string_view key) const;

    /// Adds a member, or replaces it; returns it, valid until the next change. REQUIRES: an object.
    Json& set(std::string_view key, Json value);
    Json& set(std::string_view key, std::string_view text) { return set(key, string(text)); }
    Json& set(std::string_view key, const char* text) { return set(key, string(text)); }
    /// Adds an item; returns it, valid until the next change. REQUIRES: an array.
    Json& add(Json value);

    /// On one line.
    std::string compact() const;
    /// Indented by two spaces; values of scalars only stay on one line.
    std::string pretty() const;

    bool operator==(const Json&) const = default;

  private:
    Json(Kind kind, std::string text) : kind_{kind}, text_{std::move(text)} {}
    bool isFlat() const;
    void write(std::string& out, int indent) const;

    Kind kind_ = Kind::Null;
    std::string text_;
    std::vector<std::string> keys_;
    std::vector<Json> items_;
};

}  // namespace sluice
