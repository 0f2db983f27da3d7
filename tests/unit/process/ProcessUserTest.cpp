#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "process/ProcessUser.h"

namespace sluice {
namespace {

std::string refusalOf(const std::string& text) {
    try {
        const ProcessUser user{text};
        return "";
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
}

TEST(ProcessUser, saysWhoIsNotThere) {
    EXPECT_EQ(refusalOf("no-such-user"),
              "there is no user `no-such-user`; create it with `useradd --system`, or name another "
              "one");
    EXPECT_NE(refusalOf("root:no-such-group").find("there is no group `no-such-group`"),
              std::string::npos);
    EXPECT_NE(refusalOf("9999999999").find("there is no user"), std::string::npos);
    EXPECT_NE(refusalOf("3999999999").find("write 3999999999:GROUP"), std::string::npos);
}

TEST(ProcessUser, isForRootOnly) {
    if (::geteuid() == 0)
        EXPECT_EQ(refusalOf("nobody"), "");
    else
        EXPECT_NE(refusalOf("root").find("only root may become another user"), std::string::npos);
}

TEST(ProcessUser, knowsNumbersAndGroups) {
    if (::geteuid() != 0) GTEST_SKIP() << "for root only";
    const ProcessUser user{"3999999999:0"};
    EXPECT_EQ(user.user(), 3'999'999'999u);
    EXPECT_EQ(user.group(), 0u);
    EXPECT_EQ(ProcessUser{"0"}.name(), "root");
}

}  // namespace
}  // namespace sluice
