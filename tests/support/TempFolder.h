#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sluice::test {

/// An empty folder that goes, with all that is in it, when the object does.
class TempFolder {
  public:
    TempFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "sluice-test-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
        path_ = name;
    }
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    /// Writes a file; returns its whole path.
    std::string write(const std::string& name, std::string_view text) const {
        std::ofstream file(path_ / name, std::ios::binary);
        file << text << std::flush;
        if (!file) throw std::runtime_error("cannot write " + (path_ / name).string());
        return (path_ / name).string();
    }

  private:
    std::filesystem::path path_;
};

}  // namespace sluice::test
