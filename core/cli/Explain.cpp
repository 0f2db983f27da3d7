#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>

#include "base/Nearest.h"
#include "cli/Commands.h"
#include "cli/Configuration.h"
#include "mapping/ExplainReport.h"
#include "mapping/References.h"
#include "settings/Units.h"

namespace sluice::cli {
namespace {

std::string listOf(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
    return list;
}

std::string payloadOf(const std::string& given) {
    if (given != "-" && !given.starts_with('@')) return given;
    if (given == "-" || given == "@-")
        return {std::istreambuf_iterator<char>{std::cin}, std::istreambuf_iterator<char>{}};
    const std::string file = given.substr(1);
    std::ifstream in{file, std::ios::binary};
    if (!in) throw UsageError{"--payload: cannot read the file `" + file + "`"};
    return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

/// Makes a message of what the command line says of it.
class MessageArguments {
  public:
    MessageArguments(const Arguments& arguments, const std::vector<InputOptions>& inputs)
        : arguments_{arguments}, inputs_{inputs} {}

    /// Throws UsageError.
    WrittenMessage read() {
        message_.input = input();
        if (!arguments_.has("topic"))
            throw UsageError{"--topic is missing: write the topic that the message came with"};
        message_.topic = arguments_.get("topic");
        if (arguments_.has("key")) message_.key = arguments_.get("key");
        readPayload();
        if (arguments_.has("time")) readTime();
        for (const std::string& header : arguments_.all("header")) {
            const std::size_t sign = header.find('=');
            std::optional<std::string> value;
            if (sign != std::string::npos) value = header.substr(sign + 1);
            message_.headers.emplace_back(header.substr(0, sign), std::move(value));
        }
        for (const std::string& variable : arguments_.all("var")) readVariable(variable);
        return std::move(message_);
    }

  private:
    std::string input() const {
        std::vector<std::string> names;
        for (const InputOptions& one : inputs_) names.push_back(one.name);
        if (!arguments_.has("input")) {
            if (names.size() == 1) return names.front();
            throw UsageError{"--input is missing: write one of " + listOf(names) + ", or http"};
        }
        const std::string name = arguments_.get("input");
        names.emplace_back("http");
        if (std::find(names.begin(), names.end(), name) == names.end())
            throw UsageError{"there is no input `" + name + "`" + didYouMean(name, names)};
        return name;
    }

    void readPayload() {
        if (arguments_.has("payload") == arguments_.has("tombstone"))
            throw UsageError{
                "write either --payload TEXT, @FILE or - for the standard input, or "
                "--tombstone for a message without one"};
        if (arguments_.has("payload")) message_.payload = payloadOf(arguments_.get("payload"));
    }

    void readTime() {
        const std::string time = arguments_.get("time");
        message_.timeMs = parseMessageTime(time);
        if (!message_.timeMs)
            throw UsageError{"--time " + time +
                             ": write it like 2026-01-31T12:00:00Z, or as milliseconds since 1970"};
    }

    void readVariable(const std::string& given) {
        const std::size_t sign = given.find('=');
        if (sign == std::string::npos)
            throw UsageError{"--var " + given + ": write NAME=VALUE, such as partition=3"};
        const std::string name = given.substr(0, sign), value = given.substr(sign + 1);
        if (name == "partition") return readPartition(value);
        if (name == "offset") {
            message_.offset = parseMessageOffset(value);
            if (!message_.offset)
                throw UsageError{"--var " + given + ": write a number, or 1700000000000-0"};
            return;
        }
        checkName(name);
        message_.variables.emplace_back(name, value);
    }

    void readPartition(const std::string& value) {
        UnitError error;
        const auto number = parseInteger(value, error);
        if (!number || *number > 0xffff'ffff)
            throw UsageError{"--var partition=" + value + ": write a number"};
        message_.partition = static_cast<std::uint32_t>(*number);
    }

    void checkName(const std::string& name) const {
        std::string plugin = "http";
        for (const InputOptions& one : inputs_)
            if (one.name == message_.input) plugin = one.plugin;
        std::optional<std::vector<std::string>> names = variablesOfPlugin(plugin);
        if (!names) return;
        names->insert(names->end(), {"partition", "offset"});
        if (std::find(names->begin(), names->end(), name) == names->end())
            throw UsageError{"--var: messages of " + message_.input + " have no variable `" + name +
                             "`" + didYouMean(name, *names) + " (they have " + listOf(*names) +
                             "; captures come of the topic)"};
    }

    const Arguments& arguments_;
    const std::vector<InputOptions>& inputs_;
    WrittenMessage message_;
};

int explain(const Arguments& arguments) {
    const std::optional<Configuration> configuration = configurationFrom(arguments);
    if (!configuration) return kExitUsage;
    WrittenMessage message = MessageArguments{arguments, configuration->settings.inputs}.read();
    const ExplainReport report = explained(configuration->mappings, std::move(message));
    std::cout << (arguments.has("json") ? report.json().pretty() + "\n" : report.text());
    return kExitOk;
}

}  // namespace

Command explainCommand() {
    Command command;
    command.name = "explain";
    command.synopsis = "[FILE.yaml] [--input NAME] --topic TOPIC --payload TEXT|@FILE|-";
    command.summary = "Say what the mappings make of a message, and why";
    command.text =
        "Maps one message as a node would, touching no broker, and tells of each mapping that\n"
        "takes its topic: what its captures are, which part of `when` decided and with which\n"
        "values, why it failed or what it left out, and the event byte for byte as subscribers\n"
        "would get it. Where no mapping takes the topic: the nearest one.\n\n"
        "Examples:\n"
        "  sluice explain sluice.yaml --input shop --topic orders.eu --payload @order.json\n"
        "  sluice explain --topic sensors/7/temp --payload 21.5 --var qos=1 --var retained=true\n"
        "  sluice record sluice.yaml --count 1 | jq -r 'select(.payload) | .payload' |\n"
        "      sluice explain sluice.yaml --input shop --topic orders.eu --payload -\n\n"
        "`sluice check` runs such messages as tests, `sluice eval` tries one expression.\n";
    command.options = {
        {"input", "NAME", "The input it comes from; may be left out where there is only one",
         false},
        {"topic", "TOPIC", "Its topic", false},
        {"payload", "TEXT|@FILE|-", "Its payload: a text, that of a file, or standard input",
         false},
        {"tombstone", "", "It has no payload", false},
        {"key", "KEY", "Its key", false},
        {"header", "NAME=VALUE", "A header", true},
        {"var", "NAME=VALUE", "partition, offset, or what its input has: qos, retained, ...", true},
        {"time", "TIME", "Its time: RFC 3339, or milliseconds since 1970", false},
        {"json", "", "Print JSON", false},
        pluginsOption()};
    command.positionalMax = kSourcesMax;
    command.run = explain;
    return command;
}

}  // namespace sluice::cli
