#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "support/TempFolder.h"

namespace sluice::test {

/// A program that a test runs in a temporary folder of its own: a broker, or Sluice itself. It may
/// be started again after its end; folder and log stay. It is killed when the object goes, and by
/// the kernel when the thread that started it ends: start it from the test's main thread. Not
/// thread-safe. Every wait is bounded, and what fails throws std::runtime_error with the end of the
/// log.
///
///     ChildProcess mosquitto;
///     mosquitto.folder().write("mosquitto.conf", text);
///     mosquitto.start({"/usr/sbin/mosquitto", "-c", "mosquitto.conf"});
///     mosquitto.waitForPort(port);
class ChildProcess {
  public:
    static constexpr std::chrono::seconds kStart{30}, kStop{15};

    ChildProcess();
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    const TempFolder& folder() const { return folder_; }
    /// Runs `command` (looked for along PATH) with the folder as its working directory, its output
    /// appended to the log, and `environment` ("NAME=value") over that of the test.
    /// REQUIRES: it is not running.
    void start(std::vector<std::string> command, const std::vector<std::string>& environment = {});
    /// What start() began last, once more.
    void startAgain();

    pid_t pid() const { return pid_; }  // -1 while nothing runs
    bool isRunning();
    /// What all its runs wrote to stdout and stderr.
    std::string log() const;
    /// Waits until it accepts connections at 127.0.0.1:port.
    void waitForPort(std::uint16_t port, std::chrono::milliseconds within = kStart);
    /// Waits until the log holds `text`.
    void waitForLog(std::string_view text, std::chrono::milliseconds within = kStart);
    /// Waits until `holds`, at most as long as it runs. `what` is for the error.
    void waitUntil(std::string_view what, const std::function<bool()>& holds,
                   std::chrono::milliseconds within = kStart);
    /// Its exit status once it has ended, 128 + signal if one ended it; none if it still runs.
    std::optional<int> wait(std::chrono::milliseconds within = kStop);

    /// SIGTERM, and SIGKILL where that does not help. Returns the exit status as wait() does.
    int stop();
    /// SIGKILL; returns after its end.
    void kill();
    /// SIGSTOP and SIGCONT: its connections stay, it answers nothing.
    void freeze();
    void thaw();

  private:
    void signal(int number);

    TempFolder folder_;
    std::string logPath_;
    std::vector<std::string> command_, environment_;
    pid_t pid_ = -1;
    std::optional<int> status_;
};

}  // namespace sluice::test
