#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "auth/AccessRules.h"
#include "auth/Authenticator.h"
#include "http/Caller.h"
#include "http/ForwardAuth.h"

namespace sluice {

/// Totals since the start.
struct AccessCounts {
    std::uint64_t accepted = 0;
    std::array<std::uint64_t, kRefusals> refused{};  // by Refusal; None: what a rule did not allow
    std::uint64_t revocations = 0;                   // kept now
};

/// Who may read what, for all requests of the public listener: tokens, forward auth, rules. Any
/// thread may call.
class Access final {
  public:
    /// Borrows the clock. Throws std::invalid_argument as Issuers does.
    Access(const AuthOptions& options, std::vector<AccessRule> rules, const Clock& clock);

    void start() { authenticator_.start(); }
    void stop() noexcept { authenticator_.stop(); }
    /// Other rules, from now on; streams that are open keep what they have.
    void setRules(std::vector<AccessRule> rules);

    /// Who sent the request, as far as that is known at once: somebody, a refusal that is the last
    /// word, or a question that `answer` asks, which waits.
    struct Question {
        enum class Of { Keys, Application } of = Of::Keys;
        Verdict verdict;
        std::uint64_t read = 0;
        std::string token;
    };
    using Found = std::variant<Verdict, Question>;
    Found look(const HttpRequest& request);
    Verdict answer(const HttpRequest& request, const Question& question);

    /// REQUIRES: Refusal::None.
    Caller caller(Verdict verdict, const HttpRequest& request) const;
    /// What is answered to him who is not known; counts and logs it.
    HttpResponse refuse(Refusal refusal, const HttpRequest& request);
    /// Counts one whom a rule refused.
    void countForbidden() { ++refused_[0]; }

    /// The claims of a token in `Authorization: Bearer`; nothing where it is not known.
    std::optional<Verdict> judgeBearer(std::string_view token) const;

    Revocations& revocations() { return authenticator_.revocations(); }
    AccessCounts counts() const;

  private:
    static Verdict stranger();
    std::optional<std::string> tokenOf(const HttpRequest& request) const;
    Found lookAtToken(const HttpRequest& request, std::string token);
    bool asksApplication() const { return !options_.forward.url.empty(); }

    // constant after construction
    const AuthOptions options_;
    const Clock& clock_;

    Authenticator authenticator_;
    ForwardAuth forward_;
    mutable std::atomic<std::uint64_t> accepted_{0};
    std::array<std::atomic<std::uint64_t>, kRefusals> refused_{};

    mutable std::mutex mutex_;
    std::shared_ptr<const AccessRules> rules_;  // guarded by mutex_
};

}  // namespace sluice
