// Files for the import tests: fixtures, and a temporary folder that is removed at the end.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace tflower::tf {

inline std::string Fixture(const std::string& name) { return std::string(TFLOWER_IMPORT_FIXTURES) + "/" + name; }

inline std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

class TempFolder {
 public:
  TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tflower_import_XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  // "" = the folder itself.
  std::string Path(const std::string& name = "") const { return name.empty() ? path_ : path_ + "/" + name; }
  // Copies a fixture (file or folder) into this folder and returns where it lies.
  std::string Copy(const std::string& fixture) const {
    std::filesystem::copy(Fixture(fixture), Path(fixture), std::filesystem::copy_options::recursive);
    return Path(fixture);
  }

 private:
  std::string path_;
};

}  // namespace tflower::tf
