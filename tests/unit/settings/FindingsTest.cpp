#include <gtest/gtest.h>

#include "settings/Findings.h"

namespace sluice {
namespace {

TEST(Findings, haveTheProblemsOfTheFileThenWhatWasFoundLater) {
    const LoadResult file = load("a.yaml", "listen: 127.0.0.1:80\ndelivery: {retri: 1s}\n", {});
    Findings findings;
    findings.add(file);
    findings.add({{"a.yaml", 2, 1}, "plugin", "is not there", "install it", false}, &file);
    findings.add({{}, "late", "of no place", "", true}, nullptr);
    ASSERT_EQ(findings.all().size(), 3u);
    EXPECT_EQ(findings.all()[0].code, "unknown-key");
    EXPECT_EQ(findings.all()[0].place.line, 2u);
    EXPECT_TRUE(findings.hasErrors());
    EXPECT_NE(findings.text().find("a.yaml:2:12: error: there is no key 'retri'"),
              std::string::npos);
    EXPECT_NE(findings.text().find("\n\na.yaml:2:1: error: is not there [plugin]\n  2 | delivery"),
              std::string::npos)
        << findings.text();
    EXPECT_TRUE(findings.text().ends_with("\n\nwarning: of no place [late]\n"));
}

TEST(Findings, areJsonForPrograms) {
    Findings findings;
    findings.add({{"a.yaml", 3, 7}, "code", "a \"message\"", "a hint", false}, nullptr);
    findings.add({{}, "other", "of no place", "", true}, nullptr);
    EXPECT_EQ(findings.json().compact(),
              R"([{"file":"a.yaml","line":3,"column":7,"severity":"error","code":"code",)"
              R"("message":"a \"message\"","hint":"a hint"},)"
              R"({"severity":"warning","code":"other","message":"of no place","hint":""}])");
}

TEST(Findings, showNoPasswordThatAMessageQuotes) {
    const LoadResult file = load("a.yaml", "inputs: {r: {server: redis://u:hunter2@h}}\n", {});
    Findings findings;
    findings.add({{"a.yaml", 1, 22},
                  "bad-value",
                  "is 'redis://u:hunter2@h'",
                  "not redis://u:hunter2@h",
                  false},
                 &file);
    findings.add({{}, "unknown-key", "has the unknown key password:hunter2", "", false}, nullptr);
    for (const std::string& text : {findings.text(), findings.json().compact(),
                                    lineOf(findings.all()[0]), lineOf(findings.all()[1])})
        EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
    EXPECT_NE(findings.text().find("\n  1 | inputs: {r: {server: redis://u:*******@h}}\n    | " +
                                   std::string(21, ' ') + "^\n"),
              std::string::npos)
        << findings.text();
}

TEST(Findings, areOneLineForTheLog) {
    EXPECT_EQ(lineOf({{"a.yaml", 3, 7}, "code", "it\nis wrong", "do this", false}),
              "a.yaml:3:7: it is wrong [code]; do this");
    EXPECT_EQ(lineOf({{}, "code", "it is wrong", "", true}), "it is wrong [code]");
}

}  // namespace
}  // namespace sluice
