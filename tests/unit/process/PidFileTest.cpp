#include <fstream>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "process/PidFile.h"
#include "support/TempFolder.h"

namespace sluice {
namespace {

std::string textOf(const std::filesystem::path& path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

std::string refusalOf(const std::filesystem::path& path) {
    try {
        const PidFile file{path};
        return "";
    } catch (const std::runtime_error& error) {
        return error.what();
    }
}

TEST(PidFile, hasTheNumberWhileTheProcessLives) {
    const test::TempFolder folder;
    const auto path = folder.path() / "sluice.pid";
    {
        PidFile file{path};
        EXPECT_EQ(textOf(path), "");
        file.write();
        EXPECT_EQ(textOf(path), std::to_string(::getpid()) + "\n");
        const std::string refusal = refusalOf(path);
        EXPECT_NE(refusal.find("is that of a running Sluice, process " +
                               std::to_string(::getpid()) + " (unit_process)"),
                  std::string::npos)
            << refusal;
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(PidFile, isTakenFromThoseWhoAreGone) {
    const test::TempFolder folder;
    // Longer than ours, and of no process that there can be.
    const std::string path = folder.write("sluice.pid", "1999999999\nand more\n");
    PidFile file{path};
    file.write();
    EXPECT_EQ(textOf(path), std::to_string(::getpid()) + "\n");
}

TEST(PidFile, isNotTakenFromOthersWhoLive) {
    const test::TempFolder folder;
    const std::string path = folder.write("other.pid", std::to_string(::getppid()) + "\n");
    const std::string refusal = refusalOf(path);
    EXPECT_NE(refusal.find("which lives; remove the file if that is no Sluice"), std::string::npos)
        << refusal;
    EXPECT_EQ(textOf(path), std::to_string(::getppid()) + "\n");
}

TEST(PidFile, saysWhyItCannotBeWritten) {
    EXPECT_NE(refusalOf("/nowhere/sluice.pid")
                  .find("the pid file /nowhere/sluice.pid cannot be written: No such file"),
              std::string::npos);
    const test::TempFolder folder;
    const auto link = folder.path() / "link.pid";
    std::filesystem::create_symlink(folder.path() / "elsewhere", link);
    EXPECT_NE(refusalOf(link), "")
        << "whoever may write to the folder could have us write anywhere";
}

}  // namespace
}  // namespace sluice
