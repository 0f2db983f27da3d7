#include "cli/DaemonOptions.h"

#include <optional>
#include <stdexcept>
#include <string>

#include "base/Log.h"
#include "process/Daemon.h"
#include "process/LogFile.h"
#include "process/PidFile.h"
#include "process/ProcessUser.h"

namespace sluice::cli {
namespace {

class Process final : public RunHooks {
  public:
    explicit Process(const Arguments& arguments) {
        takeUser(arguments);
        const std::string pidFile = valueOf(arguments, "pidfile");
        const std::string logFile = valueOf(arguments, "log-file");
        const bool isDaemon = arguments.has("daemon");
        if (isDaemon && logFile.empty())
            throw UsageError{
                "--daemon leaves the terminal: say where the log goes, --log-file FILE"};
        // In this order: what is wrong is told on the terminal as long as there is one.
        if (!pidFile.empty()) pidFile_.emplace(pidFile);
        if (!logFile.empty()) logFile_.emplace(logFile);
        if (logFile_ && user_) logFile_->giveTo(*user_);
        if (isDaemon) daemon_.emplace(logFile);
        try {
            if (pidFile_) pidFile_->write();
            if (logFile_) logFile_->redirect();
            if (user_) user_->become();
        } catch (const std::exception& error) {
            failed(error.what());  // who waits has the terminal
            throw;
        }
    }

    void bound() override {
        if (!user_) return;
        user_->settle();
        log::info("node", "runs as " + user_->name());
    }
    void started() override {
        if (daemon_) daemon_->started();
    }
    void failed(std::string_view why) noexcept override {
        ended();  // before who waits goes on: a script may start the next one at once
        if (daemon_) daemon_->failed(why);
    }
    void reopenLog() noexcept override {
        if (logFile_) logFile_->reopen();
    }
    void ended() noexcept override {
        if (pidFile_) pidFile_->remove();
    }

  private:
    static std::string valueOf(const Arguments& arguments, const char* option) {
        const std::string value = arguments.get(option);
        if (arguments.has(option) && value.empty())
            throw UsageError{std::string{"--"} + option + " needs a value"};
        return value;
    }

    void takeUser(const Arguments& arguments) {
        const std::string user = valueOf(arguments, "user");
        if (user.empty()) return;
        try {
            user_.emplace(user);
        } catch (const std::invalid_argument& error) {
            throw UsageError{"--user: " + std::string{error.what()}};
        }
    }

    std::optional<ProcessUser> user_;
    std::optional<PidFile> pidFile_;
    std::optional<LogFile> logFile_;
    std::optional<Daemon> daemon_;
};

}  // namespace

std::vector<OptionSpec> daemonOptions() {
    return {{"daemon", "", "Go on in the background once it serves; wants --log-file"},
            {"pidfile", "FILE", "Write the number of the process there"},
            {"user", "NAME[:GROUP]", "Become this user once it listens; for root only"},
            {"log-file", "FILE", "Append the log to it; SIGUSR1 opens it again"}};
}

std::unique_ptr<RunHooks> liveAs(const Arguments& arguments) {
    return std::make_unique<Process>(arguments);
}

}  // namespace sluice::cli
