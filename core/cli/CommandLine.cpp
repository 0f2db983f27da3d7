#include "cli/CommandLine.h"

#include <sstream>

#include <Poco/Exception.h>
#include <Poco/Util/HelpFormatter.h>
#include <Poco/Util/Option.h>
#include <Poco/Util/OptionProcessor.h>
#include <Poco/Util/OptionSet.h>

namespace sluice::cli {
namespace {

Poco::Util::OptionSet optionSet(const Command& command) {
    Poco::Util::OptionSet set;
    for (const OptionSpec& spec : command.options) {
        Poco::Util::Option option{spec.name, "", spec.help};
        option.repeatable(spec.repeatable);
        if (!spec.argument.empty()) option.argument(spec.argument, true);
        set.addOption(option);
    }
    set.addOption(Poco::Util::Option{"help", "", "Show this help"});
    return set;
}

/// Adds one word to the arguments; whatever Poco refuses becomes a UsageError that says more.
void take(Poco::Util::OptionProcessor& processor, const std::string& word, Arguments& arguments) {
    std::string name, value;
    if (processor.process(word, name, value)) {
        if (!name.empty()) arguments.options.emplace(name, value);
    } else {
        arguments.positional.push_back(word);
    }
}

/// The option that a word names, null where it names none; "--help" is the caller's.
const OptionSpec* optionOf(const Command& command, const std::string& word) {
    const std::string name = word.substr(0, word.find('='));
    for (const OptionSpec& spec : command.options)
        if (name == "--" + spec.name) return &spec;
    return nullptr;
}

}  // namespace

std::string Arguments::get(std::string_view option, std::string_view otherwise) const {
    const std::vector<std::string> values = all(option);
    return values.empty() ? std::string{otherwise} : values.back();
}

std::vector<std::string> Arguments::all(std::string_view option) const {
    std::vector<std::string> values;
    const auto [begin, end] = options.equal_range(option);
    for (auto entry = begin; entry != end; ++entry) values.push_back(entry->second);
    return values;
}

Arguments parseArguments(const Command& command, const std::vector<std::string>& words) {
    const Poco::Util::OptionSet set = optionSet(command);
    Poco::Util::OptionProcessor processor{set};
    processor.setUnixStyle(true);
    Arguments arguments;
    try {
        bool isValue = false;  // of the option before it
        for (const std::string& word : words) {
            const OptionSpec* const option = isValue ? nullptr : optionOf(command, word);
            const bool isOption = isValue || option || word == "--help" || word == "--";
            if (command.takesText && !isOption) {
                arguments.positional.push_back(word);
            } else {
                take(processor, word, arguments);
            }
            isValue = option && !option->argument.empty() && word.find('=') == std::string::npos;
        }
        processor.checkRequired();
    } catch (const Poco::Exception& error) {
        throw UsageError{error.displayText() + "; see `sluice " + command.name + " --help`"};
    }
    if (arguments.positional.size() > command.positionalMax && !arguments.has("help"))
        throw UsageError{"`" + arguments.positional[command.positionalMax] +
                         "` is one argument too many; see `sluice " + command.name + " --help`"};
    return arguments;
}

std::string helpOf(const Command& command) {
    std::ostringstream out;
    out << "Usage: sluice " << command.name << (command.synopsis.empty() ? "" : " ")
        << command.synopsis << "\n\n"
        << command.summary << ".\n";
    if (!command.text.empty()) out << '\n' << command.text;
    const Poco::Util::OptionSet set = optionSet(command);
    Poco::Util::HelpFormatter formatter{set};
    formatter.setUnixStyle(true);
    formatter.setWidth(92);
    out << "\nOptions:\n";
    std::ostringstream options;
    formatter.format(options);
    // The formatter begins with a usage line of its own; ours says more.
    const std::string text = options.str();
    const std::size_t first = text.find("--");
    if (first != std::string::npos) out << text.substr(first);
    return out.str();
}

std::string helpOf(const std::vector<Command>& commands) {
    std::ostringstream out;
    out << "Sluice carries messages from brokers to browsers, as Server-Sent Events.\n\n"
           "Usage: sluice COMMAND [ARGUMENT...]\n\nCommands:\n";
    for (const Command& command : commands) {
        out << "  " << command.name << std::string(14 - command.name.size(), ' ') << command.summary
            << '\n';
    }
    out << "\nTry it: `sluice demo`, then open the address that it prints.\n"
           "`sluice COMMAND --help` says more, `sluice --version` which one this is.\n";
    return out.str();
}

}  // namespace sluice::cli
