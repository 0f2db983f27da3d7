#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "settings/Shape.h"
#include "settings/Variables.h"
#include "settings/Yaml.h"

namespace sluice {

/// What reading one file collects. Outlives all its Sections and Scalars.
struct Reading {
    static constexpr std::size_t kProblemsMax = 100;

    std::string file;
    const Environment& environment;
    std::vector<yaml::Problem> problems;
    std::set<std::string> keysKnown, keysSeen;
    std::size_t problemsDropped = 0;  // beyond kProblemsMax
    Shape* shape = nullptr;           // gets what the readers ask for, where not null

    void error(yaml::Span where, std::string code, std::string message, std::string hint);
    void warning(yaml::Span where, std::string code, std::string message, std::string hint);
    SourceMark markOf(const yaml::Node& node) const;
    bool hasErrors() const;

  private:
    void add(yaml::Problem problem);
};

/// A value that is text, its variables replaced. Copies are cheap enough.
class Scalar {
  public:
    Scalar(Reading& reading, const yaml::Node& node);

    const std::string& text() const { return resolved_.text(); }
    /// Whether every variable was replaced; else an error was reported.
    bool isWhole() const { return isWhole_; }
    yaml::Span span() const { return node_->span(); }
    SourceMark mark() const { return reading_->markOf(*node_); }
    /// As it may be shown: a value from the environment is named, not told.
    std::string shown() const;
    /// An error about the whole value, or about what stands at a byte of text(). A message that
    /// would show a value of the environment is replaced by one that does not.
    void error(std::string code, std::string message, std::string hint) const;
    void errorAt(std::size_t offset, std::string code, std::string message, std::string hint) const;
    /// The same about `length` bytes, or a warning.
    void problemAt(std::size_t offset, std::size_t length, std::string code, std::string message,
                   std::string hint, bool isWarning) const;

  private:
    void report(yaml::Span where, std::string code, std::string message, std::string hint,
                bool isWarning = false) const;

    Reading* reading_;
    const yaml::Node* node_;
    ResolvedText resolved_;
    bool isWhole_ = true;
};

/// Reads one mapping key by key into options. A key that is not there leaves its option as it is;
/// whatever is wrong is reported and leaves it too. `finish` then reports what nobody asked for.
class Section {
  public:
    /// `node` may be null: an empty mapping, so that the keys are known all the same. `path` is
    /// that of the keys, empty for the top: "delivery", "inputs.*".
    Section(Reading& reading, const yaml::Node* node, std::string path);

    void text(std::string_view key, std::string& out);
    void boolean(std::string_view key, bool& out);
    void duration(std::string_view key, std::chrono::milliseconds& out,
                  std::chrono::milliseconds least, std::chrono::milliseconds most);
    /// `5/s`.
    void rate(std::string_view key, std::uint32_t& perSecond, std::uint32_t least,
              std::uint32_t most);
    void size(std::string_view key, std::size_t& out, std::size_t least, std::size_t most);
    template <std::unsigned_integral T>
    void integer(std::string_view key, T& out, std::uint64_t least, std::uint64_t most) {
        standard(key, Json::numberText(std::to_string(out)));
        if (const auto value = integerIn(key, least, most)) out = static_cast<T>(*value);
    }
    template <std::unsigned_integral T>
    void integer(std::string_view key, std::optional<T>& out, std::uint64_t least,
                 std::uint64_t most) {
        if (const auto value = integerIn(key, least, most)) out = static_cast<T>(*value);
    }
    /// One of the names.
    template <typename T>
    void choice(std::string_view key, T& out,
                std::span<const std::pair<std::string_view, T>> choices) {
        std::vector<std::string> names;
        for (const auto& [name, value] : choices) {
            names.emplace_back(name);
            if (value == out) standard(key, Json::string(name));
        }
        if (const auto index = choiceAmong(key, names)) out = choices[*index].second;
    }
    /// HOST:PORT, perhaps behind a scheme: what net/ListenAddress.h reads, all of it checked.
    void address(std::string_view key, std::string& out);
    /// One or several of them.
    void addresses(std::string_view key, std::vector<std::string>& out, std::size_t most);

    /// The value of a key that must be text; reports what is not, and nothing where it is absent.
    /// `form` is for the schema: how a text must look that the caller checks.
    std::optional<Scalar> scalar(std::string_view key, const Form& form = Form::text());
    /// As `scalar`; reports where it is absent.
    std::optional<Scalar> required(std::string_view key, std::string_view hint,
                                   const Form& form = Form::text());
    /// The texts of a list; a single text is a list of one. Nothing where the key is absent.
    std::optional<std::vector<Scalar>> scalars(std::string_view key,
                                               const Form& form = Form::text());
    /// Whether the key is there; reports where it is absent, but in a mapping that is so itself.
    bool needs(std::string_view key, std::string_view hint);
    /// As `needs`; a key with nothing below it counts as absent.
    bool needsContent(std::string_view key, std::string_view hint);
    /// Calls `read` with the mapping below the key, also where there is none.
    void section(std::string_view key, const std::function<void(Section&)>& read);
    /// Calls `read` for each entry of the mapping below the key. `namePattern` is for the schema: a
    /// regular expression of the names that the caller takes.
    using ReadEntry = std::function<void(const yaml::Node& name, const yaml::Node& value)>;
    void entries(std::string_view key, const ReadEntry& read, std::string_view namePattern = "");
    /// The node of a key of any kind; null when absent. Makes the key known.
    const yaml::Node* node(std::string_view key);
    /// As `node`; `form` is for the schema, and may be one of several.
    const yaml::Node* node(std::string_view key, const Form& form);
    /// For the schema: the caller sees to it that exactly one of these keys is there.
    void exactlyOne(std::initializer_list<std::string_view> keys);
    /// For the schema: there may be other keys, which the caller knows by what it read elsewhere.
    void others(const Form& form);

    /// Reports every key that was not asked for.
    void finish();
    /// The entries that nobody asked for, instead of `finish`.
    std::vector<const yaml::Entry*> rest() const;

    const yaml::Node* node() const { return node_; }
    Reading& reading() { return reading_; }
    std::string pathOf(std::string_view key) const;
    /// Where errors about the whole mapping point.
    yaml::Span span() const;

  private:
    void standard(std::string_view key, Json value);
    void reportAbsent(std::string_view key, std::string_view hint);
    std::optional<std::uint64_t> integerIn(std::string_view key, std::uint64_t least,
                                           std::uint64_t most);
    std::optional<std::size_t> choiceAmong(std::string_view key,
                                           std::span<const std::string> names);
    void unknown(const yaml::Entry& entry);

    Reading& reading_;
    const yaml::Node* node_;
    const std::string path_;
    std::vector<std::string> known_;
};

/// The scalar of a node, its variables replaced; reports what cannot be text. `what` names the
/// value.
std::optional<Scalar> scalarOf(Reading& reading, const yaml::Node& node, std::string_view what);
/// Reports a node that is neither a mapping nor null; null where it is none.
const yaml::Node* mappingOf(Reading& reading, const yaml::Node& node, std::string_view what);
/// Reports null as well.
const yaml::Node* filledMappingOf(Reading& reading, const yaml::Node& node, std::string_view what);

}  // namespace sluice
