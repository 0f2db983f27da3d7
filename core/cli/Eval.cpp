#include <fstream>
#include <iostream>
#include <sstream>

#include <unistd.h>

#include "base/JsonText.h"
#include "cli/Commands.h"
#include "cli/EvalSession.h"
#include "expression/Json.h"

namespace sluice::cli {
namespace {

enum class Format { Json, Cel };

Format formatOf(const Arguments& arguments) {
    const std::string name = arguments.get("format", "json");
    if (name == "json") return Format::Json;
    if (name == "cel") return Format::Cel;
    throw UsageError{"there is no format `" + name + "`: write --format json or --format cel"};
}

std::string contentOf(const std::string& file) {
    std::ostringstream text;
    if (file == "-") {
        text << std::cin.rdbuf();
        return text.str();
    }
    std::ifstream in{file, std::ios::binary};
    if (!in || !(text << in.rdbuf()))
        throw UsageError{"--payload: the file `" + file + "` can not be read, or is empty"};
    return text.str();
}

std::string payloadOf(const std::string& given) {
    const std::string text = given.starts_with('@') ? contentOf(given.substr(1)) : given;
    if (!isJson(text))
        throw UsageError{
            "--payload: this is no JSON; write '{\"a\": 1}', or @FILE for what a file "
            "holds"};
    return text;
}

/// Prints the value of an expression, or what is wrong with it. False: there is none.
bool print(EvalSession& session, const std::string& text, Format format) {
    std::string report, out;
    const std::optional<cel::Value> value = session.evaluate("expression", text, report);
    std::cerr << report;
    if (!value) return false;
    const bool fits =
        format == Format::Cel ? cel::appendCel(out, *value) : cel::appendJson(out, *value);
    if (fits) {
        std::cout << out << std::endl;
    } else {
        std::cerr << "sluice: the value is longer than " << cel::kValueTextBytesMax << " bytes\n";
    }
    return fits;
}

/// `NAME=EXPR`: false where EXPR has no value.
bool define(EvalSession& session, const std::string& given) {
    const std::size_t sign = given.find('=');
    const std::string name = given.substr(0, sign);
    if (sign == std::string::npos || !EvalSession::isName(name))
        throw UsageError{"--var " + given + ": write NAME=EXPR, such as --var topic='\"orders\"'"};
    std::string report;
    const bool isDefined =
        session.evaluate("--var " + name, given.substr(sign + 1), report).has_value();
    std::cerr << report;
    if (isDefined) session.keep(name);
    return isDefined;
}

/// Evaluates each line of the standard input.
int prompt(EvalSession& session, Format format) {
    const bool isTerminal = isatty(STDIN_FILENO) != 0;
    if (isTerminal)
        std::cout << "An expression per line, such as [1, 2].map(x, x * 2). Ctrl-D ends.\n";
    bool isGood = true;
    std::string line;
    while ((isTerminal && std::cout << "> " << std::flush), std::getline(std::cin, line))
        if (line.find_first_not_of(" \t\r") != std::string::npos)
            isGood = print(session, line, format) && isGood;
    if (isTerminal) std::cout << '\n';
    return isGood || isTerminal ? kExitOk : kExitFailed;
}

int eval(const Arguments& arguments) {
    const Format format = formatOf(arguments);
    EvalSession session;
    if (arguments.has("payload")) session.setPayload(payloadOf(arguments.get("payload")));
    for (const std::string& variable : arguments.all("var"))
        if (!define(session, variable)) return kExitFailed;
    if (arguments.positional.empty()) return prompt(session, format);
    return print(session, arguments.positional.front(), format) ? kExitOk : kExitFailed;
}

}  // namespace

Command evalCommand() {
    Command command;
    command.name = "eval";
    command.synopsis = "[EXPR] [--payload JSON|@FILE] [--var NAME=EXPR]... [--format json|cel]";
    command.summary = "Try out an expression of a mapping: print its value, or what is wrong";
    command.text =
        "Without EXPR each line of the standard input is one: a prompt to try things in.\n"
        "Exit status 0: there is a value; 1: there is none, and why was told.\n\n"
        "  sluice eval '1 + 2 * 3'\n"
        "  sluice eval 'payload.items.filter(i, i.price > 10).size()' --payload @order.json\n"
        "  sluice eval 'topic.split(\"/\")[1]' --var topic='\"sensors/kitchen\"'\n"
        "  sluice eval 'default(payload.discount, 0)' --payload '{\"amount\": 129.90}'\n"
        "  sluice eval 'timestamp(\"2026-01-31T12:00:00Z\").getHours(\"Europe/Berlin\")'\n"
        "  sluice eval --format cel 'b\"\\x00\" + bytes(\"a\")'      # b'\\x00a'\n\n"
        "Operators: + - * / %  == != < <= > >=  && || !  in  c ? a : b  list[0]  map.key\n"
        "Functions: size contains startsWith endsWith matches charAt substring indexOf "
        "lastIndexOf\n"
        "  lowerAscii upperAscii trim replace split join base64 default has all exists exists_one\n"
        "  filter map int uint double string bytes bool timestamp duration type dyn, and of times\n"
        "  getFullYear getMonth getDate getDayOfMonth getDayOfWeek getDayOfYear getHours "
        "getMinutes\n"
        "  getSeconds getMilliseconds\n";
    command.options = {
        {"payload", "JSON|@FILE", "The variable `payload`; @- reads the standard input", false},
        {"var", "NAME=EXPR", "A variable and its value; later ones may use it", true},
        {"format", "json|cel",
         "How to print: JSON (default), or CEL, which tells 1u from 1 and bytes from text", false}};
    command.positionalMax = 1;
    command.takesText = true;
    command.run = eval;
    return command;
}

}  // namespace sluice::cli
