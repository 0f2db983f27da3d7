#include "node/Reloader.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/Log.h"
#include "node/HttpPublisher.h"

namespace sluice {
namespace {

constexpr const char* kArea = "reload";
constexpr const char* kRenamed = "renamed-input";  // code of a finding

/// At most Reloader::kLinesMax lines.
void logLines(const std::vector<std::pair<log::Level, std::string>>& lines) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i == Reloader::kLinesMax) {
            log::info(kArea, "and " + std::to_string(lines.size() - i) + " lines more");
            return;
        }
        log::write(lines[i].first, kArea, lines[i].second);
    }
}

}  // namespace

Reloader::Reloader(const Parts& parts, CheckedSettings running, ReadAgain readAgain)
    : parts_{parts}, readAgain_{std::move(readAgain)}, running_{std::move(running)} {}

ReloadAnswer Reloader::reload(std::string_view asker) noexcept {
    ReloadAnswer failed;
    failed.state = ReloadAnswer::State::Failed;
    try {
        const std::lock_guard lock{mutex_};
        return reloadInLock(asker);
    } catch (const std::exception& error) {
        failed.message = error.what();
    }
    log::error(kArea, "failed: " + failed.message);
    return failed;
}

Reloader::InForce Reloader::inForce() const {
    const std::lock_guard lock{mutex_};
    return {running_.settings.inputs, running_.settings.mappings, running_.mappings};
}

ReloadAnswer Reloader::reloadInLock(std::string_view asker) {
    ReloadAnswer answer;
    if (!readAgain_) {
        answer.state = ReloadAnswer::State::NoFile;
        log::warning(kArea, std::string{asker} +
                                ": this node runs without a file, so there is "
                                "nothing to read again");
        return answer;
    }
    CheckedSettings fresh = readAgain_();
    answer.findings = fresh.findings;
    if (!fresh.isUsable()) {
        answer.state = ReloadAnswer::State::Invalid;
        logInvalid(fresh.findings);
        return answer;
    }
    answer.changes = changesBetween(running_, fresh);
    warnOfNames(fresh, answer);
    logChanges(asker, answer);
    if (!apply(fresh, answer.changes))
        answer.state = ReloadAnswer::State::Ending;
    else if (answer.changes.isEmpty())
        answer.state = ReloadAnswer::State::Unchanged;
    if (answer.state == ReloadAnswer::State::Done) log::info(kArea, "done");
    return answer;
}

void Reloader::logInvalid(const Findings& findings) const {
    std::vector<std::pair<log::Level, std::string>> lines;
    lines.emplace_back(log::Level::Error, "refused, nothing was changed:");
    for (const Finding& finding : findings.all())
        if (!finding.isWarning) lines.emplace_back(log::Level::Error, lineOf(finding));
    logLines(lines);
}

/// What ids name is the input: what an input of another name reads is something else to readers.
void Reloader::warnOfNames(const CheckedSettings& fresh, ReloadAnswer& answer) const {
    const auto warn = [&](const Changes::Renamed& one, const std::string& message) {
        const auto& inputs = fresh.settings.inputs;
        const auto input = std::find_if(inputs.begin(), inputs.end(), [&](const auto& options) {
            return options.name == one.to;
        });
        answer.findings.add({input->mark, kRenamed, message, "", true}, nullptr);
    };
    for (const Changes::Renamed& one : answer.changes.renamed)
        warn(one, "input " + one.from + " is now called " + one.to + ": " +
                      (parts_.inputs.hasHad(one.to)
                           ? "there was one of this name before, and it goes on where that stood: "
                             "readers, also those that are connected, get again what came since"
                           : "it goes on where " + one.from + " stood") +
                      "; ids of its events mean nothing under another name, so readers that come "
                      "back are told that some may repeat (approximate)");
    for (const Changes::Renamed& one : answer.changes.replaced)
        warn(one, "input " + one.from + " was removed and " + one.to +
                      " added: if they read the same, readers, also those that are connected, get "
                      "what " +
                      one.to +
                      " reads again of the past (rewind, start), or miss what "
                      "came between");
}

