#include <iostream>
#include <utility>

#include "cli/AdminClient.h"
#include "cli/Commands.h"

namespace sluice::cli {
namespace {

constexpr std::chrono::milliseconds kTurn{250};

enum class Shown { Both, Raw, Mapped };

std::string placeOf(const Json& message) {
    std::string text{message.textAt("input")};
    text += ':' + std::string{message.textAt("topic")};
    const Json* const partition = message.find("partition");
    if (partition) text += ", partition " + partition->text();
    const std::string_view offset = message.textAt("offset");
    if (!offset.empty()) text += ", offset " + std::string{offset};
    const std::string_view key = message.textAt("key");
    if (!key.empty()) text += ", key " + std::string{key};
    return text;
}

std::string payloadOf(const Json& message) {
    if (message.find("payload")) return std::string{message.textAt("payload")};
    if (message.find("payloadBase64"))
        return "base64: " + std::string{message.textAt("payloadBase64")};
    return "(tombstone)";
}

/// The events of a message on the channel (any, where that is empty), as JSON each.
std::vector<Json> eventsOf(const Json& one, const std::string& channel) {
    std::vector<Json> events;
    for (const Json& mapping : one.find("explained")->find("mappings")->items()) {
        const Json* const event = mapping.find("event");
        if (!event || (!channel.empty() && event->textAt("channel") != channel)) continue;
        Json json = Json::object();
        for (const char* const name : {"channel", "event", "key", "data"})
            json.set(name, event->textAt(name));
        events.push_back(std::move(json));
    }
    return events;
}

void show(const Json& one, const std::string& channel, Shown shown) {
    const Json& message = *one.find("message");
    if (shown == Shown::Raw) {
        std::cout << message.compact() << '\n';
        return;
    }
    if (shown == Shown::Both) std::cout << placeOf(message) << "\n  " << payloadOf(message) << '\n';
    for (const Json& event : eventsOf(one, channel)) {
        if (shown == Shown::Mapped) {
            std::cout << event.compact() << '\n';
            continue;
        }
        const std::string_view type = event.textAt("event");
        std::cout << "  -> " << event.textAt("channel") << ' ' << (type.empty() ? "message" : type)
                  << ": " << event.textAt("data") << '\n';
    }
}

int tap(const Arguments& arguments) {
    if (arguments.has("raw") && arguments.has("mapped"))
        throw UsageError{"--raw and --mapped: one of them, or neither for both"};
    if (arguments.positional.empty() && !arguments.has("input"))
        throw UsageError{
            "which channel? `sluice tap orders/eu`, or --input NAME for all of an input"};
    const Shown shown = arguments.has("raw")      ? Shown::Raw
                        : arguments.has("mapped") ? Shown::Mapped
                                                  : Shown::Both;
    const std::string channel = arguments.positional.empty() ? "" : arguments.positional.front();
    const std::string followed = channel.empty() ? arguments.get("input") : channel;
    const std::string path =
        "/tap?channel=" + queryText(channel) + "&input=" + queryText(arguments.get("input"));
    return runAsking(arguments, [&](const AdminClient& node, const Signals& signals) {
        std::string after = "0";
        bool isFirst = true;
        do {
            const Json answer = node.json(path + "&after=" + after);
            // Somebody else may look at the same: what came before our first question is theirs.
            if (!std::exchange(isFirst, false))
                for (const Json& one : answer.find("messages")->items()) show(one, channel, shown);
            else
                std::cerr << "following " << followed << " of " << node.url() << "; Ctrl-C ends\n";
            std::cout << std::flush;
            const std::string passedOver = answer.find("passedOver")->text();
            if (after != "0" && passedOver != "0")
                std::cerr << passedOver << " messages came too fast or were too large to show\n";
            after = answer.find("next")->text();
        } while (std::cout && signals.wait(kTurn) == 0);
        return kExitOk;
    });
}

}  // namespace

Command tapCommand() {
    Command command;
    command.name = "tap";
    command.synopsis = "CHANNEL [--raw|--mapped] [--admin URL] [--key KEY]";
    command.summary = "Follow a channel of a running Sluice, before and after its mappings";
    command.text =
        "Shows each message that gives an event on CHANNEL as it came, and the events. Asks the\n"
        "admin address; of what comes faster than it can be shown some are left out, and "
        "counted.\n\n"
        "Examples:\n"
        "  sluice tap orders/eu\n"
        "  sluice tap orders/eu --mapped | jq .data\n"
        "  sluice tap --input shop --raw          # also what no mapping takes\n";
    command.options = {{"raw", "", "Only the messages, a JSON object a line", false},
                       {"mapped", "", "Only the events, a JSON object a line", false},
                       {"input", "NAME", "Of this input only; without CHANNEL all of it", false}};
    for (OptionSpec& option : AdminClient::options()) command.options.push_back(std::move(option));
    command.positionalMax = 1;
    command.run = tap;
    return command;
}

}  // namespace sluice::cli
