#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <exception>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sluice/plugin.h>

/// plugin.h for C++: a plugin is one class and one line, SLUICE_PLUGIN(Class).
///
/// The class needs
///     static constexpr sluice::plugin::Description kPlugin{...};
///     explicit Class(Host& host);              // open: reads settings; no network, no threads
///     void watch(std::span<const Pattern> patterns);
///     void start(std::span<const sluice_start_position> positions, milliseconds rewind);
///     void stop(milliseconds deadline);        // afterwards none of its threads may push
/// and may have
///     static void check(Host& host);           // the settings alone: no network, no files
///     void query(std::span<const sluice_text> families);
///     bool replay(const sluice_replay_request& request);  // false: given up at once
///     void cancel(std::uint64_t replayId);
///     void seek(std::uint64_t question, std::int64_t timeMs, std::span<const sluice_text>
///     families);
/// All are called on the host's control thread and must return soon. What they throw stays inside:
/// the host sees health FAILED with the text of the exception and a failed call. Opening and
/// checking also fail if the class reported a setting error, so it may collect all of them first.
namespace sluice::plugin {

using std::chrono::milliseconds;

struct Description {
    const char* name;
    const char* version;
    const char* optionsSchema;  // JSON Schema (draft-07) of an object
    bool replayable = false;    // messages have lanes and positions
    char separator = '/';       // of topic levels
};

inline std::string_view view(sluice_text text) {
    return text.length == 0 ? std::string_view{} : std::string_view{text.data, text.length};
}
inline sluice_text lend(std::string_view view) {
    return {view.data(), view.size()};
}

/// A pattern of `from`; views live during watch() only. The forms are explained in plugin.h.
struct Pattern {
    bool isLiteral;
    std::string_view text, literal, prefix, regex, glob, filter;
    bool needsHeaders;
};

/// Messages for one push, built without an allocation per message once it has grown. Lends what it
/// is given: the views must live until the push. Not thread-safe.
class Batch {
  public:
    /// The message added last; valid until the next add().
    class Message {
      public:
        Message& lane(std::string_view family, std::uint32_t index, std::uint64_t first,
                      std::uint64_t second = 0) {
            it().lane = {lend(family), index, 0};
            it().position = {first, second};
            return flag(SLUICE_MESSAGE_HAS_LANE);
        }
        Message& key(std::string_view key) {
            it().key = lend(key);
            return flag(SLUICE_MESSAGE_HAS_KEY);
        }
        Message& payload(std::string_view payload) {
            it().payload = lend(payload);
            return *this;
        }
        Message& tombstone() { return flag(SLUICE_MESSAGE_TOMBSTONE); }
        Message& timeMs(std::int64_t sinceEpochMs) {
            it().time_ms = sinceEpochMs;
            return flag(SLUICE_MESSAGE_HAS_TIME);
        }
        Message& header(std::string_view name, std::optional<std::string_view> value) {
            batch_.headers_.push_back({lend(name), lend(value.value_or("")), value ? 0U : 1U, 0});
            ++it().header_count;
            return *this;
        }
        Message& variable(std::string_view name, std::string_view value) {
            batch_.variables_.push_back({lend(name), lend(value)});
            ++it().variable_count;
            return *this;
        }

      private:
        friend class Batch;
        explicit Message(Batch& batch) : batch_(batch) {}
        sluice_message& it() { return batch_.messages_.back(); }
        Message& flag(std::uint32_t flag) {
            it().flags |= flag;
            return *this;
        }
        Batch& batch_;
    };

    /// Adds an empty message of that topic.
    Message add(std::string_view topic) {
        sluice_message message{};
        message.size = sizeof message;
        message.topic = lend(topic);
        messages_.push_back(message);
        return Message(*this);
    }
    std::size_t size() const { return messages_.size(); }
    bool empty() const { return messages_.empty(); }
    void clear() {
        messages_.clear();
        headers_.clear();
        variables_.clear();
    }

