#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mapping/MappingTable.h"

namespace sluice {

/// Compiles one rule; what is wrong goes to the list, all at once.
class RuleCompiler {
  public:
    RuleCompiler(const MappingRule& rule, std::size_t index, std::vector<MappingError>& errors)
        : rule_{rule}, index_{index}, errors_{errors} {}

    /// `paths` are those of the rule's input.
    std::optional<CompiledRule> compile(const MappingInput& input, Paths& paths);
    /// The input that `from` names, or null and an error.
    const MappingInput* findInput(std::span<const MappingInput> inputs);

  private:
    std::optional<Pattern> readFrom(const MappingInput& input);
    std::optional<Template> readTemplate(const char* field, const std::string& text,
                                         const RuleScope& scope, Template::Use use);
    void readWhen(const RuleScope& scope, CompiledRule& compiled);
    void checkOnlyTopic(const RuleScope& scope, const CompiledRule& compiled);
    void readData(const RuleScope& scope, CompiledRule& compiled);
    void readRedact(const RuleScope& scope, CompiledRule& compiled);
    void readOnError(const RuleScope& scope, CompiledRule& compiled);
    void checkEvent(const Template& event);
    void finish(const RuleScope& scope, Paths& paths, CompiledRule& compiled);

    void tell(const char* field, std::size_t leaf, cel::Problem problem);
    void fail(const char* field, std::size_t offset, const char* code, std::string message,
              std::string hint);

    const MappingRule& rule_;
    std::size_t index_;
    std::vector<MappingError>& errors_;
    bool failed_ = false;
};

}  // namespace sluice
