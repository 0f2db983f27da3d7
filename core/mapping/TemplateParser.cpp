#include "mapping/TemplateParser.h"

#include <algorithm>

#include "base/Nearest.h"
#include "event/EventBatch.h"

namespace sluice {
namespace {

const std::vector<std::string> kMetadata{"topic",     "key",    "headers", "time",
                                         "partition", "offset", "payload"};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

bool isNameCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool isName(std::string_view text) {
    return !text.empty() && !(text.front() >= '0' && text.front() <= '9') &&
           std::all_of(text.begin(), text.end(), isNameCharacter);
}

}  // namespace

bool Template::Parser::parse() {
    while (at_ < text_.size()) {
        const char c = text_[at_];
        const bool doubled = at_ + 1 < text_.size() && text_[at_ + 1] == c;
        if (c == '{' && !doubled) {
            if (!braces()) return false;
        } else if (c == '}' && !doubled) {
            return fail(at_, "this '}' closes nothing", "write }} for a literal brace");
        } else {
            literal(c);
            at_ += c == '{' || c == '}' ? 2 : 1;
        }
    }
    return check();
}

void Template::Parser::literal(char c) {
    if (out_.steps_.empty() || out_.steps_.back().kind != Kind::Literal) out_.steps_.emplace_back();
    out_.steps_.back().text += c;
}

bool Template::Parser::braces() {
    const std::size_t close = closingBrace();
    if (close == std::string_view::npos)
        return fail(at_, "this '{' is not closed", "write {name}, or {{ for a literal brace");
    inside_ = trimmed(text_.substr(at_ + 1, close - at_ - 1));
    if (!value(inside_)) return false;
    at_ = close + 1;
    return true;
}

std::size_t Template::Parser::closingBrace() const {
    char quote = 0;
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
        const char c = text_[i];
        if (quote != 0)
            quote = c == quote ? '\0' : quote;
        else if (c == '\'' || c == '"')
            quote = c;
        else if (c == '}')
            return i;
    }
    return std::string_view::npos;
}

bool Template::Parser::value(std::string_view name) {
    if (name == "topic") return add(Kind::Topic);
    if (name == "key") return add(Kind::Key);
    if (name == "time") return add(Kind::Time);
    if (name == "partition") return add(Kind::Partition);
    if (name == "offset") return add(Kind::Offset);
    if (name.starts_with("headers")) return header(name.substr(7));
    if (name == "payload" || name.starts_with("payload.") || name.starts_with("payload["))
        return fail(at_ + 1, "values inside the payload cannot be used here",
                    "use a capture of 'from', topic, key, headers, time, partition or offset");
    if (capture(name)) return true;
    return error_.message.empty() && variable(name);
}

bool Template::Parser::header(std::string_view path) {
    if (path.starts_with(".") && isName(path.substr(1))) return add(Kind::Header, path.substr(1));
    const bool quoted = path.size() > 4 && path.front() == '[' && path.back() == ']' &&
                        (path[1] == '\'' || path[1] == '"') && path[path.size() - 2] == path[1];
    if (quoted) return add(Kind::Header, path.substr(2, path.size() - 4));
    return fail(at_ + 1, "a header needs its name",
                "write {headers.name} or {headers['any-name']}");
}

bool Template::Parser::capture(std::string_view name) {
    const bool asRest = name.ends_with("**");
    if (asRest) name.remove_suffix(2);
    std::uint32_t index = 0;
    for (const Pattern::Part& part : from_.parts()) {
        if (!part.isCapture) continue;
        if (part.text != name) {
            ++index;
            continue;
        }
        if (asRest && !part.takesRest)
            return fail(at_ + 1, "{" + part.text + "} of 'from' takes one level, not the rest",
                        "write {" + part.text + "}");
        add(Kind::Capture);
        out_.steps_.back().capture = index;
        out_.steps_.back().keepsSlash = part.takesRest;
        return true;
    }
    if (asRest)
        return fail(at_ + 1, "'from' has no capture {" + std::string{name} + "**}",
                    "give it one, or use {topic}");
    return false;
}

/// Which variables an input has shows at run time only, so all that can be refused here is what
/// looks like a slip.
bool Template::Parser::variable(std::string_view name) {
    if (!isName(name))
        return fail(at_ + 1, "'" + std::string{name} + "' is no name of a value",
                    "write {name}: a capture of 'from', topic, key, headers, time, partition, "
                    "offset or a variable of the input");
    std::vector<std::string> known = kMetadata;
    known.insert(known.end(), from_.names().begin(), from_.names().end());
    const std::string_view meant = nearest(name, known);
    if (!meant.empty())
        return fail(at_ + 1, "there is no value '" + std::string{name} + "'",
                    "write {" + std::string{meant} + "}");
    return add(Kind::Variable, name);
}

bool Template::Parser::add(Kind kind, std::string_view text) {
    Step step;
    step.kind = kind;
    step.keepsSlash = kind == Kind::Topic;
    step.text = text;
    step.name = inside_;
    out_.steps_.push_back(std::move(step));
    return true;
}

bool Template::Parser::check() {
    if (out_.use_ == Use::Text) return true;
    if (out_.steps_.empty())
        return fail(0, "a channel needs a name", "write {topic} for the topic");
    const Kind first = out_.steps_.front().kind;
    if (first != Kind::Literal && first != Kind::Topic && first != Kind::Capture)
        return fail(0, "a channel cannot begin with a value that the sender of a message chooses",
                    "begin with literal text, {topic} or a capture of 'from'");
    return checkLiterals();
}

bool Template::Parser::checkLiterals() {
    bool isFirst = true;
    for (const Step& step : out_.steps_) {
        if (step.kind != Kind::Literal) {
            isFirst = false;
            continue;
        }
        if (!isChannelName(isFirst ? step.text : "x" + step.text))
            return fail(0, "no channel can have a name like this",
                        "names are UTF-8, at most 255 bytes, without control characters, ',', '?' "
                        "and '#', and do not begin with 'sluice.'");
        isFirst = false;
    }
    return true;
}

bool Template::Parser::fail(std::size_t offset, std::string message, std::string hint) {
    error_ = {offset, std::move(message), std::move(hint)};
    return false;
}

}  // namespace sluice
