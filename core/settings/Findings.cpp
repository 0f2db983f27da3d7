#include "settings/Findings.h"

#include <algorithm>

namespace sluice {
namespace {

Json jsonOf(const Finding& finding) {
    Json json = Json::object();
    if (finding.place.line != 0) {
        json.set("file", finding.place.file);
        json.set("line", Json::number(finding.place.line));
        json.set("column", Json::number(finding.place.column));
    }
    json.set("severity", finding.isWarning ? "warning" : "error");
    json.set("code", finding.code);
    json.set("message", finding.message);
    json.set("hint", finding.hint);
    return json;
}

std::string withoutFile(const Finding& finding) {
    return std::string{finding.isWarning ? "warning: " : "error: "} + finding.message + " [" +
           finding.code + "]\n" + (finding.hint.empty() ? "" : "  hint: " + finding.hint + '\n');
}

}  // namespace

void Findings::add(const LoadResult& file) {
    for (const yaml::Problem& problem : file.problems) {
        const yaml::Mark& mark = problem.where.begin;
        all_.push_back({{file.document.file(), mark.line, mark.column},
                        problem.code,
                        problem.message,
                        problem.hint,
                        problem.isWarning});
    }
    text_ += (text_.empty() || file.problems.empty() ? "" : "\n") + file.report();
}

void Findings::add(Finding finding, const LoadResult* file) {
    const yaml::Problem shown =
        yaml::Problem{finding.code, finding.message, finding.hint, {}, false}.covered();
    finding.message = shown.message;
    finding.hint = shown.hint;
    text_ += text_.empty() ? "" : "\n";
    text_ += file ? file->render(finding.place, finding.code, finding.message, finding.hint,
                                 finding.isWarning)
                  : withoutFile(finding);
    all_.push_back(std::move(finding));
}

bool Findings::hasErrors() const {
    return std::any_of(all_.begin(), all_.end(),
                       [](const Finding& finding) { return !finding.isWarning; });
}

Json Findings::json() const {
    Json list = Json::array();
    for (const Finding& finding : all_) list.add(jsonOf(finding));
    return list;
}

std::string lineOf(const Finding& finding) {
    std::string line = finding.place.line == 0 ? "" : placeOf(finding.place) + ": ";
    line += finding.message + " [" + finding.code + "]";
    if (!finding.hint.empty()) line += "; " + finding.hint;
    std::replace(line.begin(), line.end(), '\n', ' ');
    return line;
}

}  // namespace sluice