  private:
    friend class Host;
    /// Headers and variables lie in one vector each, in the order of their messages.
    std::span<const sluice_message> seal() {
        const sluice_header* header = headers_.data();
        const sluice_variable* variable = variables_.data();
        for (sluice_message& message : messages_) {
            message.headers = header;
            message.variables = variable;
            header += message.header_count;
            variable += message.variable_count;
        }
        return messages_;
    }
    std::vector<sluice_message> messages_;
    std::vector<sluice_header> headers_;
    std::vector<sluice_variable> variables_;
};

/// The host's functions and the instance's settings. Lives from open to close; what a setting
/// returns as a view lives as long. push, lanes, lost, at, health and log may be called from any
/// thread (of one lane from one at a time), settings inside open and check only.
///
/// Readers of settings return `fallback` where nothing is set, and also where the value cannot be
/// used; then they have reported why.
class Host {
  public:
    /// Copies the table: the caller's is lent.
    explicit Host(const sluice_host& table) {
        std::memcpy(&table_, &table, std::min<std::size_t>(table.size, sizeof table_));
    }
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    /// Pushes and clears the batch. REQUIRES: at most 64 Ki messages.
    sluice_result push(Batch& batch, std::uint64_t replayId = 0) const {
        const auto messages = batch.seal();
        const auto result = table_.push(table_.context, replayId, messages.data(), messages.size());
        batch.clear();
        return result;
    }
    /// Declares the lanes of a family; no ends: it is not there (any more).
    sluice_result lanes(std::string_view family, std::span<const sluice_lane_ends> ends,
                        std::uint32_t words = 1, std::string_view cluster = {},
                        std::string_view incarnation = {}) const {
        return table_.lanes(table_.context, lend(family), words, lend(cluster), lend(incarnation),
                            ends.data(), ends.size());
    }
    sluice_result lost(std::string_view family, std::uint32_t index, sluice_position from,
                       sluice_position to, sluice_lost_reason reason,
                       std::uint64_t replayId = 0) const {
        return table_.lost(table_.context, replayId, {lend(family), index, 0}, from, to, reason);
    }
    sluice_result at(std::string_view family, std::uint32_t index, sluice_position position,
                     std::uint64_t replayId = 0) const {
        return table_.at(table_.context, replayId, {lend(family), index, 0}, position);
    }
    /// Answers seek(); no positions: it could not be found out.
    sluice_result sought(std::uint64_t question, std::string_view family,
                         std::span<const sluice_position> positions) const {
        if (table_.sought == nullptr) return SLUICE_INVALID;  // an older host never asks
        return table_.sought(table_.context, question, lend(family), positions.data(),
                             positions.size());
    }
    void health(sluice_state state, std::string_view code, std::string_view words,
                milliseconds retry = milliseconds{0}) const {
        table_.health(table_.context, state, lend(code), lend(words),
                      static_cast<std::uint32_t>(retry.count()));
    }
    /// Inside open: the messages of this instance have no lanes, although the plugin is replayable.
    void plain() const { table_.plain(table_.context); }
    /// Inside open: as plain, but for topics that one of these patterns takes, written as in
    /// `from`.
    void plainExcept(std::span<const std::string_view> patterns) const {
        if (table_.plain_except == nullptr) return plain();  // an older host
        std::vector<sluice_text> texts;
        for (const std::string_view pattern : patterns) texts.push_back(lend(pattern));
        table_.plain_except(table_.context, texts.data(), texts.size());
    }
    /// The name of the input in the configuration.
    std::string_view input() const { return view(table_.input); }
    /// Whether this instance only looks (SLUICE_HOST_OBSERVES).
    bool observes() const { return (table_.flags & SLUICE_HOST_OBSERVES) != 0; }
    /// Whether readers had messages of an instance before this one (SLUICE_HOST_CONTINUES).
    bool continues() const { return (table_.flags & SLUICE_HOST_CONTINUES) != 0; }
    void log(sluice_log_level level, std::string_view words) const {
        table_.log(table_.context, level, lend(words));
    }

    /// Runs the body of one of the plugin's threads; an exception becomes health FAILED, so that
    /// the host starts the instance again.
    template <class Body>
    void runThread(std::string_view name, Body&& body) const noexcept {
        guard(name, std::forward<Body>(body));
    }

