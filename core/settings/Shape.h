#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/Json.h"
#include "settings/Form.h"

namespace sluice {

/// The JSON Schema of a file, filled in by the readers while they read one that leads them through
/// all their branches: so what they ask for and what the schema says cannot differ. A path is that
/// of keysKnown: "delivery.retry"; `*` is the entries of a mapping or the items of a list. Not for
/// several threads.
class Shape {
  public:
    Shape();
    Shape(const Shape&) = delete;
    Shape& operator=(const Shape&) = delete;
    ~Shape();

    /// There is such a key; its value may be anything until something else is said.
    void know(const std::string& path);
    /// The value may have this form; several calls add up.
    void add(const std::string& path, const Form& form);
    /// What counts without the key.
    void standard(const std::string& path, Json value);
    void require(const std::string& path);
    /// The value may be a mapping, with the keys whose paths are known.
    void mapping(const std::string& path);
    /// It has no other keys.
    void close(const std::string& path);
    /// It may have other keys, of this form.
    void others(const std::string& path, const Form& form);
    /// It has exactly one of these keys.
    void exactlyOne(const std::string& path, std::span<const std::string_view> keys);
    /// The value may be a mapping with any keys of this form; values have the path below with `*`.
    void entries(const std::string& path, std::string_view keyPattern);

    /// The whole; every key has its description.
    Json schema() const;

  private:
    struct Node;
    Node& at(const std::string& path);
    static Json schemaOf(const Node& node, const std::string& path);
    static Json mappingOf(const Node& node, const std::string& path);

    const std::unique_ptr<Node> root_;
};

/// What editors say about a key; empty for none.
std::string_view keyDescription(std::string_view path);
/// The paths that have one.
std::vector<std::string> describedKeys();

}  // namespace sluice
