#include "settings/YamlBuilder.h"

#include <memory>
#include <new>

#include <yaml.h>

#include "settings/YamlProblems.h"

namespace sluice::yaml {
namespace {

std::string_view textOf(const char* text) {
    return text ? text : "";
}

Style styleOf(yaml_scalar_style_t style) {
    switch (style) {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE:
            return Style::Single;
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
            return Style::Double;
        case YAML_LITERAL_SCALAR_STYLE:
            return Style::Literal;
        case YAML_FOLDED_SCALAR_STYLE:
            return Style::Folded;
        default:
            return Style::Plain;
    }
}

bool isNull(std::string_view text) {
    return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

}  // namespace

/// An event in our words.
struct Builder::Event {
    enum class Type { Stream, Document, Scalar, Sequence, Mapping, End, Alias, StreamEnd };
    Type type = Type::Stream;
    Style style = Style::Plain;
    Span span;
    std::string text;
    bool hasTag = false, hasAnchor = false;
};

/// The parser; its own memory goes with it.
class Builder::Events {
  public:
    explicit Events(const Source& source) : source_{source} {
        if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc{};
        const std::string_view text = source.text();
        yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                     text.size());
    }
    ~Events() { yaml_parser_delete(&parser_); }
    Events(const Events&) = delete;
    Events& operator=(const Events&) = delete;

    /// False: the scanner gave up, see error().
    bool next(Event& event) {
        yaml_event_t raw;
        if (yaml_parser_parse(&parser_, &raw) == 0) return false;
        const std::unique_ptr<yaml_event_t, void (*)(yaml_event_t*)> owner{&raw, yaml_event_delete};
        event = Event{};
        event.span = {mark(raw.start_mark), mark(raw.end_mark)};
        read(raw, event);
        return true;
    }

    ScannerError error() const {
        if (parser_.error == YAML_MEMORY_ERROR) throw std::bad_alloc{};
        return {textOf(parser_.context), mark(parser_.context_mark), textOf(parser_.problem),
                mark(parser_.problem_mark)};
    }

  private:
    Mark mark(const yaml_mark_t& mark) const { return source_.mark(mark.line, mark.column); }

    static void read(const yaml_event_t& raw, Event& event) {
        using Type = Event::Type;
        switch (raw.type) {
            case YAML_DOCUMENT_START_EVENT:
                event.type = Type::Document;
                return;
            case YAML_STREAM_END_EVENT:
                event.type = Type::StreamEnd;
                return;
            case YAML_ALIAS_EVENT:
                event.type = Type::Alias;
                return;
            case YAML_SCALAR_EVENT:
                readScalar(raw, event);
                return;
            case YAML_SEQUENCE_START_EVENT: {
                const auto& start = raw.data.sequence_start;
                event.type = Type::Sequence;
                event.style = start.style == YAML_FLOW_SEQUENCE_STYLE ? Style::Flow : Style::Block;
                event.hasTag = start.tag != nullptr;
                event.hasAnchor = start.anchor != nullptr;
                return;
            }
            case YAML_MAPPING_START_EVENT: {
                const auto& start = raw.data.mapping_start;
                event.type = Type::Mapping;
                event.style = start.style == YAML_FLOW_MAPPING_STYLE ? Style::Flow : Style::Block;
                event.hasTag = start.tag != nullptr;
                event.hasAnchor = start.anchor != nullptr;
                return;
            }
            case YAML_STREAM_START_EVENT:
                event.type = Type::Stream;
                return;
            default:
                event.type = Type::End;
                return;
        }
    }

    static void readScalar(const yaml_event_t& raw, Event& event) {
        const auto& scalar = raw.data.scalar;
        event.type = Event::Type::Scalar;
        event.style = styleOf(scalar.style);
        event.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
        event.hasTag = scalar.tag != nullptr;
        event.hasAnchor = scalar.anchor != nullptr;
    }

