#include "settings/YamlProblems.h"

#include <algorithm>
#include <array>

#include "settings/YamlSecrets.h"

namespace sluice::yaml {
namespace {

constexpr std::size_t kKeyMax = 1024;  // libyaml's: characters from a key's beginning to its colon

enum class Caret { AtProblem, AtContext };

/// What libyaml says, and what we say. An empty context means any; the first row that fits counts.
struct Row {
    std::string_view context, problem;
    Caret caret;
    const char* code;
    const char* message;
    const char* hint;
};

constexpr const char* kQuote = "";  // the hint quotes the value that stands there

constexpr std::array kRows{
    Row{"while scanning a quoted scalar", "found unexpected end of stream", Caret::AtContext,
        "unclosed-quote", "this quote is never closed",
        "close it on the same line, or quote the other way round"},
    Row{"while scanning a quoted scalar", "found unexpected document indicator", Caret::AtContext,
        "unclosed-quote", "this quote is not closed before the `---` or `...`",
        "close it on the same line"},
    Row{"while parsing a quoted scalar", "", Caret::AtProblem, "escape",
        "this is no escape of a text in double quotes",
        "write \\\\ for a backslash, or use single quotes: nothing is escaped there"},
    Row{"while scanning a simple key", "could not find expected ':'", Caret::AtContext, "no-colon",
        "there is no `: ` here", "write `key: value`, with a space behind the colon"},
    Row{"while scanning a block scalar", "did not find expected comment or line break",
        Caret::AtContext, "block-text",
        "a value that begins with `|` or `>` is a text of several "
        "lines that begins in the next line",
        kQuote},
    Row{"while scanning a block scalar", "found an indentation indicator equal to 0",
        Caret::AtProblem, "block-text", "the indentation of a block must be 1 to 9",
        "leave the number out"},
    Row{"", "found a tab character where an indentation space is expected", Caret::AtProblem, "tab",
        "a tab cannot indent", "indent with spaces"},
    Row{"", "found a tab character that violates indentation", Caret::AtProblem, "tab",
        "a tab cannot indent", "indent with spaces"},
    Row{"while scanning an anchor", "", Caret::AtContext, "anchor",
        "a value that begins with `&` is an anchor of YAML", kQuote},
    Row{"while scanning an alias", "", Caret::AtContext, "alias",
        "a value that begins with `*` is an alias of YAML", kQuote},
    Row{"while scanning a tag", "", Caret::AtContext, "tag",
        "a value that begins with `!` is a tag of YAML", kQuote},
    Row{"while parsing a tag", "", Caret::AtContext, "tag",
        "a value that begins with `!` is a tag of YAML", kQuote},
    Row{"", "found undefined tag handle", Caret::AtContext, "tag",
        "a value that begins with `!` is a tag of YAML", kQuote},
    Row{"while scanning a directive", "", Caret::AtContext, "directive",
        "a line that begins with `%` is a directive of YAML",
        "Sluice reads one plain document: remove the line"},
    Row{"while scanning a plain scalar", "found unexpected ':'", Caret::AtProblem, "colon",
        "a `:` cannot stand here between brackets", kQuote},
    Row{"", "block sequence entries are not allowed in this context", Caret::AtProblem, "list",
        "a `- ` of a list cannot stand here",
        "begin the list in the next line, or write [a, b]; quote a text that begins with `- `"},
    Row{"", "mapping keys are not allowed in this context", Caret::AtProblem, "key",
        "a `? ` cannot stand here", kQuote},
    Row{"", "mapping values are not allowed in this context", Caret::AtProblem, "colon",
        "a `: ` inside of a value would begin a mapping", kQuote},
    Row{"while parsing a flow sequence", "did not find expected ',' or ']'", Caret::AtContext,
        "unclosed-list", "this list is not closed, or a comma is missing in it",
        "write [a, b]; quote what has brackets, braces or commas of its own"},
    Row{"while parsing a flow mapping", "did not find expected ',' or '}'", Caret::AtContext,
        "unclosed-brace", "this brace is not closed, or a comma is missing in it",
        "write {a: 1, b: 2}; quote what has brackets, braces or commas of its own"},
    Row{"while parsing a block collection", "did not find expected '-' indicator", Caret::AtProblem,
        "indentation", "this line is not an item of the list above it",
        "begin it with `- `, or indent it as what it belongs to"},
    Row{"while parsing a block mapping", "did not find expected key", Caret::AtProblem,
        "indentation", "this does not belong to the mapping above it",
        "indent a key as much as its neighbours; one `key: value` in a line"},
    Row{"", "did not find expected node content", Caret::AtProblem, "value",
        "a value is missing here", "write it, or \"\" for an empty text"},
    Row{"", "did not find expected <document start>", Caret::AtProblem, "indentation",
        "this does not belong to what stands above it",
        "write `key: value`, indented as much as its neighbours"},
};

/// A value that begins with one of these is not text to YAML, wherever the scanner stumbled.
struct Indicator {
    char first;
    const char* code;
    const char* message;
};
constexpr std::array kIndicators{
    Indicator{'!', "tag", "a value that begins with `!` is a tag of YAML"},
    Indicator{'&', "anchor", "a value that begins with `&` is an anchor of YAML"},
    Indicator{'*', "alias", "a value that begins with `*` is an alias of YAML"},
    Indicator{'%', "indicator", "a value cannot begin with `%`"},
    Indicator{'@', "indicator", "a value cannot begin with `@`"},
    Indicator{'`', "indicator", "a value cannot begin with a back-tick"},
    Indicator{',', "indicator", "a value cannot begin with a comma"},
    Indicator{'{', "brace", "a value that begins with `{` is a mapping"},
    Indicator{'[', "bracket", "a value that begins with `[` is a list"},
    Indicator{'"', "after-quote", "something follows the closing quote"},
    Indicator{'\'', "after-quote", "something follows the closing quote"},
};

Problem make(const Mark& mark, const char* code, std::string message, std::string hint) {
    return {code, std::move(message), std::move(hint), {mark, mark}};
}

/// The indicators that YAML allows as the beginning of a value, so that they count only where the
/// value should have ended.
bool mayBegin(char first) {
    return first == '{' || first == '[' || first == '"' || first == '\'';
}

const Indicator* indicatorOf(std::string_view value) {
    const auto found = std::find_if(kIndicators.begin(), kIndicators.end(),
                                    [&](const Indicator& i) { return value.starts_with(i.first); });
    return found == kIndicators.end() ? nullptr : found;
}

bool hasColon(const Source& source, std::uint32_t line) {
    return valueOnLine(source, line).hasKey;
}

/// The next line above that is neither empty nor a comment, or 0.
std::uint32_t lineAbove(const Source& source, std::uint32_t line) {
    while (--line > 0) {
        const std::string_view text = source.line(line);
        const std::size_t first = text.find_first_not_of(" \t");
        if (first != std::string_view::npos && text[first] != '#') return line;
    }
    return 0;
}

Mark textBegin(const Source& source, std::uint32_t line) {
    const std::size_t first = source.line(line).find_first_not_of(' ');
    return source.markAtOffset(source.lineBegin(line) +
                               (first == std::string_view::npos ? 0 : first));
}

/// libyaml gives up on a key after a bound of its own, and blames the missing colon.
bool explainLongKey(const Source& source, const ScannerError& error, Problem& problem) {
    const Mark begin = textBegin(source, error.problemMark.line);
    if (error.problemMark.column - begin.column <= kKeyMax) return false;
    const bool isFirstColon = error.problem == "mapping values are not allowed in this context" &&
                              error.problemMark.offset < valueOnLine(source, begin.line).offset;
    if (!isFirstColon && error.problem != "could not find expected ':'") return false;
    problem = make(begin, "long-key", "a key has more than 1,024 characters",
                   "is a quote or a line break missing?");
    return true;
}

/// The file ends within brackets: what is missing is no value.
bool explainEnd(const Source& source, const ScannerError& error, Problem& problem) {
    if (error.problem != "did not find expected node content") return false;
    const std::string_view rest = source.text().substr(error.problemMark.offset);
    if (rest.find_first_not_of(" \t\r\n") != std::string_view::npos) return false;
    problem = make(error.problemMark, "unclosed-list",
                   "the file ends, but a bracket or a brace is still open", "close it");
    return true;
}

/// "mapping values are not allowed": three mistakes that libyaml cannot tell apart.
Problem strayColon(const Source& source, const Mark& colon) {
    const LineValue value = valueOnLine(source, colon.line);
    const Mark begin = textBegin(source, colon.line);
    if (colon.offset >= value.offset)
        return make(colon, "colon", "a `: ` inside of a value would begin a mapping",
                    quoteHint(source, colon));
    // The first colon of its line: the line continues the value above.
    const std::uint32_t above = lineAbove(source, colon.line);
    if (above != 0 && !hasColon(source, above))
        return make(textBegin(source, above), "no-colon", "there is no `: ` here",
                    "write `key: value`, with a space behind the colon");
    return make(begin, "indentation", "this key stands below a value, deeper than its key",
                "indent it like the key above, or let the key above have no value");
}

/// A value that should have been quoted, or nothing.
bool explainValue(const Source& source, const ScannerError& error, Problem& problem) {
    const LineValue value = valueOnLine(source, error.problemMark.line);
    const Indicator* const indicator = indicatorOf(value.text);
    if (!indicator || error.problemMark.offset < value.offset) return false;
    if (error.problem == "found unexpected end of stream") return false;
    // An open bracket or brace goes on: what is wrong is inside.
    if (mayBegin(indicator->first) && error.problem != "did not find expected key" &&
        error.problem != "did not find expected '-' indicator")
        return false;
    const Mark begin = source.markAtOffset(value.offset);
    problem = make(begin, indicator->code, indicator->message, quoteHint(source, begin));
    return true;
}

/// `[${X}]` and `{a: {b}/c}`: text with braces of its own between brackets.
bool explainBraces(const Source& source, const ScannerError& error, Problem& problem) {
    if (!error.problem.starts_with("did not find expected ','")) return false;
    const std::string_view text = source.text().substr(error.problemMark.offset);
    if (!text.starts_with('{')) return false;
    problem = make(error.problemMark, "brace", "a `{` inside of brackets begins a mapping",
                   "quote the whole text, as in [\"${NAME}\", \"orders/{region}\"]");
    return true;
}

bool explainTab(const Source& source, const ScannerError& error, Problem& problem) {
    if (error.problem != "found character that cannot start any token") return false;
    if (!source.text().substr(error.problemMark.offset).starts_with('\t')) return false;
    problem = make(error.problemMark, "tab", "a tab cannot indent", "indent with spaces");
    return true;
}

}  // namespace

std::string quoteHint(const Source& source, const Mark& mark) {
    const LineValue value = valueOnLine(source, mark.line);
    const std::string_view line = source.line(mark.line);
    const bool showsSecret = covered(source, mark.line) != line;
    if (value.text.empty() || mark.offset < value.offset || showsSecret)
        return "quote the text: \"...\" or '...'";
    return "quote it: " + quoted(value.text);
}

Problem explain(const Source& source, const ScannerError& error) {
    Problem problem;
    if (explainTab(source, error, problem) || explainLongKey(source, error, problem) ||
        explainEnd(source, error, problem) || explainBraces(source, error, problem) ||
        explainValue(source, error, problem))
        return problem;
    if (error.problem == "mapping values are not allowed in this context")
        return strayColon(source, error.problemMark);
    for (const Row& row : kRows) {
        if (!row.context.empty() && row.context != error.context) continue;
        if (!row.problem.empty() && row.problem != error.problem) continue;
        const Mark mark = row.caret == Caret::AtContext ? error.contextMark : error.problemMark;
        return make(mark, row.code, row.message,
                    row.hint == kQuote ? quoteHint(source, mark) : row.hint);
    }
    std::string message{error.problem};
    if (!error.context.empty()) message += " " + std::string{error.context};
    return make(error.problemMark, "yaml", std::move(message),
                "quote texts with characters that mean something to YAML");
}

}  // namespace sluice::yaml
