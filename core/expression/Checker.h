#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expression/Problem.h"
#include "expression/Program.h"
#include "expression/Scope.h"

namespace sluice::cel {

/// Gives names and functions their meaning and every node its type, and tells all that can not
/// work. Constant parts are computed once, here.
class Checker {
  public:
    Checker(Program& program, const Scope& scope, std::vector<Problem>& problems, Checking checking)
        : program_{program}, scope_{scope}, problems_{problems}, checking_{checking} {}

    /// REQUIRES: the parser made program.root.
    void check();

  private:
    /// A variable with constant steps behind it: nodes[i] stands for the first i steps.
    struct Path {
        std::vector<Node*> nodes;
        std::vector<PathStep> steps;
    };

    void check(Node& node);
    void checkArgs(Node& node);
    void checkItems(Node& node);
    std::optional<Path> pathOf(Node& node) const;
    void resolve(const Path& path);
    bool resolveType(const Path& path);
    void resolveHas(Node& node);
    void makeReference(Node& node, const Reference& reference);
    void warnOfAbsence(const Node& node, const std::string& variable, const Reference& reference);
    const ErrorText* missing(const Node& node);

    void checkOperation(Node& node);
    void checkLogic(Node& node);
    void checkConditional(Node& node);
    void checkUnary(Node& node);
    void checkBinary(Node& node);
    void checkEquality(Node& node);
    void checkMembership(Node& node);
    void checkSelect(Node& node);
    void checkIndex(Node& node);
    void checkList(Node& node);
    void checkMap(Node& node);
    void checkMacro(Node& node);
    void checkCall(Node& node);
    void unknownFunction(Node& node);
    void checkConstantArgument(Node& node);
    void wantBool(const Node& node, std::string_view what);

    void fold(Node& node);
    void tellFailure(const Node& node, const Value& error);
    void unknown(Node& node, Failure failure, std::string code, std::string message,
                 std::string hint);
    void problem(const Node& node, std::string code, std::string message, std::string hint = {});
    void warning(const Node& node, std::string code, std::string message, std::string hint = {});

    Program& program_;
    const Scope& scope_;
    std::vector<Problem>& problems_;
    Checking checking_;
    std::vector<const Node*> locals_;  // the macros around, from outside
};

}  // namespace sluice::cel
