#include <iostream>

#include "cli/Commands.h"
#include "cli/Configuration.h"

namespace sluice::cli {
namespace {

std::string counted(std::size_t count, const std::string& word) {
    return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

/// One `sluice check`: what was found so far.
class Check {
  public:
    explicit Check(const Arguments& arguments)
        : arguments_{arguments}, inspection_{inspect(arguments)} {}

    void run() {
        runTests(inspection_.checked.settings.tests, inspection_.file.get());
        for (const std::string& file : arguments_.all("tests")) runTestsOf(file);
    }

    bool isGood() const { return !findings().hasErrors(); }

    void print() const {
        if (arguments_.has("json")) {
            std::cout << json().pretty() << '\n';
            return;
        }
        if (!findings().all().empty()) std::cerr << findings().text() << '\n';
        if (failed_ > 0) std::cerr << failed_ << " of " << counted(run_, "test") << " failed\n";
        if (isGood()) std::cout << inspection_.source << ": no errors (" << countsText() << ")\n";
    }

  private:
    const Findings& findings() const { return inspection_.checked.findings; }

    void runTestsOf(const std::string& file) {
        const LoadResult tests = loadTests(file, textOf(file), processEnvironment(),
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
        return json;
    }

    const Arguments& arguments_;
    Inspection inspection_;
    std::size_t run_ = 0, failed_ = 0;  // tests
};

int check(const Arguments& arguments) {
    Check check{arguments};
    check.run();
    check.print();
    return check.isGood() ? kExitOk : kExitUsage;
}

}  // namespace

Command checkCommand() {
    Command command;
    command.name = "check";
    command.synopsis = "[FILE.yaml] [--tests FILE.yaml]... [--json]";
    command.summary = "Find every mistake in a configuration without touching any broker";
    command.text =
        "Prints each mistake with its place and what to write instead, then runs the tests that\n"
        "stand in the file. Exit status 0: it can run, and every test passed; 2: not so. Plugins\n"
        "are loaded to check their settings.\n\n"
        "A test is a message and what should come of it:\n\n"
        "  tests:\n"
        "    - given: {input: shop, topic: orders.eu, payload: {id: o1, amount: 9}}\n"
        "      expect: [{channel: orders/eu, event: order, data: {id: o1}}]\n"
        "    - given: {input: shop, topic: orders.eu, payload: {id: o2, amount: 0}}\n"
        "      expect: []                        # filtered; or {rejected: no-value}\n\n"
        "`given` may also have key, headers, time, partition, offset and the variables of its\n"
        "input. What an expected event does not name may be anything.\n\n"
        "Examples:\n"
        "  sluice check sluice.yaml --tests tests.yaml\n"
        "  sluice check --json sluice.yaml | jq '.findings[] | .line, .message'\n";
    command.options = {
        {"tests", "FILE", "Run also the tests of a file that has `tests:` only", true},
        {"json", "", "Print {\"ok\", \"findings\", \"tests\"} instead, for editors and CI", false},
        pluginsOption()};
    command.positionalMax = kSourcesMax;
    command.run = check;
    return command;
}

}  // namespace sluice::cli
