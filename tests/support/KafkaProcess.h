#pragma once

#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

namespace sluice::test {

/// What a client must know of a broker that tests/support/kafka.py runs.
struct KafkaFacts {
    std::string bootstrap;
    std::string saslSsl, ssl;    // listeners of a secure broker, else empty
    std::string user, password;  // for PLAIN
    std::string ca, cert, key;   // files
};

/// The broker that ctest's fixture runs for all tests that do not stop it; outside of ctest, one
/// that this process starts and ends. Throws std::runtime_error.
const KafkaFacts& sharedKafka();

/// A broker of one's own, by `kafka.py serve`; ends with the object. Throws std::runtime_error.
class KafkaProcess {
  public:
    /// Options of kafka.py, such as {"--version", "3.9.2", "--secure"}.
    explicit KafkaProcess(const std::vector<std::string>& options = {});
    ~KafkaProcess();
    KafkaProcess(const KafkaProcess&) = delete;
    KafkaProcess& operator=(const KafkaProcess&) = delete;

    const KafkaFacts& facts() const { return facts_; }
    /// "stop", "kill", "start", "freeze", "thaw" or "fill PREFIX COUNT"; returns when it is done.
    void command(const std::string& name);

  private:
    std::string readLine();

    pid_t pid_ = -1;
    int toChild_ = -1, fromChild_ = -1;
    KafkaFacts facts_;
};

}  // namespace sluice::test
