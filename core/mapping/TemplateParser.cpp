#include "mapping/TemplateParser.h"

#include <algorithm>

#include "event/EventBatch.h"

namespace sluice {
namespace {

using RefKind = MessageReference::Kind;

bool isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool isNameCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Whether the quote at `at` begins a raw string, where a backslash is a backslash: r'...'.
bool isRaw(std::string_view text, std::size_t at) {
    std::size_t prefix = 0;
    bool raw = false;
    while (prefix < 2 && at > prefix && isNameCharacter(text[at - prefix - 1])) {
        const char c = text[at - ++prefix];
        raw = raw || c == 'r' || c == 'R';
    }
    // Behind a longer name the quote belongs to no prefix; the expression is wrong then anyway.
    return raw && (at <= prefix || !isNameCharacter(text[at - prefix - 1]));
}

/// Behind the string whose quote stands at `at`; npos where it is not closed.
std::size_t behindString(std::string_view text, std::size_t at) {
    const char quote = text[at];
    const std::string three(3, quote);
    const bool isTripled = text.substr(at).starts_with(three);
    const bool raw = isRaw(text, at);
    at += isTripled ? 3 : 1;
    while (at < text.size()) {
        if (text[at] == '\\' && !raw)
            at += 2;
        else if (isTripled ? text.substr(at).starts_with(three) : text[at] == quote)
            return at + (isTripled ? 3 : 1);
        else
            ++at;
    }
    return std::string_view::npos;
}

}  // namespace

std::size_t closingBrace(std::string_view text, std::size_t open) {
    std::size_t depth = 1;
    for (std::size_t at = open + 1; at < text.size();) {
        const char c = text[at];
        if (c == '\'' || c == '"') {
            at = behindString(text, at);
            if (at == std::string_view::npos) break;
            continue;
        }
        if (c == '{') ++depth;
        if (c == '}' && --depth == 0) return at;
        ++at;
    }
    return std::string_view::npos;
}

bool Template::Parser::parse() {
    while (at_ < text_.size()) {
        const char c = text_[at_];
        const bool doubled = at_ + 1 < text_.size() && text_[at_ + 1] == c;
        if (c == '{' && !doubled) {
            if (!braces()) return false;
        } else if (c == '}' && !doubled) {
            fail(at_, 1, "this '}' closes nothing", "write }} for a literal brace");
            ++at_;
        } else {
            literal(c);
            at_ += c == '{' || c == '}' ? 2 : 1;
        }
    }
    if (!failed_ && out_.use_ == Use::Channel) checkChannel();
    return !failed_;
}

void Template::Parser::literal(char c) {
    if (out_.steps_.empty() || out_.steps_.back().expression) out_.steps_.emplace_back();
    out_.steps_.back().literal += c;
}

/// False where nothing behind can be told apart from the expression.
bool Template::Parser::braces() {
    const std::size_t close = closingBrace(text_, at_);
    if (close == std::string_view::npos) {
        fail(at_, 1, "this '{' is not closed", "write {name}, or {{ for a literal brace");
        return false;
    }
    std::size_t begin = at_ + 1, end = close;
    while (begin < end && isSpace(text_[begin])) ++begin;
    while (end > begin && isSpace(text_[end - 1])) --end;
    if (begin == end)
        fail(at_, close + 1 - at_, "these braces are empty",
             "write {name}, or {{}} for literal braces");
    else
        expression(begin, end);
    at_ = close + 1;
    return true;
}

void Template::Parser::expression(std::size_t begin, std::size_t end) {
    std::string_view source = text_.substr(begin, end - begin);
    if (source.ends_with("**") && !restCapture(begin, source)) return;
    std::vector<cel::Problem> found;
    std::optional<cel::Expression> compiled = cel::Expression::compile(source, scope_, found);
    for (cel::Problem& problem : found) {
        problem.offset += begin;
        problems_.push_back(std::move(problem));
    }
    if (!compiled) {
        failed_ = true;
        return;
    }
    Step step;
    step.expression = std::move(compiled);
    classify(step);
    out_.steps_.push_back(std::move(step));
}

/// `{x**}`: the stars only repeat what `from` says.
bool Template::Parser::restCapture(std::size_t begin, std::string_view& name) {
    const std::size_t length = name.size();
    name.remove_suffix(2);
    for (const Pattern::Part& part : scope_.from().parts()) {
        if (!part.isCapture || part.text != name) continue;
        if (part.takesRest) return true;
        fail(begin, length, "{" + part.text + "} of 'from' takes one level, not the rest",
             "write {" + part.text + "}");
        return false;
    }
    fail(begin, length, "'from' has no capture {" + std::string{name} + "**}",
         "give it one, or use {topic}");
    return false;
}

void Template::Parser::classify(Step& step) const {
    const std::vector<std::uint32_t>& used = step.expression->references();
    const auto every = [&](auto holds) {
        return std::all_of(used.begin(), used.end(),
                           [&](std::uint32_t id) { return holds(scope_.references()[id]); });
    };
    step.isOfTopic = every([](const MessageReference& one) { return one.isOfTopic(); });
    step.keepsSlash = every([](const MessageReference& one) { return one.keepsSlash; });
    step.looksInside =
        !every([](const MessageReference& one) { return one.kind != RefKind::Payload; });
}

void Template::Parser::checkChannel() {
    if (out_.steps_.empty())
        return fail(0, 0, "a channel needs a name", "write {topic} for the topic");
    const Step& first = out_.steps_.front();
    if (first.expression && !first.isOfTopic)
        return fail(0, text_.size(),
                    "a channel cannot begin with a value that the sender of a message chooses",
                    "begin with literal text, {topic} or a capture of 'from'");
    checkLiterals();
    if (!failed_ && out_.payloadChoosesFirstLevel())
        problems_.push_back({0, text_.size(), "free-channel",
                             "the payload chooses among all channels that begin like this",
                             "let it choose below a level of its own: NAME/{payload...}", true});
}

void Template::Parser::checkLiterals() {
    for (const Step& step : out_.steps_) {
        if (step.expression) continue;
        const bool isFirst = &step == &out_.steps_.front();
        if (!isChannelName(isFirst ? step.literal : "x" + step.literal))
            return fail(0, text_.size(), "no channel can have a name like this",
                        "names are UTF-8, at most 255 bytes, without control characters, ',', '?', "
                        "'#' and braces, and do not begin with 'sluice.'");
    }
}

void Template::Parser::fail(std::size_t offset, std::size_t length, std::string message,
                            std::string hint) {
    failed_ = true;
    problems_.push_back({offset, length, "template", std::move(message), std::move(hint), false});
}

}  // namespace sluice
