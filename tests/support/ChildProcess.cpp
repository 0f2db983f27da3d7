#include "support/ChildProcess.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "Patience.h"
#include "support/FreePort.h"

extern char** environ;

namespace sluice::test {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{5};
constexpr std::size_t kLogShownBytes = 4'000;
constexpr int kCannotRun = 127;

std::vector<char*> pointersTo(std::vector<std::string>& words) {
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return pointers;
}

std::string_view nameOf(std::string_view variable) {
    return variable.substr(0, variable.find('='));
}

std::vector<std::string> environmentWith(const std::vector<std::string>& own) {
    std::vector<std::string> all = own;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        bool isReplaced = false;
        for (const std::string& mine : own) isReplaced |= nameOf(mine) == nameOf(*variable);
        if (!isReplaced) all.emplace_back(*variable);
    }
    return all;
}

/// In the child, where only async-signal-safe functions may be called.
[[noreturn]] void become(const char* folder, int log, pid_t parent, char** command,
                         char** environment) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int nothing = open("/dev/null", O_RDONLY);
    if (getppid() != parent || chdir(folder) != 0 || dup2(nothing, STDIN_FILENO) < 0 ||
        dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0)
        _exit(kCannotRun);
    execvpe(command[0], command, environment);
    _exit(kCannotRun);
}

}  // namespace

ChildProcess::ChildProcess() : logPath_((folder_.path() / "log").string()) {}

ChildProcess::~ChildProcess() {
    try {
        kill();
    } catch (const std::exception&) {
        // It outlives a SIGKILL: nothing to be done from here.
    }
}

void ChildProcess::start(std::vector<std::string> command,
                         const std::vector<std::string>& environment) {
    command_ = std::move(command);
    environment_ = environmentWith(environment);
    startAgain();
}

void ChildProcess::startAgain() {
    if (pid_ != -1) throw std::runtime_error(command_.at(0) + " runs already");
    const std::string folder = folder_.path().string();
    const int log = open(logPath_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    const std::vector<char*> words = pointersTo(command_), variables = pointersTo(environment_);
    const pid_t parent = getpid();
    status_.reset();
    pid_ = fork();
    if (pid_ == 0)
        become(folder.c_str(), log, parent, const_cast<char**>(words.data()),
               const_cast<char**>(variables.data()));
    const int error = errno;
    close(log);
    if (pid_ < 0) throw std::runtime_error(command_.at(0) + ": " + std::strerror(error));
}

bool ChildProcess::isRunning() {
    return pid_ != -1 && !wait(std::chrono::milliseconds{0});
}

std::string ChildProcess::log() const {
    std::ifstream file(logPath_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void ChildProcess::waitForPort(std::uint16_t port, std::chrono::milliseconds within) {
    waitUntil(
        "port " + std::to_string(port), [port] { return acceptsConnections(port); }, within);
}

void ChildProcess::waitForLog(std::string_view text, std::chrono::milliseconds within) {
    waitUntil(
        "a line with " + std::string(text), [&] { return log().find(text) != std::string::npos; },
        within);
}

void ChildProcess::waitUntil(std::string_view what, const std::function<bool()>& holds,
                             std::chrono::milliseconds within) {
    const auto deadline = steady_clock::now() + within * kPatience;
    while (!holds()) {
        const bool hasEnded = !isRunning();
        if (!hasEnded && steady_clock::now() < deadline) {
            std::this_thread::sleep_for(kLook);
            continue;
        }
        if (hasEnded && holds()) return;  // what it left behind
        std::string text = log();
        if (text.size() > kLogShownBytes) text.erase(0, text.size() - kLogShownBytes);
        throw std::runtime_error(command_.at(0) + (hasEnded ? " has ended" : " runs") +
                                 ", without " + std::string(what) + "; its log:\n" + text);
    }
}

std::optional<int> ChildProcess::wait(std::chrono::milliseconds within) {
    const auto deadline = steady_clock::now() + within * kPatience;
    while (pid_ != -1) {
        int status = 0;
        if (waitpid(pid_, &status, WNOHANG) == pid_) {
            status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            pid_ = -1;
        } else if (steady_clock::now() >= deadline) {
            return std::nullopt;
        } else {
            std::this_thread::sleep_for(kLook);
        }
    }
    return status_;
}

int ChildProcess::stop() {
    signal(SIGTERM);
    signal(SIGCONT);  // a frozen one must be able to end
    if (!wait(kStop)) kill();
    return status_.value_or(0);
}

void ChildProcess::kill() {
    signal(SIGKILL);
    if (!wait(kStop) && pid_ != -1) throw std::runtime_error(command_.at(0) + " cannot be killed");
}

void ChildProcess::freeze() {
    signal(SIGSTOP);
}

void ChildProcess::thaw() {
    signal(SIGCONT);
}

void ChildProcess::signal(int number) {
    if (pid_ != -1) ::kill(pid_, number);
}

}  // namespace sluice::test
