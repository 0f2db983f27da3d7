#include "cli/Configuration.h"

#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

#include "input/InputHost.h"
#include "input/PluginRun.h"

namespace sluice::cli {
namespace {

const char* const kDefaultFile = "sluice.yaml";

bool isUri(const std::string& word) {
    return word.find("://") != std::string::npos;
}

std::string textOf(const std::string& file) {
    std::ifstream in{file, std::ios::binary};
    if (!in)
        throw UsageError{"cannot read `" + file +
                         "`; name a file, or a source such as kafka://localhost:9092/orders"};
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

/// Lines of a message that lists places, as one.
std::string onOneLine(std::string text) {
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at)) {
        const std::size_t end = text.find_first_not_of(" \n", at);
        text.replace(at, end == std::string::npos ? end : end - at, ", ");
    }
    return text;
}

/// What can only be said with the plugins at hand: that they are there, that they can use their
/// settings, that rules fit their topics.
class Completion {
  public:
    Completion(Configuration& configuration, const LoadResult* file)
        : configuration_{configuration}, file_{file} {}

    /// Rules are compiled only where the file was read without errors: what is missing in them
    /// was told already.
    bool run() {
        failed_ = file_ && file_->hasErrors();
        for (const InputOptions& input : configuration_.settings.inputs) checkInput(input);
        if (!failed_) compileMappings();
        if (!failed_) warnOfMixedChannels();
        return !failed_;
    }

  private:
    void checkInput(const InputOptions& input) {
        try {
            const Plugin& plugin = configuration_.plugins->load(input.plugin);
            for (const SettingError& error : checkSettings(plugin, input))
                tell(error.mark, error.code, "input " + input.name + ": " + error.text, error.hint);
        } catch (const PluginError& error) {
            tell(input.mark, "plugin", onOneLine(error.what()), "");
        }
    }

    void compileMappings() {
        std::vector<MappingError> errors;
        const auto inputs = mappingInputs(configuration_.settings.inputs, *configuration_.plugins);
        configuration_.mappings =
            MappingTable::compile(configuration_.settings.mappings, inputs, errors);
        for (const MappingError& error : errors)
            tell(error.mark, error.code, error.field + ": " + error.message, error.hint);
    }

    /// Published events have no positions: channels that they share with a source that has resume
    /// approximately on other nodes.
    void warnOfMixedChannels() const {
        const PublishOptions& publish = configuration_.settings.http.publish;
        if (publish.key.empty()) return;
        std::vector<std::string> channels = publish.channels;
        if (channels.empty()) channels.emplace_back("{any**}");
        for (const std::string& channel : channels)
            for (const InputOptions& input : configuration_.settings.inputs)
                if (mixes(channel, input))
                    std::cerr << "sluice: warning: input " << input.name
                              << " feeds channels that may also be published to (" << channel
                              << "): on other nodes these resume approximately; narrow "
                                 "publish.channels\n";
    }

    bool mixes(const std::string& channel, const InputOptions& input) const {
        const std::optional<Pattern> pattern = Pattern::parse(channel, '/', nullptr);
        return pattern && configuration_.plugins->load(input.plugin).replayable &&
               configuration_.mappings->mayFeed(input.name, *pattern);
    }

    void tell(const SourceMark& mark, const std::string& code, const std::string& message,
              const std::string& hint) {
        failed_ = true;
        if (file_) {
            std::cerr << file_->render(mark, code, message, hint) << '\n';
            return;
        }
        std::cerr << "sluice: " << message << (hint.empty() ? "" : "; ") << hint << '\n';
    }

    Configuration& configuration_;
    const LoadResult* file_;
    bool failed_ = false;
};

bool override(const Arguments& arguments, HttpOptions& http) {
    if (arguments.has("listen")) http.listen = arguments.get("listen");
    if (arguments.has("admin")) http.admin.listen = arguments.get("admin");
    const std::string error = exposureError(http);
    if (!error.empty()) std::cerr << "sluice: " << error << '\n';
    return error.empty();
}

std::optional<Configuration> complete(const Arguments& arguments, std::string source,
                                      Settings settings, const LoadResult* file) {
    Configuration configuration;
    configuration.source = std::move(source);
    configuration.settings = std::move(settings);
    configuration.plugins =
        std::make_unique<PluginLibrary>(PluginLibrary::defaultFolders(pluginsFolder(arguments)));
    const bool addressesFit = override(arguments, configuration.settings.http);
    if (!Completion{configuration, file}.run() || !addressesFit) return {};
    return configuration;
}

}  // namespace

OptionSpec pluginsOption() {
    return {"plugins", "FOLDER", "Where plugins are looked for first", false};
}

std::optional<std::filesystem::path> pluginsFolder(const Arguments& arguments) {
    if (!arguments.has("plugins")) return std::nullopt;
    return arguments.get("plugins");
}

std::vector<OptionSpec> configurationOptions() {
    return {{"listen", "HOST:PORT", "Public address, instead of the file's; port 0 picks one"},
            {"admin", "HOST:PORT", "Admin address, instead of the file's"},
            pluginsOption()};
}

std::optional<Configuration> configurationFrom(const Arguments& arguments,
                                               const std::string& source, std::string text) {
    const LoadResult file = load(source, std::move(text), processEnvironment());
    if (!file.problems.empty()) std::cerr << file.report() << '\n';
    return complete(arguments, source, file.settings, &file);
}

std::optional<Configuration> configurationFrom(const Arguments& arguments) {
    const std::vector<std::string>& words = arguments.positional;
    if (words.empty() || !isUri(words.front())) {
        const std::string file = words.empty() ? kDefaultFile : words.front();
        if (words.size() > 1)
            throw UsageError{"`" + words[1] + "`: one file, or any number of sources"};
        return configurationFrom(arguments, file, textOf(file));
    }
    try {
        return complete(arguments, words.front(), fromUris(words), nullptr);
    } catch (const std::invalid_argument& error) {
        throw UsageError{error.what()};
    }
}

}  // namespace sluice::cli
