#pragma once

#include <functional>
#include <stdexcept>
#include <string>

#include "base/Json.h"
#include "base/Signals.h"
#include "cli/CommandLine.h"

namespace sluice::cli {

/// The node did not answer, or not with what was asked for.
class AdminError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Asks the admin listener of a running node.
class AdminClient {
  public:
    /// The options that say which node, and with which key.
    static std::vector<OptionSpec> options();
    /// `--admin` and `--key`, or SLUICE_ADMIN_KEY of the environment. Throws UsageError.
    explicit AdminClient(const Arguments& arguments);

    const std::string& url() const { return url_; }
    /// The body. `path` begins with a slash. Throws AdminError, whose text is for people.
    std::string text(const std::string& path) const;
    Json json(const std::string& path) const;

  private:
    std::string url_, key_;
};

/// Runs a command that asks a node until it has enough or a signal ends it, and returns its exit
/// status: kExitFailed, with the reason on stderr, where an AdminError comes out of `ask`. Throws
/// UsageError.
int runAsking(const Arguments& arguments,
              const std::function<int(const AdminClient& node, const Signals& signals)>& ask);

/// For a query: percent-encoded but for letters, digits and -._~/
std::string queryText(std::string_view text);

}  // namespace sluice::cli
