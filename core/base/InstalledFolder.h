#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sluice {

/// Where a folder of files that come with the program may lie: beside a program that was just
/// built, or as installed.
std::vector<std::filesystem::path> installedPlaces(const std::string& name);

/// The first of them that is there; empty: none is.
std::filesystem::path installedFolder(const std::string& name);

}  // namespace sluice
