#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::cli {

/// Exit statuses: 1 is a run that failed, 2 wrong usage or a wrong configuration.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

/// Wrong usage: what is wrong and what to write instead; exit status 2.
class UsageError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// One `--name` of a command.
struct OptionSpec {
    std::string name;
    std::string argument;  // what --help calls the value; empty: a switch
    std::string help;
    bool repeatable = false;
};

/// A command as typed, after its options were understood.
struct Arguments {
    std::vector<std::string> positional;
    std::multimap<std::string, std::string, std::less<>> options;

    bool has(std::string_view option) const { return options.find(option) != options.end(); }
    /// The last value given, or `otherwise`.
    std::string get(std::string_view option, std::string_view otherwise = {}) const;
    std::vector<std::string> all(std::string_view option) const;
};

/// One command of the program, with what --help says about it.
struct Command {
    std::string name;
    std::string synopsis;  // behind the name: "[FILE.yaml]"
    std::string summary;   // one line
    std::string text;      // paragraphs and examples
    std::vector<OptionSpec> options;
    std::size_t positionalMax = 0;
    bool takesText = false;  // words that are none of its options are arguments, dashes or not
    int (*run)(const Arguments& arguments) = nullptr;
};

/// Understands what stands behind the command's name. Throws UsageError.
Arguments parseArguments(const Command& command, const std::vector<std::string>& words);

/// What `sluice COMMAND --help` prints.
std::string helpOf(const Command& command);
/// What `sluice --help` prints.
std::string helpOf(const std::vector<Command>& commands);

}  // namespace sluice::cli
