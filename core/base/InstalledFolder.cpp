#include "base/InstalledFolder.h"

#include <system_error>

namespace sluice {

namespace fs = std::filesystem;

std::vector<fs::path> installedPlaces(const std::string& name) {
    const fs::path program = fs::read_symlink("/proc/self/exe").parent_path();
    return {program / "share/sluice" / name,
            (program / "../share/sluice" / name).lexically_normal()};
}

fs::path installedFolder(const std::string& name) {
    std::error_code error;
    for (const fs::path& place : installedPlaces(name))
        if (fs::is_directory(place, error)) return place;
    return {};
}

}  // namespace sluice
