#include "cli/Configuration.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <utility>

#include "input/InputClashes.h"
#include "input/InputHost.h"
#include "input/PluginRun.h"

namespace sluice::cli {
namespace {

const char* const kDefaultFile = "sluice.yaml";

bool isUri(const std::string& word) {
    return word.find("://") != std::string::npos;
}

bool lacksFile(const TlsOptions& options) {
    const auto lacks = [](const std::string& file) {
        std::error_code ignored;  // what cannot be looked at cannot be read either
        return !file.empty() && !std::filesystem::exists(file, ignored);
    };
    return lacks(options.certificate) || lacks(options.key) || lacks(options.clientAuthorities);
}

/// Lines of a message that lists places, indented and behind a colon, as one.
std::string onOneLine(const std::string& text) {
    std::string line;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = std::min(text.find_first_not_of(" \n", at), text.size());
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const bool isPlace = begin > at;
        if (!line.empty()) line += line.ends_with(':') ? " " : isPlace ? ", " : "; ";
        line.append(text, begin, end - begin);
        at = end + 1;
    }
    return line;
}

/// What can only be said with the plugins at hand: that they are there, that they can use their
/// settings, that rules fit their topics.
class Completion {
  public:
    /// Borrows all three; `file` may be null.
    Completion(CheckedSettings& checked, PluginLibrary& plugins, const LoadResult* file)
        : checked_{checked},
          plugins_{plugins},
          file_{file},
          ofFile_{static_cast<std::ptrdiff_t>(checked.findings.all().size())} {}

    /// Rules are compiled only where nothing is wrong so far: what is missing in them was told
    /// already.
    void run() {
        for (const InputOptions& input : checked_.settings.inputs) checkInput(input);
        checkClashes();
        const HttpOptions& http = checked_.settings.http;
        for (const TlsOptions* tls : {&http.tls, &http.admin.tls}) checkCertificate(*tls);
        if (checked_.findings.hasErrors()) return;
        std::shared_ptr<const MappingTable> mappings = compiledMappings();
        if (checked_.findings.hasErrors()) return;
        checked_.mappings = std::move(mappings);
        warnOfMixedChannels();
        warnOfWhatComesBackEmpty();
    }

  private:
    void checkInput(const InputOptions& input) {
        try {
            const Plugin& plugin = plugins_.load(input.plugin);
            for (const SettingError& error : checkSettings(plugin, input))
                tellOfSetting(input, error);
        } catch (const PluginError& error) {
            tell(input.mark, "plugin", onOneLine(error.what()), "");
        }
    }

    /// Where the file itself is wrong already, a plugin knows nothing better.
    void tellOfSetting(const InputOptions& input, const SettingError& error) {
        const auto& all = checked_.findings.all();
        const bool isKnown =
            std::any_of(all.begin(), all.begin() + ofFile_, [&](const Finding& finding) {
                return error.mark.line != 0 && finding.place.line == error.mark.line &&
                       finding.place.column == error.mark.column;
            });
        if (isKnown) return;
        const bool namesIt = error.pointer.empty() || error.code == "unknown-key";
        const std::string name = namesIt ? "" : "'" + error.pointer.substr(1) + "' ";
        tell(error.mark, error.code, "input " + input.name + ": " + name + error.text, error.hint);
    }

    void checkClashes() {
        for (const InputClash& clash : clashesAmong(checked_.settings.inputs))
            if (!isWrongAt(clash.mark) && !isWrongAt(clash.earlier))
                tell(clash.mark, "clash", clash.message, clash.hint);
    }

    /// Whether the file has an error in this line: what stands there may lack a variable, say.
    bool isWrongAt(const SourceMark& mark) const {
        const auto& all = checked_.findings.all();
        return std::any_of(all.begin(), all.begin() + ofFile_, [&](const Finding& finding) {
            return !finding.isWarning && mark.line != 0 && finding.place.line == mark.line;
        });
    }

    void checkCertificate(const TlsOptions& options) {
        if (!options.isOn()) return;
        try {
            const TlsServer server{options};
        } catch (const TlsError& error) {
            // A file may be checked on another machine than that which has the certificates.
            checked_.findings.add(
                {checked_.settings.tlsMark, "certificate", error.what(), "", lacksFile(options)},
                file_);
        }
    }

