#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "Options.h"

namespace sluice::redis {

/// What went wrong with the server, in our words and without secrets.
struct Fault {
    /// How much a fault explains: where two connections have one each, the higher one is told.
    enum class Weight { None, Closed, Silent, Refused, Definite };
    Weight weight = Weight::None;
    std::string code;  // refused, closed, no-answer, authentication, tls, loading, ...
    std::string text;
};

/// The connection cannot be used any further.
class Failure : public std::exception {
  public:
    explicit Failure(Fault fault) : fault_(std::move(fault)) {}
    const Fault& fault() const { return fault_; }
    const char* what() const noexcept override { return fault_.text.c_str(); }

  private:
    Fault fault_;
};

/// The input is being stopped: leave every wait.
class Stopping : public std::exception {};

/// Translates an error reply, such as "WRONGPASS invalid username-password pair".
Fault describe(std::string_view error, const Options& options);
/// Translates what connect, send or recv said.
Fault describeErrno(int error, const Options& options);

/// Whether an error reply means that nothing will work now, whatever the command.
bool isOfServer(const Fault& fault);

}  // namespace sluice::redis
