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

/// Who may read what, for all requests of the public listener: tokens, forward auth, certificates,
/// rules. Any thread may call.
class Access final {
  public:
    /// Borrows the clock. Throws std::invalid_argument as Issuers does.
    Access(const AuthOptions& options, std::vector<AccessRule> rules, const Clock& clock);
    ~Access();

    void start();
    void stop() noexcept;

    /// Puts other options and rules in force, for requests from now on; keys and answers that are
    /// known stay known where what they are of is the same, and so do revocations. Returns the
    /// sources (Verdict::source) that are gone or other than they were: whoever they have let in is
    /// to be dismissed. Waits for a read of keys that is under way. Throws as the constructor, and
    /// then nothing has changed. One thread at a time.
    std::vector<std::uint32_t> reload(const AuthOptions& options, std::vector<AccessRule> rules);

    struct Realm;
    /// Who sent the request, as far as that is known at once: somebody, a refusal that is the last
    /// word, or a question that `answer` asks, which waits.
    struct Question {
        enum class Of { Keys, Application } of = Of::Keys;
        Verdict verdict;
        std::uint64_t read = 0;
        std::string token;
        std::shared_ptr<Realm> realm;  // shared, for a reload may put another one in force
        /// How long it may wait for others before it is asked.
        std::chrono::milliseconds patience() const;
    };
    using Found = std::variant<Verdict, Question>;
    Found look(const HttpRequest& request);
    Verdict answer(const HttpRequest& request, const Question& question);

    /// The fields of a request on which it depends who sent it and what he may read, as `Vary`
    /// names them. (An access_token is a part of the URL.)
    std::string dependsOn() const;
    /// REQUIRES: Refusal::None.
    Caller caller(Verdict verdict, const HttpRequest& request) const;
    /// What is answered to him who is not known; counts and logs it.
    HttpResponse refuse(Refusal refusal, const HttpRequest& request);
    /// Whether it has the cookie of `auth.cookie`, and no other token is looked at before.
    bool showsCookie(const HttpRequest& request) const;
    /// Counts one whom a rule refused.
    void countForbidden() { ++refused_[0]; }

    /// The claims of a token in `Authorization: Bearer`; nothing where it is not known.
    std::optional<Verdict> judgeBearer(std::string_view token) const;

    Revocations& revocations() { return revocations_; }
    AccessCounts counts() const;

  private:
    using RealmPtr = std::shared_ptr<Realm>;
    static Verdict stranger();
    static std::optional<std::string> tokenOf(const HttpRequest& request, const Realm& realm);
    static Question ofApplication(const RealmPtr& realm);
    Found lookAtToken(const HttpRequest& request, std::string token, const RealmPtr& realm) const;
    Verdict judgeCertificate(const ClientCertificate& certificate) const;
    RealmPtr realm() const;
    RealmPtr makeRealm(AuthOptions options, const Realm* before);
    static std::string dependencies(const Realm& realm, const AccessRules& rules);

    // constant after construction
    const Clock& clock_;

    Revocations revocations_;
    mutable std::atomic<std::uint64_t> accepted_{0};
    std::array<std::atomic<std::uint64_t>, kRefusals> refused_{};

    // one thread at a time: whoever starts, reloads or stops
    std::uint32_t lastSource_ = 0;
    bool isStarted_ = false;

    mutable std::mutex mutex_;
    // guarded by mutex_
    RealmPtr realm_;
    std::shared_ptr<const AccessRules> rules_;
    std::string dependsOn_;
};

}  // namespace sluice
