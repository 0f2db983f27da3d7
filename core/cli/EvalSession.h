#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expression/Scope.h"
#include "expression/Value.h"
#include "payload/Paths.h"

namespace sluice::cli {

/// Expressions that are tried out over a payload, read as a mapping reads it, and named values.
/// One thread.
class EvalSession final : public cel::Scope {
  public:
    EvalSession();
    ~EvalSession() override;

    /// Whether a variable may be called so: names, with dots between them.
    static bool isName(std::string_view name);

    /// REQUIRES: isJson(text).
    void setPayload(std::string text) { payload_ = std::move(text); }

    /// The value of an expression, which lives until the next call; nothing where there is none.
    /// `report` gets what there is to tell, warnings too, as `sluice check` prints it:
    /// "NAME:1:5: error: ...".
    std::optional<cel::Value> evaluate(const std::string& name, std::string_view text,
                                       std::string& report);
    /// Names the value that `evaluate` gave last; an older value of the name is forgotten.
    void keep(const std::string& variable);

    std::optional<cel::Reference> resolve(std::string_view variable,
                                          std::span<const cel::PathStep> path) const override;
    std::vector<std::string> names() const override;

  private:
    /// One evaluation, with all that its value points to.
    struct Run;
    class Values;
    struct Variable {
        std::string name;
        std::unique_ptr<const Run> run;
    };

    std::optional<std::string> payload_;
    std::vector<Variable> variables_;
    std::unique_ptr<Run> last_;
    mutable Paths paths_;
};

}  // namespace sluice::cli
