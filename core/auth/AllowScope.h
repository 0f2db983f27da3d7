#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/Claims.h"
#include "base/Pattern.h"
#include "expression/Scope.h"

namespace sluice {

/// Who asks for a channel, as rules see it. Views live as long as the request, or the guard.
struct Asker {
    const Claims* claims = nullptr;  // never null where it is used
    std::string_view address;        // without a port
    std::string_view origin;         // of the page; empty where the request says none
};

/// What a name in a rule stands for.
struct AllowReference {
    enum class Kind : std::uint8_t { Claims, Address, Origin, Capture };
    Kind kind = Kind::Claims;
    std::vector<cel::PathStep> path;  // into the claims
    std::size_t capture = 0;          // index
};

/// The names that a rule may use: `claims`, `address`, `origin` and the captures of its pattern.
/// Collects what the rule refers to. One thread; lives while the rule is compiled.
class AllowScope final : public cel::Scope {
  public:
    static constexpr std::string_view kNames[] = {"claims", "address", "origin"};

    explicit AllowScope(std::vector<std::string> captures) : captures_{std::move(captures)} {}

    std::optional<cel::Reference> resolve(std::string_view variable,
                                          std::span<const cel::PathStep> path) const override;
    std::vector<std::string> names() const override;
    /// By the ids that `resolve` gave.
    const std::vector<AllowReference>& references() const { return references_; }

  private:
    const std::vector<std::string> captures_;
    mutable std::vector<AllowReference> references_;
};

/// What the references of a rule mean for one question.
class AllowSubject final : public cel::Activation {
  public:
    /// Borrows all.
    AllowSubject(const std::vector<AllowReference>& references, const Asker& asker,
                 const Pattern::Captures& captures)
        : references_{references}, asker_{asker}, captures_{captures} {}

    cel::Value value(std::uint32_t reference, cel::Arena& arena) const override;
    cel::Kind kind(std::uint32_t reference) const override;

  private:
    const std::vector<AllowReference>& references_;
    const Asker& asker_;
    const Pattern::Captures& captures_;
};

/// What stands at a path of the claims; missing where nothing does.
cel::Value valueAt(const Claims& claims, const std::vector<cel::PathStep>& path);

}  // namespace sluice
