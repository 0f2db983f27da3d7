#include "support/KafkaProcess.h"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace sluice::test {
namespace {

constexpr int kAnswerMs = 120'000;  // the first one may download
constexpr std::chrono::milliseconds kEnd{25'000};

/// A member of a flat JSON object whose values have no escapes.
std::string member(const std::string& json, const std::string& name) {
    const std::string head = "\"" + name + "\": \"";
    const auto at = json.find(head);
    if (at == json.npos) return {};
    const auto begin = at + head.size();
    return json.substr(begin, json.find('"', begin) - begin);
}

KafkaFacts factsOf(const std::string& json) {
    if (member(json, "bootstrap").empty()) throw std::runtime_error("no broker: " + json);
    return {.bootstrap = member(json, "bootstrap"),
            .saslSsl = member(json, "sasl_ssl"),
            .ssl = member(json, "ssl"),
            .user = member(json, "user"),
            .password = member(json, "password"),
            .ca = member(json, "ca"),
            .cert = member(json, "cert"),
            .key = member(json, "key")};
}

}  // namespace

const KafkaFacts& sharedKafka() {
    static const KafkaFacts facts = [] {
        std::ifstream file(SLUICE_TEST_KAFKA_FACTS);
        if (file) return factsOf({std::istreambuf_iterator<char>(file), {}});
        static const KafkaProcess own({"--secure"});
        return own.facts();
    }();
    return facts;
}

KafkaProcess::KafkaProcess(const std::vector<std::string>& options) {
    int input[2], output[2];
    if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0)
        throw std::runtime_error(std::strerror(errno));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    std::vector<std::string> words{"python3", SLUICE_TEST_KAFKA_PY, "serve"};
    words.insert(words.end(), options.begin(), options.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const int error = posix_spawnp(&pid_, "python3", &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(input[0]);
    close(output[1]);
    toChild_ = input[1];
    fromChild_ = output[0];
    if (error != 0) throw std::runtime_error(std::strerror(error));
    facts_ = factsOf(readLine());
}

KafkaProcess::~KafkaProcess() {
    close(toChild_);  // it ends when its input does
    const auto deadline = std::chrono::steady_clock::now() + kEnd;
    while (waitpid(pid_, nullptr, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > deadline) kill(pid_, SIGKILL);
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    close(fromChild_);
}

void KafkaProcess::command(const std::string& name) {
    const std::string line = name + "\n";
    if (write(toChild_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        throw std::runtime_error("kafka.py has gone");
    factsOf(readLine());
}

std::string KafkaProcess::readLine() {
    std::string line;
    while (true) {
        pollfd wanted{fromChild_, POLLIN, 0};
        char c = 0;
        if (poll(&wanted, 1, kAnswerMs) <= 0 || read(fromChild_, &c, 1) != 1)
            throw std::runtime_error("kafka.py gave no answer");
        if (c == '\n') return line;
        line += c;
    }
}

}  // namespace sluice::test