    const Source& source_;
    yaml_parser_t parser_{};
};

bool Builder::build(Node& root) {
    Events events{source_};
    root.source_ = &source_;
    const bool isWhole = document(events, root);
    if (!isWhole && !isStopped_) problems_.push_back(explain(source_, events.error()));
    return isWhole;
}

/// False: the scanner gave up, or a limit was reached (isStopped_).
bool Builder::document(Events& events, Node& root) {
    bool isFirst = true;
    Event event;
    while (events.next(event)) {
        if (event.type == Event::Type::StreamEnd) return true;
        if (event.type == Event::Type::Stream || event.type == Event::Type::End) continue;
        if (event.type != Event::Type::Document) {
            if (!value(events, event, 1, root)) return false;
            continue;
        }
        if (!isFirst) {
            refuse("second-document", "a second document begins here",
                   "Sluice reads one plain document: remove the `---`", event.span);
            return true;
        }
        isFirst = false;
    }
    return false;
}

bool Builder::value(Events& events, const Event& event, std::size_t depth, Node& node) {
    node.source_ = &source_;
    node.span_ = event.span;
    node.style_ = event.style;
    if (++nodes_ > limits_.nodes) {
        refuse("too-many-nodes", "more than " + std::to_string(limits_.nodes) + " values",
               "a configuration is far smaller: is this the right file?", event.span);
        isStopped_ = true;
        return false;
    }
    checkDecoration(event);
    if (event.type == Event::Type::Scalar) {
        node.text_ = event.text;
        node.kind_ = event.style == Style::Plain && isNull(event.text) ? Kind::Null : Kind::Scalar;
    }
    if (event.type != Event::Type::Sequence && event.type != Event::Type::Mapping) return true;
    if (depth > limits_.depth) {
        refuse("too-deep",
               "more than " + std::to_string(limits_.depth) +
                   " collections inside each "
                   "other",
               "nothing in a configuration is this deep", event.span);
        isStopped_ = true;
        return false;
    }
    node.kind_ = event.type == Event::Type::Mapping ? Kind::Mapping : Kind::Sequence;
    return node.kind_ == Kind::Mapping ? entries(events, depth, node)
                                       : collection(events, depth, node);
}

/// libyaml puts a value that is not there before the next token, which may stand lines below.
/// Without a colon it stands at the end of its key.
Span Builder::nothingBehind(const Node& key, const Mark& next) const {
    const std::size_t end = key.span().end.offset;
    const std::size_t colon = source_.text().find_first_not_of(" \t\r\n", end);
    const bool hasColon = colon < next.offset && source_.text()[colon] == ':';
    if (!hasColon) return {key.span().end, key.span().end};
    const Mark behind = source_.markAtOffset(colon + 1);
    return behind.line == next.line ? Span{next, next} : Span{behind, behind};
}

bool Builder::collection(Events& events, std::size_t depth, Node& node) {
    Event event;
    while (events.next(event)) {
        if (event.type == Event::Type::End) {
            node.span_.end = event.span.end;
            return true;
        }
        if (!value(events, event, depth + 1, node.items_.emplace_back())) return false;
    }
    return false;
}

bool Builder::entries(Events& events, std::size_t depth, Node& node) {
    KeyLines lines;
    Event event;
    while (events.next(event)) {
        if (event.type == Event::Type::End) {
            node.span_.end = event.span.end;
            return true;
        }
        Entry entry;
        if (!value(events, event, depth + 1, entry.key)) return false;
        const bool isKept = isGoodKey(event, lines);
        if (!events.next(event) || !value(events, event, depth + 1, entry.value)) return false;
        const Span& span = entry.value.span();
        if (entry.value.kind() == Kind::Null && span.begin == span.end)
            entry.value.span_ = nothingBehind(entry.key, span.begin);
        if (isKept) node.entries_.push_back(std::move(entry));
    }
    return false;
}

/// What may stand before a value, and what may stand in the place of one.
void Builder::checkDecoration(const Event& event) {
    const Mark& begin = event.span.begin;
    if (event.type == Event::Type::Alias)
        refuse("alias", "a value that begins with `*` is an alias of YAML",
               "Sluice reads one plain document without aliases; if it is text, " +
                   quoteHint(source_, begin),
               event.span);
    if (event.hasAnchor)
        refuse("anchor", "a value that begins with `&` is an anchor of YAML",
               "Sluice reads one plain document without anchors; if it is text, " +
                   quoteHint(source_, begin),
               {begin, begin});
    if (event.hasTag)
        refuse("tag", "a value that begins with `!` is a tag of YAML", quoteHint(source_, begin),
               {begin, begin});
}

bool Builder::isGoodKey(const Event& event, KeyLines& lines) {
    if (event.type != Event::Type::Scalar) {
        if (event.type != Event::Type::Alias)
            refuse("key", "a key must be text",
                   "write `key: value`; quote a key that begins with "
                   "`{` or `[`",
                   {event.span.begin, event.span.begin});
        return false;
    }
    if (event.text.empty()) {
        refuse("key", "a key is empty", "write `key: value`", event.span);
        return false;
    }
    if (event.style == Style::Plain && event.text == "<<") {
        refuse("merge-key", "`<<` is a merge key of YAML",
               "Sluice reads one plain document without merge keys: write the entries out",
               event.span);
        return false;
    }
    const auto [first, isNew] = lines.emplace(event.text, event.span.begin.line);
    if (!isNew)
        refuse("duplicate-key",
               "the key '" + event.text + "' is there twice, first in line " +
                   std::to_string(first->second),
               "remove one of them", event.span);
    return isNew;
}

void Builder::refuse(const char* code, std::string message, std::string hint, Span where) {
    if (problems_.size() < limits_.problems)
        problems_.push_back({code, std::move(message), std::move(hint), where});
}

}  // namespace sluice::yaml