    std::shared_ptr<const MappingTable> compiledMappings() {
        std::vector<MappingError> errors;
        const auto inputs = mappingInputs(checked_.settings.inputs, plugins_);
        auto table = MappingTable::compile(checked_.settings.mappings, inputs, errors);
        // Warnings were told when the file was read.
        for (const MappingError& error : errors)
            if (!error.isWarning)
                tell(error.mark, error.code, error.field + ": " + error.message, error.hint);
        return table;
    }

    /// Published events have no positions: channels that they share with a source that has resume
    /// approximately on other nodes.
    void warnOfMixedChannels() {
        const PublishOptions& publish = checked_.settings.http.publish;
        for (const std::string& channel : publish.reached())
            for (const InputOptions& input : checked_.settings.inputs)
                if (mixes(channel, input))
                    checked_.findings.add(
                        {input.mark, "mixed-channels",
                         "input " + input.name + " feeds channels that may also be published to (" +
                             channel + "): on other nodes these resume approximately",
                         "narrow publish.channels", true},
                        file_);
    }

    /// A node with a journal goes on where it stood and reads nothing again: what of its sources
    /// the journal does not keep is not there after a restart, though it was without a journal.
    void warnOfWhatComesBackEmpty() {
        const JournalOptions& journal = checked_.settings.journal;
        if (journal.folder.empty()) return;
        for (const InputOptions& input : checked_.settings.inputs) {
            if (!plugins_.load(input.plugin).replayable) continue;
            const std::vector<Pattern> channels = checked_.mappings->channelsOf(input.name);
            const auto left =
                std::find_if_not(channels.begin(), channels.end(),
                                 [&](const Pattern& pattern) { return journal.keepsAll(pattern); });
            if (left == channels.end()) continue;
            checked_.findings.add(
                {input.mark, "journal-leaves-out",
                 "input " + input.name +
                     " feeds channels that the journal does "
                     "not keep (" +
                     left->text() +
                     "): after a restart it goes on where it stood, so these "
                     "come back empty",
                 "keep them as well, with history: {journal: " + journal.folder.string() + "}",
                 true},
                file_);
        }
    }

    bool mixes(const std::string& channel, const InputOptions& input) const {
        const std::optional<Pattern> pattern = Pattern::parse(channel, '/', nullptr);
        return pattern && plugins_.load(input.plugin).replayable &&
               checked_.mappings->mayFeed(input.name, *pattern);
    }

    void tell(const SourceMark& mark, const std::string& code, const std::string& message,
              const std::string& hint) {
        checked_.findings.add({mark, code, message, hint, false}, file_);
    }

