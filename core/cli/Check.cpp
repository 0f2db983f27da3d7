#include <chrono>
#include <csignal>
#include <iostream>
#include <optional>

#include "base/Signals.h"
#include "cli/Commands.h"
#include "cli/Configuration.h"
#include "cli/Observation.h"
#include "cli/Sampler.h"
#include "mapping/ReportText.h"
#include "settings/Units.h"

namespace sluice::cli {
namespace {

/// What --sample and the options beside it say.
struct SampleOptions {
    std::uint64_t messagesMax = 0;  // of each input; 0: no sample is wanted
    std::chrono::milliseconds wait{10'000};
    std::optional<std::chrono::milliseconds> rewind;
    std::vector<std::string> inputs;  // only these, where there are any

    static constexpr std::uint64_t kMessagesMax = 100'000;
};

/// Throws UsageError.
SampleOptions sampleOptions(const Arguments& arguments) {
    SampleOptions options;
    for (const char* option : {"input", "wait", "rewind"})
        if (arguments.has(option) && !arguments.has("sample"))
            throw UsageError{"--" + std::string{option} + " is for --sample N"};
    if (!arguments.has("sample")) return options;
    UnitError error;
    const auto count = parseInteger(arguments.get("sample"), error);
    if (!count || *count == 0 || *count > SampleOptions::kMessagesMax)
        throw UsageError{"--sample: write a number from 1 to " +
                         std::to_string(SampleOptions::kMessagesMax) + ", such as 100"};
    options.messagesMax = *count;
    options.inputs = arguments.all("input");
    if (arguments.has("wait")) options.wait = Observation::durationOf(arguments, "wait");
    if (arguments.has("rewind")) options.rewind = Observation::durationOf(arguments, "rewind");
    if (options.wait.count() == 0) throw UsageError{"--wait: 0 is no time; write it like 10s"};
    return options;
}

/// One `sluice check`: what was found so far.
class Check {
  public:
    explicit Check(const Arguments& arguments)
        : arguments_{arguments}, inspection_{inspect(arguments)} {}

    void run() {
        if (!inspection_.isRead) return;
        runTests(inspection_.checked.settings.tests, inspection_.file.get());
        for (const std::string& file : arguments_.all("tests")) runTestsOf(file);
    }

    /// Reads messages of the inputs, unless something is wrong already. Throws UsageError.
    void sample(const SampleOptions& options, const Signals& signals) {
        if (!isGood()) return;
        Configuration configuration{inspection_.source, inspection_.checked.settings,
                                    std::move(inspection_.plugins), inspection_.checked.mappings,
                                    nullptr};
        for (InputOptions& input : configuration.settings.inputs)
            if (options.rewind) input.rewind = *options.rewind;
        observation_.emplace(configuration, options.inputs);
        inspection_.plugins = std::move(configuration.plugins);
        sampler_.emplace(configuration.mappings, observation_->inputs(), options.messagesMax);
        observation_->run(*sampler_, signals, options.wait, [this] {
            return Observation::Progress{sampler_->status(), sampler_->isDone()};
        });
        within_ = durationText(options.wait);
        for (Finding& finding : sampler_->findings())
            inspection_.checked.findings.add(std::move(finding), inspection_.file.get());
    }

    int status() const {
        if (!isGood()) return kExitUsage;
        return sampler_ && sampler_->missesAnInput() ? kExitFailed : kExitOk;
    }
    void endProcessIfStuck(int status) const {
        if (observation_) observation_->endProcessIfStuck(status);
    }

    bool isGood() const { return !findings().hasErrors(); }

    void print() const {
        if (arguments_.has("json")) {
            std::cout << json().pretty() << '\n';
            return;
        }
        if (!findings().all().empty()) std::cerr << findings().text() << '\n';
        if (failed_ > 0) std::cerr << failed_ << " of " << counted(run_, "test") << " failed\n";
        if (sampler_) std::cout << sampler_->text(within_);
        if (isGood()) std::cout << inspection_.source << ": no errors (" << countsText() << ")\n";
    }

  private:
    const Findings& findings() const { return inspection_.checked.findings; }

    void runTestsOf(const std::string& file) {
        std::optional<std::string> text = textOf(file, inspection_.checked.findings);
        if (!text) return;
        const LoadResult tests = loadTests(file, *std::move(text), processEnvironment(),
                                           inspection_.checked.settings.inputs);
        inspection_.checked.findings.add(tests);
        if (!tests.hasErrors()) runTests(tests.settings.tests, &tests);
    }