void Reloader::logChanges(std::string_view asker, const ReloadAnswer& answer) const {
    const Changes& changes = answer.changes;
    std::vector<std::pair<log::Level, std::string>> lines;
    lines.emplace_back(log::Level::Info,
                       std::string{asker} + (changes.isEmpty() ? ": nothing to change"
                                                               : ": the configuration is other"));
    for (std::string& line : changes.lines()) lines.emplace_back(log::Level::Info, std::move(line));
    for (const Finding& finding : answer.findings.all())
        if (finding.code == kRenamed) lines.emplace_back(log::Level::Warning, finding.message);
    logLines(lines);
}

/// Files are read again whether their names changed or not. They were good when the file was
/// checked; if they are not any more, what was in force stays.
void Reloader::applyTls(const HttpOptions& fresh) {
    HttpOptions& running = running_.settings.http;
    const auto apply = [](TlsServer* server, const TlsOptions& options) {
        if (server == nullptr || !options.isOn()) return;
        try {
            server->reload(options);
        } catch (const TlsError& error) {
            log::error(kArea,
                       std::string{error.what()} + "; the certificate before stays in force");
        }
    };
    apply(parts_.tls, fresh.tls);
    apply(parts_.adminTls, fresh.adminTls());
    if (running.tls.isOn() && fresh.tls.isOn()) running.tls = fresh.tls;
    if (running.admin.tls.isOn() && fresh.admin.tls.isOn()) running.admin.tls = fresh.admin.tls;
}

/// Streams whose token or issuer is gone end; all others stay, whatever the rules are now.
void Reloader::applyAccess(const HttpOptions& fresh, const Changes& changes) {
    Access* const access = parts_.admitting.access;
    if (!access || !fresh.auth.isOn || (changes.auth.isEmpty() && changes.channels.isEmpty()))
        return;
    const auto threadsFor = [](const ForwardOptions& forward) {
        return forward.url.empty() ? 0 : forward.concurrency;
    };
    const std::size_t before = threadsFor(running_.settings.http.auth.forward);
    const std::size_t after = threadsFor(fresh.auth.forward);
    Tasks& application = *parts_.admitting.application;
    // There before the first question comes, and until the last one has.
    application.resize(std::max(before, after));
    Dismissal dismissal;
    dismissal.sources = access->reload(fresh.auth, fresh.rules);
    application.resize(after);
    if (!dismissal.sources.empty()) parts_.admitting.dismiss(dismissal);
    running_.settings.http.auth = fresh.auth;
}

void Reloader::applyPublish(const PublishOptions& fresh) {
    if (!parts_.admitting.publish) return;
    PublishOptions& running = running_.settings.http.publish;
    const PublishLimits limits = running.limits;
    PublishOptions now = fresh;
    now.limits = limits;  // they need a restart
    parts_.admitting.publish->reload(now);
    parts_.inputs.http().setPolicy(policyOf(now));
    running = std::move(now);
}

/// False if the node is ending.
bool Reloader::apply(const CheckedSettings& fresh, const Changes& changes) {
    applyAccess(fresh.settings.http, changes);
    if (!changes.publish.empty()) applyPublish(fresh.settings.http.publish);
    if (!parts_.inputs.reload(fresh.settings.inputs, parts_.plugins, fresh.mappings)) return false;
    parts_.inputs.replays().setOptions(fresh.settings.replays);
    if (!changes.channels.isEmpty()) {
        parts_.filters.setPolicies(fresh.settings.hub);
        parts_.hub.setHistories(fresh.settings.hub.policies, fresh.settings.hub.history,
                                fresh.settings.hub.readers);
    }
    applyTls(fresh.settings.http);
    running_.settings.inputs = fresh.settings.inputs;
    running_.settings.mappings = fresh.settings.mappings;
    running_.settings.hub.policies = fresh.settings.hub.policies;
    running_.settings.hub.history = fresh.settings.hub.history;
    running_.settings.hub.filter = fresh.settings.hub.filter;
    running_.settings.hub.readers = fresh.settings.hub.readers;
    running_.settings.replays = fresh.settings.replays;
    running_.settings.http.rules = fresh.settings.http.rules;
    running_.mappings = fresh.mappings;
    return true;
}

}  // namespace sluice