    // ---- settings, by JSON pointer below the input such as "/tls/ca" ----

    std::optional<std::string_view> text(const std::string& pointer) const {
        sluice_text value{};
        if (table_.setting(table_.context, pointer.c_str(), &value) == 0) return std::nullopt;
        return view(value);
    }
    std::string_view text(const std::string& pointer, std::string_view fallback) const {
        return text(pointer).value_or(fallback);
    }
    /// One of `choices`.
    std::string_view choice(const std::string& pointer, std::string_view fallback,
                            std::initializer_list<std::string_view> choices) {
        const std::string_view value = text(pointer, fallback);
        if (std::find(choices.begin(), choices.end(), value) != choices.end()) return value;
        std::string names;
        for (const auto choice : choices) names.append(names.empty() ? "" : ", ").append(choice);
        settingError(pointer, "bad-value", "is none of the values that it can have",
                     "write one of: " + names);
        return fallback;
    }
    std::int64_t integer(const std::string& pointer, std::int64_t fallback,
                         std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                         std::int64_t most = std::numeric_limits<std::int64_t>::max()) {
        return number<std::int64_t>(pointer, fallback, least, most, "a whole number");
    }
    double real(const std::string& pointer, double fallback, double least, double most) {
        return number<double>(pointer, fallback, least, most, "a number");
    }
    bool boolean(const std::string& pointer, bool fallback) {
        return choice(pointer, fallback ? "true" : "false", {"true", "false"}) == "true";
    }
    /// 250ms, 20s, 2min, 1h, 7d.
    milliseconds duration(const std::string& pointer, milliseconds fallback) {
        return milliseconds{
            scaled(pointer, fallback.count(),
                   {{"ms", 1}, {"s", 1'000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}},
                   "a duration such as 250ms, 20s, 2min, 1h")};
    }
    /// In bytes: 64KiB, 8MiB, 1GiB, 512B.
    std::int64_t size(const std::string& pointer, std::int64_t fallbackBytes) {
        return scaled(pointer, fallbackBytes,
                      {{"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}},
                      "a size such as 64KiB or 8MiB");
    }
    /// The items of a list of scalars; a single scalar is a list of one.
    std::vector<std::string_view> list(const std::string& pointer) const {
        std::vector<std::string_view> items;
        if (const auto scalar = text(pointer)) return {*scalar};
        const std::size_t count = table_.setting_count(table_.context, pointer.c_str());
        for (std::size_t i = 0; i < count; ++i)
            if (const auto item = text(pointer + "/" + std::to_string(i))) items.push_back(*item);
        return items;
    }
    /// The scalars of a map, in the order in which they were written.
    std::vector<std::pair<std::string_view, std::string_view>> map(
        const std::string& pointer) const {
        std::vector<std::pair<std::string_view, std::string_view>> entries;
        for (const std::string_view key : keys(pointer))
            if (const auto value = text(below(pointer, key))) entries.emplace_back(key, *value);
        return entries;
    }
    /// The keys of the map at the pointer, in the order in which they were written.
    std::vector<std::string_view> keys(const std::string& pointer) const {
        std::vector<std::string_view> names;
        const std::size_t count = table_.setting_count(table_.context, pointer.c_str());
        for (std::size_t i = 0; i < count; ++i) {
            sluice_text key{};
            if (table_.setting_key(table_.context, pointer.c_str(), i, &key) != 0)
                names.push_back(view(key));
        }
        return names;
    }
    /// Reports every key of the map at the pointer that is none of `known`.
    void expectKeys(const std::string& pointer, std::initializer_list<std::string_view> known) {
        for (const std::string_view key : keys(pointer)) {
            if (std::find(known.begin(), known.end(), key) != known.end()) continue;
            settingError(below(pointer, key), "unknown-key",
                         "has the unknown key " + std::string(key), hintFor(key, known));
        }
    }
    /// The pointer to `key` of the map at `pointer`.
    static std::string below(std::string pointer, std::string_view key) {
        pointer += '/';
        for (const char c : key) {
            if (c == '~')
                pointer += "~0";
            else if (c == '/')
                pointer += "~1";
            else
                pointer += c;
        }
        return pointer;
    }
    /// The host prints file, line and column. `words` continues a sentence that begins with the
    /// setting's name.
    void settingError(const std::string& pointer, std::string_view code, std::string_view words,
                      std::string_view hint) {
        ++settingErrors_;
        table_.setting_error(table_.context, pointer.c_str(), lend(code), lend(words), lend(hint));
    }
    std::size_t settingErrors() const { return settingErrors_; }

    /// Runs `body`; false if it threw, and then health says so.
    template <class Body>
    bool guard(std::string_view name, Body&& body) const noexcept {
        try {
            std::forward<Body>(body)();
            return true;
        } catch (const std::exception& e) {
            report(name, e.what());
        } catch (...) {
            report(name, "an exception that is no std::exception");
        }
        return false;
    }

  private:
    struct Unit {
        std::string_view name;
        std::int64_t factor;
    };
    void report(std::string_view name, std::string_view what) const noexcept {
        try {
            health(SLUICE_STATE_FAILED, "exception", std::string(name) + ": " + std::string(what));
        } catch (...) {
            health(SLUICE_STATE_FAILED, "exception", what);
        }
    }
    static std::string hintFor(std::string_view key,
                               std::initializer_list<std::string_view> known) {
        constexpr std::size_t kSlips = 2;  // more is another word
        std::string names;
        for (const auto name : known) {
            if (distance(key, name) <= kSlips) return "did you mean " + std::string(name) + "?";
            names.append(names.empty() ? "" : ", ").append(name);
        }
        return "the keys are: " + names;
    }
    /// Levenshtein's.
    static std::size_t distance(std::string_view a, std::string_view b) {
        std::vector<std::size_t> row(b.size() + 1);
        for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
        for (std::size_t i = 1; i <= a.size(); ++i) {
            std::size_t diagonal = std::exchange(row[0], i);
            for (std::size_t j = 1; j <= b.size(); ++j) {
                const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = std::exchange(row[j], std::min({replaced, row[j] + 1, row[j - 1] + 1}));
            }
        }
        return row[b.size()];
    }
    template <class Number>
    Number number(const std::string& pointer, Number fallback, Number least, Number most,
                  std::string_view what) {
        const auto value = text(pointer);
        if (!value) return fallback;
        Number parsed{};
        const auto [end, error] =
            std::from_chars(value->data(), value->data() + value->size(), parsed);
        const bool whole = error == std::errc{} && end == value->data() + value->size();
        if (whole && parsed >= least && parsed <= most) return parsed;
        settingError(pointer, "bad-value", "is not " + std::string(what) + " in its range",
                     "write " + std::string(what) + " from " + std::to_string(least) + " to " +
                         std::to_string(most));
        return fallback;
    }
    std::int64_t scaled(const std::string& pointer, std::int64_t fallback,
                        std::initializer_list<Unit> units, const std::string& what) {
        const auto value = text(pointer);
        if (!value) return fallback;
        std::int64_t count = 0;
        const char* const last = value->data() + value->size();
        const auto [end, error] = std::from_chars(value->data(), last, count);
        const std::string_view name(end, static_cast<std::size_t>(last - end));
        for (const Unit& unit : units)
            if (error == std::errc{} && count >= 0 && name == unit.name &&
                count <= std::numeric_limits<std::int64_t>::max() / unit.factor)
                return count * unit.factor;
        settingError(pointer, "bad-value", "is not " + what, "write " + what);
        return fallback;
    }

    sluice_host table_{};
    std::size_t settingErrors_ = 0;
};

}  // namespace sluice::plugin

#include <sluice/plugin_binding.hpp>

/// Exports Class as this library's plugin. Once per library, outside of any namespace.
#define SLUICE_PLUGIN(Class)                                                                      \
    extern "C" SLUICE_PLUGIN_EXPORT const sluice_plugin_table* sluice_plugin(                     \
        uint32_t host_min, uint32_t host_max, uint32_t* plugin_min, uint32_t* plugin_max) {       \
        return sluice::plugin::Binding<Class>::entry(host_min, host_max, plugin_min, plugin_max); \
    }