    CheckedSettings& checked_;
    PluginLibrary& plugins_;
    const LoadResult* file_;
    const std::ptrdiff_t ofFile_;  // findings that were there before
};

void override(const Arguments& arguments, CheckedSettings& checked) {
    HttpOptions& http = checked.settings.http;
    if (arguments.has("listen")) http.listen = {arguments.get("listen")};
    if (arguments.has("admin")) http.admin.listen = arguments.get("admin");
    if (const std::string error = certificateError(http); !error.empty())
        checked.findings.add({{}, "certificate", error, "add tls.certificate to the file", false},
                             nullptr);
    // Of the file's own addresses this was said already.
    if (!arguments.has("admin")) return;
    const std::string error = exposureError(http);
    if (!error.empty())
        checked.findings.add({{}, "admin-key", error, "add admin.operator_key to the file", false},
                             nullptr);
}

void complete(const Arguments& arguments, PluginLibrary& plugins, const LoadResult* file,
              CheckedSettings& checked) {
    override(arguments, checked);
    Completion{checked, plugins, file}.run();
}

/// Prints what was found; nothing where it cannot be used.
std::optional<Configuration> usable(Inspection inspection) {
    CheckedSettings& checked = inspection.checked;
    if (!checked.findings.all().empty()) std::cerr << checked.findings.text() << '\n';
    if (!checked.isUsable()) return {};
    return Configuration{inspection.source, std::move(checked.settings),
                         std::move(inspection.plugins), std::move(checked.mappings), nullptr};
}

bool isFromUris(const Arguments& arguments) {
    return !arguments.positional.empty() && isUri(arguments.positional.front());
}

/// The file that the arguments name.
std::string fileOf(const Arguments& arguments) {
    const std::vector<std::string>& words = arguments.positional;
    if (words.size() > 1)
        throw UsageError{"`" + words[1] + "`: one file, or any number of sources"};
    return words.empty() ? kDefaultFile : words.front();
}

std::unique_ptr<PluginLibrary> libraryFor(const Arguments& arguments) {
    return std::make_unique<PluginLibrary>(PluginLibrary::defaultFolders(pluginsFolder(arguments)));
}

Inspection inspectUris(const Arguments& arguments) {
    Inspection made{arguments.positional.front(), libraryFor(arguments), nullptr, {}, true};
    try {
        made.checked.settings = fromUris(arguments.positional);
    } catch (const std::invalid_argument& error) {
        throw UsageError{error.what()};
    }
    complete(arguments, *made.plugins, nullptr, made.checked);
    return made;
}

CheckedSettings checkFile(const Arguments& arguments, const LoadResult& file,
                          PluginLibrary& plugins) {
    CheckedSettings checked;
    checked.settings = file.settings;
    checked.findings.add(file);
    complete(arguments, plugins, &file, checked);
    return checked;
}

Inspection inspectText(const Arguments& arguments, const std::string& source, std::string text) {
    Inspection made{source, libraryFor(arguments), nullptr, {}, true};
    made.file = std::make_unique<LoadResult>(load(source, std::move(text), processEnvironment()));
    made.checked = checkFile(arguments, *made.file, *made.plugins);
    return made;
}

void tellUnreadable(const std::string& file, const std::string& message, const std::string& hint,
                    Findings& findings) {
    findings.add({{file, 1, 1}, "unreadable", message, hint, false}, nullptr);
}

CheckedSettings checkFileAgain(const Arguments& arguments, const std::string& file,
                               PluginLibrary& plugins) {
    CheckedSettings nothing;
    try {
        std::optional<std::string> text = textOf(file, nothing.findings);
        if (!text) return nothing;
        // Nobody means to stop everything so, but whoever writes a file in place empties it first.
        if (text->find_first_not_of(" \t\r\n") != std::string::npos)
            return checkFile(arguments, load(file, *std::move(text), processEnvironment()),
                             plugins);
        tellUnreadable(file, file + " is empty", "write {} to have no inputs", nothing.findings);
    } catch (const std::exception& error) {
        tellUnreadable(file, error.what(), "", nothing.findings);
    }
    return nothing;
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

std::optional<std::string> textOf(const std::string& file, Findings& findings) {
    std::ifstream in{file, std::ios::binary};
    if (!in) {
        tellUnreadable(file, "cannot read `" + file + "`",
                       "name a file, or a source such as kafka://localhost:9092/orders", findings);
        return {};
    }
    constexpr std::size_t kPieceBytes = 64u << 10;
    std::string text;
    do {
        const std::size_t before = text.size();
        text.resize(before + kPieceBytes);
        in.read(text.data() + before, kPieceBytes);
        text.resize(before + static_cast<std::size_t>(in.gcount()));
    } while (in);
    if (!in.bad()) return text;
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored))
        tellUnreadable(file, "`" + file + "` is a folder", "name a file in it", findings);
    else
        tellUnreadable(file, "cannot read `" + file + "` to its end", "", findings);
    return {};
}

Inspection inspect(const Arguments& arguments) {
    if (isFromUris(arguments)) return inspectUris(arguments);
    const std::string file = fileOf(arguments);
    CheckedSettings nothing;
    std::optional<std::string> text = textOf(file, nothing.findings);
    if (text) return inspectText(arguments, file, *std::move(text));
    return {file, libraryFor(arguments), nullptr, std::move(nothing), false};
}

std::optional<Configuration> configurationFrom(const Arguments& arguments,
                                               const std::string& source, std::string text) {
    return usable(inspectText(arguments, source, std::move(text)));
}

std::optional<Configuration> configurationFrom(const Arguments& arguments) {
    auto configuration = usable(inspect(arguments));
    if (configuration && !isFromUris(arguments))
        configuration->readAgain = [arguments, file = fileOf(arguments),
                                    &plugins = *configuration->plugins] {
            return checkFileAgain(arguments, file, plugins);
        };
    return configuration;
}

}  // namespace sluice::cli