    /// Where mappings cannot be used, there is nothing to run tests with.
    void runTests(const std::vector<MessageTest>& tests, const LoadResult* file) {
        if (!inspection_.checked.isUsable()) return;
        for (const MessageTest& test : tests) {
            const auto failures = runTest(inspection_.checked.mappings, test);
            ++run_;
            failed_ += failures.empty() ? 0 : 1;
            for (const TestFailure& failure : failures)
                inspection_.checked.findings.add(
                    {failure.mark, "test", "this test failed: " + failure.message, "", false},
                    file);
        }
    }

    std::string countsText() const {
        const Settings& settings = inspection_.checked.settings;
        return counted(settings.inputs.size(), "input") + ", " +
               counted(settings.mappings.rules.size(), "mapping") +
               (run_ > 0 ? ", " + counted(run_, "test") + " passed" : "");
    }

    Json json() const {
        Json json = Json::object();
        json.set("ok", Json::boolean(isGood()));
        json.set("findings", findings().json());
        Json& tests = json.set("tests", Json::object());
        tests.set("run", Json::number(static_cast<std::int64_t>(run_)));
        tests.set("failed", Json::number(static_cast<std::int64_t>(failed_)));
        if (sampler_) json.set("sample", sampler_->json());
        return json;
    }

    const Arguments& arguments_;
    Inspection inspection_;
    std::size_t run_ = 0, failed_ = 0;  // tests
    std::optional<Sampler> sampler_;
    std::optional<Observation> observation_;  // goes before what it taps
    std::string within_;
};

int check(const Arguments& arguments) {
    const SampleOptions options = sampleOptions(arguments);
    std::optional<Signals> signals;
    if (options.messagesMax > 0) signals.emplace(std::initializer_list<int>{SIGINT, SIGTERM});
    Check check{arguments};
    check.run();
    if (signals) check.sample(options, *signals);
    check.print();
    const int status = check.status();
    check.endProcessIfStuck(status);
    return status;
}

}  // namespace

Command checkCommand() {
    Command command;
    command.name = "check";
    command.synopsis = "[FILE.yaml] [--tests FILE.yaml]... [--json] [--sample N]";
    command.summary = "Find every mistake in a configuration before anything runs";
    command.text =
        "Prints each mistake with its place and what to write instead, then runs the tests that\n"
        "stand in the file, touching no broker. Exit status 0: it can run, and every test passed;\n"
        "2: not so. Plugins are loaded to check their settings.\n\n"
        "A test is a message and what should come of it:\n\n"
        "  tests:\n"
        "    - given: {input: shop, topic: orders.eu, payload: {id: o1, amount: 9}}\n"
        "      expect: [{channel: orders/eu, event: order, data: {id: o1}}]\n"
        "    - given: {input: shop, topic: orders.eu, payload: {id: o2, amount: 0}}\n"
        "      expect: []                        # filtered; or {rejected: no-value}\n\n"
        "`given` may also have key, headers, time, partition, offset and the variables of its\n"
        "input. What an expected event does not name may be anything.\n\n"
        "With --sample N it then reads N real messages of each input, beside running nodes: it\n"
        "joins no group, acknowledges nothing and goes by no name that the file gives. It tells\n"
        "what each mapping makes of them, which fields no message has, and which are of another\n"
        "type than `when` takes them for. A mapping that took messages and let none pass, since\n"
        "it failed on all or since such a type never fits, makes the exit status 2; an input of\n"
        "which nothing came because it does not run makes it 1. No message at all is no error.\n\n"
        "Examples:\n"
        "  sluice check sluice.yaml --sample 100 --wait 30s --input shop\n"
        "  sluice check sluice.yaml --tests tests.yaml\n"
        "  sluice check --json sluice.yaml | jq '.findings[] | .line, .message'\n";
    command.options = {
        {"tests", "FILE", "Run also the tests of a file that has `tests:` only", true},
        {"json", "", "Print {\"ok\", \"findings\", \"tests\"} instead, for editors and CI", false},
        {"sample", "N", "Hold the mappings against N messages of each input", false},
        {"input", "NAME", "Sample only this input; may be given several times", true},
        {"wait", "DURATION", "End the sample after so long (10s)", false},
        {"rewind", "DURATION", "How much of the past a sample may begin with; else the file's",
         false},
        pluginsOption()};
    command.positionalMax = kSourcesMax;
    command.run = check;
    return command;
}

}  // namespace sluice::cli
