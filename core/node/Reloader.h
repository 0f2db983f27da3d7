#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "channel/Hub.h"
#include "filter/Filters.h"
#include "http/Access.h"
#include "http/PublishHandler.h"
#include "http/Tasks.h"
#include "input/InputHost.h"
#include "net/TlsServer.h"
#include "settings/Changes.h"

namespace sluice {

/// What became of a reload.
struct ReloadAnswer {
    enum class State {
        Done,       // `changes` are in force, but those that need a restart
        Unchanged,  // nothing that a reload can change is different
        Invalid,    // `findings` say why; nothing changed
        NoFile,     // the node runs without a file: there is nothing to read again
        Ending,     // the node is shutting down
        Failed      // `message` says why
    };
    State state = State::Done;
    Changes changes;
    Findings findings;  // also what the changes mean for readers, as warnings
    std::string message;
};

/// Puts a configuration that was read anew in force, as far as that goes without a restart: first
/// it is checked whole, then what is different is logged, then who may read and write, inputs,
/// mappings, replays and histories follow. Any thread may call; one reload at a time, the others
/// wait.
class Reloader final {
  public:
    struct Parts {
        Hub& hub;
        Filters& filters;
        InputHost& inputs;
        PluginLibrary& plugins;
        TlsServer* tls = nullptr;       // null: there is no certificate
        TlsServer* adminTls = nullptr;  // likewise
        /// Who may read and write.
        struct Admitting {
            Access* access = nullptr;  // null: without auth
            Tasks* application = nullptr;
            PublishHandler* publish = nullptr;
            std::function<void(const Dismissal&)> dismiss{};
        } admitting{};
    };
    /// Borrows the parts. `running` is in force now; `readAgain` may be empty.
    Reloader(const Parts& parts, CheckedSettings running, ReadAgain readAgain);

    /// `asker` is for the log: "SIGHUP". Logs all that it answers.
    ReloadAnswer reload(std::string_view asker) noexcept;

    /// What inputs and mappings were made of; waits for a reload that goes on.
    struct InForce {
        std::vector<InputOptions> inputs;
        MappingOptions mappings;
        std::shared_ptr<const MappingTable> table;
    };
    InForce inForce() const;

    /// Lines of the log about one reload; the rest is counted.
    static constexpr std::size_t kLinesMax = 100;

  private:
    ReloadAnswer reloadInLock(std::string_view asker);
    void logInvalid(const Findings& findings) const;
    void logChanges(std::string_view asker, const ReloadAnswer& answer) const;
    void warnOfNames(const CheckedSettings& fresh, ReloadAnswer& answer) const;
    void applyTls(const HttpOptions& fresh);
    void applyAccess(const HttpOptions& fresh, const Changes& changes);
    void applyPublish(const PublishOptions& fresh);
    bool apply(const CheckedSettings& fresh, const Changes& changes);

    const Parts parts_;
    const ReadAgain readAgain_;

    mutable std::mutex mutex_;
    // guarded by mutex_
    CheckedSettings running_;
};

}  // namespace sluice
