#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "Case.h"
#include "TextProto.h"

// Runs the public conformance cases of CEL: cel_conformance FOLDER README.
//
// FOLDER/unsupported.txt lists each case that can not pass, as "file/section/name: reason". Wrong
// is: a case that fails and is not listed, a listed one that passes, a listed name that does not
// exist, and a README that tells other totals. `--list` prints what fails in the table's form.
namespace sluice::cel {
namespace {

namespace fs = std::filesystem;

std::string contentOf(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    if (!in) throw std::runtime_error{"there is no " + file.string()};
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// Of a case: name -> what went wrong, empty where it passed.
using Results = std::map<std::string, std::string>;

void runFile(const fs::path& file, const std::string& prefix, Results& results) {
    const TextProto cases = parseTextProto(contentOf(file));
    for (const TextProto* section : cases.messages("section")) {
        for (const TextProto* test : section->messages("test")) {
            const std::string name = prefix + file.stem().string() + '/' + section->text("name") +
                                     '/' + test->text("name");
            std::string unique = name;
            for (int i = 2; results.count(unique) != 0; ++i)
                unique = name + '#' + std::to_string(i);
            results[unique] = runCase(*test);
        }
    }
}

Results runFolder(const fs::path& folder, const std::string& prefix) {
    std::vector<fs::path> files;
    for (const fs::directory_entry& entry : fs::directory_iterator{folder})
        if (entry.path().extension() == ".textproto") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    Results results;
    for (const fs::path& file : files) runFile(file, prefix, results);
    return results;
}

/// name -> reason.
std::map<std::string, std::string> readTable(const fs::path& file) {
    std::map<std::string, std::string> table;
    std::istringstream lines{contentOf(file)};
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line[0] == '#') continue;
        const std::size_t colon = line.rfind(": ");
        if (colon == std::string::npos) throw std::runtime_error{"no reason in: " + line};
        if (!table.emplace(line.substr(0, colon), line.substr(colon + 2)).second)
            throw std::runtime_error{"listed twice: " + line};
    }
    return table;
}

std::size_t judge(const Results& results, const std::map<std::string, std::string>& table) {
    std::size_t wrong = 0;
    const auto tell = [&wrong](const std::string& line) {
        ++wrong;
        std::cout << line << '\n';
    };
    for (const auto& [name, failure] : results) {
        const bool isListed = table.count(name) != 0;
        if (!failure.empty() && !isListed) tell("FAILED " + name + ": " + failure);
        if (failure.empty() && isListed) tell("PASSED but listed as unsupported: " + name);
    }
    for (const auto& [name, reason] : table)
        if (results.count(name) == 0) tell("LISTED but there is no such case: " + name);
    return wrong;
}

struct Totals {
    std::size_t passed = 0, all = 0;

    explicit Totals(const Results& results) : all{results.size()} {
        for (const auto& [name, failure] : results) passed += failure.empty() ? 1 : 0;
    }
    std::string text() const { return std::to_string(passed) + " of " + std::to_string(all); }
};

/// "N need REASON" for each reason of the table, most frequent first.
std::string reasonsOf(const std::map<std::string, std::string>& table) {
    std::map<std::string, std::size_t> counts;
    for (const auto& [name, reason] : table) ++counts[reason];
    std::vector<std::pair<std::string, std::size_t>> sorted{counts.begin(), counts.end()};
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string text;
    for (const auto& [reason, count] : sorted)
        text += (text.empty() ? "" : ", ") + std::to_string(count) + " need " + reason;
    return text;
}

/// One space for each run of white space.
std::string inOneLine(const std::string& text) {
    std::istringstream words{text};
    std::string line;
    for (std::string word; words >> word;) line += (line.empty() ? "" : " ") + word;
    return line;
}

/// The README tells the totals in these words.
bool readmeTells(const std::string& readme, const std::string& sentence) {
    if (inOneLine(readme).find(sentence) != std::string::npos) return true;
    std::cout << "The README does not say: " << sentence << '\n';
    return false;
}

int run(const fs::path& folder, const fs::path& readme, bool lists) {
    Results results = runFolder(folder, "");
    const Results more = runFolder(folder / "more", "more/");
    if (lists) {
        results.insert(more.begin(), more.end());
        for (const auto& [name, failure] : results)
            if (!failure.empty()) std::cout << name << ": " << failure << '\n';
        return 0;
    }
    const std::map<std::string, std::string> table = readTable(folder / "unsupported.txt");
    std::map<std::string, std::string> own, ofMore;
    for (const auto& row : table) (row.first.starts_with("more/") ? ofMore : own).insert(row);
    const Totals totals{results}, moreTotals{more};
    const std::string text = contentOf(readme);
    std::size_t wrong = readmeTells(text, totals.text() + " cases pass; " + reasonsOf(own)) ? 0 : 1;
    if (!readmeTells(text, moreTotals.text() + " more pass; " + reasonsOf(ofMore))) ++wrong;
    results.insert(more.begin(), more.end());
    wrong += judge(results, table);
    std::cout << totals.text() << " cases pass, and " << moreTotals.text() << " more; " << wrong
              << " findings\n";
    return wrong == 0 && totals.all > 0 ? 0 : 1;
}

}  // namespace
}  // namespace sluice::cel

int main(int argc, char** argv) {
    try {
        if (argc < 3) throw std::runtime_error{"usage: cel_conformance FOLDER README [--list]"};
        return sluice::cel::run(argv[1], argv[2], argc > 3);
    } catch (const std::exception& error) {
        std::cerr << "cel_conformance: " << error.what() << '\n';
        return 2;
    }
}
