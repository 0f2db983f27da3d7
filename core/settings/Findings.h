#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/Json.h"
#include "settings/Settings.h"

namespace sluice {

/// Something that is wrong with a configuration, or looks so.
struct Finding {
    SourceMark place;  // line 0: of no place in a file
    std::string code, message, hint;
    bool isWarning = false;
};

/// All that was found in one configuration, for people and for programs. Secrets that messages
/// quote are covered.
class Findings {
  public:
    /// What the reader of the file says.
    void add(const LoadResult& file);
    /// What was found later; `file` may be null: then there is none to show an excerpt of.
    void add(Finding finding, const LoadResult* file);

    const std::vector<Finding>& all() const { return all_; }
    bool hasErrors() const;
    /// What a person reads: excerpts of the file, with secrets covered; an empty line between.
    const std::string& text() const { return text_; }
    /// `[{"file", "line", "column", "severity", "code", "message", "hint"}]`; file, line and column
    /// only where it has a place, severity is error or warning.
    Json json() const;

  private:
    std::vector<Finding> all_;
    std::string text_;
};

/// "sluice.yaml:3:5: MESSAGE [CODE]; HINT", on one line.
std::string lineOf(const Finding& finding);

/// A configuration, read and checked whole.
struct CheckedSettings {
    Settings settings;
    std::shared_ptr<const MappingTable> mappings;  // null: it cannot be used
    Findings findings;

    bool isUsable() const { return mappings != nullptr; }
};

/// Reads the configuration of a run anew, as it was read for its start; empty where there is no
/// file. Never throws; one thread at a time.
using ReadAgain = std::function<CheckedSettings()>;

}  // namespace sluice
