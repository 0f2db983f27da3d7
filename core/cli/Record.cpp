#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/Signals.h"
#include "cli/Commands.h"
#include "cli/Configuration.h"
#include "cli/Observation.h"
#include "cli/RecordingWriter.h"
#include "mapping/ReportText.h"

namespace sluice::cli {
namespace {

/// Where the recording goes: a file, or standard output.
class Output {
  public:
    Output(const std::string& file, const Arguments& arguments) : file_{file} {
        if (file.empty()) return;
        for (const std::string& read : arguments.positional) {
            std::error_code ignored;
            if (std::filesystem::equivalent(read, file, ignored))
                throw UsageError{"`" + file + "` is the configuration: name another file as --out"};
        }
        fd_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (fd_ < 0) throw UsageError{"cannot write `" + file + "`: " + std::strerror(errno)};
    }
    ~Output() {
        if (!file_.empty()) ::close(fd_);
    }
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    int fd() const { return fd_; }
    std::string name() const { return file_.empty() ? "standard output" : file_; }

  private:
    const std::string file_;
    int fd_ = STDOUT_FILENO;
};

std::string statusText(const RecordingWriter::Counts& counts) {
    std::string text = counted(counts.messages, "message");
    const char* separator = " (";
    for (const auto& [input, messages] : counts.messagesByInput) {
        text += std::exchange(separator, ", ") + input + ": " + std::to_string(messages);
    }
    if (!counts.messagesByInput.empty()) text += ')';
    return text + ", " + std::to_string(counts.bytes) + " bytes";
}

int record(const Arguments& arguments) {
    const Observation::Limits limits = Observation::limitsOf(arguments);
    const Signals signals{SIGINT, SIGTERM};
    std::optional<Configuration> configuration = configurationFrom(arguments);
    if (!configuration) return kExitUsage;
    Observation observation{*configuration, arguments.all("input")};
    const Output output{arguments.get("out"), arguments};
    RecordingWriter writer{output.fd(), observation.clock(), observation.sources(),
                           limits.messagesMax};
    observation.run(writer, signals, limits.time, [&] {
        writer.flush();
        return Observation::Progress{statusText(writer.counts()), writer.isDone()};
    });
    writer.flush();
    const RecordingWriter::Counts counts = writer.counts();
    std::cerr << "recorded " << statusText(counts) << " to " << output.name() << '\n';
    if (!writer.error().empty())
        std::cerr << "sluice: writing to " << output.name() << " failed: " << writer.error()
                  << '\n';
    const int status = writer.error().empty() ? kExitOk : kExitFailed;
    observation.endProcessIfStuck(status);
    return status;
}

}  // namespace

Command recordCommand() {
    Command command;
    command.name = "record";
    command.synopsis = "[FILE.yaml | SOURCE...]";
    command.summary = "Write what inputs receive to a file that `plugin: replay` plays back";
    command.text =
        "Reads the inputs of the file as a node would, before any mapping, and writes NDJSON: "
        "topic,\n"
        "position, key, headers, payload, times. It joins no group, acknowledges nothing and goes "
        "by\n"
        "no name that the file gives, so it may run beside a node. Ctrl-C ends it, and so do "
        "--for\n"
        "and --count; the file is whole then. plugins/replay tells how to play it back.\n\n"
        "Examples:\n"
        "  sluice record sluice.yaml --input shop --for 1min --out shop.ndjson\n"
        "  sluice record mqtt://localhost/sensors/%23 --count 10 | jq .payload\n";
    command.options = {
        {"input", "NAME", "Record only this input; may be given several times", true},
        {"out", "FILE", "Where to write; standard output otherwise", false},
        {"for", "DURATION", "End after so long, such as 10s", false},
        {"count", "N", "End after so many messages", false},
        pluginsOption()};
    command.positionalMax = kSourcesMax;
    command.run = record;
    return command;
}

}  // namespace sluice::cli
