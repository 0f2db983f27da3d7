#include <algorithm>
#include <exception>
#include <iostream>

#include <Poco/Exception.h>

#include "base/Nearest.h"
#include "base/UrlSecrets.h"
#include "cli/Commands.h"
#include "cli/Version.h"

namespace sluice::cli {
namespace {

RunNode nodeRunnerOfMain = nullptr;

std::vector<Command> commands() {
    return {runCommand(),    demoCommand(),    checkCommand(), explainCommand(),
            recordCommand(), pluginsCommand(), evalCommand(),  explainIdCommand(),
            schemaCommand(), healthCommand(),  topCommand(),   tapCommand()};
}

int runCommand(const Command& command, const std::vector<std::string>& words) {
    const Arguments arguments = parseArguments(command, words);
    if (arguments.has("help")) {
        std::cout << helpOf(command);
        return kExitOk;
    }
    return command.run(arguments);
}

int dispatch(const std::vector<std::string>& words) {
    const std::vector<Command> all = commands();
    if (words.empty()) {
        std::cerr << helpOf(all);
        return kExitUsage;
    }
    if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
        std::cout << helpOf(all);
        return kExitOk;
    }
    if (words[0] == "--version") {
        std::cout << "sluice " << kVersion << '\n';
        return kExitOk;
    }
    for (const Command& command : all)
        if (command.name == words[0]) return runCommand(command, {words.begin() + 1, words.end()});
    std::vector<std::string> names;
    for (const Command& command : all) names.push_back(command.name);
    throw UsageError{"there is no command `" + words[0] + "`" + didYouMean(words[0], names) +
                     " (`sluice --help` lists them)"};
}

}  // namespace

RunNode nodeRunner() {
    return nodeRunnerOfMain;
}

int main(int argc, char** argv, RunNode runNode) {
    nodeRunnerOfMain = runNode;
    try {
        const int status = dispatch({argv + 1, argv + argc});
        if (std::cout.flush()) return status;
        std::cerr << "sluice: cannot write to the standard output\n";
        return status == kExitOk ? kExitFailed : status;
    } catch (const UsageError& error) {
        std::cerr << "sluice: " << withUrlsCovered(error.what()) << '\n';
        return kExitUsage;
    } catch (const Poco::Exception& error) {
        std::cerr << "sluice: " << withUrlsCovered(error.displayText()) << '\n';
    } catch (const std::exception& error) {
        std::cerr << "sluice: " << withUrlsCovered(error.what()) << '\n';
    }
    return kExitFailed;
}

}  // namespace sluice::cli
